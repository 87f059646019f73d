//! A definition as an owner sends it, checked: known fields only, all problems at once, each with its place.

use crate::domain::problem::Problem;
use crate::domain::survey_definition::Choice;
use crate::domain::survey_definition::ContactField;
use crate::domain::survey_definition::Definition;
use crate::domain::survey_definition::FORMAT_VERSION;
use crate::domain::survey_definition::LocalText;
use crate::domain::survey_definition::Look;
use crate::domain::survey_definition::Question;
use crate::domain::survey_definition::QuestionKind;
use crate::domain::survey_definition::Scale;
use crate::surveys::condition::read_condition;
use crate::surveys::reading::Fields;
use crate::surveys::triggers::read_triggers;
use serde_json::Value;

const MAX_QUESTIONS: usize = 50;
pub const MAX_OPTIONS: usize = 50;
const MAX_TEXT_CHARS: usize = 500;
const MAX_URL_CHARS: usize = 2_000;
const MAX_PAUSE_DAYS: i64 = 365;
/// A fortnight between two requests is what people bear.
const PAUSE_DAYS: u32 = 14;

const FIELDS: [&str; 8] = [
    "version",
    "intro",
    "thanks",
    "questions",
    "triggers",
    "share",
    "oncePerVisitor",
    "pauseDays",
];
const QUESTION_FIELDS: [&str; 13] = [
    "id", "kind", "title", "hint", "required", "showIf", "scale", "look", "low", "high", "options", "fields", "url",
];

/// The definition in `value`, or what is wrong with it, in the order of its fields. `path` is its place in the request.
pub fn parse_definition(value: &Value, path: &str) -> Result<Definition, Vec<Problem>> {
    let mut problems = Vec::new();
    let definition = read_definition(value, path, &mut problems);
    match definition {
        Some(definition) if problems.is_empty() => Ok(definition),
        _ => Err(problems),
    }
}

fn read_definition(value: &Value, path: &str, problems: &mut Vec<Problem>) -> Option<Definition> {
    let mut fields = Fields::open(value, path, &FIELDS, problems)?;
    if fields
        .value("version")
        .is_some_and(|version| version.as_u64() != Some(u64::from(FORMAT_VERSION)))
    {
        fields.note("version", "problem_survey_format");
    }
    let intro = fields.local_text("intro", MAX_TEXT_CHARS);
    let thanks = fields.local_text("thanks", MAX_TEXT_CHARS);
    let questions = read_questions(&mut fields);
    let triggers = read_triggers(&mut fields);
    Some(Definition {
        version: FORMAT_VERSION,
        intro,
        thanks,
        questions,
        triggers,
        share: fields.share("share").unwrap_or(1.0),
        once_per_visitor: fields.boolean("oncePerVisitor").unwrap_or(true),
        pause_days: fields
            .whole("pauseDays", 0, MAX_PAUSE_DAYS)
            .and_then(|days| u32::try_from(days).ok())
            .unwrap_or(PAUSE_DAYS),
    })
}

fn read_questions(fields: &mut Fields<'_>) -> Vec<Question> {
    if fields.value("questions").is_none() {
        fields.note("questions", "problem_required");
    }
    let entries = fields.list("questions", MAX_QUESTIONS).unwrap_or_default();
    let mut questions: Vec<Question> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let path = format!("{}[{index}]", fields.place("questions"));
        if let Some(mut fields) = Fields::open(entry, path, &QUESTION_FIELDS, fields.problems) {
            let question = read_question(&mut fields, &questions);
            questions.push(question);
        }
    }
    questions
}

fn read_question(fields: &mut Fields<'_>, earlier: &[Question]) -> Question {
    let id = fields.id();
    if let Some(first) = earlier.iter().position(|other| other.id == id && !id.is_empty()) {
        let first = format!("questions[{first}]");
        let problem = Problem::new(fields.place("id"), "problem_duplicate").with("first", first);
        fields.problems.push(problem);
    }
    if fields.value("kind").is_none() {
        fields.note("kind", "problem_required");
    }
    let kind = match fields.word("kind", &QuestionKind::NAMES) {
        Some("rating") => read_rating(fields),
        Some("single") => QuestionKind::Single {
            options: read_options(fields),
        },
        Some("multiple") => QuestionKind::Multiple {
            options: read_options(fields),
        },
        Some("contact") => QuestionKind::Contact {
            fields: read_contact_fields(fields),
        },
        Some("consent") => QuestionKind::Consent { url: read_url(fields) },
        _ => QuestionKind::Text,
    };
    refuse_fields_of_other_kinds(fields, &kind);
    Question {
        id,
        kind,
        title: fields.required_local_text("title", MAX_TEXT_CHARS),
        hint: fields.local_text("hint", MAX_TEXT_CHARS),
        required: fields.boolean("required").unwrap_or(false),
        show_if: read_condition(fields, earlier),
    }
}

/// An option of a text question would silently do nothing.
fn refuse_fields_of_other_kinds(fields: &mut Fields<'_>, kind: &QuestionKind) {
    let own: &[&str] = match kind {
        QuestionKind::Rating { .. } => &["scale", "look", "low", "high"],
        QuestionKind::Single { .. } | QuestionKind::Multiple { .. } => &["options"],
        QuestionKind::Text => &[],
        QuestionKind::Contact { .. } => &["fields"],
        QuestionKind::Consent { .. } => &["url"],
    };
    for name in ["scale", "look", "low", "high", "options", "fields", "url"] {
        if fields.value(name).is_some() && !own.contains(&name) {
            let problem = Problem::new(fields.place(name), "problem_other_kind").with("kind", kind.name());
            fields.problems.push(problem);
        }
    }
}

fn read_rating(fields: &mut Fields<'_>) -> QuestionKind {
    let scale = match fields.value("scale").map(Value::as_u64) {
        None | Some(Some(5)) => Scale::Five,
        Some(Some(10)) => Scale::Nps,
        Some(_) => {
            fields.note("scale", "problem_scale");
            Scale::Five
        }
    };
    let look = match fields.word("look", &["stars", "numbers", "emoji"]) {
        Some("numbers") => Look::Numbers,
        Some("emoji") => Look::Emoji,
        None if scale == Scale::Nps => Look::Numbers,
        _ => Look::Stars,
    };
    if scale == Scale::Nps && look != Look::Numbers {
        fields.note("look", "problem_nps_look");
    }
    QuestionKind::Rating {
        scale,
        look,
        low: fields.local_text("low", MAX_TEXT_CHARS),
        high: fields.local_text("high", MAX_TEXT_CHARS),
    }
}

fn read_options(fields: &mut Fields<'_>) -> Vec<Choice> {
    if fields.value("options").is_none() {
        fields.note("options", "problem_required");
    }
    let entries = fields.list("options", MAX_OPTIONS).unwrap_or_default();
    let mut options: Vec<Choice> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let path = format!("{}[{index}]", fields.place("options"));
        let Some(mut option) = Fields::open(entry, path, &["id", "title"], fields.problems) else {
            continue;
        };
        let id = option.id();
        if let Some(first) = options.iter().position(|other| other.id == id && !id.is_empty()) {
            let problem = Problem::new(option.place("id"), "problem_duplicate");
            option.problems.push(problem.with("first", format!("options[{first}]")));
        }
        let title: LocalText = option.required_local_text("title", MAX_TEXT_CHARS);
        options.push(Choice { id, title });
    }
    options
}

/// E-mail only unless told otherwise.
fn read_contact_fields(fields: &mut Fields<'_>) -> Vec<ContactField> {
    let Some(entries) = fields.list("fields", ContactField::ALL.len()) else {
        return vec![ContactField::Email];
    };
    let mut wanted = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let field = ContactField::ALL
            .into_iter()
            .find(|field| entry.as_str() == Some(field.name()));
        match field {
            Some(field) if !wanted.contains(&field) => wanted.push(field),
            _ => {
                let names = ContactField::ALL.map(ContactField::name).join(", ");
                let path = format!("{}[{index}]", fields.place("fields"));
                let problem = Problem::new(path, "problem_one_of").with("values", names);
                fields.problems.push(problem);
            }
        }
    }
    wanted
}

/// The widget makes a link of it, so that other schemes are refused.
fn read_url(fields: &mut Fields<'_>) -> Option<String> {
    let url = fields.text("url", MAX_URL_CHARS)?;
    let lower = url.to_ascii_lowercase();
    if lower.starts_with("https://") || lower.starts_with("http://") {
        return Some(url);
    }
    fields.note("url", "problem_url");
    None
}

#[cfg(test)]
mod tests {
    use super::parse_definition;
    use serde_json::Value;
    use serde_json::json;

    fn problems(value: &Value) -> Vec<(String, &'static str)> {
        let found = parse_definition(value, "definition").unwrap_err();
        found.into_iter().map(|problem| (problem.path, problem.key)).collect()
    }

    fn one(question: &Value) -> Vec<(String, &'static str)> {
        let earlier = json!([
            {"id": "r", "kind": "rating", "title": "r"},
            {"id": "s", "kind": "single", "title": "s", "options": [{"id": "a", "title": "A"}]},
            {"id": "t", "kind": "text", "title": "t"}, question,
        ]);
        problems(&json!({"questions": earlier}))
    }

    #[test]
    fn the_shape_of_the_plan_is_taken_and_defaults_are_filled_in() {
        let value = json!({"version": 1, "questions": [
            {"id": "q1", "kind": "rating", "scale": 5, "required": true, "title": {"ru": "Как вам?", "en": "How was it?"}},
            {"id": "q2", "kind": "single", "title": "?", "options": [{"id": "a", "title": {"ru": "Да"}}]},
            {"id": "q3", "kind": "text", "title": "…", "showIf": {"question": "q1", "atMost": 3}}], "triggers": {}});
        let definition = parse_definition(&value, "definition").unwrap();
        assert_eq!(
            (definition.share, definition.once_per_visitor, definition.pause_days),
            (1.0, true, 14)
        );
        assert_eq!(serde_json::to_value(&definition.questions[0]).unwrap()["look"], "stars");
        let stored = serde_json::to_value(&definition).unwrap();
        assert_eq!(parse_definition(&stored, "").unwrap(), definition);
    }

    #[test]
    fn all_problems_are_told_at_once_with_their_places() {
        let value = json!({"version": 2, "thank": "x", "share": 1.5, "pauseDays": -1, "triggers": {"afterMessages": 0}, "questions": [
            {"id": "ж", "kind": "stars", "title": {"de": "x"}},
            {"id": "q1", "kind": "rating", "scale": 7, "title": " "},
            {"id": "q1", "kind": "single", "title": 5, "options": []},
            7]});
        let found = problems(&value);
        let expected = [
            ("definition.thank", "problem_unknown_key"),
            ("definition.version", "problem_survey_format"),
            ("definition.questions[0].id", "problem_short_id"),
            ("definition.questions[0].kind", "problem_one_of"),
            ("definition.questions[0].title.de", "problem_unknown_key"),
            ("definition.questions[0].title", "problem_local_text"),
            ("definition.questions[1].scale", "problem_scale"),
            ("definition.questions[1].title", "problem_empty"),
            ("definition.questions[2].id", "problem_duplicate"),
            ("definition.questions[2].options", "problem_empty"),
            ("definition.questions[2].title", "problem_local_text"),
            ("definition.questions[3]", "problem_object"),
            ("definition.triggers.afterMessages", "problem_range"),
            ("definition.share", "problem_range"),
            ("definition.pauseDays", "problem_range"),
        ];
        assert_eq!(found, expected.map(|(path, key)| (path.to_owned(), key)));
    }

    #[test]
    fn a_condition_names_an_earlier_question_and_fits_its_kind() {
        let condition = |condition: Value| one(&json!({"id": "q", "kind": "text", "title": "q", "showIf": condition}));
        for fitting in [
            json!({"question": "r", "atMost": 3}),
            json!({"question": "r", "atLeast": 2, "atMost": 3}),
            json!({"question": "s", "anyOf": ["a"]}),
            json!({"question": "t", "answered": false}),
        ] {
            let question = json!({"id": "q", "kind": "text", "title": "q", "showIf": fitting});
            let earlier = json!([{"id": "r", "kind": "rating", "title": "r"},
                {"id": "s", "kind": "single", "title": "s", "options": [{"id": "a", "title": "A"}]},
                {"id": "t", "kind": "text", "title": "t"}, question]);
            assert!(
                parse_definition(&json!({"questions": earlier}), "").is_ok(),
                "{question}"
            );
        }
        let path = "definition.questions[3].showIf";
        for (wrong, place, key) in [
            (
                json!({"question": "q", "answered": true}),
                ".question",
                "problem_earlier_question",
            ),
            (json!({"answered": true}), ".question", "problem_earlier_question"),
            (json!({"question": "r", "atMost": 9}), ".atMost", "problem_range"),
            (json!({"question": "r"}), "", "problem_condition"),
            (
                json!({"question": "r", "atLeast": 4, "atMost": 2}),
                "",
                "problem_condition",
            ),
            (
                json!({"question": "r", "atLeast": 4, "answered": true}),
                "",
                "problem_condition",
            ),
            (json!({"question": "t", "atLeast": 4}), "", "problem_condition"),
            (json!({"question": "s", "anyOf": ["b"]}), ".anyOf[0]", "problem_option"),
        ] {
            assert_eq!(condition(wrong.clone()), [(format!("{path}{place}"), key)], "{wrong}");
        }
    }

    #[test]
    fn fields_of_another_kind_and_dangerous_links_are_refused() {
        let wrong = one(&json!({"id": "q", "kind": "text", "title": "q", "scale": 5}));
        assert_eq!(
            wrong,
            [("definition.questions[3].scale".to_owned(), "problem_other_kind")]
        );
        let wrong = one(&json!({"id": "q", "kind": "consent", "title": "q", "url": "javascript:alert(1)"}));
        assert_eq!(wrong, [("definition.questions[3].url".to_owned(), "problem_url")]);
        let wrong = one(&json!({"id": "q", "kind": "rating", "title": "q", "scale": 10, "look": "stars"}));
        assert_eq!(wrong, [("definition.questions[3].look".to_owned(), "problem_nps_look")]);
    }
}
