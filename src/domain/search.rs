//! What a search finds.

use crate::domain::knowledge::Chunk;

/// The best chunk of one document, with its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub chunk: Chunk,
    /// From 0 to 1, comparable between questions of one embedding space.
    pub score: f64,
}

/// Hits, best first, and whether the first one is good enough to answer from.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOutcome {
    pub hits: Vec<Hit>,
    pub answerable: bool,
}
