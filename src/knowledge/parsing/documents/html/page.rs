//! A page read tag by tag, as browsers divide it into tags; no tree is built, so that depth costs nothing.

use crate::knowledge::parsing::documents::html::facts::PageFacts;
use crate::knowledge::parsing::documents::html::tags::attribute;
use crate::knowledge::parsing::documents::html::tags::heading_level;
use crate::knowledge::parsing::documents::html::tags::is_block;
use crate::knowledge::parsing::documents::html::tags::is_repeated;
use crate::knowledge::parsing::documents::html::tags::is_silent;
use crate::knowledge::parsing::documents::html::tags::is_void;
use crate::knowledge::parsing::documents::table::Table;
use html5ever::interface::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::BufferQueue;
use html5ever::tokenizer::Tag;
use html5ever::tokenizer::TagKind;
use html5ever::tokenizer::Token;
use html5ever::tokenizer::TokenSink;
use html5ever::tokenizer::TokenSinkResult;
use html5ever::tokenizer::Tokenizer;
use html5ever::tokenizer::TokenizerOpts;
use html5ever::tokenizer::states::RawKind;
use std::cell::RefCell;

/// Columns that one cell may go over.
const MAX_SPAN: usize = 64;

#[derive(Debug, Default)]
pub struct Page {
    pub title: Option<String>,
    /// In reading order, each with whether it stands in the main part of the page.
    pub pieces: Vec<(Piece, bool)>,
    /// JSON-LD.
    pub scripts: Vec<String>,
    /// Whether the page ended inside something that is not read.
    pub is_cut: bool,
    pub facts: PageFacts,
}

#[derive(Debug)]
pub enum Piece {
    /// With its level from 1 and its anchor.
    Heading(u8, String, Option<String>),
    Text(String),
    Table(Table),
}

impl Piece {
    pub fn chars(&self) -> usize {
        match self {
            Piece::Heading(..) => 0,
            Piece::Text(text) => text.chars().count(),
            Piece::Table(table) => table.clone().into_text().chars().count(),
        }
    }
}

/// Reads a page; without what repeats on all pages of a site when `is_cleared`.
pub fn read_page(html: &str, is_cleared: bool) -> Page {
    let reader = Reader(RefCell::new(State {
        is_cleared,
        ..State::default()
    }));
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(reader, TokenizerOpts::default());
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.0.into_inner().into_page()
}

struct Reader(RefCell<State>);

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return state.open(&tag),
            Token::TagToken(tag) => state.close(&tag.name),
            Token::CharacterTokens(text) => state.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[derive(Default)]
struct State {
    page: Page,
    is_cleared: bool,
    /// Of the block that is being read.
    text: String,
    heading: Option<(u8, Option<String>)>,
    /// An element that is not read, with how many of its name are open.
    unread: Option<(String, usize)>,
    /// Where text goes that is none of the page's.
    aside: Option<Aside>,
    mains: usize,
    articles: usize,
    lists: Vec<Option<u32>>,
    mark: Option<String>,
    tables: Vec<OpenTable>,
    pre: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Aside {
    Title,
    Script,
}

#[derive(Default)]
struct OpenTable {
    table: Table,
    row: Vec<String>,
    cell: Option<Vec<String>>,
    span: usize,
    /// Whether all cells of the row are headers.
    is_header: bool,
}

impl State {
    fn open(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        // Links count wherever they stand: a menu leads to the pages of a site.
        self.page.facts.note(tag);
        if self.is_unread(tag) {
            return raw(name);
        }
        if is_block(name) {
            self.end_block();
        }
        match name {
            "title" => self.aside = Some(Aside::Title),
            "br" => self.text.push('\n'),
            "main" => self.mains += 1,
            "article" => self.articles += 1,
            "ul" => self.lists.push(None),
            "ol" => {
                let start = attribute(tag, "start").and_then(|start| start.parse().ok());
                self.lists.push(Some(start.unwrap_or(1)));
            }
            "li" => {
                self.mark = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number = number.saturating_add(1);
                        format!("{}.", *number - 1)
                    }
                    _ => "-".to_owned(),
                });
            }
            "table" => self.tables.push(OpenTable::default()),
            "tr" => self.in_table(OpenTable::end_row),
            "td" | "th" => {
                let span = attribute(tag, "colspan").and_then(|span| span.parse().ok());
                let is_header = name == "th";
                self.in_table(|table| table.open_cell(span.unwrap_or(1), is_header));
            }
            "pre" => self.pre += 1,
            _ => {}
        }
        if let Some(level) = heading_level(name) {
            self.heading = Some((level, attribute(tag, "id").map(str::to_owned)));
        }
        raw(name)
    }

    fn is_unread(&mut self, tag: &Tag) -> bool {
        let name = &*tag.name;
        if let Some((unread, count)) = &mut self.unread {
            *count += usize::from(unread == name && !tag.self_closing);
            return true;
        }
        let is_script = name == "script" && attribute(tag, "type").is_some_and(|kind| kind.contains("ld+json"));
        if is_script {
            self.aside = Some(Aside::Script);
            self.page.scripts.push(String::new());
            return true;
        }
        if is_void(name) {
            return false;
        }
        let is_inside = self.mains + self.articles > 0;
        let is_left_out = is_silent(tag) || self.is_cleared && is_repeated(tag, is_inside);
        if is_left_out && !tag.self_closing {
            if is_block(name) {
                self.end_block();
            }
            self.unread = Some((name.to_owned(), 1));
        }
        is_left_out
    }

    fn close(&mut self, name: &str) {
        if let Some((unread, count)) = &mut self.unread {
            *count -= usize::from(unread == name);
            if *count == 0 {
                self.unread = None;
            }
            return;
        }
        if self.aside.is_some() {
            self.aside = None;
            return;
        }
        if is_block(name) {
            self.end_block();
        }
        match name {
            "main" => self.mains = self.mains.saturating_sub(1),
            "article" => self.articles = self.articles.saturating_sub(1),
            "ul" | "ol" => {
                self.lists.pop();
            }
            "li" => self.mark = None,
            "td" | "th" => self.in_table(OpenTable::end_cell),
            "tr" => self.in_table(OpenTable::end_row),
            "table" => self.end_table(),
            "pre" => self.pre = self.pre.saturating_sub(1),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        match self.aside {
            Some(Aside::Title) => self.page.title.get_or_insert_default().push_str(text),
            Some(Aside::Script) => {
                if let Some(script) = self.page.scripts.last_mut() {
                    script.push_str(text);
                }
            }
            None if self.unread.is_some() => {}
            None if self.pre > 0 => self.text.push_str(text),
            // Line breaks of the source are spaces.
            None => self
                .text
                .extend(text.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c })),
        }
    }

    fn end_block(&mut self) {
        let text = std::mem::take(&mut self.text);
        let heading = self.heading.take();
        if text.trim().is_empty() {
            return;
        }
        let text = match self.mark.take() {
            Some(mark) => format!("{mark} {}", text.trim_start()),
            None => text,
        };
        let cell = self.tables.last_mut().and_then(|table| table.cell.as_mut());
        match (cell, heading) {
            (Some(cell), _) => cell.push(text.trim().to_owned()),
            (None, Some((level, anchor))) => self.push(Piece::Heading(level, text, anchor)),
            (None, None) => self.push(Piece::Text(text)),
        }
    }

    fn end_table(&mut self) {
        self.in_table(OpenTable::end_row);
        let Some(table) = self.tables.pop() else { return };
        let around = self.tables.last_mut().and_then(|table| table.cell.as_mut());
        match around {
            Some(cell) => cell.push(table.table.into_text()),
            None => self.push(Piece::Table(table.table)),
        }
    }

    fn push(&mut self, piece: Piece) {
        let is_main = self.mains > 0;
        self.page.pieces.push((piece, is_main));
    }

    fn in_table(&mut self, change: impl FnOnce(&mut OpenTable)) {
        if let Some(table) = self.tables.last_mut() {
            change(table);
        }
    }

    fn into_page(mut self) -> Page {
        self.end_block();
        while !self.tables.is_empty() {
            self.end_table();
        }
        self.page.is_cut = self.is_cleared && self.unread.is_some();
        self.page
    }
}

impl OpenTable {
    fn open_cell(&mut self, span: usize, is_header: bool) {
        self.end_cell();
        self.is_header = is_header && (self.is_header || self.row.is_empty());
        self.span = span.clamp(1, MAX_SPAN);
        self.cell = Some(Vec::new());
    }

    fn end_cell(&mut self) {
        if let Some(texts) = self.cell.take() {
            self.row.push(texts.join("\n"));
            self.row.extend(std::iter::repeat_n(String::new(), self.span - 1));
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        let row = std::mem::take(&mut self.row);
        self.table.push(row, self.is_header);
        self.is_header = false;
    }
}

/// How the content of an element is divided that has no tags in it.
fn raw(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        _ => TokenSinkResult::Continue,
    }
}
