//! Reads the fields of a definition's JSON and gathers what is wrong with them, so that an owner is told all of it at once.

use crate::domain::problem::Problem;
use crate::domain::survey_definition::LocalText;
use serde_json::Map;
use serde_json::Value;

const LANGUAGES: [&str; 2] = ["ru", "en"];

/// One object with its place, as `definition.questions[2]`. Each method notes a problem and goes on with nothing.
pub struct Fields<'a> {
    pub object: &'a Map<String, Value>,
    pub path: String,
    pub problems: &'a mut Vec<Problem>,
}

impl<'a> Fields<'a> {
    /// The fields of `value`, when it is an object; any that `known` does not name is a problem.
    pub fn open(
        value: &'a Value,
        path: impl Into<String>,
        known: &[&str],
        problems: &'a mut Vec<Problem>,
    ) -> Option<Fields<'a>> {
        let path = path.into();
        let Some(object) = value.as_object() else {
            problems.push(Problem::new(path, "problem_object"));
            return None;
        };
        let fields = Fields { object, path, problems };
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            let nearest = nearest(name, known);
            let problem = Problem::new(fields.place(name), "problem_unknown_key").with("nearest", nearest);
            fields.problems.push(problem);
        }
        Some(fields)
    }

    /// The value of a field; null is as good as absent.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub fn place(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub fn note(&mut self, name: &str, key: &'static str) {
        let problem = Problem::new(self.place(name), key);
        self.problems.push(problem);
    }

    /// A whole number from `least` to `most`.
    pub fn whole(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.value(name)?;
        let number = value.as_i64().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.note_range(name, least, most);
        }
        number
    }

    /// A number from 0 to 1.
    pub fn share(&mut self, name: &str) -> Option<f64> {
        let value = self.value(name)?;
        let number = value.as_f64().filter(|number| (0.0..=1.0).contains(number));
        if number.is_none() {
            self.note_range(name, 0, 1);
        }
        number
    }

    fn note_range(&mut self, name: &str, least: i64, most: i64) {
        let problem = Problem::new(self.place(name), "problem_range");
        self.problems.push(problem.with("least", least).with("most", most));
    }

    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.value(name)?;
        if !value.is_boolean() {
            self.note(name, "problem_boolean");
        }
        value.as_bool()
    }

    /// A text, trimmed and not blank.
    pub fn text(&mut self, name: &str, limit: usize) -> Option<String> {
        let value = self.value(name)?;
        let path = self.place(name);
        checked_text(value, path, limit, self.problems)
    }

    /// One of these words.
    pub fn word(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let value = self.value(name)?;
        let word = words.iter().find(|word| value.as_str() == Some(**word)).copied();
        if word.is_none() {
            let problem = Problem::new(self.place(name), "problem_one_of").with("values", words.join(", "));
            self.problems.push(problem);
        }
        word
    }

    /// A text for all languages, or one for each of some.
    pub fn local_text(&mut self, name: &str, limit: usize) -> Option<LocalText> {
        let value = self.value(name)?;
        let path = self.place(name);
        match value {
            Value::String(_) => checked_text(value, path, limit, self.problems).map(LocalText::Same),
            Value::Object(_) => {
                let mut each = Fields::open(value, path, &LANGUAGES, self.problems)?;
                let (ru, en) = (each.text("ru", limit), each.text("en", limit));
                if each.value("ru").is_none() && each.value("en").is_none() {
                    let path = each.path.clone();
                    each.problems.push(Problem::new(path, "problem_local_text"));
                }
                (ru.is_some() || en.is_some()).then_some(LocalText::Each { ru, en })
            }
            _ => {
                self.note(name, "problem_local_text");
                None
            }
        }
    }

    /// As `local_text`, of a field that must be there.
    pub fn required_local_text(&mut self, name: &str, limit: usize) -> LocalText {
        if self.value(name).is_none() {
            self.note(name, "problem_required");
        }
        self.local_text(name, limit)
            .unwrap_or_else(|| LocalText::Same(String::new()))
    }

    /// The entries of a list, at most `limit`; a longer one is a problem and is not read.
    pub fn list(&mut self, name: &str, limit: usize) -> Option<&'a [Value]> {
        let Some(entries) = self.value(name)?.as_array() else {
            self.note(name, "problem_list");
            return None;
        };
        if entries.is_empty() {
            self.note(name, "problem_empty");
        }
        if entries.len() > limit {
            let problem = Problem::new(self.place(name), "problem_too_many");
            self.problems
                .push(problem.with("length", entries.len()).with("limit", limit));
            return None;
        }
        Some(entries)
    }

    /// An id that must be there: Latin letters, digits, `-` and `_`.
    pub fn id(&mut self) -> String {
        let Some(value) = self.value("id") else {
            self.note("id", "problem_required");
            return String::new();
        };
        let id = value.as_str().filter(|id| is_id(id));
        if id.is_none() {
            self.note("id", "problem_short_id");
        }
        id.unwrap_or_default().to_owned()
    }
}

fn is_id(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

fn checked_text(value: &Value, path: String, limit: usize, problems: &mut Vec<Problem>) -> Option<String> {
    let Some(text) = value.as_str().map(str::trim) else {
        problems.push(Problem::new(path, "problem_text"));
        return None;
    };
    let length = text.chars().count();
    if length == 0 {
        problems.push(Problem::new(path, "problem_empty"));
        return None;
    }
    if length > limit {
        let problem = Problem::new(path, "problem_too_long");
        problems.push(problem.with("length", length).with("limit", limit));
        return None;
    }
    Some(text.to_owned())
}

fn nearest<'k>(name: &str, known: &[&'k str]) -> &'k str {
    let likeness = |key: &str| strsim::jaro_winkler(name, key);
    known
        .iter()
        .copied()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .unwrap_or_default()
}
