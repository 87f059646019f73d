//! What a survey asks, of whom and when. The JSON is the same everywhere: an owner sends it, the store keeps it, the widget reads it.

use crate::domain::language::Language;
use serde::Deserialize;
use serde::Serialize;

/// The version of the format of definitions.
pub const FORMAT_VERSION: u32 = 1;

/// What is asked, of whom and when. Checked when it was sent: ids are unique, conditions name earlier questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    pub version: u32,
    /// A line above the first question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<LocalText>,
    /// Said at the end; the widget has words of its own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thanks: Option<LocalText>,
    pub questions: Vec<Question>,
    pub triggers: Triggers,
    /// The share of visitors who are asked, 0 to 1.
    pub share: f64,
    /// Whether a visitor is asked once and never again.
    pub once_per_visitor: bool,
    /// Days that must have passed since the widget last asked this visitor for anything.
    pub pause_days: u32,
}

impl Definition {
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }
}

/// One text for all languages, or one for each of some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LocalText {
    Same(String),
    Each {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ru: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        en: Option<String>,
    },
}

impl LocalText {
    /// The text in this language, else in the other.
    pub fn in_language(&self, language: Language) -> &str {
        let text = match (self, language) {
            (LocalText::Same(text), _) => Some(text),
            (LocalText::Each { ru, en }, Language::Ru) => ru.as_ref().or(en.as_ref()),
            (LocalText::Each { ru, en }, Language::En) => en.as_ref().or(ru.as_ref()),
        };
        text.map_or("", String::as_str)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    pub id: String,
    #[serde(flatten)]
    pub kind: QuestionKind,
    pub title: LocalText,
    /// A smaller line below the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<LocalText>,
    #[serde(default)]
    pub required: bool,
    /// Asked only if this holds; always when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_if: Option<Condition>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum QuestionKind {
    /// A whole number from 1 to 5, or from 0 to 10 (NPS).
    Rating {
        scale: Scale,
        look: Look,
        /// What the lowest and the highest value mean.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        low: Option<LocalText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        high: Option<LocalText>,
    },
    /// The id of one option.
    Single { options: Vec<Choice> },
    /// The ids of options, each once.
    Multiple { options: Vec<Choice> },
    /// A text.
    Text,
    /// An object with some of these fields.
    Contact { fields: Vec<ContactField> },
    /// True or false. `url` leads to what is consented to.
    Consent {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
}

impl QuestionKind {
    pub const NAMES: [&'static str; 6] = ["rating", "single", "multiple", "text", "contact", "consent"];

    pub fn name(&self) -> &'static str {
        match self {
            QuestionKind::Rating { .. } => "rating",
            QuestionKind::Single { .. } => "single",
            QuestionKind::Multiple { .. } => "multiple",
            QuestionKind::Text => "text",
            QuestionKind::Contact { .. } => "contact",
            QuestionKind::Consent { .. } => "consent",
        }
    }

    /// The options of a choice; none of other kinds.
    pub fn options(&self) -> &[Choice] {
        match self {
            QuestionKind::Single { options } | QuestionKind::Multiple { options } => options,
            _ => &[],
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Scale {
    /// 1 to 5.
    Five,
    /// 0 to 10, for the net promoter score (Reichheld, 2003).
    Nps,
}

impl Scale {
    /// The lowest and the highest value.
    pub fn bounds(self) -> (i64, i64) {
        match self {
            Scale::Five => (1, 5),
            Scale::Nps => (0, 10),
        }
    }
}

impl TryFrom<u8> for Scale {
    type Error = &'static str;

    fn try_from(most: u8) -> Result<Scale, &'static str> {
        match most {
            5 => Ok(Scale::Five),
            10 => Ok(Scale::Nps),
            _ => Err("a scale ends at 5 or 10"),
        }
    }
}

impl From<Scale> for u8 {
    fn from(scale: Scale) -> u8 {
        match scale {
            Scale::Five => 5,
            Scale::Nps => 10,
        }
    }
}

/// How a rating is drawn. The scale to 10 is always numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    Stars,
    Numbers,
    Emoji,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub id: String,
    pub title: LocalText,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactField {
    Name,
    Email,
    Phone,
}

impl ContactField {
    pub const ALL: [ContactField; 3] = [ContactField::Name, ContactField::Email, ContactField::Phone];

    pub fn name(self) -> &'static str {
        match self {
            ContactField::Name => "name",
            ContactField::Email => "email",
            ContactField::Phone => "phone",
        }
    }
}

/// Holds when the answer to an earlier question is as told. A question that was not asked has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    pub question: String,
    /// Of a rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<i64>,
    /// Of a rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<i64>,
    /// Of a choice: one of these options was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_of: Option<Vec<String>>,
    /// Of any kind: whether there is an answer; of a consent, whether it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<bool>,
}

/// When the widget shows the survey by itself: at the first of the named moments, on pages that fit `url_pattern`. With a
/// pattern and no moment it is shown when such a page is opened; with neither, only the page's own script shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Triggers {
    /// After this many answers of the assistant in one visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_messages: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_vote: Option<VoteMoment>,
    /// When the pointer leaves the page for the browser's own buttons; there is no such moment on phones.
    #[serde(default)]
    pub exit_intent: bool,
    /// A path as `/cart*`, or a whole address without its query; `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_pattern: Option<String>,
    /// After this many seconds on one page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_seconds: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VoteMoment {
    Any,
    Up,
    Down,
}

#[cfg(test)]
mod tests {
    use super::LocalText;
    use super::Question;
    use crate::domain::language::Language;
    use serde_json::json;

    #[test]
    fn a_text_falls_back_to_the_other_language() {
        let text: LocalText = serde_json::from_value(json!({"en": "Hello"})).unwrap();
        assert_eq!(text.in_language(Language::Ru), "Hello");
        let same: LocalText = serde_json::from_value(json!("NPS")).unwrap();
        assert_eq!(same.in_language(Language::En), "NPS");
    }

    #[test]
    fn a_question_is_stored_as_it_was_written() {
        let written = json!({"id": "q1", "kind": "rating", "scale": 10, "look": "numbers", "title": {"ru": "Оцените"},
            "required": true, "showIf": {"question": "q0", "anyOf": ["a"]}});
        let question: Question = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(question).unwrap(), written);
    }
}
