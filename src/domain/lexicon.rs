//! What a shop's owner adds to the lexicon.

use serde::Deserialize;
use serde::Serialize;

/// What visitors say, and words of the shop's texts that it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LexiconEntry {
    pub say: Vec<String>,
    pub mean: Vec<String>,
}
