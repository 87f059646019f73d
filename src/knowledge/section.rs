//! Parts of a document: what stands under one heading of one page, in blocks that are kept whole where they fit.

use crate::domain::knowledge::ChunkPlace;
use serde::Deserialize;
use serde::Serialize;

/// What stands between two headings or two page breaks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// The headings that it stands under, outermost first, its own last; none before the first heading.
    pub headings: Vec<String>,
    /// Where it begins. A section that goes over a page break is given as two with the same headings.
    pub place: ChunkPlace,
    /// In reading order.
    pub blocks: Vec<Block>,
}

/// A block becomes one line or more, and is split between chunks only when it alone is longer than a chunk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Block {
    /// A paragraph, or one entry of a list with its mark (`- `, `1. `) in front; line breaks inside stay.
    Text(String),
    /// One row of a table that is no product list: cells with the headers of their columns, empty headers where there are none.
    Row(Vec<(String, String)>),
}

impl Section {
    /// Its headings and blocks as Markdown.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = self.heading_line().into_iter().collect();
        lines.extend(self.blocks.iter().map(Block::text));
        lines.join("\n")
    }

    /// All headings in one line, `## Delivery › Abroad`.
    pub fn heading_line(&self) -> Option<String> {
        let headings = self.headings.iter().map(|heading| heading.trim());
        let path: Vec<&str> = headings.filter(|heading| !heading.is_empty()).collect();
        (!path.is_empty()).then(|| format!("## {}", path.join(" › ")))
    }
}

impl Block {
    /// A row is written as `Weight: 3 kg; Price: 300`; cells without text are left out.
    pub fn text(&self) -> String {
        match self {
            Block::Text(text) => text.trim().to_owned(),
            Block::Row(cells) => {
                let filled = cells.iter().filter(|(_, cell)| !cell.trim().is_empty());
                let written = filled.map(|(header, cell)| match header.trim() {
                    "" => cell.trim().to_owned(),
                    header => format!("{header}: {}", cell.trim()),
                });
                written.collect::<Vec<_>>().join("; ")
            }
        }
    }
}
