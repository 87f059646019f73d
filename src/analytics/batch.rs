//! A request with events, cleaned: what is not allowed is left out, and one wrong event does not lose the others.

use crate::analytics::metadata;
use crate::domain::event::NewEvent;
use crate::domain::id::SessionId;
use crate::domain::problem::Problem;
use crate::http::error::ApiError;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

/// Events of one request; further ones are dropped.
const MAX_EVENTS: usize = 100;
const MAX_NAME_CHARS: usize = 48;
/// How far back an event may lie. A page that was offline tells of it later; a clock that is wrong tells nonsense.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);
/// Digits that one name may have in a row; more may be somebody's number.
const MAX_NAME_DIGITS: usize = 4;

/// Events as a page sends them: a list, or a single one without it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct EventsRequest {
    /// The shop's public key.
    #[schema(value_type = Uuid)]
    #[expect(
        dead_code,
        reason = "the guard of the widget's routes reads it; here it is documented"
    )]
    shop_public_key: Option<Value>,
    /// A UUID that the page keeps for one visit.
    #[schema(value_type = Uuid)]
    session_id: Option<Value>,
    /// At most 100.
    #[schema(value_type = Option<Vec<EventView>>)]
    events: Option<Value>,
    /// The name of a single event; `name` means the same.
    #[schema(value_type = Option<String>)]
    event_name: Option<Value>,
    #[schema(value_type = Option<String>)]
    name: Option<Value>,
    #[schema(value_type = Option<String>)]
    at: Option<Value>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// One event of a list, for the description of the API.
#[derive(ToSchema)]
#[expect(dead_code, reason = "events are read one by one from whatever was sent")]
struct EventView {
    /// Small Latin letters, digits and `_`, from a letter on: `page_view`, `widget_toggle`, `quick_prompt_click` …
    name: String,
    /// RFC 3339 or milliseconds since 1970; the time of arrival when absent.
    at: Option<String>,
    /// `language`, `pageUrl`, `buttonId`, `focusMs` and some ids; anything else is left out.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// The events of a request that are worth keeping.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub session: SessionId,
    pub events: Vec<NewEvent>,
    pub dropped: usize,
}

impl EventsRequest {
    /// The events as of `now`. Only a request without a session or without events is wrong as a whole.
    pub fn checked(self, now: Timestamp) -> Result<Batch, ApiError> {
        let mut problems = Vec::new();
        let session = session(self.session_id.as_ref(), &mut problems);
        let name = self.event_name.or(self.name);
        let sent = match (self.events, name) {
            (Some(Value::Array(events)), _) => events,
            (None, Some(name)) => vec![serde_json::json!({"name": name, "at": self.at, "metadata": self.metadata})],
            (None, None) => {
                problems.push(Problem::new("events", "problem_required"));
                Vec::new()
            }
            (Some(_), _) => {
                problems.push(Problem::new("events", "problem_list"));
                Vec::new()
            }
        };
        if !problems.is_empty() {
            return Err(ApiError::invalid(problems));
        }
        let events: Vec<_> = sent
            .iter()
            .take(MAX_EVENTS)
            .filter_map(|event| checked_event(event, now))
            .collect();
        Ok(Batch {
            session,
            dropped: sent.len() - events.len(),
            events,
        })
    }
}

fn session(value: Option<&Value>, problems: &mut Vec<Problem>) -> SessionId {
    let problem = match value {
        None | Some(Value::Null) => "problem_required",
        Some(value) => match value.as_str().and_then(|text| text.parse().ok()) {
            Some(uuid) => return SessionId(uuid),
            None => "problem_uuid",
        },
    };
    problems.push(Problem::new("sessionId", problem));
    SessionId(Uuid::nil())
}

fn checked_event(event: &Value, now: Timestamp) -> Option<NewEvent> {
    let name = event.get("name").or_else(|| event.get("eventName"))?.as_str()?;
    if !is_event_name(name) {
        return None;
    }
    Some(NewEvent {
        name: name.to_owned(),
        at: moment(event.get("at"), now),
        metadata: metadata::cleaned(event.get("metadata")),
    })
}

/// The names of the widget and those of a shop's own are alike: `survey_shown`, `lead_sent`, `my_banner_click`.
fn is_event_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let digits = name.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= MAX_NAME_CHARS
        && name.chars().all(allowed)
        && digits.unwrap_or(0) <= MAX_NAME_DIGITS
}

/// When the event happened, brought into the last day. What cannot be read, or lies in the future, is now.
fn moment(value: Option<&Value>, now: Timestamp) -> Timestamp {
    let told = match value {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok()),
        _ => None,
    };
    told.unwrap_or(now).clamp(now - MAX_AGE, now)
}

#[cfg(test)]
mod tests {
    use super::EventsRequest;
    use super::is_event_name;
    use jiff::Timestamp;
    use serde_json::Value;
    use serde_json::json;
    use uuid::Uuid;

    fn now() -> Timestamp {
        "2026-01-02T03:04:05Z".parse().unwrap()
    }

    fn moment_of(at: Value) -> String {
        let body = json!({"sessionId": Uuid::nil(), "events": [{"name": "x", "at": at}]});
        let request: EventsRequest = serde_json::from_value(body).unwrap();
        request.checked(now()).unwrap().events[0].at.to_string()
    }

    #[test]
    fn names_are_snake_case_and_hold_no_long_numbers() {
        for name in [
            "page_view",
            "widget_init",
            "survey_shown",
            "a",
            "step_2",
            "lead_sent",
            "sale_2026",
        ] {
            assert!(is_event_name(name), "{name}");
        }
        let long = "a".repeat(49);
        for name in [
            "",
            "PageView",
            "page view",
            "1st",
            "_x",
            "имя",
            "a@b.ru",
            "x.y",
            "call_79161234567",
            &long,
        ] {
            assert!(!is_event_name(name), "{name}");
        }
    }

    #[test]
    fn times_are_brought_into_the_last_day() {
        for (at, expected) in [
            (json!("2026-01-02T02:00:00Z"), "2026-01-02T02:00:00Z"),
            (json!("2026-01-02T05:00:00+03:00"), "2026-01-02T02:00:00Z"),
            (json!(1_767_319_200_000_i64), "2026-01-02T02:00:00Z"),
            (json!("2026-01-02T09:00:00Z"), "2026-01-02T03:04:05Z"),
            (json!("1999-01-02T02:00:00Z"), "2026-01-01T03:04:05Z"),
            (json!(9e300), "2026-01-02T03:04:05Z"),
            (json!(i64::MAX), "2026-01-02T03:04:05Z"),
            (json!("yesterday"), "2026-01-02T03:04:05Z"),
            (json!(null), "2026-01-02T03:04:05Z"),
            (json!({}), "2026-01-02T03:04:05Z"),
        ] {
            assert_eq!(moment_of(at.clone()), expected, "{at}");
        }
    }
}
