//! The words that the built-in model knows, as a dictionary of correct Russian and English.

use crate::embed::builtin::TABLE;
use crate::embed::builtin::table::Table;
use std::sync::LazyLock;

static WORDS: LazyLock<Option<Table>> = LazyLock::new(|| Table::read(TABLE).ok());

/// Whether a term, as `text::terms` makes it, is a word of either language.
pub fn is_known_term(term: &str) -> bool {
    WORDS.as_ref().is_some_and(|words| words.find(term).is_some())
}
