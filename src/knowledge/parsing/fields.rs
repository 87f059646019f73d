//! Reads fields of a JSON object and gathers what is wrong with them.

use crate::domain::problem::Problem;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;

pub const MAX_TITLE_CHARS: usize = 1_000;
pub const MAX_TEXT_CHARS: usize = 1_000_000;
pub const MAX_SHORT_CHARS: usize = 2_000;
pub const MAX_ATTRIBUTES: usize = 200;

/// One object with its place in the payload. Each method notes a problem and goes on with nothing, so that all are found.
pub struct Fields<'a> {
    pub object: &'a Map<String, Value>,
    pub path: String,
    pub problems: &'a mut Vec<Problem>,
}

impl Fields<'_> {
    /// A text that must be there and not be blank.
    pub fn required_text(&mut self, name: &str, limit: usize) -> String {
        match self.object.get(name) {
            None | Some(Value::Null) => self.note(name, "problem_required"),
            Some(_) => {
                let before = self.problems.len();
                let text = self.optional_text(name, limit);
                if text.is_none() && self.problems.len() == before {
                    self.note(name, "problem_empty");
                }
                return text.unwrap_or_default();
            }
        }
        String::new()
    }

    /// A text, trimmed; absent, null and blank are `None`.
    pub fn optional_text(&mut self, name: &str, limit: usize) -> Option<String> {
        let text = match self.object.get(name)? {
            Value::Null => return None,
            Value::String(text) => text.trim(),
            _ => {
                self.note(name, "problem_text");
                return None;
            }
        };
        let length = text.chars().count();
        if length > limit {
            let problem = Problem::new(self.place(name), "problem_too_long")
                .with("length", length)
                .with("limit", limit);
            self.problems.push(problem);
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// An id: a text or a whole number.
    pub fn optional_id(&mut self) -> Option<String> {
        match self.object.get("id") {
            Some(Value::Number(number)) if !number.is_f64() => Some(number.to_string()),
            _ => self.optional_text("id", MAX_SHORT_CHARS),
        }
    }

    /// An amount that is not negative: a number, or a text such as `1 990,50`.
    pub fn optional_amount(&mut self, name: &str) -> Option<f64> {
        let amount = match self.object.get(name)? {
            Value::Null => return None,
            Value::Number(number) => number.as_f64(),
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => parse_amount(text),
            _ => None,
        };
        let amount = amount.filter(|amount| amount.is_finite() && *amount >= 0.0);
        if amount.is_none() {
            self.note(name, "problem_number");
        }
        amount
    }

    pub fn optional_boolean(&mut self, name: &str) -> Option<bool> {
        match self.object.get(name)? {
            Value::Null => None,
            Value::Bool(value) => Some(*value),
            _ => {
                self.note(name, "problem_boolean");
                None
            }
        }
    }

    /// A web address. Other schemes are refused: the widget makes links of it.
    pub fn optional_url(&mut self, name: &str) -> Option<String> {
        let url = self.optional_text(name, MAX_SHORT_CHARS)?;
        let lower = url.to_ascii_lowercase();
        if lower.starts_with("https://") || lower.starts_with("http://") {
            return Some(url);
        }
        self.note(name, "problem_url");
        None
    }

    /// Names with short values. Numbers, booleans and lists of them become text; anything deeper is a problem.
    pub fn attributes(&mut self, name: &str) -> BTreeMap<String, String> {
        let object = match self.object.get(name) {
            None | Some(Value::Null) => return BTreeMap::new(),
            Some(Value::Object(object)) => object,
            Some(_) => {
                self.note(name, "problem_object");
                return BTreeMap::new();
            }
        };
        if object.len() > MAX_ATTRIBUTES {
            let problem = Problem::new(self.place(name), "problem_too_many");
            self.problems
                .push(problem.with("length", object.len()).with("limit", MAX_ATTRIBUTES));
        }
        let mut attributes = BTreeMap::new();
        for (key, value) in object.iter().take(MAX_ATTRIBUTES) {
            match short_text(value) {
                Some(text) if text.chars().count() <= MAX_SHORT_CHARS => {
                    if !text.is_empty() {
                        attributes.insert(key.trim().to_owned(), text);
                    }
                }
                Some(text) => {
                    let problem = Problem::new(self.place(&format!("{name}.{key}")), "problem_too_long");
                    self.problems.push(
                        problem
                            .with("length", text.chars().count())
                            .with("limit", MAX_SHORT_CHARS),
                    );
                }
                None => self.note(&format!("{name}.{key}"), "problem_text"),
            }
        }
        attributes
    }

    fn note(&mut self, name: &str, key: &'static str) {
        self.problems.push(Problem::new(self.place(name), key));
    }

    fn place(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }
}

/// A scalar, or a list of scalars joined by commas, as text.
pub fn short_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Array(values) => {
            let texts = values
                .iter()
                .map(|value| if value.is_array() { None } else { short_text(value) });
            texts.collect::<Option<Vec<_>>>().map(|texts| texts.join(", "))
        }
        Value::Object(_) => None,
    }
}

/// Reads `1990`, `1 990,50`, `1,990.50`, `1.990,50` and `1990 ₽`: spaces and a currency around the number do not matter. Of two
/// marks the last is the decimal one. A single mark before exactly three digits may be either, and is refused: a price must
/// not be guessed.
fn parse_amount(text: &str) -> Option<f64> {
    let is_currency = |c: char| matches!(c, '₽' | '$' | '€' | '.') || c.is_alphabetic();
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || is_currency(c));
    let number: String = trimmed.chars().filter(|c| !c.is_whitespace()).collect();
    let Some(mark) = number.rfind([',', '.']) else {
        return number.parse().ok();
    };
    let (whole, fraction) = number.split_at(mark);
    let decimals = fraction.get(1..).unwrap_or_default();
    let is_grouped = whole.contains([',', '.']);
    if decimals.len() == 3 && !is_grouped {
        return None;
    }
    let digits: String = whole.chars().filter(|c| !matches!(c, ',' | '.')).collect();
    format!("{digits}.{decimals}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse_amount;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, amount) in [
            ("1990", 1990.0),
            ("1 990,50", 1990.5),
            ("1,990.50", 1990.5),
            ("1.990,50", 1990.5),
            ("1 990 ₽", 1990.0),
            ("1 990,50 руб.", 1990.5),
            ("$0.5", 0.5),
        ] {
            assert_eq!(parse_amount(text), Some(amount), "{text}");
        }
        for text in ["1,990", "1.299", "$1,299", "10-20", "дорого", ""] {
            assert_eq!(parse_amount(text), None, "{text}");
        }
    }
}
