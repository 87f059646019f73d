//! A question as search takes it: what was typed, what was meant, and the words to look up.

use crate::domain::search::QueryTerm;
use crate::retrieval::spelling::as_meant;
use crate::retrieval::vocabulary::Vocabulary;
use crate::text::identifier::identifier_candidates;
use crate::text::terms::terms;

/// Terms of a question that are looked up; more come from pasted text, not from a question.
const MAX_TERMS: usize = 32;

/// One wording of a question, read against the words of one shop.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadQuestion {
    /// With layout, script and spelling put right; what is embedded.
    pub meant: String,
    /// The words to look up, each with what may stand for it; in order of their first alternative, each once.
    pub words: Vec<QueryTerm>,
    /// What may be an article number or a barcode, normalized.
    pub identifiers: Vec<String>,
}

/// Reads a question; it costs up to a millisecond, so call it off the async runtime.
pub fn read_question(typed: &str, vocabulary: &Vocabulary) -> ReadQuestion {
    let meant = as_meant(typed, vocabulary);
    let mut asked = terms(&meant);
    asked.sort_unstable();
    asked.dedup();
    asked.truncate(MAX_TERMS);
    ReadQuestion {
        words: asked.into_iter().map(QueryTerm::plain).collect(),
        identifiers: identifier_candidates(typed),
        meant,
    }
}
