//! Checks what an owner says of a source, all fields at once.

use crate::domain::problem::Problem;
use crate::domain::source::Format;
use crate::domain::source::Location;
use crate::domain::source::Mapping;
use crate::domain::source::Schedule;
use crate::domain::source::SourceDraft;
use crate::knowledge::schedule::is_valid;
use crate::knowledge::site_draft;
use crate::store::API_SOURCE;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

const MAX_NAME_CHARS: usize = 100;
const MAX_URL_CHARS: usize = 2_000;
const MAX_MAPPED: usize = 200;

/// Fields that are absent keep their value; of a new source `name` and `location` must be there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceRequest {
    /// One of a kind in the shop.
    name: Option<String>,
    /// `auto` (the default: each file is recognized), `json`, `csv`, `xlsx`, `yml`, `google_merchant`, `commerceml`, `pdf`, `docx`, `odt`,
    /// `rtf`, `html`, `markdown` or `txt`.
    kind: Option<String>,
    /// `{"type": "upload"}`, `{"type": "file", "path": …}`, `{"type": "folder", "path": …}`, `{"type": "url", "url": …}` or
    /// `{"type": "site", "url": …, "include": […], "exclude": […], "max_pages": …, "max_depth": …, "documents": …}`. Paths are of the server's
    /// machine, absolute, and for administrators of all shops only.
    #[schema(value_type = Option<Object>)]
    location: Option<Value>,
    mapping: Option<BTreeMap<String, String>>,
    /// `{"every_hours": 6}`, `{"daily_at": "04:30"}`, `{"cron": "30 4 * * 1"}`, or null for never.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    schedule: Option<Value>,
}

/// Tells null from absent.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// The draft that the request makes of `present`, or of nothing. `may_name_paths` for administrators of all shops.
pub fn checked(
    request: SourceRequest,
    present: Option<&SourceDraft>,
    may_name_paths: bool,
) -> Result<SourceDraft, Vec<Problem>> {
    let mut problems = Vec::new();
    let name = match request.name {
        Some(name) => checked_name(&name, &mut problems),
        None => present.map(|draft| draft.name.clone()),
    };
    if name.is_none() && problems.is_empty() {
        problems.push(Problem::new("name", "problem_required"));
    }
    let format = match request.kind.as_deref() {
        None => present.and_then(|draft| draft.format),
        Some("auto") => None,
        Some(kind) => {
            let format = Format::parse(kind);
            if format.is_none() {
                problems.push(Problem::new("kind", "problem_kind"));
            }
            format
        }
    };
    let location = match request.location {
        Some(location) => checked_location(location, may_name_paths, &mut problems),
        None => present.map(|draft| draft.location.clone()),
    };
    if location.is_none() && !problems.iter().any(|problem| problem.path.starts_with("location")) {
        problems.push(Problem::new("location", "problem_required"));
    }
    let mapping = match request.mapping {
        Some(mapping) if mapping.len() > MAX_MAPPED => {
            let problem = Problem::new("mapping", "problem_too_many").with("length", mapping.len());
            problems.push(problem.with("limit", MAX_MAPPED));
            Mapping::default()
        }
        Some(mapping) => Mapping(mapping),
        None => present.map(|draft| draft.mapping.clone()).unwrap_or_default(),
    };
    let schedule = match request.schedule {
        None => present.and_then(|draft| draft.schedule.clone()),
        Some(Value::Null) => None,
        Some(schedule) => checked_schedule(schedule, &mut problems),
    };
    match (name, location) {
        (Some(name), Some(location)) if problems.is_empty() => Ok(SourceDraft {
            name,
            format,
            location,
            mapping,
            schedule,
        }),
        _ => Err(problems),
    }
}

fn checked_name(name: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let name = name.trim();
    let length = name.chars().count();
    if name.is_empty() {
        problems.push(Problem::new("name", "problem_empty"));
    } else if length > MAX_NAME_CHARS {
        let problem = Problem::new("name", "problem_too_long").with("length", length);
        problems.push(problem.with("limit", MAX_NAME_CHARS));
    } else if name == API_SOURCE {
        problems.push(Problem::new("name", "problem_name_of_api"));
    } else {
        return Some(name.to_owned());
    }
    None
}

fn checked_location(location: Value, may_name_paths: bool, problems: &mut Vec<Problem>) -> Option<Location> {
    let Ok(location) = serde_json::from_value::<Location>(location) else {
        problems.push(Problem::new("location", "problem_location"));
        return None;
    };
    let problem = match &location {
        Location::Api {} => Some(Problem::new("location", "problem_location")),
        Location::Upload {} => None,
        Location::File { .. } | Location::Folder { .. } if !may_name_paths => {
            Some(Problem::new("location.path", "problem_path_forbidden"))
        }
        Location::File { path } | Location::Folder { path } => {
            (!path.is_absolute()).then(|| Problem::new("location.path", "problem_path_relative"))
        }
        Location::Url { url } | Location::Site { url, .. } => {
            (!is_web_address(url)).then(|| Problem::new("location.url", "problem_url"))
        }
    };
    let of_site = site_draft::problems(&location);
    let is_right = problem.is_none() && of_site.is_empty();
    problems.extend(problem.into_iter().chain(of_site));
    is_right.then_some(location)
}

fn is_web_address(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://")) && url.chars().count() <= MAX_URL_CHARS
}

fn checked_schedule(schedule: Value, problems: &mut Vec<Problem>) -> Option<Schedule> {
    let schedule = serde_json::from_value(schedule).ok().filter(is_valid);
    if schedule.is_none() {
        problems.push(Problem::new("schedule", "problem_schedule"));
    }
    schedule
}
