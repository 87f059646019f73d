//! A survey and what visitors answered.

use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::id::SurveyId;
use crate::domain::id::SurveyResponseId;
use crate::domain::survey_definition::Definition;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurveyStatus {
    /// Being written, or paused: nobody can answer it.
    Draft,
    /// May be shown and answered.
    Active,
    /// Over. Its responses stay.
    Archived,
}

impl SurveyStatus {
    pub const ALL: [SurveyStatus; 3] = [SurveyStatus::Draft, SurveyStatus::Active, SurveyStatus::Archived];

    pub fn name(self) -> &'static str {
        match self {
            SurveyStatus::Draft => "draft",
            SurveyStatus::Active => "active",
            SurveyStatus::Archived => "archived",
        }
    }

    pub fn parse(name: &str) -> Option<SurveyStatus> {
        SurveyStatus::ALL.into_iter().find(|status| status.name() == name)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    pub id: SurveyId,
    pub shop: ShopId,
    /// For the owner; visitors do not see it.
    pub title: String,
    pub description: Option<String>,
    pub status: SurveyStatus,
    /// Counts the changes of the questions since somebody could answer them, from 1.
    pub version: u32,
    pub definition: Definition,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResponseCounts {
    pub complete: u32,
    pub partial: u32,
}

impl ResponseCounts {
    pub fn total(self) -> u32 {
        self.complete + self.partial
    }
}

/// A survey as somebody wants it to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSurvey {
    pub title: String,
    pub description: Option<String>,
    pub status: SurveyStatus,
    pub definition: Definition,
}

/// What a change of a survey names; `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SurveyChanges {
    pub title: Option<String>,
    pub description: Option<Option<String>>,
    pub status: Option<SurveyStatus>,
    pub definition: Option<Definition>,
    /// The version that the change was made from, when the caller knows it.
    pub from_version: Option<u32>,
}

/// What became of a survey that was to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurveyRemoval {
    /// It had no responses and is gone.
    Deleted,
    /// It has responses, so that it was archived.
    Archived { responses: u32 },
}

/// Answers by question id, checked: a whole number, an option's id, a list of them, a text, an object of contact fields, a boolean.
pub type Answers = Map<String, Value>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseStatus {
    /// More may come.
    Partial,
    /// The visitor has finished; it does not change any more.
    Complete,
}

impl ResponseStatus {
    pub const ALL: [ResponseStatus; 2] = [ResponseStatus::Partial, ResponseStatus::Complete];

    pub fn name(self) -> &'static str {
        match self {
            ResponseStatus::Partial => "partial",
            ResponseStatus::Complete => "complete",
        }
    }
}

/// What one visit answered.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyResponse {
    pub id: SurveyResponseId,
    pub session: SessionId,
    /// The version of the questions that were answered.
    pub version: u32,
    pub status: ResponseStatus,
    pub answers: Answers,
    /// What the page told about itself, an object.
    pub metadata: Option<Value>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What a response is to become.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAnswers {
    pub version: u32,
    pub status: ResponseStatus,
    pub answers: Answers,
    pub metadata: Option<Value>,
}
