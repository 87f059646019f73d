//! Parsing: a file becomes documents, one after the other. A parser reads the file as a stream, hands each document to a `Sink`
//! and reports what it has to leave out; it knows nothing of the store, of shops or of the network.
//!
//! A parser is one function, `parse(input, limits, sink)`, in a module of its own here, with its arm in `parse` below and its signs
//! in `recognition`. It runs on a blocking thread, twice for one import (first to compare, then to embed), and has to give the same
//! documents with the same ids in the same order both times. Its memory must not grow with the file: read from `Input::open` or
//! `Input::text`, push, forget.

pub mod documents;
pub mod encoding;
pub mod entries;
pub mod feeds;
pub mod fields;
pub mod isolated;
pub mod json;
pub mod json_stream;
pub mod markup;
pub mod recognition;
pub mod sink;
pub mod tables;
pub mod xml;

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::language::Language;
use crate::domain::source::Format;
use crate::domain::source::Mapping;
use crate::knowledge::parsing::documents::docx;
use crate::knowledge::parsing::documents::html;
use crate::knowledge::parsing::documents::markdown;
use crate::knowledge::parsing::documents::odt;
use crate::knowledge::parsing::documents::pdf;
use crate::knowledge::parsing::documents::plain;
use crate::knowledge::parsing::documents::rtf;
use crate::knowledge::parsing::encoding::Utf8Reader;
use crate::knowledge::parsing::feeds::commerceml;
use crate::knowledge::parsing::feeds::google_merchant;
use crate::knowledge::parsing::feeds::yml;
use crate::knowledge::parsing::sink::Sink;
use crate::knowledge::parsing::tables::csv;
use crate::knowledge::parsing::tables::xlsx;
use serde::Deserialize;
use serde::Serialize;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// One file to be read.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Where its bytes are. The name of this file says nothing.
    pub path: &'a Path,
    /// What the shop calls it, with its extension: `Правила доставки.docx`.
    pub name: &'a str,
    /// Its own address, when it has one: what a document of it links to unless it says otherwise.
    pub url: Option<&'a str>,
    /// The language of the shop's texts.
    pub language: Language,
    /// For tables; empty when the owner has corrected nothing.
    pub mapping: &'a Mapping,
}

/// What a file may ask of a parser. A file that asks for more is refused with a problem that names the limit, or what is over the
/// limit is left out with such a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Of the file as it came.
    pub max_bytes: u64,
    /// Of everything that comes out of an archive or a compressed stream, in all.
    pub max_expanded_bytes: u64,
    pub max_archive_entries: usize,
    pub max_documents: usize,
    /// Elements inside each other.
    pub max_depth: usize,
    pub max_columns: usize,
    /// Of one document, in characters.
    pub max_text_chars: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_bytes: 1024 * 1024 * 1024,
            max_expanded_bytes: 2 * 1024 * 1024 * 1024,
            max_archive_entries: 10_000,
            max_documents: 1_000_000,
            max_depth: 64,
            max_columns: 1_000,
            max_text_chars: fields::MAX_TEXT_CHARS,
        }
    }
}

/// Why a file was not read to its end.
#[derive(Debug, Clone, PartialEq)]
pub enum ParseError {
    /// The file as a whole cannot be used: damaged, encrypted, over a limit, not of its format, without text.
    Refused(ImportProblem),
    /// Whoever takes the documents wants no more of them.
    Stopped,
    /// The machine is at fault, not the file; the text is for the log.
    Failed(String),
}

impl ParseError {
    /// The file is refused as a whole.
    pub fn refused(key: &'static str) -> ParseError {
        ParseError::Refused(ImportProblem::new(SourcePlace::default(), key))
    }

    /// For errors of the file system; damage that a decoder finds is no such error.
    pub fn failed(error: impl std::fmt::Display) -> ParseError {
        ParseError::Failed(error.to_string())
    }
}

impl Input<'_> {
    /// The file's bytes from the start.
    pub fn open(&self) -> Result<BufReader<File>, ParseError> {
        File::open(self.path).map(BufReader::new).map_err(ParseError::failed)
    }

    /// The file as UTF-8 without a byte order mark, whatever it is written in.
    pub fn text(&self) -> Result<Utf8Reader<BufReader<File>>, ParseError> {
        Utf8Reader::of(self.open()?).map_err(ParseError::failed)
    }

    pub fn size_bytes(&self) -> Result<u64, ParseError> {
        let metadata = std::fs::metadata(self.path).map_err(ParseError::failed)?;
        Ok(metadata.len())
    }
}

/// Reads a file of this format. What was pushed before an error must not be used.
pub fn parse(format: Format, input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let size = input.size_bytes()?;
    if size == 0 {
        return Err(ParseError::refused("problem_file_empty"));
    }
    if size > limits.max_bytes {
        let problem = ImportProblem::new(SourcePlace::default(), "problem_file_too_large");
        return Err(ParseError::Refused(problem.with("limit", limits.max_bytes)));
    }
    match format {
        Format::Json => json_stream::parse(input, sink),
        Format::Yml => yml::parse(input, limits, sink),
        Format::GoogleMerchant => google_merchant::parse(input, limits, sink),
        Format::CommerceMl => commerceml::parse(input, limits, sink),
        Format::Csv => csv::parse(input, limits, sink),
        Format::Xlsx => xlsx::parse(input, limits, sink),
        Format::Pdf => pdf::parse(input, limits, sink),
        Format::Docx => docx::parse(input, limits, sink),
        Format::Odt => odt::parse(input, limits, sink),
        Format::Rtf => rtf::parse(input, limits, sink),
        Format::Html => html::parse(input, limits, sink),
        Format::Markdown => markdown::parse(input, limits, sink),
        Format::Text => plain::parse(input, limits, sink),
    }?;
    sink.flush()
}
