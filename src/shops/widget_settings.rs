//! Checks of the settings that change how the widget looks and what it says. Paths of problems are left empty.

use crate::domain::problem::Problem;
use crate::domain::settings::Perk;
use serde_json::Value;

const MAX_TITLE_CHARS: usize = 60;
const MAX_PROMPTS: usize = 6;
const MAX_PROMPT_CHARS: usize = 120;
const MAX_PERKS: usize = 4;
const MAX_PERK_CHARS: usize = 80;

/// Null is right too: the shop's name is then the title.
pub fn check_title(value: &Value) -> Option<Problem> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.trim(),
        _ => return Some(Problem::new("", "problem_text")),
    };
    let length = text.chars().count();
    if length == 0 {
        return Some(Problem::new("", "problem_empty"));
    }
    (length > MAX_TITLE_CHARS).then(|| {
        Problem::new("", "problem_too_long")
            .with("length", length)
            .with("limit", MAX_TITLE_CHARS)
    })
}

/// `#rgb` or `#rrggbb`, or null for the widget's own.
pub fn check_color(value: &Value) -> Option<Problem> {
    let digits = value.as_str().and_then(|color| color.strip_prefix('#'));
    let is_color = digits
        .is_some_and(|digits| matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    (!is_color && !value.is_null()).then(|| Problem::new("", "problem_color"))
}

pub fn check_choice(value: &Value, choices: &[&str]) -> Option<Problem> {
    let is_among = value.as_str().is_some_and(|text| choices.contains(&text));
    (!is_among).then(|| Problem::new("", "problem_choice").with("choices", choices.join(", ")))
}

pub fn check_prompts(value: &Value) -> Option<Problem> {
    let are_right = value.as_array().is_some_and(|prompts| {
        let all = prompts.iter().all(|prompt| is_short(prompt.as_str(), MAX_PROMPT_CHARS));
        prompts.len() <= MAX_PROMPTS && all
    });
    (!are_right).then(|| {
        Problem::new("", "problem_texts")
            .with("count", MAX_PROMPTS)
            .with("limit", MAX_PROMPT_CHARS)
    })
}

pub fn check_perks(value: &Value) -> Option<Problem> {
    let perks: Option<Vec<Perk>> = value
        .is_array()
        .then(|| serde_json::from_value(value.clone()).ok())
        .flatten();
    let are_right = perks.is_some_and(|perks| {
        let is_right =
            |perk: &Perk| is_short(Some(&perk.title), MAX_PERK_CHARS) && perk.text.chars().count() <= MAX_PERK_CHARS;
        perks.len() <= MAX_PERKS && perks.iter().all(is_right)
    });
    (!are_right).then(|| {
        Problem::new("", "problem_perks")
            .with("count", MAX_PERKS)
            .with("limit", MAX_PERK_CHARS)
    })
}

fn is_short(text: Option<&str>, limit: usize) -> bool {
    text.is_some_and(|text| !text.trim().is_empty() && text.chars().count() <= limit)
}
