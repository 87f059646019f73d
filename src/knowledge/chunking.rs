//! An item's text becomes chunks, their terms and the units that are embedded.

use crate::domain::knowledge::ChunkPlace;
use crate::domain::knowledge::ChunkTerms;
use crate::domain::knowledge::ProductRow;
use crate::domain::language::Language;
use crate::knowledge::item::Content;
use crate::knowledge::item::Item;
use crate::knowledge::item::ROW_LABELS;
use crate::knowledge::labels::Labels;
use crate::knowledge::section::Block;
use crate::knowledge::section::Section;
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
    /// Of the section that it is from, outermost first.
    pub headings: Vec<String>,
    pub place: ChunkPlace,
    pub terms: ChunkTerms,
    /// Sentence-sized texts that stand for the chunk, never empty.
    pub units: Vec<String>,
}

/// The item's chunks in order. A labelled line stays whole when it fits; chunks after the first repeat the item's title.
pub fn draft_chunks(item: &Item, language: Language, size: &ChunkSize<'_>) -> Vec<DraftChunk> {
    if let Content::Document { title, sections, .. } = &item.content {
        return draft_document(item, title, sections, Labels::of(language), size);
    }
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

/// A document's chunks: none holds parts of two sections, each begins with the title and the section's headings, and a block is
/// split only when it alone is too long.
fn draft_document(
    item: &Item,
    title: &str,
    sections: &[Section],
    labels: Labels,
    size: &ChunkSize<'_>,
) -> Vec<DraftChunk> {
    let title_line = format!("{}: {}", labels.title, title.trim());
    let mut drafts = Vec::new();
    for section in sections {
        let heading = section.heading_line().unwrap_or_default();
        let opening = format!("{title_line}\n{}: {heading}", labels.text);
        let blocks: Vec<String> = section.blocks.iter().map(Block::text).collect();
        for body in pack(&blocks, &opening, size) {
            let body = format!("{}: {heading}\n{body}", labels.text);
            let mut draft = draft(item, &title_line, body.replacen(": \n", ": ", 1), drafts.is_empty());
            draft.place = section.place.clone();
            draft.headings.clone_from(&section.headings);
            draft.terms.attributes = joined_terms(&heading);
            drafts.push(draft);
        }
    }
    // A document of nothing but a title can still be found by it.
    if drafts.is_empty() {
        drafts.push(draft(item, &title_line, String::new(), true));
    }
    drafts
}

/// Blocks joined as long as they fit into a chunk after `opening`.
fn pack(blocks: &[String], opening: &str, size: &ChunkSize<'_>) -> Vec<String> {
    let capacity = capacity_after(opening, size);
    let mut bodies: Vec<String> = Vec::new();
    let mut open = String::new();
    for block in blocks.iter().filter(|block| !block.is_empty()) {
        let joined = if open.is_empty() {
            block.clone()
        } else {
            format!("{open}\n{block}")
        };
        if (size.count_tokens)(&joined) <= capacity {
            open = joined;
            continue;
        }
        if !open.is_empty() {
            bodies.push(std::mem::take(&mut open));
        }
        if (size.count_tokens)(block) <= capacity {
            open.clone_from(block);
        } else {
            bodies.extend(split(std::slice::from_ref(block), opening, size));
        }
    }
    if !open.is_empty() {
        bodies.push(open);
    }
    bodies
}

fn draft(item: &Item, title_line: &str, body: String, is_first: bool) -> DraftChunk {
    let text = format!("{title_line}\n{body}").trim_end().to_owned();
    let terms = chunk_terms(item, &body);
    let units = chunk_units(item.title(), item.product(), is_first, &text);
    DraftChunk {
        text,
        headings: Vec::new(),
        place: ChunkPlace::default(),
        terms,
        units,
    }
}

/// A title as long as a whole chunk must still leave room for text.
fn capacity_after(opening: &str, size: &ChunkSize<'_>) -> usize {
    let taken = (size.count_tokens)(opening);
    size.tokens.saturating_sub(taken).max(size.tokens / 2).max(1)
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
        Content::Policy { .. } | Content::Document { .. } => ChunkTerms {
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
    let capacity = capacity_after(title_line, size);
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
    use crate::domain::knowledge::ChunkPlace;
    use crate::domain::knowledge::ProductRow;
    use crate::domain::language::Language;
    use crate::knowledge::item::Content;
    use crate::knowledge::item::Item;
    use crate::knowledge::section::Block;
    use crate::knowledge::section::Section;
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

    #[test]
    fn a_document_is_cut_at_its_sections_and_rows_stay_whole() {
        let words = |word: &str, count: usize| format!("{word} ").repeat(count).trim_end().to_owned();
        let row = |weight: &str, price: &str| {
            let cells = [("Вес", weight), ("Цена", price), ("Срок", "")];
            Block::Row(
                cells
                    .map(|(header, cell)| (header.to_owned(), cell.to_owned()))
                    .to_vec(),
            )
        };
        let section = |headings: &[&str], page, blocks| Section {
            headings: headings.iter().map(|heading| (*heading).to_owned()).collect(),
            place: ChunkPlace {
                page: Some(page),
                anchor: None,
            },
            blocks,
        };
        let sections = vec![
            section(&[], 1, vec![Block::Text("Вступление.".to_owned())]),
            section(&["Доставка"], 1, Vec::new()),
            section(
                &["Доставка", "Почта"],
                2,
                vec![
                    Block::Text(words("долго", 12)),
                    row("до 3 кг", "300"),
                    row("до 5 кг", "500"),
                ],
            ),
            section(&["Возврат"], 3, vec![Block::Text(words("много", 40))]),
        ];
        let item = Item {
            source_id: "rules".to_owned(),
            content: Content::Document {
                title: "Правила".to_owned(),
                url: None,
                sections,
            },
        };
        let chunks = draft_chunks(&item, Language::Ru, &size(24, 0));
        let texts: Vec<_> = chunks.iter().map(|chunk| chunk.text.as_str()).collect();
        let long = format!("Название: Правила\nТекст: ## Доставка › Почта\n{}", words("долго", 12));
        assert_eq!(texts[0], "Название: Правила\nТекст: Вступление.");
        assert_eq!(texts[1], long);
        assert_eq!(
            texts[2],
            "Название: Правила\nТекст: ## Доставка › Почта\nВес: до 3 кг; Цена: 300\nВес: до 5 кг; Цена: 500"
        );
        assert!(texts.len() > 4 && texts[3..].iter().all(|text| text.contains("## Возврат\nмного")));
        let pages: Vec<_> = chunks.iter().map(|chunk| chunk.place.page.unwrap()).collect();
        assert_eq!(pages[..4], [1, 2, 2, 3]);
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
