//! Responses as rows: CSV for a spreadsheet, JSON for programs.

use crate::domain::language::Language;
use crate::domain::survey::SurveyResponse;
use crate::domain::survey_definition::Definition;
use crate::domain::survey_definition::Question;
use crate::domain::survey_definition::QuestionKind;
use crate::i18n::sentence;
use crate::surveys::results::Places;
use crate::surveys::results::all_questions;
use crate::text::csv::BYTE_ORDER_MARK;
use crate::text::csv::csv_row;
use serde_json::Value;

const FIXED: [&str; 7] = [
    "id",
    "created_at",
    "updated_at",
    "status",
    "version",
    "session_id",
    "page_url",
];

/// A table with a column for each question that any version asked; contacts have one for each field.
pub struct Table {
    questions: Vec<Question>,
    places: Places,
    language: Language,
    separator: char,
}

impl Table {
    pub fn new(versions: &[(u32, Definition)], language: Language, separator: char) -> Table {
        let questions = all_questions(versions);
        Table {
            places: Places::new(versions, &questions),
            questions,
            language,
            separator,
        }
    }

    /// The first line, with a mark for Excel before it.
    pub fn head(&self) -> String {
        let mut cells: Vec<String> = FIXED.map(str::to_owned).to_vec();
        for question in &self.questions {
            let title = question.title.in_language(self.language);
            match &question.kind {
                QuestionKind::Contact { fields } => {
                    cells.extend(
                        fields
                            .iter()
                            .map(|field| format!("{}.{}: {title}", question.id, field.name())),
                    );
                }
                _ => cells.push(format!("{}: {title}", question.id)),
            }
        }
        format!("{BYTE_ORDER_MARK}{}", csv_row(cells, self.separator))
    }

    pub fn rows(&self, responses: &[SurveyResponse]) -> String {
        responses.iter().map(|response| self.row(response)).collect()
    }

    fn row(&self, response: &SurveyResponse) -> String {
        let url = response
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.get("url")?.as_str());
        let mut cells = vec![
            response.id.to_string(),
            response.created_at.to_string(),
            response.updated_at.to_string(),
            response.status.name().to_owned(),
            response.version.to_string(),
            response.session.to_string(),
            url.unwrap_or_default().to_owned(),
        ];
        let mut answers: Vec<Option<&Value>> = vec![None; self.questions.len()];
        for (place, answer) in self.places.answers(response) {
            if let Some(cell) = answers.get_mut(place) {
                *cell = Some(answer);
            }
        }
        for (question, answer) in self.questions.iter().zip(answers) {
            self.push_answer(question, answer, &mut cells);
        }
        csv_row(cells, self.separator)
    }

    fn push_answer(&self, question: &Question, answer: Option<&Value>, cells: &mut Vec<String>) {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        match &question.kind {
            QuestionKind::Contact { fields } => {
                let field = |name: &str| text(answer.and_then(|answer| answer.get(name)));
                cells.extend(fields.iter().map(|it| field(it.name())));
            }
            QuestionKind::Single { options } | QuestionKind::Multiple { options } => {
                let given = answer.map_or(&[][..], |answer| {
                    answer.as_array().map_or(std::slice::from_ref(answer), Vec::as_slice)
                });
                let titles = options
                    .iter()
                    .filter(|option| given.iter().any(|id| id.as_str() == Some(option.id.as_str())))
                    .map(|option| option.title.in_language(self.language));
                cells.push(titles.collect::<Vec<_>>().join("; "));
            }
            QuestionKind::Consent { .. } => cells.push(match answer.and_then(Value::as_bool) {
                Some(true) => sentence(self.language, "survey_yes", &[]),
                Some(false) => sentence(self.language, "survey_no", &[]),
                None => String::new(),
            }),
            QuestionKind::Rating { .. } => cells.push(answer.map(Value::to_string).unwrap_or_default()),
            QuestionKind::Text => cells.push(text(answer)),
        }
    }
}
