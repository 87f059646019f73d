//! An unchanging set of chunks in memory with the terms that they hold: for each term the chunks in order, each with its weighted
//! frequency.

use crate::store::terms::FIELD_WEIGHTS;
use std::collections::HashMap;

/// A posting has this many bits for its frequency class; the rest name the slot.
const CLASS_BITS: u32 = 8;
const CLASSES: usize = 1 << CLASS_BITS;
/// Chunks that fit into one segment.
pub const MAX_CHUNKS: usize = 1 << (u32::BITS - CLASS_BITS);

pub struct Segment {
    /// Chunk and document of each slot, in the order of the chunks.
    chunks: Vec<(i64, i64)>,
    /// Terms of each slot, all fields together; more than fit count as the most that does.
    lengths: Vec<u16>,
    /// The weighted frequency that each class stands for.
    classes: Vec<f32>,
    /// All terms in the order of the alphabet; term n ends at `term_ends[n]`.
    term_text: String,
    term_ends: Vec<u32>,
    /// The postings of term n are `postings[starts[n]..starts[n + 1]]`.
    starts: Vec<u32>,
    postings: Vec<u32>,
    /// Of each term the highest weighted frequency and the length of the shortest chunk: they bound its score.
    bounds: Vec<(f32, u16)>,
}

/// The chunks that hold one term, in order.
#[derive(Clone, Copy)]
pub struct Postings<'a> {
    segment: &'a Segment,
    postings: &'a [u32],
    /// No posting has a higher weighted frequency or a shorter chunk.
    pub bound: (f32, u16),
}

impl<'a> Postings<'a> {
    pub fn len(&self) -> usize {
        self.postings.len()
    }

    /// Slot, weighted frequency and length of each.
    #[inline(always)]
    pub fn iter(self) -> impl Iterator<Item = (usize, f32, u16)> + use<'a> {
        self.postings.iter().map(move |posting| self.segment.decoded(*posting))
    }

    /// The weighted frequency in a slot and its length.
    pub fn find(&self, slot: usize) -> Option<(f32, u16)> {
        let index = self
            .postings
            .partition_point(|posting| ((posting >> CLASS_BITS) as usize) < slot);
        let (found, frequency, length) = self.segment.decoded(*self.postings.get(index)?);
        (found == slot).then_some((frequency, length))
    }
}

impl Segment {
    pub fn chunk_count(&self) -> usize {
        self.chunks.len()
    }

    /// Chunk and document of a slot.
    pub fn chunk(&self, slot: usize) -> Option<(i64, i64)> {
        self.chunks.get(slot).copied()
    }

    pub fn documents(&self) -> impl Iterator<Item = i64> {
        self.chunks.iter().map(|(_, document)| *document)
    }

    pub fn lengths(&self) -> &[u16] {
        &self.lengths
    }

    pub fn term_count(&self) -> usize {
        self.term_ends.len()
    }

    /// The number of a term among the segment's, in the order of the alphabet.
    pub fn find_term(&self, term: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.term_ends.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.term(middle) < term {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < self.term_ends.len() && self.term(low) == term).then_some(low)
    }

    pub fn term(&self, number: usize) -> &str {
        let before = number.checked_sub(1).and_then(|before| self.term_ends.get(before));
        let start = before.map_or(0, |end| *end as usize);
        let end = self.term_ends.get(number).map_or(start, |end| *end as usize);
        self.term_text.get(start..end).unwrap_or_default()
    }

    pub fn postings(&self, number: usize) -> Postings<'_> {
        let range = match (self.starts.get(number), self.starts.get(number + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => 0..0,
        };
        Postings {
            segment: self,
            postings: self.postings.get(range).unwrap_or_default(),
            bound: self.bounds.get(number).copied().unwrap_or_default(),
        }
    }

    pub fn size_bytes(&self) -> usize {
        16 * self.chunks.len()
            + 2 * self.lengths.len()
            + self.term_text.len()
            + 4 * (self.term_ends.len() + self.starts.len() + self.postings.len())
            + 8 * self.bounds.len()
    }

    #[inline(always)]
    fn decoded(&self, posting: u32) -> (usize, f32, u16) {
        let slot = (posting >> CLASS_BITS) as usize;
        let frequency = self.classes.get(posting as usize % CLASSES).copied().unwrap_or(0.0);
        (slot, frequency, self.lengths.get(slot).copied().unwrap_or(0))
    }
}

/// Collects the chunks of a segment.
#[derive(Default)]
pub struct Builder {
    chunks: Vec<(i64, i64)>,
    lengths: Vec<u16>,
    classes: Vec<f32>,
    known: HashMap<String, u32>,
    /// Term and posting, by slot.
    entries: Vec<(u32, u32)>,
    /// Terms of the chunk at hand with their weighted frequency.
    chunk_terms: Vec<(u32, f32)>,
}

impl Builder {
    pub fn is_full(&self) -> bool {
        self.chunks.len() >= MAX_CHUNKS
    }

    /// Adds a chunk, whose id is higher than those before, with the terms of its fields as `ChunkTerms` writes them.
    pub fn push(&mut self, chunk: i64, document: i64, fields: &str) {
        let slot = self.chunks.len() as u32;
        self.chunk_terms.clear();
        for (field, weight) in fields.split('\n').zip(FIELD_WEIGHTS) {
            for term in field.split(' ').filter(|term| !term.is_empty()) {
                let number = self.number(term);
                self.chunk_terms.push((number, weight));
            }
        }
        self.chunks.push((chunk, document));
        self.lengths
            .push(u16::try_from(self.chunk_terms.len()).unwrap_or(u16::MAX));
        self.chunk_terms.sort_unstable_by_key(|(number, _)| *number);
        let mut terms = std::mem::take(&mut self.chunk_terms);
        for same in terms.chunk_by(|a, b| a.0 == b.0) {
            let frequency = same.iter().map(|(_, weight)| weight).sum();
            let class = self.class(frequency);
            if let Some((number, _)) = same.first() {
                self.entries.push((*number, slot << CLASS_BITS | class));
            }
        }
        terms.clear();
        self.chunk_terms = terms;
    }

    fn number(&mut self, term: &str) -> u32 {
        if let Some(number) = self.known.get(term) {
            return *number;
        }
        let number = self.known.len() as u32;
        self.known.insert(term.to_owned(), number);
        number
    }

    /// The class of a weighted frequency; when all are taken, the nearest.
    fn class(&mut self, frequency: f32) -> u32 {
        if let Some(class) = self.classes.iter().position(|known| *known == frequency) {
            return class as u32;
        }
        if self.classes.len() < CLASSES {
            self.classes.push(frequency);
            return self.classes.len() as u32 - 1;
        }
        let distances = self.classes.iter().map(|known| (known - frequency).abs()).zip(0..);
        let nearest = distances.min_by(|a, b| a.0.total_cmp(&b.0));
        nearest.map_or(0, |(_, class)| class)
    }

    pub fn build(self) -> Segment {
        let (term_text, term_ends, order) = in_alphabet(self.known);
        let mut starts = vec![0_u32; term_ends.len() + 1];
        for (number, _) in &self.entries {
            if let Some(count) = order
                .get(*number as usize)
                .and_then(|term| starts.get_mut(*term as usize + 1))
            {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut postings = vec![0_u32; self.entries.len()];
        for (number, posting) in &self.entries {
            let place = order
                .get(*number as usize)
                .and_then(|term| next.get_mut(*term as usize));
            if let Some(place) = place {
                if let Some(slot) = postings.get_mut(*place as usize) {
                    *slot = *posting;
                }
                *place += 1;
            }
        }
        let mut segment = Segment {
            chunks: self.chunks,
            lengths: self.lengths,
            classes: self.classes,
            term_text,
            term_ends,
            starts,
            postings,
            bounds: Vec::new(),
        };
        segment.bounds = (0..segment.term_count())
            .map(|term| bound_of(segment.postings(term)))
            .collect();
        segment.chunks.shrink_to_fit();
        segment.lengths.shrink_to_fit();
        segment
    }
}

fn bound_of(postings: Postings<'_>) -> (f32, u16) {
    postings
        .iter()
        .fold((0.0, u16::MAX), |(highest, shortest), (_, frequency, length)| {
            (frequency.max(highest), length.min(shortest))
        })
}

/// All terms as one text in the order of the alphabet, their ends, and the place of each by its number.
fn in_alphabet(known: HashMap<String, u32>) -> (String, Vec<u32>, Vec<u32>) {
    let mut terms: Vec<(String, u32)> = known.into_iter().collect();
    terms.sort_unstable();
    let mut text = String::with_capacity(terms.iter().map(|(term, _)| term.len()).sum());
    let mut ends = Vec::with_capacity(terms.len());
    let mut order = vec![0_u32; terms.len()];
    for ((term, number), place) in terms.iter().zip(0..) {
        text.push_str(term);
        ends.push(text.len() as u32);
        if let Some(slot) = order.get_mut(*number as usize) {
            *slot = place;
        }
    }
    (text, ends, order)
}
