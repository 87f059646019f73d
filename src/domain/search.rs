//! What a search finds.

use crate::domain::knowledge::Chunk;

/// The best chunk of one document, with its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub chunk: Chunk,
    /// From 0 to 1, comparable between questions of one embedding space.
    pub score: f64,
}

/// One word of a question with the terms that may stand for it: its own, and others that mean the same.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryTerm {
    /// In order of preference. A chunk earns the best of them, not their sum.
    pub alternatives: Vec<WeightedTerm>,
}

/// A term as `text::terms` makes it, and how much of its score counts, above 0 and up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedTerm {
    pub term: String,
    pub weight: f64,
}

impl QueryTerm {
    /// A word that nothing else stands for.
    pub fn plain(term: String) -> QueryTerm {
        QueryTerm {
            alternatives: vec![WeightedTerm { term, weight: 1.0 }],
        }
    }
}

/// Hits, best first, and whether the first one is good enough to answer from.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOutcome {
    pub hits: Vec<Hit>,
    pub answerable: bool,
}
