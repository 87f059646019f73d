//! The words that the built-in model knows, as a dictionary of correct Russian and English.

use crate::embed::builtin::TABLE;
use crate::embed::builtin::table::Table;
use std::sync::LazyLock;

static WORDS: LazyLock<Option<Table>> = LazyLock::new(|| Table::read(TABLE).ok());

/// Whether a term, as `text::terms` makes it, is a word of either language.
pub fn is_known_term(term: &str) -> bool {
    WORDS.as_ref().is_some_and(|words| words.find(term).is_some())
}

/// How rare a term is, from near 0 for the commonest to about 1; `None` for an unknown one.
pub fn rarity(term: &str) -> Option<f32> {
    let words = WORDS.as_ref()?;
    words.find(term).map(|row| words.weight(row))
}

/// All known terms with their rarity, in the order of the alphabet.
pub fn known_terms() -> impl Iterator<Item = (&'static str, f32)> {
    WORDS.iter().flat_map(Table::words)
}

/// The direction of a term's vector, of length 1; `None` for an unknown one.
pub fn direction(term: &str) -> Option<Vec<f32>> {
    let words = WORDS.as_ref()?;
    let mut vector = vec![0.0; words.dimensions];
    words.add(words.find(term)?, 1.0, &mut vector);
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
    Some(vector)
}
