//! Documents read in a process of their own, as imports read them, and what becomes of hostile ones.

mod documents;
mod files;
mod fixtures;
#[cfg(target_os = "linux")]
mod processes;

use files::docx;
use files::pdf;
use palompy::domain::language::Language;
use palompy::domain::source::Format;
use palompy::domain::source::Mapping;
use palompy::knowledge::item::Content;
use palompy::knowledge::item::Item;
use palompy::knowledge::parsing::Input;
use palompy::knowledge::parsing::Limits;
use palompy::knowledge::parsing::ParseError;
use palompy::knowledge::parsing::isolated::IsolatedParser;
use palompy::knowledge::parsing::isolated::exchange::ProcessLimits;
use palompy::knowledge::parsing::sink::Sink;
use palompy::knowledge::parsing::sink::SinkReport;
use std::path::PathBuf;
use std::time::Duration;

type Read = (Result<(), ParseError>, Vec<Item>, SinkReport);

pub fn read(format: Format, name: &str, bytes: &[u8]) -> Read {
    read_within(format, name, bytes, &ProcessLimits::for_file(0))
}

fn read_within(format: Format, name: &str, bytes: &[u8], process: &ProcessLimits) -> Read {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let input = Input {
        path: file.path(),
        name,
        url: None,
        language: Language::Ru,
        mapping: &Mapping::default(),
    };
    let parser = IsolatedParser::new(PathBuf::from(env!("CARGO_BIN_EXE_palompy")));
    let mut items = Vec::new();
    let mut sink = Sink::new(10_000, |batch| {
        items.extend(batch.into_iter().map(|parsed| parsed.item));
        true
    });
    let result = parser.parse_within(format, &input, &Limits::default(), process, &mut sink);
    let report = sink.into_report();
    (result, items, report)
}

pub fn refusal(read: Read) -> String {
    match read.0 {
        Err(ParseError::Refused(problem)) => problem.key.into_owned(),
        other => panic!("it was not refused: {other:?}"),
    }
}

/// The text of the only document.
pub fn text(items: &[Item]) -> String {
    let documents: Vec<_> = items
        .iter()
        .filter(|item| matches!(item.content, Content::Document { .. }))
        .collect();
    let [
        Item {
            content: Content::Document { title, sections, .. },
            ..
        },
    ] = documents.as_slice()
    else {
        panic!("not one document: {items:?}")
    };
    let texts: Vec<String> = sections.iter().map(|section| section.text()).collect();
    format!("# {title}\n{}", texts.join("\n"))
}

#[test]
fn a_document_comes_whole_out_of_its_process() {
    let (result, items, report) = read(
        Format::Docx,
        "Доставка.docx",
        &docx("<w:p><w:r><w:t>По Твери 2 дня</w:t></w:r></w:p>"),
    );
    assert_eq!(result, Ok(()));
    assert_eq!(report, SinkReport::default());
    assert_eq!(items[0].source_id, "Доставка.docx");
    assert_eq!(text(&items), "# Доставка\nПо Твери 2 дня");
}

#[test]
fn a_file_that_kills_its_reader_is_refused() {
    // The library walks into the arrays of a font's table of letters, each inside the last, until its stack is full.
    let table = format!(
        "/CIDInit /ProcSet findresource begin begincmap 1 beginbfrange <00> <01> {}",
        "[".repeat(90_000)
    );
    let bytes = pdf(&["(text) Tj"], &table);
    assert_eq!(refusal(read(Format::Pdf, "a.pdf", &bytes)), "problem_reading_crash");
}

#[test]
fn a_file_that_takes_all_memory_is_refused() {
    let limits = ProcessLimits {
        memory_bytes: 96 * 1024 * 1024,
        ..ProcessLimits::for_file(0)
    };
    let body = "<w:p><w:r><w:t>слово</w:t></w:r></w:p>".repeat(400_000);
    let table = format!("<w:tbl><w:tr><w:tc>{body}</w:tc></w:tr></w:tbl>");
    let key = refusal(read_within(Format::Docx, "a.docx", &docx(&table), &limits));
    assert!(
        matches!(key.as_str(), "problem_reading_memory" | "problem_reading_crash"),
        "{key}"
    );
}

#[test]
fn a_file_that_takes_too_long_is_refused() {
    let bytes = docx(&"<w:p><w:r><w:t>слово</w:t></w:r></w:p>".repeat(300_000));
    let impatient = ProcessLimits {
        wall: Duration::ZERO,
        ..ProcessLimits::for_file(0)
    };
    assert_eq!(
        refusal(read_within(Format::Docx, "a.docx", &bytes, &impatient)),
        "problem_reading_time"
    );
}

#[test]
fn an_archive_that_unpacks_to_a_lot_is_refused() {
    let blank = " ".repeat(1024 * 1024) + "<w:p/>";
    let bytes = docx(&blank.repeat(130));
    assert!(bytes.len() < 1024 * 1024);
    assert_eq!(
        refusal(read(Format::Docx, "a.docx", &bytes)),
        "problem_archive_expanded"
    );
}

#[test]
fn damaged_and_empty_files_say_what_is_wrong() {
    let whole = docx("<w:p><w:r><w:t>Текст</w:t></w:r></w:p>");
    let ole = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 64]].concat();
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (format, bytes, key) in [
        (Format::Docx, &whole[..whole.len() / 2], "problem_document_damaged"),
        (Format::Docx, &docx("")[..], "problem_document_without_text"),
        (Format::Docx, &docx("<w:p><w:r>")[..], "problem_document_damaged"),
        (Format::Docx, &ole[..], "problem_document_old_office"),
        (
            Format::Docx,
            &[&ole[..], &encrypted].concat()[..],
            "problem_document_password",
        ),
        (Format::Pdf, b"%PDF-1.7\nnothing", "problem_document_damaged"),
        (Format::Pdf, &pdf(&[""], "")[..], "problem_document_without_text"),
        (Format::Rtf, b"no rtf", "problem_document_not_rtf"),
        (
            Format::Html,
            b"<html><script>1</script>",
            "problem_document_without_text",
        ),
        (Format::Docx, b"", "problem_file_empty"),
    ] {
        assert_eq!(refusal(read(format, "a", bytes)), key, "{format:?}");
    }
}

#[test]
fn an_entity_that_names_a_file_is_not_opened() {
    let bytes = files::zip(&[(
        "word/document.xml",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\"><!ENTITY y \"&x;&x;\">]><w:document xmlns:w=\"w\"><w:body>\
         <w:p><w:r><w:t>до &x;&y; после</w:t></w:r></w:p></w:body></w:document>",
    )]);
    let (_, items, _) = read(Format::Docx, "a.docx", &bytes);
    assert_eq!(text(&items), "# a\nдо &x;&y; после");
}
