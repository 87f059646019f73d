//! Tables of a DOCX, with cells that go over several columns or rows.

use crate::knowledge::parsing::documents::docx::inline::is_on;
use crate::knowledge::parsing::documents::table::Table;
use crate::knowledge::parsing::xml::Element;

/// Columns that one cell may go over; programs write no more, bombs do.
const MAX_SPAN: usize = 64;

/// The text of a paragraph, `None` for one that is not read.
type ReadParagraph<'a> = dyn FnMut(&Element) -> Option<String> + 'a;

pub fn read_table(element: &Element, read: &mut ReadParagraph<'_>) -> Table {
    let mut table = Table::default();
    let mut above: Vec<String> = Vec::new();
    for row in inside(element, "tr") {
        let properties = row.child("trPr");
        if properties.is_some_and(|properties| properties.child("del").is_some()) {
            continue;
        }
        let header = properties.and_then(|properties| properties.child("tblHeader"));
        let cells = read_row(row, &above, read);
        above.clone_from(&cells);
        table.push(cells, header.is_some_and(is_on));
    }
    table
}

/// A cell that continues the one above has its text: each row then says everything.
fn read_row(row: &Element, above: &[String], read: &mut ReadParagraph<'_>) -> Vec<String> {
    let mut cells = Vec::new();
    for cell in inside(row, "tc") {
        let property = |name: &str| cell.child("tcPr")?.child(name);
        let span = property("gridSpan").and_then(|span| span.attribute("val")?.parse::<usize>().ok());
        let continues = property("vMerge").is_some_and(|merge| merge.attribute("val") != Some("restart"));
        let text = match above.get(cells.len()) {
            Some(text) if continues => text.clone(),
            _ => cell_text(cell, read),
        };
        cells.push(text);
        let spanned = span.unwrap_or(1).clamp(1, MAX_SPAN) - 1;
        cells.extend(std::iter::repeat_n(String::new(), spanned));
    }
    cells
}

fn cell_text(cell: &Element, read: &mut ReadParagraph<'_>) -> String {
    let mut texts = Vec::new();
    for child in &cell.children {
        match child.name.as_str() {
            "p" => texts.extend(read(child)),
            "tbl" => texts.push(read_table(child, read).into_text()),
            "tcPr" | "del" => {}
            // A frame around some of the content.
            _ => texts.push(cell_text(child, read)),
        }
    }
    let texts = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join("\n")
}

/// Children of this name, also inside frames (content controls, marks of insertion).
fn inside<'a>(element: &'a Element, name: &'static str) -> Vec<&'a Element> {
    let mut found = Vec::new();
    for child in &element.children {
        if child.name == name {
            found.push(child);
        } else if matches!(
            child.name.as_str(),
            "sdt" | "sdtContent" | "ins" | "customXml" | "smartTag"
        ) {
            found.extend(inside(child, name));
        }
    }
    found
}
