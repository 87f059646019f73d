//! Changing a shop's settings: known keys only, each within its range, all problems at once.

use crate::domain::problem::Problem;
use crate::domain::settings::ShopSettings;
use crate::http::error::ApiError;
use crate::http::origin::is_origin;
use crate::shops::lead_settings;
use crate::shops::widget_settings;
use jiff::tz::TimeZone;
use serde_json::Value;

const MAX_GREETING_CHARS: usize = 500;
const MAX_DAILY_TOKENS: u64 = 1_000_000_000;
/// Ten years: as good as no limit.
const MAX_PRICE_AGE_HOURS: u64 = 87_600;

/// The settings with `changes`, an object of some of their keys, applied. `null` changes nothing.
pub fn changed(settings: &ShopSettings, changes: &Value) -> Result<ShopSettings, ApiError> {
    let Ok(Value::Object(mut merged)) = serde_json::to_value(settings) else {
        return Err(anyhow::anyhow!("settings are not an object").into());
    };
    let changes = match changes {
        Value::Null => return Ok(settings.clone()),
        Value::Object(changes) => changes,
        _ => return Err(ApiError::invalid(vec![Problem::new("settings", "problem_object")])),
    };
    let mut problems = Vec::new();
    for (key, value) in changes {
        let path = format!("settings.{key}");
        if !merged.contains_key(key) {
            let nearest = nearest_key(key, merged.keys());
            problems.push(Problem::new(path, "problem_unknown_key").with("nearest", nearest));
            continue;
        }
        match check(key, value) {
            None => drop(merged.insert(key.clone(), value.clone())),
            Some(problem) => problems.push(Problem { path, ..problem }),
        }
    }
    if !problems.is_empty() {
        return Err(ApiError::invalid(problems));
    }
    let changed: ShopSettings = serde_json::from_value(Value::Object(merged)).map_err(anyhow::Error::from)?;
    if changed.chunk_overlap_tokens >= changed.chunk_size_tokens {
        let problem = Problem::new("settings.chunk_overlap_tokens", "problem_less_than")
            .with("other", "settings.chunk_size_tokens");
        return Err(ApiError::invalid(vec![problem]));
    }
    lead_settings::check_consent(&changed)?;
    Ok(changed)
}

/// What is wrong with a value, the path left empty.
fn check(key: &str, value: &Value) -> Option<Problem> {
    match key {
        "language" => (!matches!(value.as_str(), Some("ru" | "en"))).then(|| Problem::new("", "problem_language")),
        "allowed_origins" => check_origins(value),
        "rewrite_questions" => (!value.is_boolean()).then(|| Problem::new("", "problem_boolean")),
        "greeting" => check_text(value),
        "consent_required" => (!value.is_boolean()).then(|| Problem::new("", "problem_boolean")),
        "consent_text" => lead_settings::check_consent_text(value),
        "consent_url" => lead_settings::check_url(value),
        "lead_webhook_url" => lead_settings::check_webhook_url(value),
        "price_max_age_hours" => check_optional_range(value, 1, MAX_PRICE_AGE_HOURS),
        "daily_llm_tokens" => check_optional_range(value, 0, MAX_DAILY_TOKENS),
        "widget_title" => widget_settings::check_title(value),
        "widget_color" => widget_settings::check_color(value),
        "widget_scheme" => widget_settings::check_choice(value, &["auto", "light", "dark"]),
        "widget_position" => widget_settings::check_choice(value, &["right", "left"]),
        "widget_prompts" => widget_settings::check_prompts(value),
        "widget_perks" => widget_settings::check_perks(value),
        "chunk_size_tokens" => check_range(value, 20, 2000),
        "chunk_overlap_tokens" => check_range(value, 0, 500),
        "time_zone" => check_time_zone(value),
        "kept_versions" => check_range(value, 0, 100),
        "stale_after_hours" => check_range(value, 1, 720),
        _ => check_range(value, 1, 20),
    }
}

fn check_text(value: &Value) -> Option<Problem> {
    match value {
        Value::Null => None,
        Value::String(text) if text.chars().count() <= MAX_GREETING_CHARS => None,
        Value::String(text) => {
            let length = text.chars().count();
            Some(
                Problem::new("", "problem_too_long")
                    .with("length", length)
                    .with("limit", MAX_GREETING_CHARS),
            )
        }
        _ => Some(Problem::new("", "problem_text")),
    }
}

fn check_range(value: &Value, least: u64, most: u64) -> Option<Problem> {
    let is_inside = value.as_u64().is_some_and(|number| (least..=most).contains(&number));
    (!is_inside).then(|| {
        Problem::new("", "problem_range")
            .with("least", least)
            .with("most", most)
    })
}

fn check_optional_range(value: &Value, least: u64, most: u64) -> Option<Problem> {
    if value.is_null() {
        return None;
    }
    check_range(value, least, most)
}

fn check_time_zone(value: &Value) -> Option<Problem> {
    let is_known = value.as_str().is_some_and(|name| TimeZone::get(name).is_ok());
    (!is_known).then(|| Problem::new("", "problem_time_zone"))
}

fn check_origins(value: &Value) -> Option<Problem> {
    let Some(origins) = value.as_array() else {
        return Some(Problem::new("", "problem_list"));
    };
    let all_right = origins.iter().all(|origin| origin.as_str().is_some_and(is_origin));
    (!all_right).then(|| Problem::new("", "problem_origin"))
}

fn nearest_key<'a>(key: &str, known: impl Iterator<Item = &'a String>) -> String {
    known
        .max_by(|a, b| strsim::jaro_winkler(key, a).total_cmp(&strsim::jaro_winkler(key, b)))
        .cloned()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::changed;
    use crate::domain::settings::ShopSettings;
    use serde_json::json;

    #[test]
    fn every_problem_is_told_at_once() {
        let changes = json!({"context_items": 0, "langage": "ru", "allowed_origins": ["shop.ru/x"]});
        let error = changed(&ShopSettings::default(), &changes).unwrap_err();
        let paths: Vec<_> = error.problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(
            paths,
            ["settings.allowed_origins", "settings.context_items", "settings.langage"]
        );
    }

    #[test]
    fn an_overlap_as_large_as_the_chunk_is_refused() {
        let changes = json!({"chunk_size_tokens": 50, "chunk_overlap_tokens": 50});
        assert!(changed(&ShopSettings::default(), &changes).is_err());
    }
}
