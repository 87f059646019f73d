//! The best chunks of a segment by BM25, found without scoring all of them.
//!
//! Score-at-a-time accumulation with the pruning of MaxScore (Turtle and Flood 1995, "Query evaluation: strategies and
//! optimizations"): words come in the order of what they can add at most. Once what is left cannot lift a chunk that has none of
//! the words so far among the best, only chunks that can still get there are looked up.

use crate::store::terms::segment::Postings;
use crate::store::terms::segment::Segment;

/// As in FTS5 and as is usual.
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// Sums are kept as f32 until the best are known; their relative error is far below this.
const ROUNDING: f32 = 1e-4;

/// One way to say a word: its postings, and its rarity times its weight.
pub struct Alternative<'a> {
    pub postings: Postings<'a>,
    pub factor: f64,
}

/// The chunks of a segment that may be found.
pub struct Alive<'a> {
    /// By slot; `None` when all are.
    pub slots: Option<&'a [bool]>,
}

impl Alive<'_> {
    fn has(&self, slot: usize) -> bool {
        self.slots.is_none_or(|slots| slots.get(slot) == Some(&true))
    }
}

/// How BM25 sees a chunk's length.
#[derive(Clone, Copy)]
pub struct LengthNorm {
    base: f64,
    per_term: f64,
}

impl LengthNorm {
    pub fn new(mean_length: f64) -> LengthNorm {
        let per_term = if mean_length > 0.0 { K1 * B / mean_length } else { 0.0 };
        LengthNorm {
            base: K1 * (1.0 - B),
            per_term,
        }
    }

    /// BM25 of a term without its rarity, from 0 to k1 + 1.
    #[inline(always)]
    fn saturated(self, frequency: f32, length: u16) -> f64 {
        let frequency = f64::from(frequency);
        frequency * (K1 + 1.0) / (frequency + self.base + self.per_term * f64::from(length))
    }

    /// The same, faster and less exact.
    #[inline(always)]
    fn saturated_roughly(self, frequency: f32, length: u16) -> f32 {
        let norm = self.base as f32 + self.per_term as f32 * f32::from(length);
        frequency * (K1 as f32 + 1.0) / (frequency + norm)
    }
}

/// The best `limit` slots with their scores, best first, ties by slot: exactly those that scoring every chunk would find.
pub fn best_slots(
    segment: &Segment,
    words: &[Vec<Alternative<'_>>],
    norm: LengthNorm,
    alive: &Alive<'_>,
    limit: usize,
) -> Vec<(usize, f64)> {
    let mut search = Search {
        norm,
        alive,
        limit,
        scores: vec![0.0; segment.chunk_count()],
        best: Vec::new(),
        touched: Vec::new(),
    };
    let mut ordered: Vec<(f32, &[Alternative<'_>])> = words.iter().map(|word| (bound(word, norm), &**word)).collect();
    ordered.sort_by(|a, b| b.0.total_cmp(&a.0));
    let candidates = search.run(&ordered);
    let scored = candidates
        .into_iter()
        .map(|slot| (slot, exact_score(words, norm, slot)));
    let mut best: Vec<(usize, f64)> = scored.collect();
    best.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    best.truncate(limit);
    best
}

/// The most that a word can add to a chunk.
fn bound(word: &[Alternative<'_>], norm: LengthNorm) -> f32 {
    let bounds = word.iter().map(|alternative| {
        let (frequency, length) = alternative.postings.bound;
        (alternative.factor * norm.saturated(frequency, length)) as f32
    });
    bounds.fold(0.0, f32::max) * (1.0 + ROUNDING)
}

/// What the chunk's words score, summed in the order in which they were asked.
fn exact_score(words: &[Vec<Alternative<'_>>], norm: LengthNorm, slot: usize) -> f64 {
    let best_of = |word: &Vec<Alternative<'_>>| {
        let scores = word.iter().filter_map(|alternative| {
            let (frequency, length) = alternative.postings.find(slot)?;
            Some(alternative.factor * norm.saturated(frequency, length))
        });
        scores.fold(0.0, f64::max)
    };
    words.iter().map(best_of).sum()
}

struct Search<'a> {
    norm: LengthNorm,
    alive: &'a Alive<'a>,
    limit: usize,
    /// By slot.
    scores: Vec<f32>,
    /// What a word's alternatives score, by slot; all 0 between words.
    best: Vec<f32>,
    /// The slots that have a score.
    touched: Vec<usize>,
}

impl Search<'_> {
    /// Slots among which are the best, from words with what each can add at most, highest first.
    fn run(&mut self, words: &[(f32, &[Alternative<'_>])]) -> Vec<usize> {
        let mut highest = 0.0_f32;
        for (index, (_, word)) in words.iter().enumerate() {
            let rest: f32 = words.iter().skip(index).map(|(bound, _)| bound).sum();
            // The threshold costs a look at all scores, and is below the highest of them.
            if rest < highest && rest < self.threshold() {
                return self.finish(words.get(index..).unwrap_or_default());
            }
            let reached = match word {
                [alternative] => self.add(alternative),
                several => self.add_best_of(several),
            };
            highest = highest.max(reached);
        }
        let least = self.threshold();
        let scores = &self.scores;
        self.touched.retain(|slot| score(scores, *slot) >= least);
        std::mem::take(&mut self.touched)
    }

    /// Looks the remaining words up in those chunks only that can still be among the best.
    fn finish(&mut self, words: &[(f32, &[Alternative<'_>])]) -> Vec<usize> {
        let mut rest: f32 = words.iter().map(|(bound, _)| bound).sum();
        for (bound, word) in words {
            self.keep_reachable(rest);
            for slot in &self.touched {
                let scores = word.iter().filter_map(|alternative| {
                    let (frequency, length) = alternative.postings.find(*slot)?;
                    Some(alternative.factor as f32 * self.norm.saturated_roughly(frequency, length))
                });
                if let Some(sum) = self.scores.get_mut(*slot) {
                    *sum += scores.fold(0.0, f32::max);
                }
            }
            rest = (rest - bound).max(0.0);
        }
        self.keep_reachable(0.0);
        std::mem::take(&mut self.touched)
    }

    fn keep_reachable(&mut self, rest: f32) {
        let least = self.threshold();
        let scores = &self.scores;
        self.touched.retain(|slot| score(scores, *slot) + rest >= least);
    }

    /// A little less than the score of the last of the best so far; 0 when there are fewer than asked for.
    fn threshold(&self) -> f32 {
        let mut scores: Vec<f32> = self.touched.iter().map(|slot| score(&self.scores, *slot)).collect();
        let Some(last) = self.limit.checked_sub(1).filter(|last| *last < scores.len()) else {
            return 0.0;
        };
        let (_, least, _) = scores.select_nth_unstable_by(last, |a, b| b.total_cmp(a));
        *least * (1.0 - ROUNDING)
    }

    /// Adds a word's score to all chunks that hold it. Returns the highest sum among them.
    fn add(&mut self, alternative: &Alternative<'_>) -> f32 {
        let factor = alternative.factor as f32;
        let mut highest = 0.0_f32;
        for (slot, frequency, length) in alternative.postings.iter() {
            if !self.alive.has(slot) {
                continue;
            }
            let Some(sum) = self.scores.get_mut(slot) else {
                continue;
            };
            if *sum == 0.0 {
                self.touched.push(slot);
            }
            *sum += factor * self.norm.saturated_roughly(frequency, length);
            highest = highest.max(*sum);
        }
        highest
    }

    /// The same for a word with several alternatives, of which the best counts.
    fn add_best_of(&mut self, word: &[Alternative<'_>]) -> f32 {
        self.best.resize(self.scores.len(), 0.0);
        let mut held = Vec::new();
        for alternative in word {
            let factor = alternative.factor as f32;
            for (slot, frequency, length) in alternative.postings.iter() {
                let Some(best) = self.best.get_mut(slot) else {
                    continue;
                };
                if *best == 0.0 {
                    held.push(slot);
                }
                *best = best.max(factor * self.norm.saturated_roughly(frequency, length));
            }
        }
        let mut highest = 0.0_f32;
        for slot in held {
            let (Some(sum), Some(best)) = (self.scores.get_mut(slot), self.best.get_mut(slot)) else {
                continue;
            };
            let best = std::mem::take(best);
            if self.alive.has(slot) {
                if *sum == 0.0 {
                    self.touched.push(slot);
                }
                *sum += best;
                highest = highest.max(*sum);
            }
        }
        highest
    }
}

fn score(scores: &[f32], slot: usize) -> f32 {
    scores.get(slot).copied().unwrap_or(0.0)
}
