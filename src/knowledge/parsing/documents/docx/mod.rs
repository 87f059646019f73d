//! DOCX: WordprocessingML in a ZIP archive (ECMA-376). Deleted text is passed over, inserted text is read; headers, footers and comments
//! are not.

mod inline;
mod numbers;
mod styles;
mod tables;

use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::archive::Archive;
use crate::knowledge::parsing::documents::archive::Xml;
use crate::knowledge::parsing::documents::archive::text_of_first;
use crate::knowledge::parsing::documents::docx::inline::Inline;
use crate::knowledge::parsing::documents::docx::inline::NoteKind;
use crate::knowledge::parsing::documents::docx::numbers::Numbers;
use crate::knowledge::parsing::documents::docx::styles::Styles;
use crate::knowledge::parsing::documents::docx::tables::read_table;
use crate::knowledge::parsing::documents::draft::Draft;
use crate::knowledge::parsing::sink::Sink;
use crate::knowledge::parsing::xml::Element;
use std::collections::HashMap;

const MAIN_PART: &str = "word/document.xml";

/// Pushes the document, and questions of its tables as entries of their own.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut archive = Archive::open(input, limits)?;
    let main = archive.read_xml("_rels/.rels", main_part)?.flatten();
    let main = main.unwrap_or_else(|| MAIN_PART.to_owned());
    let folder = main.rsplit_once('/').map_or("word", |(folder, _)| folder).to_owned();
    let part = |name: &str| format!("{folder}/{name}.xml");
    let styles = archive.read_xml(&part("styles"), Styles::read)?.unwrap_or_default();
    let numbers = archive.read_xml(&part("numbering"), Numbers::read)?.unwrap_or_default();
    let mut draft = Draft::new(limits);
    draft.title = archive
        .read_xml("docProps/core.xml", |xml| text_of_first(xml, "title"))?
        .flatten();
    let mut reader = Reader {
        styles,
        numbers,
        notes: HashMap::new(),
        draft,
    };
    let footnotes = archive.read_xml(&part("footnotes"), |xml| reader.read_notes(xml, NoteKind::Footnote));
    let endnotes = archive.read_xml(&part("endnotes"), |xml| reader.read_notes(xml, NoteKind::Endnote));
    // A document whose notes are damaged still has its text.
    drop((footnotes, endnotes));
    if archive.read_xml(&main, |xml| reader.read_body(xml))?.is_none() {
        return Err(ParseError::refused("problem_document_no_main_part"));
    }
    reader.draft.finish(input, sink)
}

struct Reader {
    styles: Styles,
    numbers: Numbers,
    notes: HashMap<(NoteKind, String), String>,
    draft: Draft,
}

/// A paragraph as it is seen.
pub struct Paragraph {
    /// With the mark of its list in front.
    text: String,
    /// From 1, for headings.
    level: Option<u8>,
    notes: Vec<(NoteKind, String)>,
}

impl Reader {
    fn read_body(&mut self, xml: &mut Xml<'_>) -> Result<(), ParseError> {
        while let Some(opened) = xml.next_opening()? {
            match opened.name.as_str() {
                "p" => {
                    let element = xml.complete(opened)?;
                    if let Some(paragraph) = self.paragraph(&element) {
                        self.push(paragraph);
                    }
                }
                "tbl" => {
                    let element = xml.complete(opened)?;
                    let table = read_table(&element, &mut |element| {
                        let paragraph = read_paragraph(element, &self.styles, &mut self.numbers)?;
                        Some(paragraph.text)
                    });
                    self.draft.table(&table);
                }
                // Blocks that were deleted or moved away, and what is no text; other elements are walked into.
                "del" | "moveFrom" | "sectPr" | "sdtPr" | "altChunk" => {
                    xml.complete(opened)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn paragraph(&mut self, element: &Element) -> Option<Paragraph> {
        read_paragraph(element, &self.styles, &mut self.numbers)
    }

    fn push(&mut self, paragraph: Paragraph) {
        match paragraph.level {
            Some(level) => self.draft.heading(level, &paragraph.text),
            None => self.draft.paragraph(&paragraph.text),
        }
        for note in paragraph.notes {
            if let Some(text) = self.notes.get(&note) {
                self.draft.paragraph(&format!("* {text}"));
            }
        }
    }

    fn read_notes(&mut self, xml: &mut Xml<'_>, kind: NoteKind) -> Result<(), ParseError> {
        while let Some(opened) = xml.next_opening()? {
            if !matches!(opened.name.as_str(), "footnote" | "endnote") {
                continue;
            }
            let element = xml.complete(opened)?;
            // Separators between text and notes have a type, notes have none.
            if element.attribute("type").is_some_and(|kind| kind != "normal") {
                continue;
            }
            let texts = element.children_named("p").filter_map(|child| self.paragraph(child));
            let texts: Vec<String> = texts.map(|paragraph| paragraph.text).collect();
            let text = texts.join(" ").trim().to_owned();
            if let Some(id) = element.attribute("id").filter(|_| !text.is_empty()) {
                self.notes.insert((kind, id.to_owned()), text);
            }
        }
        Ok(())
    }
}

/// `None` for an entry of the table of contents, which only repeats headings.
fn read_paragraph(element: &Element, styles: &Styles, numbers: &mut Numbers) -> Option<Paragraph> {
    let properties = element.child("pPr");
    let value = |name: &str| properties.and_then(|properties| properties.child(name)?.attribute("val"));
    let style = value("pStyle").unwrap_or_default();
    if styles.is_contents(style) {
        return None;
    }
    let mut inline = Inline::default();
    inline.read(element);
    let own_level = value("outlineLvl").and_then(|level| level.parse::<u8>().ok());
    let level = match own_level {
        Some(level) => (level < 9).then_some(level + 1),
        None => styles.heading_level(style),
    };
    let own_list = properties.and_then(|properties| properties.child("numPr"));
    let own_list = own_list.and_then(|list| {
        let number = |name: &str| list.child(name)?.attribute("val");
        Some((number("numId")?.to_owned(), number("ilvl")?.parse().ok()?))
    });
    let list = own_list.or_else(|| styles.list(style, level));
    let is_blank = inline.text.trim().is_empty();
    let mark = list.filter(|_| !is_blank).map(|(id, at)| numbers.mark(&id, at));
    let text = match mark.filter(|mark| !mark.is_empty()) {
        Some(mark) => format!("{mark} {}", inline.text.trim_start()),
        None => inline.text,
    };
    Some(Paragraph {
        text,
        level,
        notes: inline.notes,
    })
}

/// The part that the package names as its document.
fn main_part(xml: &mut Xml<'_>) -> Result<Option<String>, ParseError> {
    while let Some(element) = xml.next_opening()? {
        let is_main = element
            .attribute("Type")
            .is_some_and(|kind| kind.ends_with("/officeDocument"));
        if let Some(target) = element.attribute("Target").filter(|_| is_main) {
            return Ok(Some(target.trim_start_matches('/').to_owned()));
        }
    }
    Ok(None)
}
