//! RTF 1.9 as far as text goes: paragraphs, headings, tables, letters of Windows code pages and of Unicode. The crates for it know neither
//! Cyrillic code pages nor tables.

use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::draft::Draft;
use crate::knowledge::parsing::documents::rtf_tokens::Token;
use crate::knowledge::parsing::documents::rtf_tokens::Tokens;
use crate::knowledge::parsing::documents::table::Table;
use crate::knowledge::parsing::sink::Sink;
use encoding_rs::Encoding;
use encoding_rs::WINDOWS_1251;
use encoding_rs::WINDOWS_1252;
use std::collections::HashMap;
use std::io::Read;

/// Pictures are written as hexadecimal digits among the text.
const MAX_BYTES: u64 = 128 * 1024 * 1024;
const MAX_GROUPS: usize = 1_000;
/// Groups whose content is no text of the document.
const UNREAD: [&str; 27] = [
    "colortbl",
    "pict",
    "object",
    "objdata",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "fldinst",
    "listtable",
    "listoverridetable",
    "revtbl",
    "rsidtbl",
    "generator",
    "filetbl",
    "xmlnstbl",
    "themedata",
    "colorschememapping",
    "datastore",
    "latentstyles",
    "bkmkstart",
    "bkmkend",
    "annotation",
];

/// Pushes the document, and questions of its tables as entries of their own.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut bytes = Vec::new();
    let mut file = input.open()?.take(MAX_BYTES.min(limits.max_expanded_bytes));
    file.read_to_end(&mut bytes).map_err(ParseError::failed)?;
    if !bytes.starts_with(b"{\\rtf") {
        return Err(ParseError::refused("problem_document_not_rtf"));
    }
    let mut reader = Reader::new(Draft::new(limits));
    for token in Tokens::new(&bytes) {
        reader.read(&token)?;
    }
    reader.end_paragraph();
    reader.end_table();
    reader.draft.finish(input, sink)
}

struct Reader {
    draft: Draft,
    groups: Vec<Group>,
    group: Group,
    /// Of the paragraph, decoded.
    text: String,
    /// Letters that wait for their code page to be applied.
    bytes: Vec<u8>,
    title: Vec<u8>,
    code_page: &'static Encoding,
    /// Of each font, by its number.
    fonts: HashMap<i32, &'static Encoding>,
    /// Outline levels of styles, from 0.
    styles: HashMap<i32, u8>,
    /// The style or font that a table of them describes just now.
    described: i32,
    level: Option<u8>,
    is_in_table: bool,
    row: Vec<String>,
    cell: Vec<String>,
    table: Table,
    /// Letters that stand for the last Unicode one in old programs, still to be passed over.
    to_skip: usize,
}

#[derive(Clone)]
struct Group {
    destination: Destination,
    /// How many letters stand for a Unicode one.
    fallback: usize,
    font: i32,
    is_hidden: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Destination {
    Text,
    Fonts,
    Styles,
    Info,
    Title,
    Nothing,
}

impl Reader {
    fn new(draft: Draft) -> Reader {
        Reader {
            draft,
            groups: Vec::new(),
            group: Group {
                destination: Destination::Text,
                fallback: 1,
                font: 0,
                is_hidden: false,
            },
            text: String::new(),
            bytes: Vec::new(),
            title: Vec::new(),
            code_page: WINDOWS_1252,
            fonts: HashMap::new(),
            styles: HashMap::new(),
            described: 0,
            level: None,
            is_in_table: false,
            row: Vec::new(),
            cell: Vec::new(),
            table: Table::default(),
            to_skip: 0,
        }
    }

    fn read(&mut self, token: &Token<'_>) -> Result<(), ParseError> {
        match token {
            Token::Open => {
                if self.groups.len() >= MAX_GROUPS {
                    return Err(ParseError::refused("problem_document_depth"));
                }
                self.decode();
                self.groups.push(self.group.clone());
            }
            Token::Close => {
                self.decode();
                if let Some(around) = self.groups.pop() {
                    self.group = around;
                }
            }
            Token::Byte(byte) => self.letter(*byte),
            Token::Ignorable => self.group.destination = Destination::Nothing,
            Token::Word(word, number) => self.word(word, *number),
        }
        Ok(())
    }

    fn letter(&mut self, byte: u8) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
            return;
        }
        match self.group.destination {
            Destination::Text if !self.group.is_hidden => self.bytes.push(byte),
            Destination::Title => self.title.push(byte),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        if word != "u" && word != "'" {
            self.to_skip = 0;
        }
        if self.group.destination == Destination::Nothing {
            return;
        }
        let is_on = number != Some(0);
        match word {
            "fonttbl" => self.group.destination = Destination::Fonts,
            "stylesheet" => self.group.destination = Destination::Styles,
            "info" => self.group.destination = Destination::Info,
            "title" if self.group.destination == Destination::Info => self.group.destination = Destination::Title,
            _ if UNREAD.contains(&word) => self.group.destination = Destination::Nothing,
            "ansicpg" => self.code_page = code_page(number.unwrap_or(1252)),
            "uc" => self.group.fallback = usize::try_from(number.unwrap_or(1)).unwrap_or(0),
            "u" => self.unicode(number.unwrap_or(0)),
            "f" | "s" if matches!(self.group.destination, Destination::Fonts | Destination::Styles) => {
                self.described = number.unwrap_or(0);
            }
            "f" => {
                self.decode();
                self.group.font = number.unwrap_or(0);
            }
            "fcharset" if self.group.destination == Destination::Fonts => {
                if let Some(encoding) = number.and_then(charset) {
                    self.fonts.insert(self.described, encoding);
                }
            }
            "s" => self.level = number.and_then(|style| self.styles.get(&style).copied()),
            "outlinelevel" => self.outline(number),
            "v" | "deleted" => {
                self.decode();
                self.group.is_hidden = is_on;
            }
            _ if self.group.destination == Destination::Text => self.structure(word),
            _ => {}
        }
    }

    fn structure(&mut self, word: &str) {
        match word {
            "pard" => {
                self.level = None;
                self.is_in_table = false;
            }
            "intbl" => self.is_in_table = true,
            "par" | "sect" | "page" => self.end_paragraph(),
            "line" => self.push("\n"),
            "tab" => self.push("\t"),
            "cell" | "nestcell" => {
                self.is_in_table = true;
                self.end_paragraph();
                let cell = std::mem::take(&mut self.cell).join("\n");
                self.row.push(cell);
            }
            "row" | "nestrow" => {
                let row = std::mem::take(&mut self.row);
                self.table.push(row, false);
            }
            "emdash" => self.push("—"),
            "endash" => self.push("–"),
            "lquote" | "rquote" => self.push("'"),
            "ldblquote" | "rdblquote" => self.push("\""),
            "bullet" => self.push("•"),
            "~" => self.push("\u{a0}"),
            "_" => self.push("-"),
            _ => {}
        }
    }

    fn outline(&mut self, number: Option<i32>) {
        let level = number
            .and_then(|level| u8::try_from(level).ok())
            .filter(|level| *level < 9);
        if self.group.destination == Destination::Styles {
            self.styles.extend(level.map(|level| (self.described, level)));
        } else {
            self.level = level;
        }
    }

    /// A number below zero is one of the upper half of 16 bits.
    fn unicode(&mut self, number: i32) {
        self.decode();
        self.to_skip = self.group.fallback;
        let code = u32::try_from(number).unwrap_or_else(|_| number.wrapping_add(65536).unsigned_abs());
        let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        match self.group.destination {
            Destination::Text if !self.group.is_hidden => self.text.push(letter),
            Destination::Title => {
                let mut buffer = [0; 4];
                let (bytes, _, _) = self.code_page.encode(letter.encode_utf8(&mut buffer));
                self.title.extend_from_slice(&bytes);
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        self.decode();
        if !self.group.is_hidden {
            self.text.push_str(text);
        }
    }

    fn decode(&mut self) {
        if !self.bytes.is_empty() {
            let encoding = self.fonts.get(&self.group.font).copied().unwrap_or(self.code_page);
            let (text, _) = encoding.decode_without_bom_handling(&self.bytes);
            self.text.push_str(&text);
            self.bytes.clear();
        }
    }

    fn end_paragraph(&mut self) {
        self.decode();
        if !self.title.is_empty() {
            let (title, _) = self.code_page.decode_without_bom_handling(&self.title);
            self.draft.title = Some(title.into_owned());
            self.title.clear();
        }
        let text = std::mem::take(&mut self.text);
        if self.is_in_table {
            let text = text.trim();
            if !text.is_empty() {
                self.cell.push(text.to_owned());
            }
            return;
        }
        self.end_table();
        let text = text.trim_start();
        let text = match text.strip_prefix(['·', '•', '\u{f0b7}']) {
            Some(entry) => format!("- {}", entry.trim_start()),
            None => text.to_owned(),
        };
        match self.level {
            Some(level) => self.draft.heading(level + 1, &text),
            None => self.draft.paragraph(&text),
        }
    }

    fn end_table(&mut self) {
        let mut table = std::mem::take(&mut self.table);
        // A row that was cut off is still one.
        table.push(std::mem::take(&mut self.row), false);
        if !table.is_empty() {
            self.draft.table(&table);
        }
    }
}

fn code_page(number: i32) -> &'static Encoding {
    match number {
        65001 => encoding_rs::UTF_8,
        1251 => WINDOWS_1251,
        866 => encoding_rs::IBM866,
        _ => Encoding::for_label(format!("windows-{number}").as_bytes()).unwrap_or(WINDOWS_1252),
    }
}

/// Numbers that Windows gives to sets of letters; the default one says nothing.
fn charset(number: i32) -> Option<&'static Encoding> {
    match number {
        0 => Some(WINDOWS_1252),
        161 => Some(encoding_rs::WINDOWS_1253),
        162 => Some(encoding_rs::WINDOWS_1254),
        186 => Some(encoding_rs::WINDOWS_1257),
        204 => Some(WINDOWS_1251),
        238 => Some(encoding_rs::WINDOWS_1250),
        _ => None,
    }
}
