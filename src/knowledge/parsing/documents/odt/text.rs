//! The text of an ODT: elements and text stand beside each other in a paragraph, so that it is walked over tag by tag.

use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::archive::Xml;
use crate::knowledge::parsing::documents::draft::Draft;
use crate::knowledge::parsing::documents::odt::lists::ListStyles;
use crate::knowledge::parsing::documents::table::Table;
use crate::knowledge::parsing::xml::Element;
use crate::knowledge::parsing::xml::Part;
use std::collections::HashMap;

/// Empty columns at the end of a sheet are one cell that is repeated to its edge.
const MAX_REPEATED: usize = 64;
const UNREAD: [&str; 15] = [
    "tracked-changes",
    "annotation",
    "table-of-content",
    "alphabetical-index",
    "illustration-index",
    "table-index",
    "object-index",
    "user-index",
    "bibliography",
    "note-citation",
    "sequence-decls",
    "forms",
    "title",
    "desc",
    "binary-data",
];

pub struct Text {
    draft: Draft,
    styles: ListStyles,
    /// Names of the elements that are open.
    open: Vec<String>,
    /// How many were open when one began that is not read.
    unread_from: Option<usize>,
    /// Of the paragraph that is being read.
    text: String,
    level: Option<u8>,
    lists: Vec<List>,
    /// The mark that waits for the first paragraph of its entry.
    mark: Option<String>,
    tables: Vec<OpenTable>,
    /// Texts of paragraphs that notes interrupt.
    interrupted: Vec<String>,
    notes: Vec<String>,
}

struct List {
    style: Option<String>,
    number: u32,
}

#[derive(Default)]
struct OpenTable {
    table: Table,
    row: Vec<String>,
    cell: Vec<String>,
    /// Further rows that a cell goes over, with its text, by column.
    hanging: HashMap<usize, (usize, String)>,
    repeated: usize,
    rows_spanned: usize,
    is_in_headers: bool,
}

impl Text {
    pub fn new(draft: Draft, styles: ListStyles) -> Text {
        Text {
            draft,
            styles,
            open: Vec::new(),
            unread_from: None,
            text: String::new(),
            level: None,
            lists: Vec::new(),
            mark: None,
            tables: Vec::new(),
            interrupted: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub fn into_draft(self) -> Draft {
        self.draft
    }

    pub fn read(&mut self, xml: &mut Xml<'_>) -> Result<(), ParseError> {
        let mut is_in_body = false;
        loop {
            match xml.next_part()? {
                Part::Opening(element) => {
                    is_in_body |= element.name == "body";
                    if self.unread_from.is_none() && UNREAD.contains(&element.name.as_str()) {
                        self.unread_from = Some(self.open.len());
                    }
                    if is_in_body && self.unread_from.is_none() {
                        self.open(&element);
                    }
                    self.open.push(element.name);
                }
                Part::Closing => {
                    let name = self.open.pop().unwrap_or_default();
                    if self.unread_from.is_some_and(|from| from >= self.open.len()) {
                        self.unread_from = None;
                    } else if is_in_body && self.unread_from.is_none() {
                        self.close(&name);
                    }
                }
                Part::Text(text) if is_in_body && self.unread_from.is_none() => self.text.push_str(&text),
                Part::Text(_) => {}
                Part::End if self.open.is_empty() => return Ok(()),
                Part::End => return Err(ParseError::refused("problem_feed_cut")),
            }
        }
    }

    fn open(&mut self, element: &Element) {
        match element.name.as_str() {
            "h" => {
                let level = element.attribute("outline-level").and_then(|level| level.parse().ok());
                self.level = Some(level.unwrap_or(1));
                self.text.clear();
            }
            "p" if self.interrupted.is_empty() => self.text.clear(),
            "p" | "s" => self.text.push(' '),
            "tab" => self.text.push('\t'),
            "line-break" => self.text.push('\n'),
            "note-body" => self.interrupted.push(std::mem::take(&mut self.text)),
            "list" => {
                let own = element.attribute("style-name").map(str::to_owned);
                let around = self.lists.last().and_then(|list| list.style.clone());
                self.lists.push(List {
                    style: own.or(around),
                    number: 0,
                });
            }
            "list-item" => {
                if let Some(list) = self.lists.last_mut() {
                    let start = element.attribute("start-value").and_then(|start| start.parse().ok());
                    list.number = start.unwrap_or(list.number.saturating_add(1));
                }
                let numbers: Vec<u32> = self.lists.iter().map(|list| list.number.max(1)).collect();
                let style = self.lists.last().and_then(|list| list.style.as_deref());
                self.mark = Some(self.styles.mark(style, &numbers));
            }
            "table" => self.tables.push(OpenTable::default()),
            "table-header-rows" => self.in_table(|table| table.is_in_headers = true),
            "table-cell" => {
                let number = |name: &str| element.attribute(name).and_then(|number| number.parse().ok());
                let repeated = number("number-columns-repeated").unwrap_or(1);
                let rows = number("number-rows-spanned").unwrap_or(1);
                self.in_table(|table| {
                    table.cell.clear();
                    table.repeated = repeated;
                    table.rows_spanned = rows;
                });
            }
            "covered-table-cell" => self.in_table(|table| {
                table.cell.clear();
                table.repeated = 1;
                table.rows_spanned = 1;
                let text = table.hanging_text();
                table.cell.extend(text);
            }),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h" if self.interrupted.is_empty() => self.end_paragraph(),
            "note-body" => {
                let text = self.interrupted.pop().unwrap_or_default();
                self.notes.push(std::mem::replace(&mut self.text, text));
            }
            "list" => {
                self.lists.pop();
                self.mark = None;
            }
            "list-item" => self.mark = None,
            "table-header-rows" => self.in_table(|table| table.is_in_headers = false),
            "table-cell" | "covered-table-cell" => self.in_table(OpenTable::end_cell),
            "table-row" => self.in_table(|table| {
                let row = std::mem::take(&mut table.row);
                table.table.push(row, table.is_in_headers);
            }),
            "table" => {
                if let Some(table) = self.tables.pop() {
                    match self.tables.last_mut() {
                        Some(around) => around.cell.push(table.table.into_text()),
                        None => self.draft.table(&table.table),
                    }
                }
            }
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        let level = self.level.take();
        if text.trim().is_empty() {
            return;
        }
        let text = match self.mark.take().filter(|mark| !mark.is_empty()) {
            Some(mark) => format!("{mark} {}", text.trim_start()),
            None => text,
        };
        match (self.tables.last_mut(), level) {
            (Some(table), _) => table.cell.push(text.trim().to_owned()),
            (None, Some(level)) => self.draft.heading(level, &text),
            (None, None) => self.draft.paragraph(&text),
        }
        for note in std::mem::take(&mut self.notes) {
            match self.tables.last_mut() {
                Some(table) => table.cell.push(format!("* {}", note.trim())),
                None => self.draft.paragraph(&format!("* {}", note.trim())),
            }
        }
    }

    fn in_table(&mut self, change: impl FnOnce(&mut OpenTable)) {
        if let Some(table) = self.tables.last_mut() {
            change(table);
        }
    }
}

impl OpenTable {
    fn end_cell(&mut self) {
        let text = self.cell.join("\n");
        self.cell.clear();
        if self.rows_spanned > 1 {
            self.hanging
                .insert(self.row.len(), (self.rows_spanned - 1, text.clone()));
        }
        for _ in 0..self.repeated.clamp(1, MAX_REPEATED) {
            self.row.push(text.clone());
        }
    }

    /// The text of a cell above that goes over this row as well.
    fn hanging_text(&mut self) -> Option<String> {
        let (left, text) = self.hanging.get_mut(&self.row.len())?;
        if *left == 0 {
            return None;
        }
        *left -= 1;
        Some(text.clone())
    }
}
