//! `palompy eval`.

use crate::cli::arguments::EvalOptions;
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use serde_json::Value;
use serde_json::json;

const FIGURES: [&str; 6] = [
    "hit_at_1",
    "hit_at_5",
    "mrr",
    "ndcg_at_10",
    "refused_wrongly",
    "refused",
];

/// Prints the figures in total and by kind.
pub async fn evaluate(client: &Client, options: EvalOptions) -> Result<(), Failure> {
    let name = options.file.display().to_string();
    let lines = std::fs::read_to_string(&options.file).map_err(|error| Failure::new(format!("{name}: {error}")))?;
    let mut questions = Vec::new();
    for (index, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let question: Value =
            serde_json::from_str(line).map_err(|error| Failure::new(format!("{name}: line {}: {error}", index + 1)))?;
        questions.push(question);
    }
    let body = json!({ "questions": questions }).to_string();
    let report = client
        .post(&format!("/api/shops/{}/evaluate", options.shop), body.into_bytes())
        .await?;
    if options.json {
        print_line(format!("{report:#}"));
        return Ok(());
    }
    print_line(format!(
        "{:14} {:>5}  {}",
        "kind",
        "lines",
        FIGURES.map(|figure| format!("{figure:>15}")).join(" ")
    ));
    let empty = serde_json::Map::new();
    let kinds = report.get("kinds").and_then(Value::as_object).unwrap_or(&empty);
    for (kind, figures) in kinds
        .iter()
        .map(|(kind, figures)| (kind.as_str(), figures))
        .chain(report.get("total").map(|total| ("total", total)))
    {
        print_figures(kind, figures);
    }
    let figure = |name: &str| report.get(name).and_then(Value::as_f64).unwrap_or_default();
    print_line(format!(
        "refusals: precision {:.3}, recall {:.3}",
        figure("refusal_precision"),
        figure("refusal_recall")
    ));
    Ok(())
}

fn print_figures(kind: &str, figures: &Value) {
    let lines = figures.get("questions").and_then(Value::as_u64).unwrap_or_default();
    let value = |name: &str| figures.get(name).and_then(Value::as_f64).unwrap_or_default();
    print_line(format!(
        "{kind:14} {lines:>5}  {}",
        FIGURES.map(|figure| format!("{:>15.3}", value(figure))).join(" ")
    ));
}
