//! Branching: the condition under which a question is asked, as an owner writes it.

use crate::domain::problem::Problem;
use crate::domain::survey_definition::Condition;
use crate::domain::survey_definition::Question;
use crate::domain::survey_definition::QuestionKind;
use crate::surveys::definition::MAX_OPTIONS;
use crate::surveys::reading::Fields;
use serde_json::Value;

const FIELDS: [&str; 5] = ["question", "atLeast", "atMost", "anyOf", "answered"];

/// A condition that names an earlier question and asks of its answer what such an answer can be.
pub fn read_condition(fields: &mut Fields<'_>, earlier: &[Question]) -> Option<Condition> {
    let value = fields.value("showIf")?;
    let mut inner = Fields::open(value, fields.place("showIf"), &FIELDS, fields.problems)?;
    let named = inner.value("question").and_then(Value::as_str);
    let Some(question) = earlier.iter().find(|question| named == Some(question.id.as_str())) else {
        inner.note("question", "problem_earlier_question");
        return None;
    };
    let mut condition = Condition {
        question: question.id.clone(),
        at_least: None,
        at_most: None,
        any_of: None,
        answered: inner.boolean("answered"),
    };
    if let QuestionKind::Rating { scale, .. } = question.kind {
        let (least, most) = scale.bounds();
        condition.at_least = inner.whole("atLeast", least, most);
        condition.at_most = inner.whole("atMost", least, most);
    }
    if matches!(
        question.kind,
        QuestionKind::Single { .. } | QuestionKind::Multiple { .. }
    ) {
        condition.any_of = read_any_of(&mut inner, question);
    }
    let is_bounded = inner.value("atLeast").is_some() || inner.value("atMost").is_some();
    let is_choice = inner.value("anyOf").is_some();
    let asks_answered = inner.value("answered").is_some();
    let is_one = usize::from(is_bounded) + usize::from(is_choice) + usize::from(asks_answered) == 1;
    let fits = match question.kind {
        QuestionKind::Rating { .. } => !is_choice,
        QuestionKind::Single { .. } | QuestionKind::Multiple { .. } => !is_bounded,
        _ => asks_answered,
    };
    let crosses = matches!((condition.at_least, condition.at_most), (Some(least), Some(most)) if least > most);
    if !is_one || !fits || crosses {
        let path = inner.path.clone();
        inner.problems.push(Problem::new(path, "problem_condition"));
    }
    Some(condition)
}

fn read_any_of(fields: &mut Fields<'_>, question: &Question) -> Option<Vec<String>> {
    let entries = fields.list("anyOf", MAX_OPTIONS)?;
    let mut options = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let known = question.kind.options();
        match entry.as_str().filter(|id| known.iter().any(|option| option.id == *id)) {
            Some(id) => options.push(id.to_owned()),
            None => {
                let path = format!("{}[{index}]", fields.place("anyOf"));
                fields.problems.push(Problem::new(path, "problem_option"));
            }
        }
    }
    Some(options)
}
