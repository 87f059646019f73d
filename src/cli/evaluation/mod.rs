//! `palompy eval`: runs the questions, or takes a run from a file; then prints, keeps and compares it.

mod comparison;
mod figures;

use crate::cli::arguments::EvalOptions;
use crate::cli::client::Client;
use crate::cli::client::list;
use crate::cli::explanation::print_miss;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use crate::config::Config;
use crate::domain::language::Language;
use crate::i18n::sentence;
use crate::metrics::comparison::compare;
use crate::metrics::run::Run;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

/// Prints the figures in total and by kind, and whatever else was asked for.
pub async fn evaluate(config: &Config, options: EvalOptions, language: Language) -> Result<(), Failure> {
    let old = options.compare.as_deref().map(read_run).transpose()?;
    let text = read(&options.file)?;
    let mut answer = match kept_run(&text) {
        Some(answer) => answer,
        None => ask(config, &options, &text, language).await?,
    };
    let name = options.file.display().to_string();
    if let Some(file) = &options.out {
        let text = format!("{answer}\n");
        std::fs::write(file, text).map_err(|error| failure(file, &error))?;
    }
    let comparison = match &old {
        Some(old) => Some(compare(old, &parse_run(&answer, &name)?)),
        None => None,
    };
    if options.json {
        if let (Some(comparison), Some(fields)) = (&comparison, answer.as_object_mut()) {
            fields.insert("comparison".to_owned(), json!(comparison));
        }
        print_line(format!("{answer:#}"));
        return Ok(());
    }
    figures::print(&answer, language);
    if let (Some(comparison), Some(old)) = (&comparison, &old) {
        comparison::print(comparison, &old.space, language);
    }
    if options.explain {
        for miss in list(&answer, "misses") {
            print_miss(miss, language);
        }
    }
    Ok(())
}

async fn ask(config: &Config, options: &EvalOptions, text: &str, language: Language) -> Result<Value, Failure> {
    let Some(shop) = options.shop else {
        return Err(Failure::new(sentence(language, "cli_eval_needs_shop", &[])));
    };
    let body = json!({
        "questions": questions(text, &options.file)?,
        "outcomes": options.out.is_some() || options.compare.is_some(),
        "explain": options.explain,
    });
    let client = Client::connect(config, language).await?;
    let path = format!("/api/shops/{shop}/evaluate");
    client.post(&path, body.to_string().into_bytes()).await
}

/// One JSON object a line; blank lines are passed over.
fn questions(text: &str, file: &Path) -> Result<Vec<Value>, Failure> {
    let mut questions = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let question = serde_json::from_str(line).map_err(|error| {
            let place = format!("{}: line {}: {error}", file.display(), index + 1);
            Failure::new(place)
        })?;
        questions.push(question);
    }
    Ok(questions)
}

/// A run that `--out` wrote; `None` for a file of questions.
fn kept_run(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    value.get("outcomes").is_some().then_some(value)
}

fn read_run(file: &Path) -> Result<Run, Failure> {
    let value = serde_json::from_str(&read(file)?).map_err(|error| failure(file, &error))?;
    parse_run(&value, &file.display().to_string())
}

fn parse_run(value: &Value, name: &str) -> Result<Run, Failure> {
    serde::Deserialize::deserialize(value).map_err(|error| Failure::new(format!("{name}: {error}")))
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| failure(file, &error))
}

fn failure(file: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {error}", file.display()))
}
