//! How people speak in shops and how shops write the same thing. The built-in lexicon is compiled into the program; a shop's
//! owner adds entries. What a phrase means enters a search as alternatives of the words said, which must earn their score.

pub mod entries;
pub mod expansion;
pub mod own;
pub mod phrases;

use crate::domain::search::WeightedTerm;
use crate::retrieval::lexicon::entries::Entry;
use crate::retrieval::lexicon::phrases::Match;
use crate::retrieval::lexicon::phrases::PhraseBook;
use crate::text::terms::terms;
use std::sync::LazyLock;
use std::sync::OnceLock;

/// The data, one file for each area, in the order of the alphabet.
pub const FILES: &[(&str, &str)] = &[
    ("children", include_str!("../../../data/lexicon/children.txt")),
    ("clothes", include_str!("../../../data/lexicon/clothes.txt")),
    ("cosmetics", include_str!("../../../data/lexicon/cosmetics.txt")),
    ("delivery", include_str!("../../../data/lexicon/delivery.txt")),
    ("discounts", include_str!("../../../data/lexicon/discounts.txt")),
    ("electronics", include_str!("../../../data/lexicon/electronics.txt")),
    ("food", include_str!("../../../data/lexicon/food.txt")),
    ("home", include_str!("../../../data/lexicon/home.txt")),
    ("kitchen", include_str!("../../../data/lexicon/kitchen.txt")),
    ("materials", include_str!("../../../data/lexicon/materials.txt")),
    ("occasions", include_str!("../../../data/lexicon/occasions.txt")),
    ("orders", include_str!("../../../data/lexicon/orders.txt")),
    ("payment", include_str!("../../../data/lexicon/payment.txt")),
    ("pets", include_str!("../../../data/lexicon/pets.txt")),
    ("properties", include_str!("../../../data/lexicon/properties.txt")),
    ("returns", include_str!("../../../data/lexicon/returns.txt")),
    ("services", include_str!("../../../data/lexicon/services.txt")),
    ("sports", include_str!("../../../data/lexicon/sports.txt")),
    ("staff", include_str!("../../../data/lexicon/staff.txt")),
];

/// How much of its score a meant word keeps; 0.3 to 1.0 were tried on the development sets.
const BUILT_IN_WEIGHT: f64 = 0.7;

static BUILT_IN: LazyLock<Lexicon> = LazyLock::new(|| {
    let files = FILES.iter();
    let entries: Vec<Entry> = files.flat_map(|(_, text)| entries::parse(text)).collect();
    Lexicon::new(&entries, BUILT_IN_WEIGHT)
});

/// Concepts with the phrases that name them. Built once, then only read.
#[derive(Debug)]
pub struct Lexicon {
    book: PhraseBook,
    concepts: Vec<Concept>,
    weight: f64,
}

#[derive(Debug)]
struct Concept {
    phrases: Vec<String>,
    /// The terms of the phrases, each once, weighing as much of its shortest phrase as it makes up. Made when first asked for:
    /// few concepts of the lexicon ever are.
    terms: OnceLock<Vec<WeightedTerm>>,
}

impl Lexicon {
    /// The lexicon of the program; made at the first call, in about 30 ms.
    pub fn built_in() -> &'static Lexicon {
        &BUILT_IN
    }

    /// A lexicon whose meant words count with `weight`. What is meant names a concept as well as what is said, so that a question
    /// in one language finds the other. Entries past the 65,536th are left out.
    pub fn new(entries: &[Entry], weight: f64) -> Lexicon {
        let numbered = (0..=u16::MAX).zip(entries);
        let phrases = numbered.flat_map(|(concept, entry)| {
            let phrases = entry.said.iter().chain(&entry.meant);
            phrases.map(move |phrase| (phrase.as_str(), concept))
        });
        Lexicon {
            book: PhraseBook::new(phrases),
            concepts: entries.iter().map(Concept::new).collect(),
            weight,
        }
    }

    /// Whether some phrase holds this term, as `text::terms` makes it: then it is a word, however rare, and no slip of the pen.
    pub fn knows_term(&self, term: &str) -> bool {
        self.book.holds(term)
    }

    fn find(&self, spoken: &[String]) -> Vec<Match> {
        self.book.find(spoken)
    }

    /// What the concepts of a phrase mean. A phrase of several concepts is vague, so that each counts the less.
    fn meaning(&self, found: &Match) -> impl Iterator<Item = WeightedTerm> {
        let count = u32::try_from(found.concepts.len()).unwrap_or(u32::MAX);
        let weight = self.weight / f64::from(count);
        let concepts = found.concepts.iter();
        let known = concepts.filter_map(|concept| self.concepts.get(usize::from(*concept)));
        known.flat_map(Concept::terms).map(move |meant| WeightedTerm {
            term: meant.term.clone(),
            weight: weight * meant.weight,
        })
    }
}

impl Concept {
    fn new(entry: &Entry) -> Concept {
        Concept {
            phrases: entry.meant.clone(),
            terms: OnceLock::new(),
        }
    }

    fn terms(&self) -> &[WeightedTerm] {
        self.terms.get_or_init(|| {
            let mut all: Vec<WeightedTerm> = Vec::new();
            for phrase in &self.phrases {
                let parts = terms(phrase);
                let weight = 1.0 / f64::from(u32::try_from(parts.len()).unwrap_or(u32::MAX));
                for term in parts {
                    match all.iter_mut().find(|known| known.term == term) {
                        Some(known) => known.weight = known.weight.max(weight),
                        None => all.push(WeightedTerm { term, weight }),
                    }
                }
            }
            all
        })
    }
}

#[cfg(test)]
mod built_in_tests;
