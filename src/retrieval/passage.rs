//! Compares a question with the text of a few chunks word by word, which finds what the sums of BM25 blur: how much of what was
//! asked a chunk covers, and whether its name is what was asked for.

use crate::domain::knowledge::ChunkTerms;
use crate::domain::search::QueryTerm;
use crate::embed::builtin::dictionary::Direction;
use crate::retrieval::likeness::Trigrams;
use crate::store::LexicalMatch;
use std::collections::BTreeSet;
use std::collections::HashMap;

/// From this weight on, what stands for a word means the same thing; below, it only has to do with it.
const LEAST_MEANT: f64 = 0.5;
/// Less alike, two words are often a noun and an adjective, or share a part.
const LEAST_SAME: f64 = 0.75;
/// The cosine similarity of two words that have nothing to do with each other often reaches this; it counts as 0.
const UNRELATED: f64 = 0.25;

/// An asked word with what it weighs.
struct AskedWord<'a> {
    /// The word's own term; only this one is compared by letters, the others stand for it only when they are there as they are.
    trigrams: Trigrams,
    alternatives: Vec<(&'a str, f64)>,
    /// What the word's own term means to the built-in model; `None` when it does not know it.
    direction: Option<Direction>,
    rarity: f64,
}

/// How a term compares with one asked word, each from 0 to 1.
#[derive(Clone, Copy, Default)]
struct Closeness {
    /// In letters, or as one of the word's alternatives.
    likeness: f64,
    /// In meaning; in letters for a word that the built-in model does not know.
    kinship: f64,
}

/// What a comparison found, each from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Overlap {
    /// The share of what was asked, by rarity, that the chunk has.
    pub coverage: f64,
    /// The same for the document's name, category, brand and attributes.
    pub name_coverage: f64,
    /// The share of the name that was asked for.
    pub name_precision: f64,
    /// The share of what was asked, by rarity, to which the chunk has a word near in meaning.
    pub kinship: f64,
}

/// The words of one question, ready to be compared.
pub struct Comparison<'a> {
    words: Vec<AskedWord<'a>>,
    /// How close a term is to each word; the same terms come in most chunks.
    known: HashMap<&'a str, Vec<Closeness>>,
}

impl<'a> Comparison<'a> {
    pub fn new(words: &'a [QueryTerm], lexical: &LexicalMatch) -> Comparison<'a> {
        let counted = words.iter().zip(&lexical.term_counts);
        let asked = counted.filter_map(|(word, counts)| {
            let own = word.alternatives.first()?;
            let alternatives = word.alternatives.iter();
            Some(AskedWord {
                trigrams: Trigrams::of(&own.term),
                alternatives: alternatives.map(|other| (other.term.as_str(), other.weight)).collect(),
                direction: Direction::of(&own.term),
                rarity: rarity_of_word(word, counts, lexical.chunk_count),
            })
        });
        Comparison {
            words: asked.collect(),
            known: HashMap::new(),
        }
    }

    pub fn overlap(&mut self, chunk: &'a ChunkTerms) -> Overlap {
        let mut best = vec![Closeness::default(); self.words.len()];
        for field in [&chunk.name, &chunk.question, &chunk.category, &chunk.attributes] {
            self.raise(&mut best, field);
        }
        let name_coverage = self.coverage(&best, |closeness| closeness.likeness);
        self.raise(&mut best, &chunk.body);
        Overlap {
            coverage: self.coverage(&best, |closeness| closeness.likeness),
            name_coverage,
            name_precision: self.precision(&distinct(&[&chunk.name, &chunk.question])),
            kinship: self.coverage(&best, |closeness| closeness.kinship),
        }
    }

    /// How sure it is that a term names the same thing as the word at a place: what stands for the word does, and so does what is
    /// written nearly as it is.
    pub fn sameness(&self, place: usize, term: &str) -> f64 {
        let Some(word) = self.words.get(place) else {
            return 0.0;
        };
        let stands_for = |(other, weight): &(&str, f64)| *other == term && *weight >= LEAST_MEANT;
        if word.alternatives.iter().any(stands_for) {
            return 1.0;
        }
        let likeness = word.trigrams.likeness(&Trigrams::of(term));
        if likeness < LEAST_SAME { 0.0 } else { likeness }
    }

    /// Raises the best closeness to each word to that of a field's terms.
    fn raise(&mut self, best: &mut [Closeness], field: &'a str) {
        for term in terms_of(field) {
            for (best, closeness) in best.iter_mut().zip(self.closeness(term)) {
                best.likeness = best.likeness.max(closeness.likeness);
                best.kinship = best.kinship.max(closeness.kinship);
            }
        }
    }

    /// The share of the question's rarity that the best closeness to each word comes to, by what of it counts.
    fn coverage(&self, best: &[Closeness], counted: fn(&Closeness) -> f64) -> f64 {
        let covered = self
            .words
            .iter()
            .zip(best)
            .map(|(word, best)| word.rarity * counted(best));
        share(covered.sum(), self.words.iter().map(|word| word.rarity).sum())
    }

    /// The share of the terms that were asked for, each counting as much as it is like an asked word.
    fn precision(&mut self, terms: &BTreeSet<&'a str>) -> f64 {
        let asked = terms.iter().map(|term| {
            let likenesses = self.closeness(term).iter().map(|closeness| closeness.likeness);
            likenesses.fold(0.0, f64::max)
        });
        share(asked.sum(), terms.len() as f64)
    }

    fn closeness(&mut self, term: &'a str) -> &[Closeness] {
        let words = &self.words;
        self.known.entry(term).or_insert_with(|| {
            let (trigrams, direction) = (Trigrams::of(term), Direction::of(term));
            let compared = words.iter().map(|word| {
                let likeness = word.likeness(term, &trigrams);
                Closeness {
                    likeness,
                    kinship: word.kinship(direction.as_ref()).unwrap_or(likeness),
                }
            });
            compared.collect()
        })
    }
}

impl AskedWord<'_> {
    fn likeness(&self, term: &str, trigrams: &Trigrams) -> f64 {
        let meant = self.alternatives.iter().filter(|(other, _)| *other == term);
        let meant = meant.map(|(_, weight)| *weight).fold(0.0, f64::max);
        if meant >= 1.0 {
            return meant;
        }
        meant.max(self.trigrams.likeness(trigrams))
    }

    /// How near the word is in meaning to a term of this direction; `None` when the word has none.
    fn kinship(&self, direction: Option<&Direction>) -> Option<f64> {
        let own = self.direction.as_ref()?;
        let Some(other) = direction else { return Some(0.0) };
        Some(((own.cosine(other) - UNRELATED) / (1.0 - UNRELATED)).clamp(0.0, 1.0))
    }
}

/// The rarity of the best of a word's known alternatives; the highest there is when the shop knows none.
fn rarity_of_word(word: &QueryTerm, counts: &[u32], chunks: u32) -> f64 {
    let known = word.alternatives.iter().zip(counts).filter(|(_, count)| **count > 0);
    let rarities = known.map(|(alternative, count)| alternative.weight * positive_rarity(chunks, *count));
    rarities
        .max_by(f64::total_cmp)
        .unwrap_or_else(|| positive_rarity(chunks, 0))
}

/// The inverse document frequency that stays above zero for a term that most chunks have (as in Lucene's BM25).
fn positive_rarity(chunks: u32, count: u32) -> f64 {
    let (chunks, count) = (f64::from(chunks), f64::from(count));
    (1.0 + (chunks - count + 0.5).max(0.0) / (count + 0.5)).ln()
}

/// In the order of the alphabet, because sums of the same numbers in another order may differ.
fn distinct<'a>(fields: &[&'a str]) -> BTreeSet<&'a str> {
    fields.iter().flat_map(|field| terms_of(field)).collect()
}

fn terms_of(field: &str) -> impl Iterator<Item = &str> {
    field.split(' ').filter(|term| !term.is_empty())
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        (part / whole).clamp(0.0, 1.0)
    } else {
        0.0
    }
}
