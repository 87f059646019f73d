//! Documents that are ZIP archives: their entries are read one at a time, within limits on how much comes out.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::ole;
use crate::knowledge::parsing::encoding::Utf8Reader;
use crate::knowledge::parsing::xml::XmlReader;
use std::cell::Cell;
use std::fs::File;
use std::io::BufReader;
use std::io::Read;
use std::rc::Rc;
use zip::ZipArchive;
use zip::result::ZipError;

/// A text of a million letters is ten megabytes of a word processor's XML, and pictures are not unpacked.
const MAX_EXPANDED_BYTES: u64 = 128 * 1024 * 1024;

/// A file of an archive as a stream of elements.
pub type Xml<'a> = XmlReader<Box<dyn Read + 'a>>;

pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
    /// What may still come out.
    left: Rc<Cell<u64>>,
    limit: u64,
    limits: Limits,
}

impl Archive {
    pub fn open(input: &Input<'_>, limits: &Limits) -> Result<Archive, ParseError> {
        ole::refuse(input)?;
        let zip = ZipArchive::new(input.open()?).map_err(damaged)?;
        if zip.len() > limits.max_archive_entries {
            let problem = ImportProblem::new(SourcePlace::default(), "problem_archive_entries");
            return Err(ParseError::Refused(problem.with("limit", limits.max_archive_entries)));
        }
        let limit = MAX_EXPANDED_BYTES.min(limits.max_expanded_bytes);
        Ok(Archive {
            zip,
            left: Rc::new(Cell::new(limit)),
            limit,
            limits: limits.clone(),
        })
    }

    /// Reads an XML file of the archive from its start; `None` when there is no such file.
    pub fn read_xml<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Xml<'_>) -> Result<T, ParseError>,
    ) -> Result<Option<T>, ParseError> {
        let entry = match self.zip.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(damaged(error)),
        };
        let counted = Counted {
            inner: entry,
            left: Rc::clone(&self.left),
        };
        let result = match Utf8Reader::of(counted) {
            Ok(text) => {
                let text: Box<dyn Read + '_> = Box::new(text);
                read(&mut XmlReader::new(text, &self.limits))
            }
            Err(error) => Err(damaged(error)),
        };
        if self.left.get() == 0 {
            let problem = ImportProblem::new(SourcePlace::default(), "problem_archive_expanded");
            return Err(ParseError::Refused(problem.with("limit", self.limit)));
        }
        result.map(Some).map_err(|error| in_document(error, name))
    }
}

/// The text of the first element of this name.
pub fn text_of_first(xml: &mut Xml<'_>, name: &str) -> Result<Option<String>, ParseError> {
    while let Some(opened) = xml.next_opening()? {
        if opened.name == name {
            return Ok(xml.complete(opened)?.own_text().map(str::to_owned));
        }
    }
    Ok(None)
}

/// Ends when everything together has come out that may.
struct Counted<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = usize::try_from(self.left.get()).unwrap_or(usize::MAX);
        let room = buffer.len().min(left);
        let count = self.inner.read(buffer.get_mut(..room).unwrap_or_default())?;
        self.left.set(self.left.get().saturating_sub(count as u64));
        Ok(count)
    }
}

fn damaged(error: impl std::fmt::Display) -> ParseError {
    let problem = ImportProblem::new(SourcePlace::default(), "problem_document_damaged");
    ParseError::Refused(problem.with("detail", error))
}

/// Nobody sees the lines of an XML file inside a document: its damage is that of the document.
fn in_document(error: ParseError, name: &str) -> ParseError {
    match error {
        ParseError::Refused(problem) if problem.key.starts_with("problem_feed_") => {
            let detail = problem.values.iter().find(|(name, _)| name == "detail");
            let detail = detail.map_or_else(|| problem.key.replace("problem_feed_", ""), |(_, text)| text.clone());
            damaged(format!("{name}: {detail}"))
        }
        error => error,
    }
}
