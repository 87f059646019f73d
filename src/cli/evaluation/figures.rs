//! The figures of one run as a table.

use crate::cli::client::text;
use crate::cli::output::print_line;
use crate::domain::language::Language;
use crate::i18n::sentence;
use serde_json::Value;

const FIGURES: [&str; 6] = [
    "hit_at_1",
    "hit_at_5",
    "mrr",
    "ndcg_at_10",
    "refused_wrongly",
    "refused",
];

/// Each figure with its interval, by kind and in total; then refusals, and what was searched in.
pub fn print(report: &Value, language: Language) {
    let header = FIGURES.map(|figure| format!("{figure:>17}")).join(" ");
    print_line(format!("{:14} {:>5}  {header}", "kind", "lines"));
    for (kind, figures) in report.get("kinds").and_then(Value::as_object).into_iter().flatten() {
        print_figures(kind, figures);
    }
    if let Some(total) = report.get("total") {
        print_figures("total", total);
    }
    print_line(sentence(language, "cli_eval_intervals", &[]));
    let refusals = report.get("refusals").unwrap_or(&Value::Null);
    if refusals.get("recall_at_5_percent").is_some_and(Value::is_number) {
        print_refusals(refusals, language);
    }
    let space = report.get("space").unwrap_or(&Value::Null);
    let values = [("space", space_name(space))];
    print_line(sentence(language, "cli_eval_space", &values));
}

/// Told only where there are questions that should be refused, and others.
fn print_refusals(refusals: &Value, language: Language) {
    let figure = |name: &str| with_interval(refusals, name, refusals.get(format!("{name}_interval")));
    let values = [("precision", figure("precision")), ("recall", figure("recall"))];
    print_line(sentence(language, "cli_eval_refusals", &values));
    let values = [
        ("recall", figure("recall_at_5_percent")),
        ("area", format!("{:.3}", number(refusals, "area_under_curve"))),
    ];
    print_line(sentence(language, "cli_eval_curve", &values));
}

/// `builtin 3f2a 256`: model, revision, dimensions.
pub fn space_name(space: &Value) -> String {
    let dimensions = space.get("dimensions").and_then(Value::as_u64).unwrap_or_default();
    format!("{} {} {dimensions}", text(space, "model"), text(space, "revision"))
}

fn print_figures(kind: &str, figures: &Value) {
    let lines = figures.get("questions").and_then(Value::as_u64).unwrap_or_default();
    let has_answers = figures.get("answerable").and_then(Value::as_u64).unwrap_or_default() > 0;
    let cells = FIGURES.map(|figure| {
        // All but the last are means over the answerable questions.
        if !has_answers && figure != "refused" {
            return format!("{:>17}", "–");
        }
        let interval = figures.get("intervals").and_then(|intervals| intervals.get(figure));
        format!("{:>17}", with_interval(figures, figure, interval))
    });
    print_line(format!("{kind:14} {lines:>5}  {}", cells.join(" ")));
}

/// `0.745 0.68–0.80`.
fn with_interval(figures: &Value, name: &str, interval: Option<&Value>) -> String {
    let bound = |index: usize| {
        let bound = interval.and_then(|interval| interval.get(index));
        bound.and_then(Value::as_f64).unwrap_or_default()
    };
    format!("{:.3} {:.2}–{:.2}", number(figures, name), bound(0), bound(1))
}

fn number(figures: &Value, name: &str) -> f64 {
    figures.get(name).and_then(Value::as_f64).unwrap_or_default()
}
