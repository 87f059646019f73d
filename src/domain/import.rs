//! Imports: one run that brings a shop's knowledge from one state to the next.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::knowledge::SourceKey;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportStatus {
    /// It waits for its turn, or its files are being fetched.
    Queued,
    Running,
    /// It would remove more than half of what its source has, and waits for somebody's yes.
    Waiting,
    Done,
    Failed,
    Cancelled,
}

impl ImportStatus {
    pub const ALL: [ImportStatus; 6] = [
        ImportStatus::Queued,
        ImportStatus::Running,
        ImportStatus::Waiting,
        ImportStatus::Done,
        ImportStatus::Failed,
        ImportStatus::Cancelled,
    ];

    pub fn name(self) -> &'static str {
        match self {
            ImportStatus::Queued => "queued",
            ImportStatus::Running => "running",
            ImportStatus::Waiting => "waiting",
            ImportStatus::Done => "done",
            ImportStatus::Failed => "failed",
            ImportStatus::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens to it.
    pub fn has_ended(self) -> bool {
        matches!(
            self,
            ImportStatus::Done | ImportStatus::Failed | ImportStatus::Cancelled
        )
    }
}

/// What an entry of the journal did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    Import,
    /// Restored the version before the one that was visible.
    Undo,
    /// Restored the version after it.
    Redo,
}

impl ImportKind {
    pub const ALL: [ImportKind; 3] = [ImportKind::Import, ImportKind::Undo, ImportKind::Redo];

    pub fn name(self) -> &'static str {
        match self {
            ImportKind::Import => "import",
            ImportKind::Undo => "undo",
            ImportKind::Redo => "redo",
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

impl ImportMode {
    pub fn name(self) -> &'static str {
        match self {
            ImportMode::Merge => "merge",
            ImportMode::Replace => "replace",
        }
    }

    pub fn parse(name: &str) -> Option<ImportMode> {
        [ImportMode::Merge, ImportMode::Replace]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

/// Numbers of source items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub removed: usize,
}

/// What is known of an import when it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    pub mode: ImportMode,
    /// Who or what asked for it, as people read it.
    pub actor: String,
    /// From where its files are: a name, a path or an address.
    pub origin: String,
    /// It only tells what would change.
    pub is_preview: bool,
    /// After a restart it goes on: its files are on the disk or can be fetched again.
    pub is_resumable: bool,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    pub id: ImportId,
    pub shop: ShopId,
    /// `None` when the source is gone.
    pub source: Option<SourceId>,
    pub kind: ImportKind,
    pub status: ImportStatus,
    pub mode: ImportMode,
    pub actor: String,
    pub origin: String,
    pub is_preview: bool,
    /// Somebody has said yes to what it removes.
    pub is_approved: bool,
    /// It was undone and another import came after: it cannot be restored any more.
    pub is_discarded: bool,
    /// The version that an undo or redo made visible; 0 for none.
    pub restored_version: Option<ImportId>,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub counts: ImportCounts,
    /// Entries that could not be read.
    pub problem_count: usize,
    /// Why the files as a whole were refused.
    pub refusal: Option<ImportProblem>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Added,
    Changed,
    Removed,
}

impl Change {
    pub const ALL: [Change; 3] = [Change::Added, Change::Changed, Change::Removed];

    pub fn name(self) -> &'static str {
        match self {
            Change::Added => "added",
            Change::Changed => "changed",
            Change::Removed => "removed",
        }
    }
}

/// What an import does to one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentChange {
    pub change: Change,
    pub key: SourceKey,
    pub title: String,
    /// Names of what is different, as `price` or `attributes.Цвет`, in the order of the alphabet; empty unless changed.
    pub fields: Vec<String>,
}

/// What an import would do, as far as the journal tells it: counts are complete, lists are not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportPlan {
    pub counts: ImportCounts,
    /// In the order of what was read, removed documents last.
    pub changes: Vec<DocumentChange>,
    pub problems: Vec<ImportProblem>,
    pub problem_count: usize,
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
