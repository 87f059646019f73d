//! `palompy search`.

use crate::cli::arguments::SearchOptions;
use crate::cli::client::Client;
use crate::cli::client::list;
use crate::cli::client::text;
use crate::cli::explanation::print_hit;
use crate::cli::explanation::print_reading;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use crate::domain::language::Language;
use serde_json::Value;
use serde_json::json;

/// Prints the hits, best first, with their scores; a question that would be refused says so.
pub async fn search(client: &Client, options: SearchOptions, language: Language) -> Result<(), Failure> {
    let query = options.words.join(" ");
    let body = json!({"query": query, "limit": options.limit, "explain": options.explain}).to_string();
    let answer = client
        .post(&format!("/api/shops/{}/search", options.shop), body.into_bytes())
        .await?;
    if options.json {
        print_line(format!("{answer:#}"));
        return Ok(());
    }
    if let Some(explanation) = answer.get("explanation") {
        print_reading(explanation, language);
    }
    for hit in list(&answer, "hits") {
        if options.explain {
            print_hit(hit);
            continue;
        }
        let score = hit.get("score").and_then(Value::as_f64).unwrap_or_default();
        print_line(format!(
            "{score:.3}  {:7} {:24} {}",
            text(hit, "source_type"),
            text(hit, "source_id"),
            text(hit, "title")
        ));
        list(hit, "variants").iter().for_each(print_variant);
    }
    let answerable = answer.get("answerable").and_then(Value::as_bool).unwrap_or_default();
    print_line(format!("answerable: {answerable}"));
    Ok(())
}

/// A variant of the hit above it, indented, with what differs.
fn print_variant(variant: &Value) {
    let differences = variant.get("differences").and_then(Value::as_object);
    let values = differences.into_iter().flatten();
    let values: Vec<&str> = values.filter_map(|(_, value)| value.as_str()).collect();
    let line = format!(
        "       +        {:24} {}  {}",
        text(variant, "source_id"),
        text(variant, "title"),
        values.join(", ")
    );
    print_line(line.trim_end());
}
