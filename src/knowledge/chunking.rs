//! An item's text becomes chunks, their terms and the units that are embedded.

use crate::domain::knowledge::ChunkTerms;
use crate::domain::knowledge::ProductRow;
use crate::domain::language::Language;
use crate::knowledge::item::Content;
use crate::knowledge::item::Item;
use crate::knowledge::item::ROW_LABELS;
use crate::text::sentence::sentences;
use crate::text::terms::joined_terms;
use text_splitter::ChunkConfig;
use text_splitter::ChunkSizer;
use text_splitter::TextSplitter;

/// Sentences embedded for one chunk; a chunk of the largest size has fewer.
const MAX_UNITS: usize = 200;

/// How long chunks may be, in tokens of the embedding model.
pub struct ChunkSize<'a> {
    pub tokens: usize,
    pub overlap_tokens: usize,
    pub count_tokens: &'a dyn Fn(&str) -> usize,
}

/// A chunk before it is embedded.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftChunk {
    pub text: String,
    pub terms: ChunkTerms,
    /// Sentence-sized texts that stand for the chunk, never empty.
    pub units: Vec<String>,
}

/// The item's chunks in order. A labelled line stays whole when it fits; chunks after the first repeat the item's title.
pub fn draft_chunks(item: &Item, language: Language, size: &ChunkSize<'_>) -> Vec<DraftChunk> {
    let texts = item.labelled_texts(language);
    let title_line = texts
        .first()
        .map(|piece| format!("{}: {}", piece.label, piece.text))
        .unwrap_or_default();
    let rest: Vec<String> = texts
        .iter()
        .skip(1)
        .map(|piece| format!("{}: {}", piece.label, piece.text))
        .collect();
    let whole = format!("{title_line}\n{}", rest.join("\n"));
    let bodies = if (size.count_tokens)(&whole) <= size.tokens {
        vec![rest.join("\n")]
    } else {
        split(&rest, &title_line, size)
    };
    let drafts = bodies.into_iter().enumerate();
    drafts
        .map(|(position, body)| draft(item, &title_line, body, position == 0))
        .collect()
}

fn draft(item: &Item, title_line: &str, body: String, is_first: bool) -> DraftChunk {
    let text = format!("{title_line}\n{body}").trim_end().to_owned();
    let terms = chunk_terms(item, &body);
    let units = chunk_units(item.title(), item.product(), is_first, &text);
    DraftChunk { text, terms, units }
}

/// The texts that are embedded for a chunk, made from what is stored of it, so that a reindex makes the same ones as the import
/// did: the title, the category with the name (first chunk of a product), each sentence, the whole.
pub fn chunk_units(title: &str, product: Option<&ProductRow>, is_first: bool, text: &str) -> Vec<String> {
    let mut units = vec![title.to_owned()];
    if let Some(row) = product
        && is_first
    {
        units.push(format!("{} {title}", row.category.as_deref().unwrap_or_default()));
    }
    let is_prose = |line: &&str| {
        !ROW_LABELS
            .iter()
            .any(|label| line.strip_prefix(label).is_some_and(|rest| rest.starts_with(": ")))
    };
    units.extend(
        sentences(body_of(text, title))
            .into_iter()
            .filter(is_prose)
            .map(str::to_owned),
    );
    units.push(text.to_owned());
    units.dedup();
    units.truncate(MAX_UNITS);
    units
}

/// A chunk's text without the line of its title; that line is a label, a colon and the title.
fn body_of<'a>(text: &'a str, title: &str) -> &'a str {
    let after_label = text.split_once(": ").map(|(_, rest)| rest);
    let body = after_label.and_then(|rest| rest.strip_prefix(title.trim()));
    body.map_or(text, str::trim_start)
}

/// Words that name a product's kind and properties stand apart: they weigh more than its description.
fn chunk_terms(item: &Item, body: &str) -> ChunkTerms {
    let title = joined_terms(item.title());
    let body = joined_terms(body);
    match &item.content {
        Content::Faq { .. } => ChunkTerms {
            question: title,
            body,
            ..ChunkTerms::default()
        },
        Content::Policy { .. } => ChunkTerms {
            name: title,
            body,
            ..ChunkTerms::default()
        },
        Content::Product { row, .. } => {
            let kinds = [row.category.as_deref(), row.brand.as_deref()];
            let values = row.attributes.values().map(String::as_str);
            let attributes: Vec<&str> = [item.source_id.as_str()].into_iter().chain(values).collect();
            ChunkTerms {
                name: title,
                category: joined_terms(&kinds.into_iter().flatten().collect::<Vec<_>>().join(" ")),
                attributes: joined_terms(&attributes.join(" ")),
                question: String::new(),
                body,
            }
        }
    }
}

/// Splits the lines after the title: first at Markdown headings, then by size.
fn split(lines: &[String], title_line: &str, size: &ChunkSize<'_>) -> Vec<String> {
    let title_tokens = (size.count_tokens)(title_line);
    // A title as long as a whole chunk must still leave room for text.
    let capacity = size.tokens.saturating_sub(title_tokens).max(size.tokens / 2).max(1);
    let overlap = size.overlap_tokens.min(capacity / 2);
    let config = ChunkConfig::new(capacity).with_sizer(Sizer(size.count_tokens));
    // Overlap is below capacity by construction, the only error that there is.
    let Ok(config) = config.with_overlap(overlap) else {
        return vec![lines.join("\n")];
    };
    let splitter = TextSplitter::new(config);
    let mut chunks: Vec<String> = Vec::new();
    for section in sections(&lines.join("\n")) {
        for piece in splitter.chunks(section) {
            chunks.push(piece.to_owned());
        }
    }
    chunks
}

/// Parts of a text that begin at Markdown headings; the whole when there are none.
fn sections(text: &str) -> Vec<&str> {
    let mut starts = vec![0];
    starts.extend(text.match_indices("\n#").map(|(index, _)| index + 1));
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let parts = starts.iter().zip(ends).filter_map(|(start, end)| text.get(*start..end));
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

struct Sizer<'a>(&'a dyn Fn(&str) -> usize);

impl ChunkSizer for Sizer<'_> {
    fn size(&self, chunk: &str) -> usize {
        (self.0)(chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::ChunkSize;
    use super::draft_chunks;
    use crate::domain::knowledge::ProductRow;
    use crate::domain::language::Language;
    use crate::knowledge::item::Content;
    use crate::knowledge::item::Item;
    use proptest::prelude::*;

    fn words(text: &str) -> usize {
        text.split_whitespace().count()
    }

    fn size(tokens: usize, overlap_tokens: usize) -> ChunkSize<'static> {
        ChunkSize {
            tokens,
            overlap_tokens,
            count_tokens: &words,
        }
    }

    fn product(description: &str) -> Item {
        let row = ProductRow {
            price: Some(6490.0),
            currency: Some("RUB".to_owned()),
            ..ProductRow::default()
        };
        let content = Content::Product {
            name: "Рюкзак".to_owned(),
            description: description.to_owned(),
            url: None,
            row,
        };
        Item {
            source_id: "PL-1".to_owned(),
            content,
        }
    }

    #[test]
    fn a_short_item_is_one_labelled_chunk() {
        let chunks = draft_chunks(&product("Лёгкий."), Language::Ru, &size(100, 10));
        let texts: Vec<_> = chunks.iter().map(|chunk| chunk.text.as_str()).collect();
        assert_eq!(
            texts,
            ["Название: Рюкзак\nОписание: Лёгкий.\nЦена: 6490 RUB\nАртикул: PL-1"]
        );
    }

    #[test]
    fn sections_start_at_their_headings() {
        let text = format!("## Оплата\n{}\n## Возврат\n{}", "слово ".repeat(12), "дело ".repeat(12));
        let item = Item {
            source_id: "p".to_owned(),
            content: Content::Policy {
                title: "Правила".to_owned(),
                text,
            },
        };
        let chunks = draft_chunks(&item, Language::Ru, &size(20, 0));
        assert!(
            chunks
                .iter()
                .any(|chunk| chunk.text.starts_with("Название: Правила\n## Возврат")),
            "{chunks:?}"
        );
    }

    proptest! {
        #[test]
        fn chunks_keep_to_their_size_and_lose_no_word(count in 1usize..400, tokens in 20usize..80, overlap in 0usize..15) {
            let description: String = (0..count).map(|n| format!("слово{n}{} ", if n % 9 == 8 { "." } else { "" })).collect();
            let chunks = draft_chunks(&product(&description), Language::Ru, &size(tokens, overlap));
            let all = chunks.iter().map(|chunk| chunk.text.as_str()).collect::<Vec<_>>().join("\n");
            for n in 0..count {
                let word = format!("слово{n}");
                prop_assert!(all.split(|c: char| !c.is_alphanumeric()).any(|found| found == word), "{} is lost", word);
            }
            prop_assert!(chunks.iter().all(|chunk| words(&chunk.text) <= tokens));
            prop_assert!(all.contains("Цена: 6490 RUB"));
        }
    }
}
