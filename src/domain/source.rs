//! Sources: where a shop's knowledge comes from, and in which form.

use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;

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
