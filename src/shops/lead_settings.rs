//! The settings of leads: consent, and where leads are told.

use crate::domain::problem::Problem;
use crate::domain::settings::ShopSettings;
use crate::http::error::ApiError;
use crate::notify::target::webhook_url_problem;
use serde_json::Value;

const MAX_CONSENT_CHARS: usize = 2_000;
const MAX_URL_CHARS: usize = 2_000;

pub fn check_consent_text(value: &Value) -> Option<Problem> {
    match check_length(value, MAX_CONSENT_CHARS) {
        None if value.as_str().is_some_and(|text| text.trim().is_empty()) => Some(Problem::new("", "problem_empty")),
        problem => problem,
    }
}

pub fn check_url(value: &Value) -> Option<Problem> {
    let problem = check_length(value, MAX_URL_CHARS);
    let is_url = value
        .as_str()
        .is_none_or(|url| url.starts_with("https://") || url.starts_with("http://"));
    problem.or_else(|| (!is_url).then(|| Problem::new("", "problem_url")))
}

pub fn check_webhook_url(value: &Value) -> Option<Problem> {
    let problem = check_length(value, MAX_URL_CHARS);
    problem.or_else(|| webhook_url_problem(value.as_str()?).map(|key| Problem::new("", key)))
}

/// Consent to nothing is none.
pub fn check_consent(settings: &ShopSettings) -> Result<(), ApiError> {
    if settings.consent_required && settings.consent_text.is_none() {
        let problem = Problem::new("settings.consent_text", "problem_consent_text");
        return Err(ApiError::invalid(vec![problem]));
    }
    Ok(())
}

/// A text of at most `limit` characters, or null.
fn check_length(value: &Value, limit: usize) -> Option<Problem> {
    match value {
        Value::Null => None,
        Value::String(text) => {
            let length = text.chars().count();
            (length > limit).then(|| {
                Problem::new("", "problem_too_long")
                    .with("length", length)
                    .with("limit", limit)
            })
        }
        _ => Some(Problem::new("", "problem_text")),
    }
}
