//! What visitors think of answers.

use serde::Deserialize;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoteValue {
    Up,
    Down,
}

impl VoteValue {
    pub fn name(self) -> &'static str {
        match self {
            VoteValue::Up => "up",
            VoteValue::Down => "down",
        }
    }

    pub fn parse(name: &str) -> Option<VoteValue> {
        [VoteValue::Up, VoteValue::Down]
            .into_iter()
            .find(|value| value.name() == name)
    }
}

/// What was wrong with the answer, as the widget offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoteReason {
    Wrong,
    Incomplete,
    NotUnderstood,
    Rude,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    pub value: VoteValue,
    /// Each once, in the order of the enum.
    pub reasons: Vec<VoteReason>,
    /// Never empty.
    pub comment: Option<String>,
}
