//! An unchanging set of chunks in memory. Its vectors lie in cells of neighbours; a search looks into the cells that are likely to
//! hold the best, and at each vector there by its stored values.
//!
//! Many units of a shop have the same text ("Наличие: в наличии"); a vector is kept once, with the chunks that have it.

use crate::store::vectors::cells::Cells;
use crate::store::vectors::quantized::Query;
use crate::store::vectors::quantized::length;
use crate::store::vectors::scan::Centers;
use crate::store::vectors::scan::Scan;
use pulp::Arch;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::HashMap;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::ops::Range;

/// A search looks at one of so many vectors at least, and at so many: cells of few or poorly divided vectors promise too little.
const LEAST_SHARE: usize = 20;
const LEAST_VECTORS: usize = 12_288;
/// Cells are looked into until no other is likely to hold one of so many best chunks.
const SURE_CHUNKS: usize = 10;
/// How far above its expected cosine the best vector of a cell is looked for, in shares of the cell's spread. With 1 nothing is
/// missed and much of all is looked at; from 0.3 to 0.7, 100,000 products gave recall@10 of 0.9995.
const SPREAD_SHARE: f32 = 0.6;

/// A unit near the query.
pub struct Unit {
    pub similarity: f32,
    pub chunk: i64,
    pub document: i64,
}

pub struct Segment {
    dimensions: usize,
    /// Chunk and document of each slot, in the order of documents and positions.
    chunks: Vec<(i64, i64)>,
    /// The slots of vector n are `slots[starts[n]..starts[n + 1]]`, in order.
    starts: Vec<u32>,
    slots: Vec<u32>,
    /// The vectors of slot n, in the order of its units, are `unit_vectors[unit_starts[n]..unit_starts[n + 1]]`.
    unit_starts: Vec<u32>,
    unit_vectors: Vec<u32>,
    /// In the order of the cells.
    values: Vec<i8>,
    lengths: Vec<f32>,
    cells: Cells,
}

/// Collects the chunks of a segment.
pub struct Builder {
    dimensions: usize,
    chunks: Vec<(i64, i64)>,
    /// Vector and slot of each unit.
    units: Vec<(u32, u32)>,
    values: Vec<i8>,
    known: HashMap<u64, u32>,
}

impl Builder {
    pub fn new(dimensions: usize) -> Builder {
        Builder {
            dimensions,
            chunks: Vec::new(),
            units: Vec::new(),
            values: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// Adds a unit; those of one chunk come one after the other. A vector of other dimensions is left out.
    pub fn push(&mut self, chunk: i64, document: i64, bytes: &[u8]) {
        if bytes.len() != self.dimensions {
            return;
        }
        if self.chunks.last() != Some(&(chunk, document)) {
            self.chunks.push((chunk, document));
        }
        let slot = self.chunks.len() as u32 - 1;
        let vector = self.vector(bytes);
        self.units.push((vector, slot));
    }

    fn vector(&mut self, bytes: &[u8]) -> u32 {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let hash = hasher.finish();
        let next = (self.values.len() / self.dimensions.max(1)) as u32;
        let known = self.known.get(&hash).copied().filter(|vector| {
            let start = *vector as usize * self.dimensions;
            let values = self.values.get(start..start + self.dimensions).unwrap_or_default();
            values
                .iter()
                .zip(bytes)
                .all(|(value, byte)| value.cast_unsigned() == *byte)
        });
        if let Some(vector) = known {
            return vector;
        }
        self.known.insert(hash, next);
        self.values.extend(bytes.iter().map(|byte| byte.cast_signed()));
        next
    }

    pub fn build(mut self) -> Segment {
        self.known = HashMap::new();
        self.values.shrink_to_fit();
        let (cells, mut places) = Cells::divide(&self.values, self.dimensions);
        for (vector, _) in &mut self.units {
            *vector = places.get(*vector as usize).copied().unwrap_or(0);
        }
        let (starts, slots) = by_vector(&self.units, places.len());
        // Units come in the order of their slots.
        let unit_starts = group_starts(self.units.iter().map(|(_, slot)| *slot), self.chunks.len());
        let unit_vectors = self.units.iter().map(|(vector, _)| *vector).collect();
        reorder(&mut self.values, self.dimensions, &mut places);
        Segment {
            dimensions: self.dimensions,
            chunks: self.chunks,
            starts,
            slots,
            unit_starts,
            unit_vectors,
            lengths: self.values.chunks_exact(self.dimensions.max(1)).map(length).collect(),
            values: self.values,
            cells,
        }
    }
}

impl Segment {
    pub fn documents(&self) -> impl Iterator<Item = i64> {
        self.chunks.iter().map(|(_, document)| *document)
    }

    pub fn size_bytes(&self) -> usize {
        self.values.len()
            + 4 * (self.lengths.len() + self.starts.len() + self.slots.len())
            + 4 * (self.unit_starts.len() + self.unit_vectors.len())
            + 16 * self.chunks.len()
            + self.cells.size_bytes()
    }

    /// The `limit` units nearest to the query, or a few more, best first; slots that are not alive are passed over. The best ten
    /// chunks are found as good as surely, those after them nearly so.
    pub fn nearest(&self, query: &Query, limit: usize, is_alive: &[bool]) -> Vec<Unit> {
        if query.coarse.len() != self.dimensions || !query.has_direction() {
            return Vec::new();
        }
        let arch = Arch::new();
        let mut search = Search {
            segment: self,
            is_alive,
            limit,
            scored: Vec::new(),
            floor: f32::NEG_INFINITY,
            sure: f32::NEG_INFINITY,
        };
        let look = |search: &mut Search<'_>, vectors: Range<usize>| {
            let values = vectors.start * self.dimensions..vectors.end * self.dimensions;
            arch.dispatch(Scan {
                query,
                first: vectors.start as u32,
                values: self.values.get(values).unwrap_or_default(),
                lengths: self.lengths.get(vectors).unwrap_or_default(),
                floor: search.floor,
                scored: &mut search.scored,
            });
        };
        let strays = self.cells.strays(self.lengths.len());
        let mut looked = strays.len();
        look(&mut search, strays);
        let mut next = (self.lengths.len() / LEAST_SHARE).max(LEAST_VECTORS);
        let mut cells = self.promising_cells(arch, query);
        while let Some(Promise(expected, cell)) = cells.pop() {
            if expected < search.sure {
                break;
            }
            let vectors = self.cells.range(cell);
            looked += vectors.len();
            look(&mut search, vectors);
            if looked >= next {
                search.tighten();
                next = looked + looked / 4;
            }
        }
        search.tighten();
        self.alive_units(&search.scored, limit, is_alive)
    }

    /// The cosine similarities of a chunk's units in their order, those without a direction left out; `None` when the chunk is
    /// not here.
    pub fn similarities(&self, query: &Query, chunk: i64) -> Option<Vec<f64>> {
        // Ids grow with the order of documents and positions. Where they did not, the chunk would not be found.
        let slot = self.chunks.binary_search_by_key(&chunk, |(chunk, _)| *chunk).ok()?;
        let vectors = group(&self.unit_starts, &self.unit_vectors, slot).iter();
        let similarities = vectors.filter_map(|vector| {
            let vector = *vector as usize;
            let length = self.lengths.get(vector).copied().filter(|length| *length > 0.0)?;
            let values = self
                .values
                .get(vector * self.dimensions..(vector + 1) * self.dimensions)?;
            Some(f64::from(query.similarity(values, length)))
        });
        Some(similarities.collect())
    }

    /// The cells by the cosine that their best vector may have.
    fn promising_cells(&self, arch: Arch, query: &Query) -> BinaryHeap<Promise> {
        let mut cosines = Vec::with_capacity(self.cells.count());
        arch.dispatch(Centers {
            query,
            values: &self.cells.centers,
            lengths: &self.cells.lengths,
            cosines: &mut cosines,
        });
        let expected = cosines.into_iter().enumerate().map(|(cell, cosine)| {
            let (mean, spread) = self.cells.expected(cell);
            let sine = (1.0 - cosine * cosine).max(0.0).sqrt();
            Promise(cosine * mean + SPREAD_SHARE * sine * spread, cell)
        });
        expected.collect::<Vec<_>>().into()
    }

    /// The units of vectors that come best first, at least `limit` when there are so many.
    fn alive_units(&self, scored: &[(f32, u32)], limit: usize, is_alive: &[bool]) -> Vec<Unit> {
        let mut units: Vec<Unit> = Vec::new();
        for (similarity, vector) in scored.iter().copied() {
            // Equal similarities stay together, so that the caller can order them by chunk.
            if units.len() >= limit && units.last().is_some_and(|last| last.similarity > similarity) {
                break;
            }
            let alive = self.slots_of(vector).iter().filter_map(|slot| {
                let slot = *slot as usize;
                let (chunk, document) = *self.chunks.get(slot).filter(|_| is_alive.get(slot) == Some(&true))?;
                Some(Unit {
                    similarity,
                    chunk,
                    document,
                })
            });
            units.extend(alive.take(limit));
        }
        units
    }

    /// How many units of the vectors are alive; `enough` when there are as many.
    fn alive_among(&self, scored: &[(f32, u32)], is_alive: &[bool], enough: usize) -> usize {
        let slots = scored.iter().flat_map(|(_, vector)| self.slots_of(*vector));
        let alive = slots.filter(|slot| is_alive.get(**slot as usize) == Some(&true));
        alive.take(enough).count()
    }

    fn slots_of(&self, vector: u32) -> &[u32] {
        group(&self.starts, &self.slots, vector as usize)
    }
}

/// A cell with the cosine that its best vector may have. The highest comes first, of equals the first cell.
struct Promise(f32, usize);

impl Ord for Promise {
    fn cmp(&self, other: &Promise) -> Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for Promise {
    fn partial_cmp(&self, other: &Promise) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Promise {
    fn eq(&self, other: &Promise) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Promise {}

/// What a search has found so far.
struct Search<'a> {
    segment: &'a Segment,
    is_alive: &'a [bool],
    limit: usize,
    /// Vectors with their similarities.
    scored: Vec<(f32, u32)>,
    /// What is less similar is not among the best units.
    floor: f32,
    /// The similarity of the last of the chunks that are to be found surely.
    sure: f32,
}

impl Search<'_> {
    /// Orders what was found, best first, and lets go of what cannot be among the best any more.
    fn tighten(&mut self) {
        let best_first = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        // The first few hundred are as good as always enough; ordering all of them took longer than scoring.
        let first = (4 * self.limit).min(self.scored.len());
        if first < self.scored.len() {
            self.scored.select_nth_unstable_by(first, best_first);
        }
        let (head, tail) = self.scored.split_at_mut(first);
        head.sort_unstable_by(best_first);
        if self.segment.alive_among(head, self.is_alive, self.limit) < self.limit {
            tail.sort_unstable_by(best_first);
        }
        self.set_limits();
        let floor = self.floor;
        self.scored.retain(|(similarity, _)| *similarity >= floor);
    }

    /// From what was found, in order.
    fn set_limits(&mut self) {
        let (mut units, mut chunks) = (0, Vec::with_capacity(SURE_CHUNKS));
        for (similarity, vector) in &self.scored {
            for slot in self.segment.slots_of(*vector) {
                if self.is_alive.get(*slot as usize) != Some(&true) {
                    continue;
                }
                units += 1;
                if chunks.len() < SURE_CHUNKS && !chunks.contains(slot) {
                    chunks.push(*slot);
                    if chunks.len() == SURE_CHUNKS {
                        self.sure = *similarity;
                    }
                }
                if units >= self.limit.max(1) && chunks.len() == SURE_CHUNKS.min(self.limit) {
                    self.floor = *similarity;
                    return;
                }
            }
        }
    }
}

/// For each vector the slots of its units, by counting; units come in the order of their slots and stay in it.
fn by_vector(units: &[(u32, u32)], vectors: usize) -> (Vec<u32>, Vec<u32>) {
    let starts = group_starts(units.iter().map(|(vector, _)| *vector), vectors);
    let mut next = starts.clone();
    let mut slots = vec![0_u32; units.len()];
    for (vector, slot) in units {
        let Some(at) = next.get_mut(*vector as usize) else {
            continue;
        };
        if let Some(place) = slots.get_mut(*at as usize) {
            *place = *slot;
        }
        *at += 1;
    }
    (starts, slots)
}

/// Where each group starts when what has the same number, below `count`, stands together in order; one more at the end.
fn group_starts(numbers: impl Iterator<Item = u32>, count: usize) -> Vec<u32> {
    let mut starts = vec![0_u32; count + 1];
    for number in numbers {
        if let Some(size) = starts.get_mut(number as usize + 1) {
            *size += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    starts
}

fn group<'a>(starts: &[u32], members: &'a [u32], number: usize) -> &'a [u32] {
    match (starts.get(number), starts.get(number + 1)) {
        (Some(start), Some(end)) => members.get(*start as usize..*end as usize).unwrap_or_default(),
        _ => &[],
    }
}

/// Moves each vector to its place, without a second copy of all. `places` is used up.
fn reorder(values: &mut [i8], dimensions: usize, places: &mut [u32]) {
    for vector in 0..places.len() {
        while let Some(place) = places.get(vector).copied().filter(|place| *place as usize != vector) {
            swap_vectors(values, dimensions, vector, place as usize);
            places.swap(vector, place as usize);
        }
    }
}

fn swap_vectors(values: &mut [i8], dimensions: usize, a: usize, b: usize) {
    let (first, second) = (a.min(b), a.max(b));
    let (before, after) = values.split_at_mut(second * dimensions);
    if let (Some(first), Some(second)) = (
        before.get_mut(first * dimensions..(first + 1) * dimensions),
        after.get_mut(..dimensions),
    ) {
        first.swap_with_slice(second);
    }
}
