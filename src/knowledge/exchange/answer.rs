//! What 1C is told: lines of text whose first word it goes by, and sentences for whoever reads its journal.

use crate::domain::import::ImportProblem;
use crate::domain::language::Language;
use crate::i18n::sentence;
use crate::knowledge::import_view::told;
use std::borrow::Cow;

/// A sentence of the catalogs with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    key: Cow<'static, str>,
    values: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Success(Option<Sentence>),
    /// 1C asks again.
    Progress(Sentence),
    /// 1C ends its exchange and shows the sentence.
    Failure(Sentence),
    /// The same for files that were refused.
    Refused(ImportProblem),
    /// Lines as they are.
    Lines(Vec<String>),
    /// An XML document.
    Document(String),
}

impl Sentence {
    pub fn new(key: &'static str) -> Sentence {
        Sentence {
            key: Cow::Borrowed(key),
            values: Vec::new(),
        }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Sentence {
        self.values.push((name, value.to_string()));
        self
    }

    fn told(&self, language: Language) -> String {
        sentence(language, &self.key, &self.values)
    }
}

impl Answer {
    pub fn failure(key: &'static str) -> Answer {
        Answer::Failure(Sentence::new(key))
    }

    /// Gives the sentence of a failure a value.
    pub fn with(self, name: &'static str, value: impl ToString) -> Answer {
        match self {
            Answer::Failure(sentence) => Answer::Failure(sentence.with(name, value)),
            other => other,
        }
    }

    /// The text in the shop's language.
    pub fn text(&self, language: Language) -> String {
        match self {
            Answer::Success(None) => "success\n".to_owned(),
            Answer::Success(Some(sentence)) => format!("success\n{}\n", sentence.told(language)),
            Answer::Progress(sentence) => format!("progress\n{}\n", sentence.told(language)),
            Answer::Failure(sentence) => format!("failure\n{}\n", sentence.told(language)),
            Answer::Refused(problem) => format!("failure\n{}\n", told(problem, language)),
            Answer::Lines(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
            Answer::Document(document) => document.clone(),
        }
    }
}
