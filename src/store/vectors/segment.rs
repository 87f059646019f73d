//! An unchanging set of chunks in memory, searched in two steps: a code of one bit for each value finds candidates by the
//! number of differing bits, and the candidates are scored by their stored values.
//!
//! Many units of a shop have the same text ("Наличие: в наличии"); a vector is kept once, with the chunks that have it.

use crate::store::vectors::quantized::Query;
use crate::store::vectors::quantized::length;
use pulp::Arch;
use pulp::Simd;
use pulp::WithSimd;
use std::collections::HashMap;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

/// Vectors that are scored by their values: at least so many, and this share of a large segment.
const CANDIDATES: usize = 4096;
const CANDIDATE_SHARE: usize = 24;
/// Codes from which the distance of the last candidate is estimated.
const SAMPLE: usize = 16_384;
const BITS: usize = u64::BITS as usize;

/// A unit near the query.
pub struct Unit {
    pub similarity: f32,
    pub chunk: i64,
    pub document: i64,
}

pub struct Segment {
    dimensions: usize,
    /// Words of a code.
    words: usize,
    /// Chunk and document of each slot, in the order of documents and positions.
    chunks: Vec<(i64, i64)>,
    /// The slots of vector n are `slots[starts[n]..starts[n + 1]]`, in order.
    starts: Vec<u32>,
    slots: Vec<u32>,
    values: Vec<i8>,
    lengths: Vec<f32>,
    /// A value sets its bit when it is above the mean of its dimension.
    codes: Vec<u64>,
    means: Vec<i8>,
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
        let vectors = self.values.len() / self.dimensions.max(1);
        let (starts, slots) = by_vector(&self.units, vectors);
        let mut segment = Segment {
            dimensions: self.dimensions,
            words: self.dimensions.div_ceil(BITS),
            chunks: self.chunks,
            starts,
            slots,
            lengths: self.values.chunks_exact(self.dimensions.max(1)).map(length).collect(),
            codes: Vec::new(),
            means: means(&self.values, self.dimensions),
            values: self.values,
        };
        let mut codes = Vec::with_capacity(vectors * segment.words);
        for values in segment.values.chunks_exact(segment.dimensions.max(1)) {
            segment.push_code(values, &mut codes);
        }
        segment.codes = codes;
        segment
    }
}

impl Segment {
    pub fn documents(&self) -> impl Iterator<Item = i64> {
        self.chunks.iter().map(|(_, document)| *document)
    }

    pub fn size_bytes(&self) -> usize {
        self.values.len()
            + 8 * self.codes.len()
            + 4 * (self.lengths.len() + self.starts.len() + self.slots.len())
            + 16 * self.chunks.len()
    }

    /// The `limit` units nearest to the query, or a few more, best first; slots that are not alive are passed over.
    pub fn nearest(&self, query: &Query, limit: usize, is_alive: &[bool]) -> Vec<Unit> {
        if query.coarse.len() != self.dimensions || !query.has_direction() {
            return Vec::new();
        }
        let arch = Arch::new();
        let wanted = CANDIDATES.max(4 * limit).max(self.lengths.len() / CANDIDATE_SHARE);
        let candidates = self.candidates(arch, query, wanted);
        let mut scored = arch.dispatch(Scores {
            segment: self,
            candidates: &candidates,
            query,
        });
        let best_first = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        // The first few hundred are as good as always enough; ordering all of them took longer than scoring.
        let first = (4 * limit).min(scored.len());
        if first < scored.len() {
            scored.select_nth_unstable_by(first, best_first);
        }
        let (head, tail) = scored.split_at_mut(first);
        head.sort_unstable_by(best_first);
        let mut units = self.alive_units(head, limit, is_alive);
        if units.len() < limit {
            tail.sort_unstable_by(best_first);
            units.extend(self.alive_units(tail, limit - units.len(), is_alive));
        }
        units
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

    fn slots_of(&self, vector: u32) -> &[u32] {
        let vector = vector as usize;
        match (self.starts.get(vector), self.starts.get(vector + 1)) {
            (Some(start), Some(end)) => self.slots.get(*start as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The vectors whose codes differ least from the query's: about `wanted`, or all when there are no more.
    fn candidates(&self, arch: Arch, query: &Query, wanted: usize) -> Vec<u32> {
        if self.lengths.len() <= wanted {
            return (0..self.lengths.len() as u32).collect();
        }
        let mut code = Vec::with_capacity(self.words);
        self.push_code(&query.coarse, &mut code);
        let mut within = self.estimated_distance(&code, wanted);
        loop {
            let near = arch.dispatch(Near {
                codes: &self.codes,
                code: &code,
                within,
            });
            if 2 * near.len() >= wanted || usize::from(within) > self.words * BITS {
                return near;
            }
            within += 2;
        }
    }

    /// The distance within which about `wanted` codes are, judged by evenly spaced ones.
    fn estimated_distance(&self, code: &[u64], wanted: usize) -> u16 {
        let step = (self.lengths.len() / SAMPLE).max(1);
        let mut counts = vec![0_usize; self.words * BITS + 1];
        for other in self.codes.chunks_exact(self.words.max(1)).step_by(step) {
            if let Some(count) = counts.get_mut(usize::from(differing_bits(other, code))) {
                *count += step;
            }
        }
        let mut nearer = 0;
        let enough = counts.iter().position(|count| {
            nearer += count;
            nearer >= wanted
        });
        enough.unwrap_or(counts.len()) as u16
    }

    #[inline(always)]
    fn score(&self, candidates: &[u32], query: &Query) -> Vec<(f32, u32)> {
        let mut scored = Vec::with_capacity(candidates.len());
        for vector in candidates {
            let index = *vector as usize;
            let start = index * self.dimensions;
            let (Some(values), Some(length)) =
                (self.values.get(start..start + self.dimensions), self.lengths.get(index))
            else {
                continue;
            };
            // A vector without length has no direction: the model knew nothing of its text.
            if *length > 0.0 {
                scored.push((query.similarity(values, *length), *vector));
            }
        }
        scored
    }

    fn push_code(&self, values: &[i8], codes: &mut Vec<u64>) {
        for (values, means) in values.chunks(BITS).zip(self.means.chunks(BITS)) {
            let bits = values.iter().zip(means).enumerate();
            codes.push(bits.fold(0, |word, (bit, (value, mean))| word | (u64::from(value > mean) << bit)));
        }
    }
}

/// For each vector the slots of its units, by counting; units come in the order of their slots and stay in it.
fn by_vector(units: &[(u32, u32)], vectors: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; vectors + 1];
    for (vector, _) in units {
        if let Some(count) = starts.get_mut(*vector as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
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

fn means(values: &[i8], dimensions: usize) -> Vec<i8> {
    let mut sums = vec![0_i64; dimensions];
    for vector in values.chunks_exact(dimensions.max(1)) {
        for (sum, value) in sums.iter_mut().zip(vector) {
            *sum += i64::from(*value);
        }
    }
    let count = (values.len() / dimensions.max(1)).max(1) as i64;
    sums.into_iter().map(|sum| (sum / count) as i8).collect()
}

/// The codes that differ by at most `within` bits. A closure would be compiled for the oldest processor; this is compiled
/// for each kind.
struct Near<'a> {
    codes: &'a [u64],
    code: &'a [u64],
    within: u16,
}

impl WithSimd for Near<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> Vec<u32> {
        match self.code.len() {
            3 => near_fixed::<3>(&self),
            6 => near_fixed::<6>(&self),
            words => {
                let mut near = Vec::new();
                for (other, vector) in self.codes.chunks_exact(words.max(1)).zip(0..) {
                    if differing_bits(other, self.code) <= self.within {
                        near.push(vector);
                    }
                }
                near
            }
        }
    }
}

/// The cosine similarity of each candidate.
struct Scores<'a> {
    segment: &'a Segment,
    candidates: &'a [u32],
    query: &'a Query,
}

impl WithSimd for Scores<'_> {
    type Output = Vec<(f32, u32)>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> Vec<(f32, u32)> {
        self.segment.score(self.candidates, self.query)
    }
}

/// Codes of a known length are compared without a loop in the loop.
#[inline(always)]
fn near_fixed<const WORDS: usize>(search: &Near<'_>) -> Vec<u32> {
    let (codes, _) = search.codes.as_chunks::<WORDS>();
    let Ok(code) = <&[u64; WORDS]>::try_from(search.code) else {
        return Vec::new();
    };
    let mut near = Vec::new();
    for (other, vector) in codes.iter().zip(0..) {
        if differing_bits(other, code) <= search.within {
            near.push(vector);
        }
    }
    near
}

#[inline(always)]
fn differing_bits(a: &[u64], b: &[u64]) -> u16 {
    let mut bits = 0;
    for (x, y) in a.iter().zip(b) {
        bits += (x ^ y).count_ones();
    }
    bits as u16
}
