//! What the widget tells of a visit, cleaned of everything that is nobody's business, and what is counted of it.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The event of a page that was opened.
pub const PAGE_VIEW: &str = "page_view";
/// Counts are kept for quarters of an hour, in UTC: all time zones of today differ from it by whole quarters.
pub const SLOT_SECONDS: i64 = 15 * 60;

/// Something that happened in a visit.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    pub name: String,
    pub at: Timestamp,
    pub metadata: EventMetadata,
}

/// The allowed metadata of an event, as it is stored: camel case, absent when not told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EventMetadata {
    /// The primary subtag, as `ru`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Without query and fragment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
    /// What was pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub button_id: Option<String>,
    /// Milliseconds in which the page had the visitor's attention, since this was told last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus_ms: Option<u32>,
    /// Whatever else is allowed; counted nowhere.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// What of an event is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LabelKind {
    /// Its name.
    Event,
    /// The button that was pressed.
    Click,
    /// The page that was viewed.
    Page,
}

impl NewEvent {
    /// The quarter of an hour in which it happened, counted from 1970.
    pub fn slot(&self) -> i64 {
        slot(self.at)
    }

    pub fn labels(&self) -> impl Iterator<Item = (LabelKind, &str)> {
        let page = self.metadata.page_url.as_deref().filter(|_| self.name == PAGE_VIEW);
        let click = self.metadata.button_id.as_deref();
        [
            Some((LabelKind::Event, self.name.as_str())),
            click.map(|id| (LabelKind::Click, id)),
            page.map(|url| (LabelKind::Page, url)),
        ]
        .into_iter()
        .flatten()
    }
}

pub fn slot(at: Timestamp) -> i64 {
    at.as_second().div_euclid(SLOT_SECONDS)
}

impl LabelKind {
    pub fn name(self) -> &'static str {
        match self {
            LabelKind::Event => "event",
            LabelKind::Click => "click",
            LabelKind::Page => "page",
        }
    }

    pub fn parse(text: &str) -> Option<LabelKind> {
        [LabelKind::Event, LabelKind::Click, LabelKind::Page]
            .into_iter()
            .find(|kind| kind.name() == text)
    }
}
