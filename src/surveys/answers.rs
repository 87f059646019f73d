//! A visitor's answers, checked against the questions.

use crate::domain::problem::Problem;
use crate::domain::survey::Answers;
use crate::domain::survey_definition::Choice;
use crate::domain::survey_definition::ContactField;
use crate::domain::survey_definition::Definition;
use crate::domain::survey_definition::Question;
use crate::domain::survey_definition::QuestionKind;
use crate::domain::survey_flow::shown_questions;
use serde_json::Map;
use serde_json::Value;

pub const MAX_TEXT_CHARS: usize = 5_000;
const MAX_CONTACT_CHARS: usize = 200;
/// Problems told at once; past these, the answers are simply not to this survey.
const MAX_PROBLEMS: usize = 100;

/// The answers to keep: `earlier` ones, changed by those `given`. Null, a blank text and an empty choice take an answer back.
/// An answer to a question that these answers do not lead to is left out. Unless `is_partial`, what is required must be there.
pub fn checked_answers(
    definition: &Definition,
    earlier: Answers,
    given: &Map<String, Value>,
    is_partial: bool,
) -> Result<Answers, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut answers = earlier;
    for (id, value) in given.iter() {
        let Some(question) = definition.question(id) else {
            problems.push(Problem::new(path_of(id), "problem_unknown_question"));
            continue;
        };
        match checked_answer(question, value, &mut problems) {
            Some(answer) => answers.insert(id.clone(), answer),
            None => answers.remove(id),
        };
    }
    let shown = shown_questions(definition, &answers);
    answers.retain(|id, _| shown.iter().any(|question| question.id == *id));
    if !is_partial {
        let told = |question: &Question| {
            problems
                .iter()
                .any(|problem| problem.path.starts_with(&path_of(&question.id)))
        };
        let missing = shown
            .into_iter()
            .filter(|question| question.required && !is_enough(question, answers.get(&question.id)) && !told(question));
        let missing: Vec<Problem> = missing
            .map(|question| Problem::new(path_of(&question.id), missing_key(&question.kind)))
            .collect();
        problems.extend(missing);
    }
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() {
        Ok(answers)
    } else {
        Err(problems)
    }
}

fn path_of(id: &str) -> String {
    format!("answers.{id}")
}

fn missing_key(kind: &QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Consent { .. } => "problem_consent_needed",
        QuestionKind::Contact { .. } => "problem_contact_needed",
        _ => "problem_required",
    }
}

/// The answer as it is kept; `None` for no answer and for one with a problem.
fn checked_answer(question: &Question, value: &Value, problems: &mut Vec<Problem>) -> Option<Value> {
    if value.is_null() {
        return None;
    }
    let path = path_of(&question.id);
    let problem = match &question.kind {
        QuestionKind::Rating { scale, .. } => {
            let (least, most) = scale.bounds();
            match value.as_i64() {
                Some(number) if (least..=most).contains(&number) => return Some(value.clone()),
                _ => Problem::new(path, "problem_range")
                    .with("least", least)
                    .with("most", most),
            }
        }
        QuestionKind::Single { options } => match value.as_str() {
            Some(id) if is_option(options, id) => return Some(value.clone()),
            _ => Problem::new(path, "problem_option"),
        },
        QuestionKind::Multiple { options } => return checked_choices(options, value, &path, problems),
        QuestionKind::Text => return checked_text(value, path, MAX_TEXT_CHARS, problems).map(Value::String),
        QuestionKind::Contact { fields } => return checked_contact(fields, value, &path, problems),
        QuestionKind::Consent { .. } if value.is_boolean() => return Some(value.clone()),
        QuestionKind::Consent { .. } => Problem::new(path, "problem_boolean"),
    };
    problems.push(problem);
    None
}

fn is_option(options: &[Choice], id: &str) -> bool {
    options.iter().any(|option| option.id == id)
}

/// Each option once, in the order of the question.
fn checked_choices(options: &[Choice], value: &Value, path: &str, problems: &mut Vec<Problem>) -> Option<Value> {
    let Some(entries) = value.as_array() else {
        problems.push(Problem::new(path, "problem_list"));
        return None;
    };
    let before = problems.len();
    for (index, entry) in entries.iter().enumerate() {
        if !entry.as_str().is_some_and(|id| is_option(options, id)) {
            problems.push(Problem::new(format!("{path}[{index}]"), "problem_option"));
        }
    }
    let is_taken = |option: &&Choice| entries.iter().any(|entry| entry.as_str() == Some(option.id.as_str()));
    let taken: Vec<Value> = options
        .iter()
        .filter(is_taken)
        .map(|option| Value::String(option.id.clone()))
        .collect();
    (problems.len() == before && !taken.is_empty()).then_some(Value::Array(taken))
}

/// Trimmed; a blank text is none.
fn checked_text(value: &Value, path: String, limit: usize, problems: &mut Vec<Problem>) -> Option<String> {
    let Some(text) = value.as_str().map(str::trim) else {
        problems.push(Problem::new(path, "problem_text"));
        return None;
    };
    let length = text.chars().count();
    if length > limit {
        let problem = Problem::new(path, "problem_too_long");
        problems.push(problem.with("length", length).with("limit", limit));
        return None;
    }
    (!text.is_empty()).then(|| text.to_owned())
}

fn checked_contact(fields: &[ContactField], value: &Value, path: &str, problems: &mut Vec<Problem>) -> Option<Value> {
    let Some(object) = value.as_object() else {
        problems.push(Problem::new(path, "problem_object"));
        return None;
    };
    let before = problems.len();
    for name in object.keys() {
        if !fields.iter().any(|field| field.name() == name) {
            problems.push(Problem::new(format!("{path}.{name}"), "problem_unknown_question"));
        }
    }
    let mut contact = Map::new();
    for field in fields {
        let Some(given) = object.get(field.name()).filter(|given| !given.is_null()) else {
            continue;
        };
        let path = format!("{path}.{}", field.name());
        let Some(text) = checked_text(given, path.clone(), MAX_CONTACT_CHARS, problems) else {
            continue;
        };
        let (is_right, key) = match field {
            ContactField::Name => (true, ""),
            ContactField::Email => (is_email(&text), "problem_answer_email"),
            ContactField::Phone => (is_phone(&text), "problem_answer_phone"),
        };
        if is_right {
            contact.insert(field.name().to_owned(), Value::String(text));
        } else {
            problems.push(Problem::new(path, key));
        }
    }
    (problems.len() == before && !contact.is_empty()).then_some(Value::Object(contact))
}

/// Something before the last `@` and a host with a dot after it. More can only be known by writing there.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else {
        return false;
    };
    let is_host = host.split('.').count() > 1 && host.split('.').all(|label| !label.is_empty());
    !name.is_empty() && is_host && !text.contains(|c: char| c.is_whitespace() || c.is_control() || ",;<>\"".contains(c))
}

/// Ten to fifteen digits (E.164 allows no more) with the signs that people write between them.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let are_known = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' ' | '.' | '\u{a0}'));
    (10..=15).contains(&digits) && are_known
}

/// Whether a required question is answered. Of contacts, an e-mail or a phone must be there if one was asked for.
fn is_enough(question: &Question, answer: Option<&Value>) -> bool {
    match (&question.kind, answer) {
        (_, None | Some(Value::Null)) => false,
        (QuestionKind::Consent { .. }, Some(answer)) => *answer == Value::Bool(true),
        (QuestionKind::Contact { fields }, Some(answer)) => {
            let asked: Vec<_> = fields.iter().filter(|field| **field != ContactField::Name).collect();
            asked.is_empty() || asked.iter().any(|field| answer.get(field.name()).is_some())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::checked_answers;
    use crate::domain::survey::Answers;
    use crate::domain::survey_definition::Definition;
    use crate::surveys::definition::parse_definition;
    use serde_json::Value;
    use serde_json::json;

    fn definition() -> Definition {
        let value = json!({"questions": [
            {"id": "r", "kind": "rating", "title": "r", "required": true},
            {"id": "n", "kind": "rating", "scale": 10, "title": "n"},
            {"id": "why", "kind": "text", "title": "why", "required": true, "showIf": {"question": "r", "atMost": 3}},
            {"id": "s", "kind": "single", "title": "s", "options": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]},
            {"id": "m", "kind": "multiple", "title": "m", "options": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]},
            {"id": "c", "kind": "contact", "title": "c", "fields": ["name", "email", "phone"]},
            {"id": "ok", "kind": "consent", "title": "ok", "required": true, "showIf": {"question": "c", "answered": true}}]});
        parse_definition(&value, "definition").unwrap()
    }

    fn check(earlier: Value, given: Value, is_partial: bool) -> Result<Value, Vec<(String, &'static str)>> {
        let answers = |value: Value| -> Answers { value.as_object().unwrap().clone() };
        checked_answers(&definition(), answers(earlier), &answers(given), is_partial)
            .map(Value::Object)
            .map_err(|problems| {
                problems
                    .into_iter()
                    .map(|problem| (problem.path, problem.key))
                    .collect()
            })
    }

    #[test]
    fn right_answers_are_kept_as_they_are_meant() {
        let given = json!({"r": 5, "n": 0, "s": "a", "m": ["b", "a", "b"], "why": "", "ok": true,
            "c": {"name": " Анна ", "email": "anna@mail.ru", "phone": "+7 (916) 123-45-67"}});
        let kept = json!({"r": 5, "n": 0, "s": "a", "m": ["a", "b"], "ok": true,
            "c": {"name": "Анна", "email": "anna@mail.ru", "phone": "+7 (916) 123-45-67"}});
        assert_eq!(check(json!({}), given, false), Ok(kept));
    }

    #[test]
    fn every_wrong_answer_is_told_with_its_place() {
        let given = json!({"r": 6, "n": -1, "s": "c", "m": ["a", 7], "c": {"email": "anna", "phone": "123", "age": 5}, "ok": "yes",
            "other": 1, "why": 5});
        let found = check(json!({}), given, false).unwrap_err();
        let expected = [
            ("answers.c.age", "problem_unknown_question"),
            ("answers.c.email", "problem_answer_email"),
            ("answers.c.phone", "problem_answer_phone"),
            ("answers.m[1]", "problem_option"),
            ("answers.n", "problem_range"),
            ("answers.ok", "problem_boolean"),
            ("answers.other", "problem_unknown_question"),
            ("answers.r", "problem_range"),
            ("answers.s", "problem_option"),
            ("answers.why", "problem_text"),
        ];
        assert_eq!(found, expected.map(|(path, key)| (path.to_owned(), key)));
    }

    #[test]
    fn what_is_required_and_asked_must_be_there_at_the_end_only() {
        let missing = |key| vec![(format!("answers.{key}"), "problem_required")];
        assert_eq!(check(json!({}), json!({}), true), Ok(json!({})));
        assert_eq!(check(json!({}), json!({}), false), Err(missing("r")));
        assert_eq!(check(json!({}), json!({"r": 2}), false), Err(missing("why")));
        assert_eq!(check(json!({}), json!({"r": 4}), false), Ok(json!({"r": 4})));
        let refused = check(
            json!({}),
            json!({"r": 4, "c": {"phone": "89161234567"}, "ok": false}),
            false,
        );
        assert_eq!(refused, Err(vec![("answers.ok".to_owned(), "problem_consent_needed")]));
    }

    #[test]
    fn later_answers_complete_and_change_earlier_ones() {
        let earlier = json!({"r": 2, "why": "долго", "s": "a"});
        assert_eq!(
            check(earlier.clone(), json!({"n": 9}), false),
            Ok(json!({"r": 2, "why": "долго", "s": "a", "n": 9}))
        );
        // The reason belongs to a low rating, and null takes an answer back.
        assert_eq!(check(earlier, json!({"r": 5, "s": null}), false), Ok(json!({"r": 5})));
    }

    #[test]
    fn a_text_has_a_limit_in_characters() {
        assert!(check(json!({}), json!({"r": 1, "why": "я".repeat(5_000)}), false).is_ok());
        let refused = check(json!({}), json!({"r": 1, "why": "я".repeat(5_001)}), false);
        assert_eq!(refused, Err(vec![("answers.why".to_owned(), "problem_too_long")]));
    }
}
