//! Reads a fragment back into statements: labels off, headings and list marks aside.

use crate::domain::generation::Fragment;
use crate::domain::knowledge::SourceType;
use crate::text::sentence::sentences;

/// Something that the shop says, as it may be quoted.
#[derive(Debug, PartialEq)]
pub struct Statement {
    pub text: String,
    /// What it stands under: the heading of a policy, the question of an FAQ entry. Never quoted.
    pub heading: String,
    /// A sentence that makes sense alone; an attribute ("Вес: 1150 г") answers only who asks for it.
    pub is_prose: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Field {
    Prose,
    /// Titles and questions: they say what a fragment is about.
    Heading,
    /// Stands in the product's row, and is quoted from there.
    Row,
    Attributes,
}

/// The labels that the index writes, in lower case.
const LABELS: &[(&str, Field)] = &[
    ("название", Field::Heading),
    ("name", Field::Heading),
    ("title", Field::Heading),
    ("вопрос", Field::Heading),
    ("question", Field::Heading),
    ("описание", Field::Prose),
    ("description", Field::Prose),
    ("ответ", Field::Prose),
    ("answer", Field::Prose),
    ("текст", Field::Prose),
    ("text", Field::Prose),
    ("характеристики", Field::Attributes),
    ("specifications", Field::Attributes),
    ("цена", Field::Row),
    ("price", Field::Row),
    ("старая цена", Field::Row),
    ("old price", Field::Row),
    ("наличие", Field::Row),
    ("availability", Field::Row),
    ("категория", Field::Row),
    ("category", Field::Row),
    ("бренд", Field::Row),
    ("brand", Field::Row),
    ("артикул", Field::Row),
    ("sku", Field::Row),
];

/// A longer beginning before a colon is a sentence, not the name of an attribute.
const MAX_ATTRIBUTE_NAME_WORDS: usize = 4;

pub fn statements(fragment: &Fragment) -> Vec<Statement> {
    let is_product = fragment.document.key.source_type == SourceType::Product;
    let mut found = Vec::new();
    let mut field = Field::Prose;
    let mut heading = String::new();
    for line in fragment.text.lines().map(str::trim) {
        let (label, line) = without_label(line, is_product);
        field = label.unwrap_or(field);
        if let Some(text) = line.strip_prefix('#') {
            text.trim_start_matches('#').trim().clone_into(&mut heading);
            continue;
        }
        match field {
            Field::Heading => line.clone_into(&mut heading),
            Field::Row => {}
            Field::Attributes => push_attributes(&mut found, line),
            Field::Prose if is_product && is_attribute(line) => push_attributes(&mut found, line),
            Field::Prose => {
                let quoted = sentences(without_list_mark(line)).into_iter().map(|text| Statement {
                    text: finished(text),
                    heading: heading.clone(),
                    is_prose: true,
                });
                found.extend(quoted);
            }
        }
        // Only prose runs over several lines; what follows another field has a label of its own or is an attribute.
        if is_product && field != Field::Prose {
            field = Field::Prose;
        }
    }
    found
}

fn without_label(line: &str, is_product: bool) -> (Option<Field>, &str) {
    let Some((label, rest)) = line.split_once(':') else {
        return (None, line);
    };
    let label = label.trim().to_lowercase();
    let known = LABELS.iter().find(|(name, _)| *name == label);
    match known {
        Some((_, Field::Row | Field::Attributes)) if !is_product => (None, line),
        Some((_, field)) => (Some(*field), rest.trim()),
        None => (None, line),
    }
}

fn is_attribute(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(name, value)| {
        name.split_whitespace().count() <= MAX_ATTRIBUTE_NAME_WORDS
            && !name.contains(['.', '!', '?', ','])
            && sentences(value).len() == 1
    })
}

fn push_attributes(found: &mut Vec<Statement>, line: &str) {
    let attributes = line.split(';').map(str::trim).filter(|attribute| !attribute.is_empty());
    found.extend(attributes.map(|attribute| Statement {
        text: finished(attribute),
        heading: String::new(),
        is_prose: false,
    }));
}

fn without_list_mark(line: &str) -> &str {
    if let Some(rest) = line.strip_prefix(['-', '*', '•', '–', '—']) {
        if rest.starts_with(char::is_whitespace) {
            return rest.trim_start();
        }
        return line;
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = rest.len() < line.len() && (rest.starts_with(". ") || rest.starts_with(") "));
    if is_numbered {
        rest.trim_start_matches(['.', ')']).trim_start()
    } else {
        line
    }
}

/// As a sentence of its own: a full stop at the end, and no brackets that would read as a citation.
fn finished(text: &str) -> String {
    let mut text = text
        .trim_end_matches([';', ',', ':'])
        .replace('[', "(")
        .replace(']', ")");
    if !text.ends_with(['.', '!', '?', '…']) {
        text.push('.');
    }
    text
}
