//! Which questions a visitor is asked, given the answers so far. `static/widget/survey-flow.js` says the same in the browser, and
//! `tests/fixtures/survey_flow.json` holds both to it.

use crate::domain::survey::Answers;
use crate::domain::survey_definition::Condition;
use crate::domain::survey_definition::Definition;
use crate::domain::survey_definition::Question;
use serde_json::Value;

/// The questions that are asked, in their order. The answer to one that is not asked counts for nothing, for later
/// conditions too.
pub fn shown_questions<'a>(definition: &'a Definition, answers: &Answers) -> Vec<&'a Question> {
    let mut shown: Vec<&Question> = Vec::with_capacity(definition.questions.len());
    for question in &definition.questions {
        let is_shown = question.show_if.as_ref().is_none_or(|condition| {
            let is_asked = shown.iter().any(|earlier| earlier.id == condition.question);
            holds(condition, answers.get(&condition.question).filter(|_| is_asked))
        });
        if is_shown {
            shown.push(question);
        }
    }
    shown
}

/// Whether a condition holds for the answer to its question. One that asks for a value never holds without an answer.
fn holds(condition: &Condition, answer: Option<&Value>) -> bool {
    if let Some(wanted) = condition.answered {
        return is_answer(answer) == wanted;
    }
    if let Some(options) = &condition.any_of {
        return match answer {
            Some(Value::String(taken)) => options.contains(taken),
            Some(Value::Array(taken)) => taken
                .iter()
                .filter_map(Value::as_str)
                .any(|id| options.iter().any(|option| option == id)),
            _ => false,
        };
    }
    let Some(value) = answer.and_then(Value::as_i64) else {
        return false;
    };
    condition.at_least.is_none_or(|least| value >= least) && condition.at_most.is_none_or(|most| value <= most)
}

/// A consent that was not given is no answer.
fn is_answer(answer: Option<&Value>) -> bool {
    !matches!(answer, None | Some(Value::Null | Value::Bool(false)))
}

#[cfg(test)]
mod tests {
    use super::shown_questions;
    use crate::domain::survey::Answers;
    use crate::domain::survey_definition::Definition;
    use serde_json::Value;

    #[test]
    fn the_same_questions_are_asked_as_in_the_browser() {
        let text = include_str!("../../tests/fixtures/survey_flow.json");
        let fixture: Value = serde_json::from_str(text).unwrap();
        let definition: Definition = serde_json::from_value(fixture["definition"].clone()).unwrap();
        let cases = fixture["cases"].as_array().unwrap();
        assert!(cases.len() > 8);
        for case in cases {
            let answers: Answers = case["answers"].as_object().unwrap().clone();
            let shown: Vec<&str> = shown_questions(&definition, &answers)
                .into_iter()
                .map(|question| question.id.as_str())
                .collect();
            let expected: Vec<&str> = case["shown"]
                .as_array()
                .unwrap()
                .iter()
                .map(|id| id.as_str().unwrap())
                .collect();
            assert_eq!(shown, expected, "{answers:?}");
        }
    }
}
