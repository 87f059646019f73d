//! Imports: one run that brings a shop's knowledge from one state to the next.

use crate::domain::id::ImportId;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportStatus {
    Running,
    Done,
    Failed,
}

impl ImportStatus {
    pub fn name(self) -> &'static str {
        match self {
            ImportStatus::Running => "running",
            ImportStatus::Done => "done",
            ImportStatus::Failed => "failed",
        }
    }
}

/// How an import treats documents that it does not mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportMode {
    /// They stay.
    #[default]
    Merge,
    /// They go.
    Replace,
}

/// Numbers of source items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub removed: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    pub id: ImportId,
    pub status: ImportStatus,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub counts: ImportCounts,
    pub error: Option<String>,
}

/// Where in what was read something stands, as far as its form has such places.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePlace {
    /// The file's name, when a source has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The element, entry or cell, as people who know the form name it: `offer 17`, `products[3].price`, `Sheet1!B7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
}

/// What was wrong with a part of what an import read. That part was left out, the rest was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProblem {
    pub place: SourcePlace,
    /// A key of the catalogs, as `problem_number`.
    pub key: Cow<'static, str>,
    /// Values of the sentence's placeholders.
    pub values: Vec<(Cow<'static, str>, String)>,
}

impl ImportProblem {
    pub fn new(place: SourcePlace, key: &'static str) -> ImportProblem {
        ImportProblem {
            place,
            key: Cow::Borrowed(key),
            values: Vec::new(),
        }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> ImportProblem {
        self.values.push((Cow::Borrowed(name), value.to_string()));
        self
    }
}

impl SourcePlace {
    pub fn line(line: u64) -> SourcePlace {
        SourcePlace {
            line: Some(line),
            ..SourcePlace::default()
        }
    }

    pub fn page(page: u32) -> SourcePlace {
        SourcePlace {
            page: Some(page),
            ..SourcePlace::default()
        }
    }

    pub fn element(element: impl Into<String>) -> SourcePlace {
        SourcePlace {
            element: Some(element.into()),
            ..SourcePlace::default()
        }
    }
}
