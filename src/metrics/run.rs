//! One run of an evaluation: the questions, and what a search did with each.

use serde::Deserialize;
use serde::Serialize;

/// One line of an evaluation set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub question: String,
    /// Source ids, any of which is right; empty when the shop has no answer.
    pub expect: Vec<String>,
    #[serde(default)]
    pub kind: String,
    /// What the visitor said before, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<String>,
}

/// What the search did with one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    #[serde(flatten)]
    pub question: Question,
    /// Best first.
    pub found: Vec<FoundSource>,
    pub refused: bool,
    /// From 0 to 1: how sure the search was that the shop knows the answer.
    pub confidence: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundSource {
    pub source_id: String,
    pub score: f64,
}

/// What was searched in: runs of different models are compared by their questions, and told apart by this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub model: String,
    pub revision: String,
    pub dimensions: usize,
}

/// A run as it is kept in a file, to be compared with a later one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub space: Space,
    pub outcomes: Vec<Outcome>,
}
