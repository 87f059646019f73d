//! Imports, sources and their progress as JSON.

use crate::domain::id::ImportId;
use crate::domain::import::DocumentChange;
use crate::domain::import::Import;
use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::language::Language;
use crate::domain::source::Format;
use crate::domain::source::Source;
use crate::i18n::sentence;
use crate::knowledge::progress::Progress;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct ImportView {
    id: i64,
    /// `queued`, `running`, `waiting` (for a yes, because it would remove more than half), `done`, `failed` or `cancelled`.
    status: &'static str,
    /// Null when the source is gone.
    source_id: Option<i64>,
    /// `import`, `undo` or `redo`.
    kind: &'static str,
    /// `merge` or `replace`.
    mode: &'static str,
    /// Who or what asked for it.
    by: String,
    /// From where its files were.
    origin: String,
    is_preview: bool,
    is_approved: bool,
    /// It was undone and another import came after; it cannot be restored.
    is_discarded: bool,
    /// The version that an undo or redo made visible; 0 for the empty knowledge before the first import.
    restored_version: Option<i64>,
    started_at: String,
    finished_at: Option<String>,
    added: usize,
    changed: usize,
    unchanged: usize,
    removed: usize,
    /// Entries that could not be read.
    problems: usize,
    error: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ProgressView {
    /// `fetching`, `reading` or `embedding`.
    phase: &'static str,
    /// Documents done and to do; `total` is 0 before it is known.
    done: usize,
    total: usize,
    seconds_left: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct ChangeView {
    /// `added`, `changed` or `removed`.
    change: &'static str,
    source_type: &'static str,
    source_id: String,
    title: String,
    /// Names of what is different, as `price` or `attributes.Цвет`.
    fields: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ProblemView {
    file: Option<String>,
    line: Option<u64>,
    page: Option<u32>,
    element: Option<String>,
    message: String,
}

#[derive(Serialize, ToSchema)]
pub struct SourceView {
    id: i64,
    name: String,
    /// `auto`, or the format of its files.
    kind: &'static str,
    /// `{"type": "upload"}`, `{"type": "file", "path": …}`, `{"type": "folder", "path": …}`, `{"type": "url", "url": …}`,
    /// `{"type": "site", "url": …}` or `{"type": "api"}`.
    #[schema(value_type = Object)]
    location: Value,
    /// For tables: from the field to the header of its column, where an owner has said so.
    mapping: BTreeMap<String, String>,
    /// `{"every_hours": 6}`, `{"daily_at": "04:30"}` or `{"cron": "30 4 * * 1"}`; null when it is read on demand only.
    #[schema(value_type = Option<Object>)]
    schedule: Option<Value>,
    /// The import whose knowledge is visible.
    version: Option<i64>,
    documents: usize,
    /// When the shop's knowledge was last known to be what the source says.
    checked_at: Option<String>,
    /// Since when that is not known, because the source could not be read.
    stale_since: Option<String>,
    next_sync_at: Option<String>,
    /// How often in a row it could not be read.
    failures: u32,
    created_at: String,
}

impl ImportView {
    pub fn new(import: Import, language: Language) -> ImportView {
        let refusal = import.refusal.as_ref().map(|problem| told(problem, language));
        ImportView {
            id: import.id.0,
            status: import.status.name(),
            source_id: import.source.map(|source| source.0),
            kind: import.kind.name(),
            mode: import.mode.name(),
            by: import.actor,
            origin: import.origin,
            is_preview: import.is_preview,
            is_approved: import.is_approved,
            is_discarded: import.is_discarded,
            restored_version: import.restored_version.map(|version| version.0),
            started_at: import.started_at.to_string(),
            finished_at: import.finished_at.map(|time| time.to_string()),
            added: import.counts.added,
            changed: import.counts.changed,
            unchanged: import.counts.unchanged,
            removed: import.counts.removed,
            problems: import.problem_count,
            error: refusal.or(import.error),
        }
    }
}

impl From<Progress> for ProgressView {
    fn from(progress: Progress) -> ProgressView {
        ProgressView {
            phase: progress.phase.name(),
            done: progress.done,
            total: progress.total,
            seconds_left: progress.seconds_left,
        }
    }
}

impl From<DocumentChange> for ChangeView {
    fn from(change: DocumentChange) -> ChangeView {
        ChangeView {
            change: change.change.name(),
            source_type: change.key.source_type.name(),
            source_id: change.key.source_id,
            title: change.title,
            fields: change.fields,
        }
    }
}

impl ProblemView {
    pub fn new(problem: ImportProblem, language: Language) -> ProblemView {
        ProblemView {
            message: message(&problem, language),
            file: problem.place.file,
            line: problem.place.line,
            page: problem.place.page,
            element: problem.place.element,
        }
    }
}

impl From<Source> for SourceView {
    fn from(source: Source) -> SourceView {
        let draft = source.draft;
        let stale_since = (source.failures > 0).then_some(source.checked_at.unwrap_or(source.created_at));
        SourceView {
            id: source.id.0,
            name: draft.name,
            kind: draft.format.map_or("auto", Format::name),
            location: json!(draft.location),
            mapping: draft.mapping.0,
            schedule: draft.schedule.map(|schedule| json!(schedule)),
            version: source.current_version.map(|ImportId(id)| id),
            documents: source.documents,
            checked_at: source.checked_at.map(|time| time.to_string()),
            stale_since: stale_since.map(|time| time.to_string()),
            next_sync_at: source.next_sync_at.map(|time| time.to_string()),
            failures: source.failures,
            created_at: source.created_at.to_string(),
        }
    }
}

/// The problem as people read it, with its place.
pub fn told(problem: &ImportProblem, language: Language) -> String {
    let text = message(problem, language);
    let place = place_text(&problem.place);
    if place.is_empty() {
        text
    } else {
        format!("{place}: {text}")
    }
}

fn message(problem: &ImportProblem, language: Language) -> String {
    let values: Vec<(&str, String)> = problem
        .values
        .iter()
        .map(|(name, value)| (name.as_ref(), value.clone()))
        .collect();
    sentence(language, &problem.key, &values)
}

/// As `price.csv, products[3]`.
fn place_text(place: &SourcePlace) -> String {
    let parts = [
        place.file.clone(),
        place.line.map(|line| line.to_string()),
        place.element.clone(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
