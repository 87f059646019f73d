//! Turns of a conversation as they are logged.

use crate::domain::id::MessageId;
use crate::domain::id::SessionId;
use crate::domain::id::VisitorId;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::domain::vote::Vote;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// Evidence for an answer, made by the server from stored rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// The number that the answer's text uses, from 1.
    pub n: usize,
    pub source_type: SourceType,
    pub source_id: String,
    pub title: String,
    /// With the place in it, where the document has such places.
    pub url: Option<String>,
    /// Of a document with pages, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The heading under which it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
}

/// What was held against the shop's rows and texts of what a model said, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Prices, discounts, stock, article numbers, links.
    pub claims: u32,
    pub corrected: u32,
    /// Whose sentence was left out, or, of a link, its address.
    pub dropped: u32,
}

impl Checked {
    pub fn add(&mut self, other: Checked) {
        self.claims += other.claims;
        self.corrected += other.corrected;
        self.dropped += other.dropped;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TurnStatus {
    /// The message is stored and the answer is being made.
    Pending,
    Complete,
    /// The visitor left or the program ended before the answer was whole; what there was is kept.
    Interrupted,
}

impl TurnStatus {
    pub fn parse(name: &str) -> Option<TurnStatus> {
        [TurnStatus::Pending, TurnStatus::Complete, TurnStatus::Interrupted]
            .into_iter()
            .find(|status| status.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            TurnStatus::Pending => "pending",
            TurnStatus::Complete => "complete",
            TurnStatus::Interrupted => "interrupted",
        }
    }
}

/// On whose behalf a session is begun or continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// A signed token tells who it is. A session of another visitor stays closed.
    Proven(VisitorId),
    /// Nobody tells. A session without a visitor gets this new one; any other goes on, and stays whose it is.
    Unproven(VisitorId),
}

impl Claim {
    pub fn visitor(self) -> VisitorId {
        match self {
            Claim::Proven(visitor) | Claim::Unproven(visitor) => visitor,
        }
    }
}

/// A visitor's message at the moment it is accepted.
#[derive(Debug, Clone)]
pub struct NewTurn {
    pub message_id: MessageId,
    pub session_id: SessionId,
    pub claim: Claim,
    pub user_message: String,
    pub language: Language,
    /// What the page told about itself, as JSON.
    pub metadata: Option<String>,
    pub created_at: Timestamp,
}

/// What is known of a turn when its answer has ended.
#[derive(Debug, Clone)]
pub struct TurnOutcome {
    pub status: TurnStatus,
    pub assistant_answer: String,
    /// The numbered fragments that the answer was made from.
    pub context_used: String,
    pub citations: Vec<Citation>,
    /// The model's name, `extractive`, or `none` for a refusal.
    pub model: String,
    pub prompt_tokens: Option<u32>,
    pub completion_tokens: Option<u32>,
    pub first_delta_ms: Option<u64>,
    pub total_ms: u64,
    pub degraded: bool,
    pub refused: bool,
    pub checked: Checked,
    /// Contact data found in the conversation, as JSON.
    pub collected_data: Option<String>,
}

/// An earlier turn, as the next one needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastTurn {
    pub user_message: String,
    pub assistant_answer: String,
    pub language: Language,
    pub refused: bool,
    pub citations: Vec<Citation>,
}

/// A turn as its visitor sees it again.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedTurn {
    pub message_id: MessageId,
    pub user_message: String,
    /// Empty while it is being made; what there was of it when it was interrupted.
    pub assistant_answer: String,
    pub status: TurnStatus,
    pub language: Language,
    pub refused: bool,
    pub degraded: bool,
    pub citations: Vec<Citation>,
    /// The last one; `None` as well when it was taken back.
    pub vote: Option<Vote>,
    pub created_at: Timestamp,
}
