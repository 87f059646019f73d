//! When a survey shows itself, as an owner writes it.

use crate::domain::problem::Problem;
use crate::domain::survey_definition::Triggers;
use crate::domain::survey_definition::VoteMoment;
use crate::surveys::reading::Fields;

const FIELDS: [&str; 5] = ["afterMessages", "afterVote", "exitIntent", "urlPattern", "delaySeconds"];
const MAX_MESSAGES: i64 = 100;
const MAX_DELAY_SECONDS: i64 = 3_600;
const MAX_PATTERN_CHARS: usize = 200;

/// The triggers of a definition; none when absent.
pub fn read_triggers(definition: &mut Fields<'_>) -> Triggers {
    let Some(value) = definition.value("triggers") else {
        return Triggers::default();
    };
    let place = definition.place("triggers");
    let Some(mut fields) = Fields::open(value, place, &FIELDS, definition.problems) else {
        return Triggers::default();
    };
    Triggers {
        after_messages: whole(&mut fields, "afterMessages", MAX_MESSAGES),
        after_vote: read_vote(&mut fields),
        exit_intent: fields.boolean("exitIntent").unwrap_or(false),
        url_pattern: read_pattern(&mut fields),
        delay_seconds: whole(&mut fields, "delaySeconds", MAX_DELAY_SECONDS),
    }
}

fn whole(fields: &mut Fields<'_>, name: &str, most: i64) -> Option<u32> {
    fields
        .whole(name, 1, most)
        .and_then(|number| u32::try_from(number).ok())
}

/// `true` is any vote.
fn read_vote(fields: &mut Fields<'_>) -> Option<VoteMoment> {
    match fields.value("afterVote")?.as_bool() {
        Some(true) => Some(VoteMoment::Any),
        Some(false) => None,
        None => Some(match fields.word("afterVote", &["any", "up", "down"])? {
            "up" => VoteMoment::Up,
            "down" => VoteMoment::Down,
            _ => VoteMoment::Any,
        }),
    }
}

fn read_pattern(fields: &mut Fields<'_>) -> Option<String> {
    let pattern = fields.text("urlPattern", MAX_PATTERN_CHARS)?;
    let is_readable = ["/", "*", "http://", "https://"]
        .iter()
        .any(|start| pattern.starts_with(start));
    // The widget compares without query and fragment, so that such a pattern would never fit.
    if !is_readable || pattern.contains(['?', '#', ' ']) {
        let path = fields.place("urlPattern");
        fields.problems.push(Problem::new(path, "problem_url_pattern"));
        return None;
    }
    Some(pattern)
}
