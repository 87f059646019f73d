//! Sources: where a shop's knowledge comes from, and in which form.

use crate::domain::id::ImportId;
use crate::domain::id::SourceId;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// The plain JSON of `POST /api/shops/{id}/data`.
    Json,
    Csv,
    Xlsx,
    /// Yandex Market Language.
    Yml,
    /// RSS or Atom with elements of `http://base.google.com/ns/1.0`.
    GoogleMerchant,
    /// CommerceML 2, as 1C writes it: one of its files, or a ZIP archive of them.
    CommerceMl,
    Pdf,
    Docx,
    Odt,
    Rtf,
    Html,
    Markdown,
    Text,
}

impl Format {
    pub const ALL: [Format; 13] = [
        Format::Json,
        Format::Csv,
        Format::Xlsx,
        Format::Yml,
        Format::GoogleMerchant,
        Format::CommerceMl,
        Format::Pdf,
        Format::Docx,
        Format::Odt,
        Format::Rtf,
        Format::Html,
        Format::Markdown,
        Format::Text,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Yml => "yml",
            Format::GoogleMerchant => "google_merchant",
            Format::CommerceMl => "commerceml",
            Format::Pdf => "pdf",
            Format::Docx => "docx",
            Format::Odt => "odt",
            Format::Rtf => "rtf",
            Format::Html => "html",
            Format::Markdown => "markdown",
            Format::Text => "txt",
        }
    }

    pub fn parse(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// Which column of a table is which field, where an owner has said so; what is not named here is guessed from the headers. From the
/// field (`id`, `name`, `price`, `question`, `answer` …; as in the plain JSON) to the header of its column, or its number as `#3`, from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(pub BTreeMap<String, String>);

/// Where a source's files are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Location {
    /// Whatever is sent to `POST /api/shops/{id}/data`. Each shop has one such source, and nobody makes or deletes it.
    Api {},
    /// Files are sent to the source, one at a time; the last one counts.
    Upload {},
    /// A file of the machine that the program runs on; absolute.
    File { path: PathBuf },
    /// All files of a folder and the folders in it; absolute.
    Folder { path: PathBuf },
    /// One file or page, by its address.
    Url { url: String },
    /// Pages of a site.
    Site {
        /// The first page, or a sitemap.
        url: String,
        /// Addresses to take: each a path with `*` for anything; all when there are none.
        #[serde(default)]
        include: Vec<String>,
        /// Addresses to pass over, written alike; they count more.
        #[serde(default)]
        exclude: Vec<String>,
        #[serde(default)]
        max_pages: Option<u32>,
        /// How many links away from the first page.
        #[serde(default)]
        max_depth: Option<u32>,
        /// Whether PDF, DOCX, ODT and RTF files that the pages link to are taken too; they are unless said otherwise.
        #[serde(default)]
        documents: Option<bool>,
    },
}

/// When a source is looked at by itself, in the shop's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// So many hours after the last time, from 1 to 720.
    EveryHours(u32),
    /// `HH:MM`.
    DailyAt(String),
    /// Five fields: minute, hour, day of the month, month, day of the week.
    Cron(String),
}

/// What an owner says of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDraft {
    /// One of a kind in its shop.
    pub name: String,
    /// Of all its files; each is recognized by itself when absent.
    pub format: Option<Format>,
    pub location: Location,
    pub mapping: Mapping,
    pub schedule: Option<Schedule>,
}

/// By what a file is known again without being read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// SHA-256 over all its files, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub id: SourceId,
    pub draft: SourceDraft,
    /// The import whose knowledge is visible; `None` before the first, and when all was undone.
    pub current_version: Option<ImportId>,
    pub fingerprint: Fingerprint,
    /// When the shop's knowledge was last known to be what the source says.
    pub checked_at: Option<Timestamp>,
    pub next_sync_at: Option<Timestamp>,
    /// How often in a row it could not be read.
    pub failures: u32,
    pub created_at: Timestamp,
    /// Visible documents.
    pub documents: usize,
}
