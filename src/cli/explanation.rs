//! Prints why a search found what it found.

use crate::cli::client::list;
use crate::cli::client::text;
use crate::cli::output::print_line;
use crate::domain::language::Language;
use crate::i18n::sentence;
use serde_json::Value;

/// A question of an evaluation that was not found first, or wrongly answered or refused.
pub fn print_miss(miss: &Value, language: Language) {
    print_line("");
    let history = list(miss, "history").iter().filter_map(Value::as_str);
    let asked: Vec<&str> = history.chain([text(miss, "question")]).collect();
    print_line(format!("[{}] {}", text(miss, "kind"), asked.join(" → ")));
    print_reading(miss.get("explanation").unwrap_or(&Value::Null), language);
    let is_refused = miss.get("refused").and_then(Value::as_bool).unwrap_or_default();
    let key = if is_refused {
        "cli_eval_refused"
    } else {
        "cli_eval_answered"
    };
    print_line(format!("  {}", sentence(language, key, &[])));
    for hit in list(miss, "found") {
        print_hit(hit);
    }
    if list(miss, "expect").is_empty() {
        return print_line(format!("  {}", sentence(language, "cli_explain_no_right", &[])));
    }
    match (miss.get("rank").and_then(Value::as_u64), miss.get("right")) {
        (Some(rank), Some(right)) => {
            let rank = [("rank", rank.to_string())];
            print_line(format!("  {}", sentence(language, "cli_explain_right", &rank)));
            print_hit(right);
        }
        _ => print_line(format!("  {}", sentence(language, "cli_explain_right_missing", &[]))),
    }
}

/// How a question was read: what was searched for, the words with what stands for them, and how sure the search was.
pub fn print_reading(explanation: &Value, language: Language) {
    let number = |name: &str| explanation.get(name).and_then(Value::as_f64).unwrap_or_default();
    let (wording, meant) = (text(explanation, "wording"), text(explanation, "meant"));
    let words: Vec<String> = list(explanation, "words").iter().map(word).collect();
    let readings = list(explanation, "readings")
        .iter()
        .map(|reading| format!("{}: {}", text(reading, "name"), text(reading, "value")));
    let readings: Vec<String> = readings.collect();
    for (key, value) in [
        ("cli_explain_wording", wording.to_owned()),
        ("cli_explain_meant", meant.to_owned()),
        ("cli_explain_words", words.join("; ")),
        ("cli_explain_readings", readings.join("; ")),
    ] {
        if !value.is_empty() {
            print_line(format!("  {}", sentence(language, key, &[("text", value)])));
        }
    }
    if explanation.get("unmet").and_then(Value::as_bool).unwrap_or_default() {
        print_line(format!("  {}", sentence(language, "cli_explain_unmet", &[])));
    }
    let values = [
        ("confidence", format!("{:.3}", number("confidence"))),
        ("threshold", format!("{:.3}", number("answer_threshold"))),
    ];
    print_line(format!("  {}", sentence(language, "cli_explain_confidence", &values)));
}

/// Score, source, and what each kind of evidence gave it.
pub fn print_hit(hit: &Value) {
    let score = hit.get("score").and_then(Value::as_f64).unwrap_or_default();
    let evidence = hit.get("evidence").and_then(Value::as_object).into_iter().flatten();
    let evidence: Vec<String> = evidence
        .map(|(name, score)| format!("{name} {:.3}", score.as_f64().unwrap_or_default()))
        .collect();
    print_line(format!(
        "{score:.3}  {:7} {:24} {}  ({})",
        text(hit, "source_type"),
        text(hit, "source_id"),
        text(hit, "title"),
        evidence.join(", ")
    ));
}

/// `термос | бутылк 0.80`: the terms that may stand for a word; a weight of 1 is not told.
fn word(alternatives: &Value) -> String {
    let terms = alternatives.as_array().into_iter().flatten().map(|alternative| {
        let weight = alternative.get("weight").and_then(Value::as_f64).unwrap_or_default();
        let term = text(alternative, "term");
        if weight == 1.0 {
            term.to_owned()
        } else {
            format!("{term} {weight:.2}")
        }
    });
    terms.collect::<Vec<_>>().join(" | ")
}
