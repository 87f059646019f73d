//! An unchanging set of chunks in memory, searched in two steps: a code of one bit for each value finds candidates by the
//! number of differing bits, and the candidates are scored by their stored values.
//!
//! Many units of a shop have the same text ("Наличие: в наличии"); a vector is kept once, with the chunks that have it.

use crate::store::vectors::quantized::dot;
use crate::store::vectors::quantized::length;
use pulp::Arch;
use pulp::Simd;
use pulp::WithSimd;
use std::collections::HashMap;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

/// Vectors that are scored by their values. Measured on 100,000 products with 192 dimensions: half as many lose one hit in
/// a hundred.
const CANDIDATES: usize = 4096;
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
    pub fn nearest(&self, query: &[i8], limit: usize, is_alive: &[bool]) -> Vec<Unit> {
        let query_length = length(query);
        if query.len() != self.dimensions || query_length == 0.0 {
            return Vec::new();
        }
        let arch = Arch::new();
        let candidates = self.candidates(arch, query, CANDIDATES.max(4 * limit));
        let mut scored = arch.dispatch(Scores {
            segment: self,
            candidates: &candidates,
            query,
            query_length,
        });
        scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut units: Vec<Unit> = Vec::new();
        for (similarity, vector) in scored {
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

    /// The vectors whose codes differ least from the query's; at least `wanted` when there are so many.
    fn candidates(&self, arch: Arch, query: &[i8], wanted: usize) -> Vec<u32> {
        if self.lengths.len() <= wanted {
            return (0..self.lengths.len() as u32).collect();
        }
        let mut code = Vec::with_capacity(self.words);
        self.push_code(query, &mut code);
        let distances = arch.dispatch(Distances {
            codes: &self.codes,
            code: &code,
        });
        let mut counts = vec![0_usize; self.words * BITS + 1];
        for distance in &distances {
            if let Some(count) = counts.get_mut(usize::from(*distance)) {
                *count += 1;
            }
        }
        let mut within = 0;
        let enough = counts.iter().position(|count| {
            within += count;
            within >= wanted
        });
        let farthest = enough.unwrap_or(counts.len()) as u16;
        let near = distances.iter().zip(0..).filter(|(distance, _)| **distance <= farthest);
        near.map(|(_, vector)| vector).collect()
    }

    #[inline(always)]
    fn score(&self, candidates: &[u32], query: &[i8], query_length: f32) -> Vec<(f32, u32)> {
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
                scored.push((dot(values, query) as f32 / (length * query_length), *vector));
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

/// How many bits each code differs by. A closure would be compiled for the oldest processor; this is compiled for each kind.
struct Distances<'a> {
    codes: &'a [u64],
    code: &'a [u64],
}

impl WithSimd for Distances<'_> {
    type Output = Vec<u16>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> Vec<u16> {
        match self.code.len() {
            3 => fixed_distances::<3>(self.codes, self.code),
            6 => fixed_distances::<6>(self.codes, self.code),
            words => {
                let mut distances = Vec::with_capacity(self.codes.len() / words.max(1));
                for other in self.codes.chunks_exact(words.max(1)) {
                    distances.push(differing_bits(other, self.code));
                }
                distances
            }
        }
    }
}

/// The cosine similarity of each candidate.
struct Scores<'a> {
    segment: &'a Segment,
    candidates: &'a [u32],
    query: &'a [i8],
    query_length: f32,
}

impl WithSimd for Scores<'_> {
    type Output = Vec<(f32, u32)>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> Vec<(f32, u32)> {
        self.segment.score(self.candidates, self.query, self.query_length)
    }
}

#[inline(always)]
fn fixed_distances<const WORDS: usize>(codes: &[u64], code: &[u64]) -> Vec<u16> {
    let (codes, _) = codes.as_chunks::<WORDS>();
    let Ok(code) = <&[u64; WORDS]>::try_from(code) else {
        return Vec::new();
    };
    let mut distances = vec![0; codes.len()];
    for (distance, other) in distances.iter_mut().zip(codes) {
        *distance = differing_bits(other, code);
    }
    distances
}

#[inline(always)]
fn differing_bits(a: &[u64], b: &[u64]) -> u16 {
    let mut bits = 0;
    for (x, y) in a.iter().zip(b) {
        bits += (x ^ y).count_ones();
    }
    bits as u16
}
