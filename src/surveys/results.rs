//! What the responses say, question by question.

use crate::domain::language::Language;
use crate::domain::survey::SurveyResponse;
use crate::domain::survey_definition::Definition;
use crate::domain::survey_definition::Question;
use crate::domain::survey_definition::QuestionKind;
use crate::domain::survey_definition::Scale;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The lowest of the five ratings that count as satisfied (CSAT, top two boxes).
const SATISFIED_FROM: usize = 4;
/// Promoters and detractors of the net promoter score (Reichheld, 2003).
const PROMOTER_FROM: usize = 9;
const DETRACTOR_TO: usize = 6;

/// The figures of one question over all versions of the survey in which it is of the same kind.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QuestionResults {
    pub id: String,
    pub kind: &'static str,
    /// In the shop's language, as the newest version words it.
    pub title: String,
    /// Responses, partial ones too, that answer it.
    pub answered: u64,
    /// Of ratings: the mean, with two decimals.
    pub average: Option<f64>,
    /// Of ratings from 0 to 10: percent of 9 and 10 less percent of 0 to 6, with one decimal, -100 to 100.
    pub nps: Option<f64>,
    /// Of ratings from 1 to 5: the share of 4 and 5, with four decimals.
    pub csat: Option<f64>,
    /// How often each value was given, in the order of the question; empty for texts and contacts.
    pub counts: Vec<ValueCount>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ValueCount {
    /// A rating, an option's id, true or false.
    #[schema(value_type = Object)]
    pub value: Value,
    /// Of an option, in the shop's language.
    pub title: Option<String>,
    pub count: u64,
}

/// The questions of all versions, each once: those of the newest in its order, then what only older ones asked.
pub fn all_questions(versions: &[(u32, Definition)]) -> Vec<Question> {
    let mut all: Vec<Question> = Vec::new();
    for question in versions.iter().flat_map(|(_, definition)| &definition.questions) {
        match all.iter_mut().find(|known| is_same(known, question)) {
            None => all.push(question.clone()),
            Some(known) => add_options(known, question),
        }
    }
    all
}

/// Whether answers to the two can be counted together.
fn is_same(one: &Question, other: &Question) -> bool {
    one.id == other.id && one.kind.name() == other.kind.name() && scale(one) == scale(other)
}

fn scale(question: &Question) -> Option<Scale> {
    match question.kind {
        QuestionKind::Rating { scale, .. } => Some(scale),
        _ => None,
    }
}

/// Options that only an older version had come after the newer ones.
fn add_options(known: &mut Question, older: &Question) {
    if let QuestionKind::Single { options } | QuestionKind::Multiple { options } = &mut known.kind {
        for option in older.kind.options() {
            if !options.iter().any(|have| have.id == option.id) {
                options.push(option.clone());
            }
        }
    }
    if let (QuestionKind::Contact { fields }, QuestionKind::Contact { fields: others }) = (&mut known.kind, &older.kind)
    {
        for field in others {
            if !fields.contains(field) {
                fields.push(*field);
            }
        }
    }
}

/// Where each version's questions stand among all questions.
pub struct Places {
    by_version: BTreeMap<u32, BTreeMap<String, usize>>,
}

impl Places {
    pub fn new(versions: &[(u32, Definition)], all: &[Question]) -> Places {
        let mut by_version = BTreeMap::new();
        for (version, definition) in versions {
            let places = definition.questions.iter().filter_map(|question| {
                let place = all.iter().position(|known| is_same(known, question))?;
                Some((question.id.clone(), place))
            });
            by_version.insert(*version, places.collect());
        }
        Places { by_version }
    }

    /// The answers of a response by the place of their question.
    pub fn answers<'a>(&'a self, response: &'a SurveyResponse) -> impl Iterator<Item = (usize, &'a Value)> {
        let places = self.by_version.get(&response.version);
        response
            .answers
            .iter()
            .filter_map(move |(id, answer)| Some((*places?.get(id)?, answer)))
    }
}

/// Counts answers; one response after the other.
pub struct Tally {
    questions: Vec<Question>,
    places: Places,
    answered: Vec<u64>,
    counts: Vec<Vec<u64>>,
}

impl Tally {
    pub fn new(versions: &[(u32, Definition)]) -> Tally {
        let questions = all_questions(versions);
        Tally {
            places: Places::new(versions, &questions),
            answered: vec![0; questions.len()],
            counts: questions
                .iter()
                .map(|question| vec![0; values(question).len()])
                .collect(),
            questions,
        }
    }

    pub fn add(&mut self, response: &SurveyResponse) {
        for (place, answer) in self.places.answers(response) {
            let (Some(question), Some(counts), Some(answered)) = (
                self.questions.get(place),
                self.counts.get_mut(place),
                self.answered.get_mut(place),
            ) else {
                continue;
            };
            *answered += 1;
            let given = answer.as_array().map_or(std::slice::from_ref(answer), Vec::as_slice);
            for (value, count) in values(question).iter().zip(counts) {
                *count += u64::from(given.contains(value));
            }
        }
    }

    pub fn results(self, language: Language) -> Vec<QuestionResults> {
        let figures = self.answered.into_iter().zip(self.counts);
        self.questions
            .iter()
            .zip(figures)
            .map(|(question, (answered, counts))| results_of(question, answered, &counts, language))
            .collect()
    }
}

/// The values that are counted, in their order.
fn values(question: &Question) -> Vec<Value> {
    match &question.kind {
        QuestionKind::Rating { scale, .. } => {
            let (least, most) = scale.bounds();
            (least..=most).map(Value::from).collect()
        }
        QuestionKind::Consent { .. } => vec![Value::Bool(true), Value::Bool(false)],
        kind => kind
            .options()
            .iter()
            .map(|option| Value::from(option.id.clone()))
            .collect(),
    }
}

fn results_of(question: &Question, answered: u64, counts: &[u64], language: Language) -> QuestionResults {
    let titles = question
        .kind
        .options()
        .iter()
        .map(|option| option.title.in_language(language).to_owned());
    let titles: Vec<String> = titles.collect();
    let scale = scale(question).filter(|_| answered > 0);
    let total = answered as f64;
    let from = |least: usize, offset: usize| counts.iter().skip(least - offset).sum::<u64>() as f64;
    let sum = |scale: Scale| -> f64 {
        let values = scale.bounds().0..;
        counts
            .iter()
            .zip(values)
            .map(|(count, value)| *count as f64 * value as f64)
            .sum()
    };
    let detractors = counts.iter().take(DETRACTOR_TO + 1).sum::<u64>() as f64;
    QuestionResults {
        id: question.id.clone(),
        kind: question.kind.name(),
        title: question.title.in_language(language).to_owned(),
        answered,
        average: scale.map(|scale| rounded(sum(scale) / total, 100.0)),
        nps: (scale == Some(Scale::Nps)).then(|| rounded((from(PROMOTER_FROM, 0) - detractors) / total * 100.0, 10.0)),
        csat: (scale == Some(Scale::Five)).then(|| rounded(from(SATISFIED_FROM, 1) / total, 10_000.0)),
        counts: values(question)
            .into_iter()
            .zip(counts)
            .enumerate()
            .map(|(index, (value, count))| ValueCount {
                value,
                title: titles.get(index).cloned(),
                count: *count,
            })
            .collect(),
    }
}

fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}
