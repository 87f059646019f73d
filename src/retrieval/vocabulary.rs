//! The words of one shop, kept in memory to tell a known word from a misspelt one.

use crate::domain::id::ShopId;
use crate::embed::builtin::dictionary::is_known_term;
use crate::retrieval::lexicon::Lexicon;
use crate::store::Store;
use anyhow::Context;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Shops whose words are kept; past this, all are dropped and read again when asked for.
const SHOPS_KEPT: usize = 200;
/// Shorter terms are too easily turned into one another.
const MIN_CORRECTED_CHARS: usize = 4;
/// From this length on, two edits are still the same word.
const TWO_EDIT_CHARS: usize = 7;

/// The terms of a shop's index.
pub struct Vocabulary {
    terms: HashMap<String, u32>,
    shapes: Vec<Shape>,
}

/// A term with what rules it out quickly: letters that it has, one bit each, and its length.
struct Shape {
    term: String,
    letters: u64,
    chars: usize,
    chunks: u32,
}

/// By shop: the version of its knowledge, and its words.
type Kept = HashMap<ShopId, (i64, Arc<Vocabulary>)>;

/// The vocabularies of the shops that are being asked, each read once for each import.
#[derive(Clone, Default)]
pub struct Vocabularies {
    kept: Arc<Mutex<Kept>>,
}

impl Vocabularies {
    pub async fn of(&self, store: &Store, shop: ShopId) -> anyhow::Result<Arc<Vocabulary>> {
        let version = store.index_version(shop).await?;
        if let Some((kept_version, kept)) = self.lock().get(&shop)
            && *kept_version == version
        {
            return Ok(kept.clone());
        }
        let terms = store.list_terms(shop).await?;
        let made = tokio::task::spawn_blocking(move || Arc::new(Vocabulary::new(terms))).await;
        let vocabulary = made.context("making a vocabulary panicked")?;
        let mut kept = self.lock();
        if kept.len() >= SHOPS_KEPT {
            kept.clear();
        }
        kept.insert(shop, (version, vocabulary.clone()));
        Ok(vocabulary)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Vocabulary {
    pub fn new(terms: Vec<(String, u32)>) -> Vocabulary {
        let shapes = terms
            .iter()
            .filter(|(term, _)| !term.chars().any(|c| c.is_ascii_digit()))
            .map(|(term, chunks)| Shape {
                letters: letters(term),
                chars: term.chars().count(),
                term: term.clone(),
                chunks: *chunks,
            });
        Vocabulary {
            shapes: shapes.collect(),
            terms: terms.into_iter().collect(),
        }
    }

    /// Whether the shop's texts hold the term.
    pub fn holds(&self, term: &str) -> bool {
        self.terms.contains_key(term)
    }

    /// Whether the term is a word: of the shop, of either language, or one that people say in shops.
    pub fn knows(&self, term: &str) -> bool {
        self.holds(term) || is_known_term(term) || Lexicon::built_in().knows_term(term)
    }

    /// The shop's term that a misspelt one stands for: the nearest by optimal string alignment distance, of equals the one
    /// in more chunks, then the first in the alphabet. `None` when nothing is near enough.
    pub fn nearest(&self, term: &str) -> Option<&str> {
        let chars = term.chars().count();
        if chars < MIN_CORRECTED_CHARS || term.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let edits = if chars >= TWO_EDIT_CHARS { 2 } else { 1 };
        let own_letters = letters(term);
        let near = self.shapes.iter().filter(|shape| {
            // Each edit changes the length by one and the set of letters by two at most.
            shape.chars.abs_diff(chars) <= edits && (shape.letters ^ own_letters).count_ones() as usize <= 2 * edits
        });
        let found = near.filter_map(|shape| {
            let distance = strsim::osa_distance(&shape.term, term);
            let first_differs = shape.term.chars().next() != term.chars().next();
            let is_near =
                distance <= edits && shape.chars >= MIN_CORRECTED_CHARS - 1 && !(distance == 2 && first_differs);
            is_near.then_some((distance, std::cmp::Reverse(shape.chunks), shape.term.as_str()))
        });
        found.min().map(|(_, _, term)| term)
    }
}

/// The letters of a term as a set of 64 bits.
fn letters(term: &str) -> u64 {
    term.chars().fold(0, |set, c| set | 1 << (u32::from(c) % 64))
}

#[cfg(test)]
mod tests {
    use super::Vocabulary;

    #[test]
    fn a_misspelt_term_finds_the_shops_own() {
        let vocabulary = Vocabulary::new(vec![
            ("термос".to_owned(), 5),
            ("тормоз".to_owned(), 1),
            ("фонар".to_owned(), 3),
        ]);
        assert_eq!(vocabulary.nearest("тремос"), Some("термос"));
        assert_eq!(vocabulary.nearest("фанар"), Some("фонар"));
        assert_eq!(vocabulary.nearest("лыж"), None);
        assert_eq!(vocabulary.nearest("палатк"), None);
    }
}
