//! HTML: the text of a page without what stands on every page of its site, and what it says of itself in JSON-LD.

pub mod facts;
mod page;
mod structured;
mod tags;

use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::draft::Draft;
use crate::knowledge::parsing::documents::html::page::Piece;
use crate::knowledge::parsing::documents::html::page::read_page;
use crate::knowledge::parsing::documents::plain::read_text;
use crate::knowledge::parsing::sink::Sink;

/// The text inside `main` counts alone when it has that many characters.
const MIN_MAIN_CHARS: usize = 100;

/// Pushes what JSON-LD says of products and questions, and the text of the page as one document.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let html = read_text(input, limits)?;
    let mut page = read_page(&html, true);
    if page.is_cut {
        // Something unread was never closed, and took the rest of the page with it.
        page = read_page(&html, false);
    }
    sink.note_page(page.facts);
    let main_chars: usize = page
        .pieces
        .iter()
        .filter(|(_, is_main)| *is_main)
        .map(|(piece, _)| piece.chars())
        .sum();
    let only_main = main_chars >= MIN_MAIN_CHARS;
    let mut draft = Draft::new(limits);
    draft.title = page.title;
    for script in &page.scripts {
        structured::read(script, input.url, &mut draft);
    }
    for (piece, is_main) in page.pieces {
        if only_main && !is_main {
            continue;
        }
        match piece {
            Piece::Heading(level, text, anchor) => {
                draft.anchor(anchor.as_deref());
                draft.heading(level, &text);
            }
            Piece::Text(text) => draft.paragraph(&text),
            Piece::Table(table) => draft.table(&table),
        }
    }
    draft.finish(input, sink)
}
