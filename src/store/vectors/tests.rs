//! The best by cells are those that comparing with every vector finds.

use super::quantized::Query;
use super::quantized::quantized;
use super::quantized::to_bytes;
use super::segment::Builder;
use super::segment::Segment;

const DIMENSIONS: usize = 24;
const TOPICS: usize = 600;
const CHUNKS: usize = 15_000;
const UNITS: usize = 2;

/// Numbers without pattern from -1 to 1, the same each time.
fn noise(seed: usize) -> Vec<f32> {
    let mut state = (seed as u32).wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..DIMENSIONS).map(|_| next()).collect()
}

/// Near the middle of a topic.
fn around(topic: usize, seed: usize, spread: f32) -> Vec<f32> {
    let pairs = noise(topic).into_iter().zip(noise(seed));
    pairs.map(|(middle, own)| middle + spread * own).collect()
}

/// Chunks of some topics; each has one unit that only it has, and one of a hundred labels that many share.
fn segment() -> Segment {
    let mut builder = Builder::new(DIMENSIONS);
    for chunk in 0..CHUNKS {
        let id = chunk as i64 + 1;
        for unit in 0..UNITS {
            let seed = 1_000_000 + chunk * UNITS + unit;
            builder.push(id, id, &to_bytes(&quantized(&around(seed % TOPICS, seed, 0.5))));
        }
        builder.push(id, id, &to_bytes(&quantized(&noise(5_000_000 + chunk % 100))));
    }
    builder.build()
}

/// The similarity of each chunk's best living unit, best first.
fn by_comparing_all(query: &Query, is_alive: &[bool]) -> Vec<(f32, i64)> {
    let mut best = Vec::new();
    for chunk in (0..CHUNKS).filter(|chunk| is_alive[*chunk]) {
        let own = (0..UNITS).map(|unit| {
            let seed = 1_000_000 + chunk * UNITS + unit;
            around(seed % TOPICS, seed, 0.5)
        });
        let units = own.chain([noise(5_000_000 + chunk % 100)]);
        let similarity = |unit: Vec<f32>| {
            let values = quantized(&unit);
            query.similarity(&values, super::quantized::length(&values))
        };
        best.push((units.map(similarity).fold(f32::MIN, f32::max), chunk as i64 + 1));
    }
    best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    best
}

#[test]
fn cells_miss_next_to_nothing_and_never_find_what_is_gone() {
    let segment = segment();
    let (mut found, mut wanted) = (0, 0);
    for round in 0..30 {
        let is_alive: Vec<bool> = (0..CHUNKS).map(|chunk| !(chunk + round).is_multiple_of(3)).collect();
        let query = Query::new(&around(round * 17, 9_000_000 + round, 0.4));
        let exact = by_comparing_all(&query, &is_alive);
        let units = segment.nearest(&query, 100, &is_alive);
        assert!(units.iter().all(|unit| is_alive[unit.chunk as usize - 1]));
        let mut chunks: Vec<i64> = Vec::new();
        for unit in &units {
            if !chunks.contains(&unit.chunk) {
                chunks.push(unit.chunk);
            }
        }
        wanted += 10;
        found += exact
            .iter()
            .take(10)
            .filter(|best| chunks.iter().take(10).any(|chunk| *chunk == best.1))
            .count();
    }
    assert!(100 * found >= 99 * wanted, "{found} of {wanted}");
}

#[test]
fn the_same_vectors_divide_alike() {
    let query = Query::new(&around(3, 9_000_000, 0.4));
    let is_alive = vec![true; CHUNKS];
    let found = |segment: Segment| -> Vec<(i64, f32)> {
        let units = segment.nearest(&query, 50, &is_alive);
        units.iter().map(|unit| (unit.chunk, unit.similarity)).collect()
    };
    assert_eq!(found(segment()), found(segment()));
}
