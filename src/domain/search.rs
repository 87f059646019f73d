//! What a search finds.

use crate::domain::knowledge::Chunk;
use std::collections::BTreeMap;

/// The best chunk of one document, with its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub chunk: Chunk,
    /// From 0 to 1, comparable between questions of one embedding space.
    pub score: f64,
    /// Other variants of the same product that were found, best first, ties by source id.
    pub variants: Vec<Variant>,
}

/// The same product in another color, size or quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    pub source_id: String,
    pub title: String,
    pub url: Option<String>,
    pub price: Option<f64>,
    pub in_stock: Option<bool>,
    /// Its attributes that the hit has not, or has with another value.
    pub differences: BTreeMap<String, String>,
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
    /// How sure it is that the shop's knowledge answers the question, from 0 to 1; a question is answered from a threshold of the
    /// embedding space on.
    pub confidence: f64,
    pub answerable: bool,
    /// Whether products of the asked kind exist and none satisfies what was plainly asked of them (a bound, missing stock, a discount,
    /// a color, a size); the nearest are still hits.
    pub is_unmet: bool,
}

/// A search with what led to its hits, for people who want to see why.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedSearch {
    pub outcome: SearchOutcome,
    /// The question as it was searched for, completed from what was said before.
    pub wording: String,
    /// The same with layout, script and spelling put right.
    pub meant: String,
    pub words: Vec<QueryTerm>,
    /// What else the question was taken to say: an article number, or what it asks of product rows.
    pub readings: Vec<Reading>,
    /// What speaks for each hit, in the order of the hits.
    pub evidence: Vec<Vec<NamedScore>>,
    /// What the confidence was made of.
    pub signs: Vec<NamedScore>,
    /// The confidence from which a question is answered.
    pub answer_threshold: f64,
}

/// A kind of evidence, and how much there is of it, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NamedScore {
    pub name: &'static str,
    pub score: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub name: &'static str,
    pub value: String,
}
