//! A question as search takes it: what was typed, what was meant, and the words to look up.

use crate::domain::search::QueryTerm;
use crate::retrieval::lexicon::Lexicon;
use crate::retrieval::lexicon::expansion::with_meanings;
use crate::retrieval::reading::Reading;
use crate::retrieval::vocabulary::Vocabulary;

/// One wording of a question, read against the words of one shop.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadQuestion {
    /// With layout, script and spelling put right; what is embedded.
    pub meant: String,
    /// The words to look up, each with what may stand for it; in order of the question, each once; then what phrases mean.
    pub words: Vec<QueryTerm>,
    /// What may be an article number or a barcode, normalized.
    pub identifiers: Vec<String>,
}

/// Reads a question; it costs up to a millisecond, so call it off the async runtime. `own` is what the shop's owner has added to
/// the lexicon.
pub fn read_question(typed: &str, vocabulary: &Vocabulary, own: Option<&Lexicon>) -> ReadQuestion {
    let reading = Reading::of(typed, vocabulary);
    let mut words = reading.words;
    if let Some(own) = own {
        // As typed: an owner explains just the words that look like mistakes.
        words = with_meanings(typed, words, own, vocabulary);
    }
    let whole = reading.identifiers.into_iter().filter(|candidate| candidate.is_whole);
    ReadQuestion {
        words: with_meanings(&reading.text, words, Lexicon::built_in(), vocabulary),
        meant: reading.text,
        identifiers: whole.map(|candidate| candidate.identifier).collect(),
    }
}
