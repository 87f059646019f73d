//! What the two processes say to each other: one request in JSON, then one message a line.

use crate::domain::import::ImportProblem;
use crate::domain::language::Language;
use crate::domain::source::Format;
use crate::domain::source::Mapping;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::sink::ParsedItem;
use crate::knowledge::parsing::sink::SinkReport;
use serde::Deserialize;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

const MEGABYTE: u64 = 1024 * 1024;

/// A file and how it is to be read: `Input` with what it points at.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub format: String,
    pub path: PathBuf,
    pub name: String,
    pub url: Option<String>,
    pub language: Language,
    pub mapping: Mapping,
    pub limits: Limits,
    pub process: ProcessLimits,
}

/// What a process that reads a file may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessLimits {
    /// Its address space, in bytes.
    pub memory_bytes: u64,
    /// Processor time.
    pub cpu: Duration,
    /// How long its next words may be waited for, in all.
    pub wall: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Message {
    Document(ParsedItem),
    /// The last one.
    Ended {
        outcome: Outcome,
        report: SinkReport,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Outcome {
    Read,
    Refused(ImportProblem),
    Failed(String),
}

impl Request {
    pub fn new(
        format: Format,
        input: &Input<'_>,
        limits: &Limits,
        process: &ProcessLimits,
    ) -> std::io::Result<Request> {
        Ok(Request {
            format: format.name().to_owned(),
            path: std::path::absolute(input.path)?,
            name: input.name.to_owned(),
            url: input.url.map(str::to_owned),
            language: input.language,
            mapping: input.mapping.clone(),
            limits: limits.clone(),
            process: process.clone(),
        })
    }
}

impl ProcessLimits {
    /// A gigabyte, 20 seconds of work and 30 of waiting, which no sound document comes near; tables of many megabytes get more.
    pub fn for_file(bytes: u64) -> ProcessLimits {
        let megabytes = bytes / MEGABYTE;
        ProcessLimits {
            memory_bytes: 1024 * MEGABYTE + 2 * bytes,
            cpu: Duration::from_secs(20 + megabytes),
            wall: Duration::from_secs(30 + 2 * megabytes),
        }
    }
}
