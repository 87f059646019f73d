//! A document that is being put together: headings, paragraphs and tables come in reading order and become sections.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::knowledge::ChunkPlace;
use crate::knowledge::item::Content;
use crate::knowledge::item::Item;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::table::Reading;
use crate::knowledge::parsing::documents::table::Table;
use crate::knowledge::parsing::entries::Entries;
use crate::knowledge::parsing::entries::WrongField;
use crate::knowledge::parsing::fields::MAX_TITLE_CHARS;
use crate::knowledge::parsing::sink::Sink;
use crate::knowledge::section::Block;
use crate::knowledge::section::Section;
use serde_json::Value;
use serde_json::json;

/// A longer "heading" is a paragraph in a large font.
const MAX_HEADING_CHARS: usize = 300;
/// Titles that programs give to files that have none.
const NO_TITLES: [&str; 12] = [
    "document",
    "document1",
    "документ",
    "документ1",
    "документ microsoft word",
    "microsoft word document",
    "untitled",
    "untitled document",
    "без имени",
    "без имени 1",
    "без названия",
    "word document",
];

#[derive(Debug, Default)]
pub struct Draft {
    /// What the file says of itself; the first heading counts when it says nothing.
    pub title: Option<String>,
    sections: Vec<Section>,
    /// The headings that the next block stands under, with their levels.
    path: Vec<(u8, String)>,
    place: ChunkPlace,
    /// Pairs of a question and its answer, in the order of the document.
    questions: Vec<(String, String)>,
    products: Vec<Value>,
    chars: usize,
    /// At the first heading that stands in the text, the outermost first.
    first_heading: Option<(u8, String)>,
    max_text_chars: usize,
    /// Whether something was left out because the document is too long.
    is_cut: bool,
}

impl Draft {
    pub fn new(limits: &Limits) -> Draft {
        Draft {
            max_text_chars: limits.max_text_chars,
            ..Draft::default()
        }
    }

    /// A heading; level 1 is the outermost. What follows stands under it and under the ones around it.
    pub fn heading(&mut self, level: u8, text: &str) {
        let text = one_line(text);
        if text.is_empty() {
            return;
        }
        if text.chars().count() > MAX_HEADING_CHARS {
            return self.paragraph(&text);
        }
        if self.first_heading.as_ref().is_none_or(|(known, _)| level < *known) {
            self.first_heading = Some((level, text.clone()));
        }
        self.path.retain(|(known, _)| *known < level);
        self.path.push((level, text));
        self.open_section();
    }

    /// What follows stands on this page, from 1.
    pub fn page(&mut self, page: u32) {
        self.place.page = Some(page);
        self.open_section();
    }

    /// What follows can be linked to by this anchor, until another one comes.
    pub fn anchor(&mut self, anchor: Option<&str>) {
        self.place.anchor = anchor.map(str::to_owned);
    }

    /// A paragraph or an entry of a list with its mark. Line breaks stay, other spaces become single ones.
    pub fn paragraph(&mut self, text: &str) {
        let lines = text.lines().map(one_line).filter(|line| !line.is_empty());
        let text = lines.collect::<Vec<_>>().join("\n");
        if !text.is_empty() {
            self.push(Block::Text(text));
        }
    }

    /// A table: rows with their headers, or questions with their answers.
    pub fn table(&mut self, table: &Table) {
        match table.read() {
            Reading::Questions(pairs) => {
                for (question, answer) in pairs {
                    self.chars += question.chars().count() + answer.chars().count();
                    if self.chars > self.max_text_chars {
                        self.is_cut = true;
                        return;
                    }
                    self.question(&question, &answer);
                }
            }
            Reading::Rows(rows) => rows.into_iter().for_each(|row| self.push(Block::Row(row))),
            Reading::Texts(texts) => texts.iter().for_each(|text| self.paragraph(text)),
        }
    }

    /// A question that the document answers; one that is there already is passed over.
    pub fn question(&mut self, question: &str, answer: &str) {
        let question = one_line(question);
        if self.questions.iter().all(|(known, _)| *known != question) {
            self.questions.push((question, answer.trim().to_owned()));
        }
    }

    /// A product that the document describes, in the shape of the plain JSON.
    pub fn product(&mut self, entry: Value) {
        self.products.push(entry);
    }

    /// Hands on the document and its questions. A file without any text is refused, a document that is too long is cut with a problem.
    pub fn finish(mut self, input: &Input<'_>, sink: &mut Sink<'_>) -> Result<(), ParseError> {
        self.sections
            .retain(|section| !section.blocks.is_empty() || !section.headings.is_empty());
        // A heading without text says something only as the path of what stands under it.
        let only_headings = self.sections.iter().all(|section| section.blocks.is_empty());
        if !only_headings {
            self.sections.retain(|section| !section.blocks.is_empty());
        }
        if self.sections.is_empty() && self.questions.is_empty() && self.products.is_empty() {
            return Err(ParseError::refused("problem_document_without_text"));
        }
        if self.is_cut {
            let problem = ImportProblem::new(SourcePlace::default(), "problem_document_too_long");
            sink.report(problem.with("limit", self.max_text_chars), None);
        }
        let title = self.chosen_title(input.name);
        let mut entries = Entries::new(WrongField::LeavesOutField);
        for (at, entry) in self.products.iter().enumerate() {
            entries.push("products", entry, SourcePlace::element(format!("products[{at}]")), sink)?;
        }
        for (at, (question, answer)) in self.questions.iter().enumerate() {
            let place = SourcePlace::element(format!("faq[{at}]"));
            entries.push("faq", &json!({"question": question, "answer": answer}), place, sink)?;
        }
        if self.sections.is_empty() {
            return Ok(());
        }
        let content = Content::Document {
            title,
            url: input.url.map(str::to_owned),
            sections: self.sections,
        };
        let source_id = input.url.unwrap_or(input.name).to_owned();
        sink.push(Item { source_id, content }, SourcePlace::default())
    }

    fn chosen_title(&self, name: &str) -> String {
        let own = self.title.as_deref().map(one_line).filter(|title| is_title(title));
        let heading = self.first_heading.as_ref().map(|(_, text)| text.clone());
        let title = own
            .or(heading)
            .unwrap_or_else(|| name_without_extension(name).to_owned());
        title.chars().take(MAX_TITLE_CHARS).collect()
    }

    fn push(&mut self, block: Block) {
        let chars = block.text().chars().count();
        if chars == 0 {
            return;
        }
        if self.chars + chars > self.max_text_chars {
            self.is_cut = true;
            return;
        }
        self.chars += chars;
        if self.sections.is_empty() {
            self.open_section();
        }
        if let Some(section) = self.sections.last_mut() {
            section.blocks.push(block);
        }
    }

    fn open_section(&mut self) {
        self.sections.push(Section {
            headings: self.path.iter().map(|(_, text)| text.clone()).collect(),
            place: self.place.clone(),
            blocks: Vec::new(),
        });
    }
}

/// Without line breaks and repeated spaces; characters that only steer a printer are dropped.
pub fn one_line(text: &str) -> String {
    let seen = text
        .chars()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}'));
    let seen: String = seen.map(|c| if c.is_control() { ' ' } else { c }).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_title(title: &str) -> bool {
    let lower = title.to_lowercase();
    let has_letters = title.chars().filter(|c| c.is_alphabetic()).count() > 2;
    has_letters && !lower.starts_with("microsoft word - ") && !NO_TITLES.contains(&lower.as_str())
}

/// `rules/Доставка.docx` is called `Доставка`.
pub fn name_without_extension(name: &str) -> &str {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match base.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.chars().count() <= 5 => stem,
        _ => base,
    }
}
