//! PDF with a text layer. Characters with their places come from `pdf-extract`; words, lines, paragraphs and headings are made of them
//! here. A layer that is missing or cannot be read is told, and nothing of it is taken.

mod blocks;
mod content;
mod fonts;
mod forms;
mod legibility;
mod lines;
mod preparation;

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::draft::Draft;
use crate::knowledge::parsing::documents::pdf::blocks::read_blocks;
use crate::knowledge::parsing::documents::pdf::legibility::Legibility;
use crate::knowledge::parsing::documents::pdf::legibility::judge;
use crate::knowledge::parsing::documents::pdf::legibility::repaired;
use crate::knowledge::parsing::documents::pdf::lines::Page;
use crate::knowledge::parsing::documents::pdf::lines::PageReader;
use crate::knowledge::parsing::documents::pdf::preparation::has_picture;
use crate::knowledge::parsing::documents::pdf::preparation::prepare;
use crate::knowledge::parsing::sink::Sink;
use pdf_extract::Document;
use pdf_extract::Object;
use pdf_extract::output_doc_page;
use std::io::Read;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// A catalogue of a few hundred pages is the most that shops have.
const MAX_PAGES: usize = 3_000;
/// Letters without which there is no text.
const MIN_LETTERS: usize = 3;

/// Pushes one document whose sections have their pages.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut document = load(input)?;
    check_pages(&document)?;
    let unknown_fonts = prepare(&mut document);
    let mut pages = Vec::new();
    let mut damaged = Vec::new();
    let mut pictures = Vec::new();
    for (number, id) in document.get_pages() {
        let mut reader = PageReader::default();
        // The library panics on what it does not know; the other pages are as good as they were.
        let read = catch_unwind(AssertUnwindSafe(|| output_doc_page(&document, &mut reader, number)));
        if !matches!(read, Ok(Ok(()))) {
            damaged.push(number);
        }
        let page = reader.into_page(number);
        if page.letters() < MIN_LETTERS && has_picture(&document, id) {
            pictures.push(number);
        }
        pages.push(page);
    }
    let mut damaged_text = !damaged.is_empty();
    let letters: usize = pages.iter().map(Page::letters).sum();
    if letters < MIN_LETTERS {
        damaged_text |= unknown_fonts > 0;
        return Err(without_text(damaged_text, &pictures, pages.len()));
    }
    make_legible(&mut pages)?;
    for (numbers, key) in [
        (damaged, "problem_pdf_page_damaged"),
        (pictures, "problem_pdf_page_scanned"),
    ] {
        let problems = numbers
            .into_iter()
            .map(|number| ImportProblem::new(SourcePlace::page(number), key));
        sink.report_all(problems, None);
    }
    if unknown_fonts > 0 {
        let problem = ImportProblem::new(SourcePlace::default(), "problem_pdf_fonts");
        sink.report(problem.with("count", unknown_fonts), None);
    }
    let mut draft = Draft::new(limits);
    draft.title = title(&document);
    read_blocks(&pages, &mut draft);
    draft.finish(input, sink)
}

fn load(input: &Input<'_>) -> Result<Document, ParseError> {
    let mut bytes = Vec::new();
    input.open()?.read_to_end(&mut bytes).map_err(ParseError::failed)?;
    let mut document = match Document::load_mem(&bytes) {
        Ok(document) => document,
        Err(error @ (pdf_extract::Error::Decryption(_) | pdf_extract::Error::InvalidPassword)) => {
            tracing::debug!("a PDF cannot be decrypted: {error}");
            return Err(ParseError::refused("problem_document_password"));
        }
        Err(error) => return Err(damaged(error)),
    };
    // Many programs encrypt with an empty password, so that printing can be forbidden.
    let is_encrypted = document.trailer.get(b"Encrypt").is_ok();
    if is_encrypted && document.decrypt("").is_err() {
        return Err(ParseError::refused("problem_document_password"));
    }
    Ok(document)
}

/// Both as the file counts its pages and as they are.
fn check_pages(document: &Document) -> Result<(), ParseError> {
    let tree = document
        .catalog()
        .and_then(|catalog| document.get_dict_in_dict(catalog, b"Pages"));
    let counted = tree.and_then(|tree| tree.get(b"Count").and_then(Object::as_i64));
    let counted = counted.unwrap_or(0);
    if counted < 0 {
        return Err(damaged(format!("{counted} pages")));
    }
    let found = document.page_iter().take(MAX_PAGES + 1).count();
    if counted > MAX_PAGES as i64 || found > MAX_PAGES {
        let problem = ImportProblem::new(SourcePlace::default(), "problem_pdf_pages");
        let count = counted.max(found as i64);
        return Err(ParseError::Refused(
            problem.with("count", count).with("limit", MAX_PAGES),
        ));
    }
    if found == 0 {
        return Err(damaged("no pages"));
    }
    Ok(())
}

/// `is_damaged` says whether there may be text that could not be read.
fn without_text(is_damaged: bool, pictures: &[u32], count: usize) -> ParseError {
    if !is_damaged && !pictures.is_empty() {
        let problem = ImportProblem::new(SourcePlace::default(), "problem_pdf_scanned");
        return ParseError::Refused(problem.with("pages", count));
    }
    ParseError::refused(if is_damaged {
        "problem_pdf_no_page"
    } else {
        "problem_document_without_text"
    })
}

/// Mends letters that stand for Cyrillic ones; refuses a layer that says nothing to a person.
fn make_legible(pages: &mut [Page]) -> Result<(), ParseError> {
    let text = |pages: &[Page]| {
        let lines = pages.iter().flat_map(|page| &page.lines);
        lines
            .flat_map(|line| line.cells.iter())
            .fold(String::new(), |mut text, cell| {
                text.push_str(cell);
                text.push('\n');
                text
            })
    };
    match judge(&text(pages)) {
        Legibility::Good => return Ok(()),
        Legibility::Cyrillic => {
            let lines = pages.iter_mut().flat_map(|page| &mut page.lines);
            for cell in lines.flat_map(|line| &mut line.cells) {
                *cell = repaired(cell);
            }
        }
        Legibility::Bad => {}
    }
    if judge(&text(pages)) == Legibility::Good {
        return Ok(());
    }
    let problem = ImportProblem::new(SourcePlace::default(), "problem_pdf_unreadable");
    Err(ParseError::Refused(problem.with("pages", pages.len())))
}

fn title(document: &Document) -> Option<String> {
    let info = document.trailer.get_deref(b"Info", document).ok()?.as_dict().ok()?;
    let title = info.get_deref(b"Title", document).ok()?;
    pdf_extract::decode_text_string(title)
        .ok()
        .filter(|title| judge(title) == Legibility::Good)
}

fn damaged(error: impl std::fmt::Display) -> ParseError {
    let problem = ImportProblem::new(SourcePlace::default(), "problem_document_damaged");
    ParseError::Refused(problem.with("detail", error))
}
