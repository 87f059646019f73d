//! What is wrong with one field of what somebody sent.

/// A problem names its field and a sentence of the catalogs; the edge turns it into text in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, as `products[3].price`; empty for the whole.
    pub path: String,
    /// A key of the catalogs, as `problem_required`.
    pub key: &'static str,
    /// Values of the sentence's placeholders.
    pub values: Vec<(&'static str, String)>,
}

impl Problem {
    pub fn new(path: impl Into<String>, key: &'static str) -> Problem {
        Problem {
            path: path.into(),
            key,
            values: Vec::new(),
        }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Problem {
        self.values.push((name, value.to_string()));
        self
    }
}
