//! What an import reads: items that somebody sent, or the files of a snapshot. Read as a stream of batches, as often as needed, always
//! the same.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::language::Language;
use crate::domain::source::Format;
use crate::domain::source::Mapping;
use crate::knowledge::crawling::assembling::Line;
use crate::knowledge::item::Item;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::isolated::IsolatedParser;
use crate::knowledge::parsing::recognition::recognize;
use crate::knowledge::parsing::sink::ParsedItem;
use crate::knowledge::parsing::sink::Sink;
use crate::knowledge::parsing::sink::SinkReport;
use crate::knowledge::snapshot::Snapshot;
use crate::knowledge::snapshot::SnapshotFile;
use anyhow::Context;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Batches read ahead of whoever takes them.
const BATCHES_AHEAD: usize = 4;
const BATCH_ITEMS: usize = 64;

/// Cheap to clone.
#[derive(Clone)]
pub enum Feed {
    Items(Arc<Vec<Item>>),
    Files(Arc<Files>),
}

pub struct Files {
    pub snapshot: Snapshot,
    /// Of all of them; each is recognized by itself when absent.
    pub format: Option<Format>,
    pub mapping: Mapping,
    pub language: Language,
    pub limits: Limits,
    pub parser: IsolatedParser,
}

/// What was left out of a feed that was read to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeedReport {
    pub entries: SinkReport,
    /// Files of several that could not be read at all; each stands among the problems too.
    pub refused_files: usize,
}

/// A feed that is being read on a thread of its own. It ends when this is dropped.
pub struct Reading {
    batches: mpsc::Receiver<Vec<ParsedItem>>,
    outcome: JoinHandle<anyhow::Result<FeedReport>>,
}

/// The only file of a source was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the file was refused: {}", .0.key)]
pub struct Refused(pub ImportProblem);

impl Feed {
    pub fn read(&self) -> Reading {
        let (sender, batches) = mpsc::channel(BATCHES_AHEAD);
        let feed = self.clone();
        let outcome = tokio::task::spawn_blocking(move || match feed {
            Feed::Items(items) => {
                send_items(&items, &sender);
                Ok(FeedReport::default())
            }
            Feed::Files(files) => read_files(&files, &sender),
        });
        Reading { batches, outcome }
    }
}

impl Reading {
    /// `None` at the end, or when it ended with an error that `finish` tells.
    pub async fn next(&mut self) -> Option<Vec<ParsedItem>> {
        self.batches.recv().await
    }

    /// What was left out, after the last batch. Fails with `Refused` when the file cannot be used.
    pub async fn finish(self) -> anyhow::Result<FeedReport> {
        drop(self.batches);
        self.outcome.await.context("a parser panicked")?
    }
}

fn send_items(items: &[Item], sender: &mpsc::Sender<Vec<ParsedItem>>) {
    for batch in items.chunks(BATCH_ITEMS) {
        let batch = batch.iter().map(|item| ParsedItem {
            item: item.clone(),
            place: SourcePlace::default(),
            part: None,
        });
        if sender.blocking_send(batch.collect()).is_err() {
            return;
        }
    }
}

/// One file that is refused among several is reported; the only one is an error.
fn read_files(files: &Files, sender: &mpsc::Sender<Vec<ParsedItem>>) -> anyhow::Result<FeedReport> {
    let is_one = files.snapshot.files.len() == 1;
    let mut report = FeedReport::default();
    for file in &files.snapshot.files {
        if file.is_assembled {
            if !read_assembled(&files.snapshot.path(file), &mut report, sender)? {
                return Ok(report);
            }
            continue;
        }
        let mut sink = Sink::new(files.limits.max_documents, |batch| sender.blocking_send(batch).is_ok());
        let result = read_file(files, file, &mut sink);
        let mut entries = sink.into_report();
        match result {
            Ok(()) => {}
            Err(ParseError::Stopped) => return Ok(report),
            Err(ParseError::Failed(error)) => anyhow::bail!("could not read {}: {error}", file.name),
            Err(ParseError::Refused(problem)) if is_one => return Err(Refused(problem).into()),
            Err(ParseError::Refused(problem)) => {
                report.refused_files += 1;
                entries.problem_count += 1;
                entries.problems.push(problem);
            }
        }
        if !is_one {
            let places = entries.problems.iter_mut().map(|problem| &mut problem.place);
            places.for_each(|place| place.file = Some(file.name.clone()));
        }
        report.entries.append(entries);
    }
    Ok(report)
}

/// Hands on a site's documents; `false` when no more is wanted.
fn read_assembled(
    path: &Path,
    report: &mut FeedReport,
    sender: &mpsc::Sender<Vec<ParsedItem>>,
) -> anyhow::Result<bool> {
    let file = File::open(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut batch = Vec::with_capacity(BATCH_ITEMS);
    for line in BufReader::new(file).lines() {
        let line = line.with_context(|| format!("could not read {}", path.display()))?;
        match serde_json::from_str(&line).with_context(|| format!("could not read {}", path.display()))? {
            Line::Document(parsed) => batch.push(*parsed),
            Line::Report { entries, has_gaps, .. } => {
                report.entries.append(*entries);
                report.refused_files += usize::from(has_gaps);
            }
        }
        if batch.len() == BATCH_ITEMS && sender.blocking_send(std::mem::take(&mut batch)).is_err() {
            return Ok(false);
        }
    }
    Ok(batch.is_empty() || sender.blocking_send(batch).is_ok())
}

fn read_file(files: &Files, file: &SnapshotFile, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let path = files.snapshot.path(file);
    let format = match files.format {
        Some(format) => Some(format),
        None => recognize(&path, &file.name).map_err(ParseError::failed)?,
    };
    let input = Input {
        path: &path,
        name: &file.name,
        url: file.url.as_deref(),
        language: files.language,
        mapping: &files.mapping,
    };
    if input.size_bytes()? == 0 {
        return Err(ParseError::refused("problem_file_empty"));
    }
    let format = format.ok_or_else(|| ParseError::refused("problem_format_unknown"))?;
    files.parser.parse(format, &input, &files.limits, sink)
}
