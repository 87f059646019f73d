//! The plain JSON of a shop: `{products, faq, policies}` becomes items, or the list of everything that is wrong with it. Nothing is taken
//! of a payload with problems; a file that is read as a stream (`json_stream`) only loses the entries that are wrong.

use crate::domain::knowledge::ProductRow;
use crate::domain::problem::Problem;
use crate::knowledge::item::Content;
use crate::knowledge::item::Item;
use crate::knowledge::parsing::fields::Fields;
use crate::knowledge::parsing::fields::MAX_SHORT_CHARS;
use crate::knowledge::parsing::fields::MAX_TEXT_CHARS;
use crate::knowledge::parsing::fields::MAX_TITLE_CHARS;
use crate::knowledge::parsing::fields::short_text;
use serde_json::Map;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;
use std::collections::HashMap;

/// Items in one payload; a larger catalogue comes in several.
pub const MAX_ITEMS: usize = 200_000;
/// Problems told at once; past these, the file is simply not this format.
const MAX_PROBLEMS: usize = 100;

pub const SECTIONS: [&str; 3] = ["products", "faq", "policies"];
const PRODUCT_FIELDS: [&str; 12] = [
    "id",
    "name",
    "description",
    "price",
    "old_price",
    "currency",
    "url",
    "image",
    "category",
    "brand",
    "in_stock",
    "attributes",
];

/// Why a payload was not taken.
#[derive(Debug, Clone, PartialEq)]
pub enum PayloadError {
    /// Not JSON; the text tells line and column.
    Syntax(String),
    /// JSON with these problems, in the order of the payload, at most 100.
    Problems(Vec<Problem>),
}

/// The items in the order products, faq, policies. Each id is there once in its section.
pub fn parse_payload(bytes: &[u8]) -> Result<Vec<Item>, PayloadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes).map_err(|error| PayloadError::Syntax(error.to_string()))?;
    let Value::Object(sections) = value else {
        return Err(PayloadError::Problems(vec![Problem::new("", "problem_object")]));
    };
    let mut reader = Reader::default();
    for name in sections.keys().filter(|name| !SECTIONS.contains(&name.as_str())) {
        let nearest = nearest_section(name);
        reader
            .problems
            .push(Problem::new(name.clone(), "problem_unknown_section").with("nearest", nearest));
    }
    for name in SECTIONS {
        reader.read_section(name, sections.get(name));
    }
    if reader.items.len() > MAX_ITEMS {
        let problem = Problem::new("", "problem_too_many")
            .with("length", reader.items.len())
            .with("limit", MAX_ITEMS);
        reader.problems.insert(0, problem);
    }
    reader.problems.truncate(MAX_PROBLEMS);
    if reader.problems.is_empty() {
        Ok(reader.items)
    } else {
        Err(PayloadError::Problems(reader.problems))
    }
}

/// The section that a wrong name resembles most.
pub fn nearest_section(name: &str) -> &'static str {
    let likeness = |section: &&str| strsim::jaro_winkler(name, section);
    SECTIONS
        .into_iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .unwrap_or("products")
}

#[derive(Default)]
struct Reader {
    items: Vec<Item>,
    problems: Vec<Problem>,
}

impl Reader {
    fn read_section(&mut self, section: &'static str, value: Option<&Value>) {
        let entries = match value {
            None | Some(Value::Null) => return,
            Some(Value::Array(entries)) => entries,
            Some(_) => return self.problems.push(Problem::new(section, "problem_list")),
        };
        // Where each id was first used, so that its repetition can name it.
        let mut first_uses: HashMap<String, String> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            let path = format!("{section}[{index}]");
            let Some((given_id, content)) = read_entry(section, &path, entry, &mut self.problems) else {
                continue;
            };
            let source_id = match given_id {
                Some(id) => {
                    if let Some(first) = first_uses.get(&id) {
                        let problem = Problem::new(format!("{path}.id"), "problem_duplicate").with("first", first);
                        self.problems.push(problem);
                    }
                    id
                }
                None => made_id(&content, |id| first_uses.contains_key(id)),
            };
            first_uses.entry(source_id.clone()).or_insert(path);
            self.items.push(Item { source_id, content });
        }
    }
}

/// One entry of a section with the id that it gives itself. Problems are noted, and what they are about is left out; `None` for what
/// is no object.
pub fn read_entry(
    section: &str,
    path: &str,
    entry: &Value,
    problems: &mut Vec<Problem>,
) -> Option<(Option<String>, Content)> {
    let Value::Object(object) = entry else {
        problems.push(Problem::new(path, "problem_object"));
        return None;
    };
    let mut fields = Fields {
        object,
        path: path.to_owned(),
        problems,
    };
    let given_id = fields.optional_id();
    let content = match section {
        "products" => read_product(&mut fields),
        "faq" => Content::Faq {
            question: fields.required_text("question", MAX_TITLE_CHARS),
            answer: fields.required_text("answer", MAX_TEXT_CHARS),
        },
        _ => Content::Policy {
            title: fields.required_text("title", MAX_TITLE_CHARS),
            text: fields.required_text("content", MAX_TEXT_CHARS),
        },
    };
    Some((given_id, content))
}

fn read_product(fields: &mut Fields<'_>) -> Content {
    let name = fields.required_text("name", MAX_TITLE_CHARS);
    let description = fields.optional_text("description", MAX_TEXT_CHARS).unwrap_or_default();
    let row = ProductRow {
        price: fields.optional_amount("price"),
        old_price: fields.optional_amount("old_price"),
        currency: fields.optional_text("currency", 16),
        image: fields.optional_url("image"),
        category: fields.optional_text("category", MAX_TITLE_CHARS),
        brand: fields.optional_text("brand", MAX_TITLE_CHARS),
        in_stock: fields.optional_boolean("in_stock"),
        attributes: fields.attributes("attributes"),
    };
    let url = fields.optional_url("url");
    Content::Product {
        name,
        description,
        url,
        row: with_other_fields(row, fields.object),
    }
}

/// Fields that the format does not name are kept as attributes when they are short texts: shops have their own.
fn with_other_fields(mut row: ProductRow, object: &Map<String, Value>) -> ProductRow {
    for (name, value) in object
        .iter()
        .filter(|(name, _)| !PRODUCT_FIELDS.contains(&name.as_str()))
    {
        if let Some(text) = short_text(value).filter(|text| !text.is_empty() && text.chars().count() <= MAX_SHORT_CHARS)
        {
            row.attributes.entry(name.trim().to_owned()).or_insert(text);
        }
    }
    row
}

/// A stable id for an item that has none: made from what names it, so that changing its text keeps it the same item. A second
/// item of the same name takes a number.
pub fn made_id(content: &Content, is_taken: impl Fn(&str) -> bool) -> String {
    let (kind, name) = match content {
        Content::Product { name, .. } => ("product", name),
        Content::Faq { question, .. } => ("faq", question),
        Content::Policy { title, .. } => ("policy", title),
        Content::Document { title, .. } => ("document", title),
    };
    let digest = Sha256::digest(format!("{kind}\0{name}"));
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let mut id = format!("auto-{hash}");
    let mut number = 2;
    while is_taken(&id) {
        id = format!("auto-{hash}-{number}");
        number += 1;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::PayloadError;
    use super::parse_payload;
    use serde_json::json;

    fn problems(value: serde_json::Value) -> Vec<(String, &'static str)> {
        match parse_payload(value.to_string().as_bytes()) {
            Err(PayloadError::Problems(problems)) => problems
                .into_iter()
                .map(|problem| (problem.path, problem.key))
                .collect(),
            other => panic!("no problems: {other:?}"),
        }
    }

    #[test]
    fn all_problems_are_told_at_once_with_their_places() {
        let found = problems(json!({
            "product": [],
            "products": [{"id": "a", "name": "x", "price": "дорого"}, {"id": "a", "name": " "}, 5],
            "faq": [{"question": "q"}],
            "policies": {"title": "t"},
        }));
        let expected = [
            ("product", "problem_unknown_section"),
            ("products[0].price", "problem_number"),
            ("products[1].name", "problem_empty"),
            ("products[1].id", "problem_duplicate"),
            ("products[2]", "problem_object"),
            ("faq[0].answer", "problem_required"),
            ("policies", "problem_list"),
        ];
        assert_eq!(found, expected.map(|(path, key)| (path.to_owned(), key)));
    }

    #[test]
    fn items_without_an_id_get_a_stable_one() {
        let items = |answer: &str| {
            let value = json!({"faq": [{"question": "q", "answer": answer}, {"question": "q", "answer": "b"}]});
            parse_payload(value.to_string().as_bytes())
                .unwrap()
                .into_iter()
                .map(|item| item.source_id)
                .collect::<Vec<_>>()
        };
        let first = items("a");
        assert_eq!(first, items("changed"));
        assert_ne!(first.first(), first.last());
    }

    #[test]
    fn a_syntax_error_tells_its_line() {
        let Err(PayloadError::Syntax(message)) = parse_payload(b"{\n  \"products\": [,]\n}") else {
            panic!("it was read")
        };
        assert!(message.contains("line 2"), "{message}");
    }

    #[test]
    fn a_link_with_a_script_is_refused() {
        let found = problems(json!({"products": [{"id": 1, "name": "x", "url": "javascript:alert(1)"}]}));
        assert_eq!(found, [("products[0].url".to_owned(), "problem_url")]);
    }
}
