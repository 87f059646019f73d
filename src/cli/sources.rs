//! `palompy sources`, and `palompy import` of files that belong to a source.

use crate::cli::arguments::ImportOptions;
use crate::cli::arguments::SourceChoice;
use crate::cli::arguments::SourcesCommand;
use crate::cli::client::Client;
use crate::cli::client::list;
use crate::cli::client::text;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use crate::domain::language::Language;
use crate::i18n::sentence;
use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const ASK_EVERY: Duration = Duration::from_millis(200);
/// Problems of one import that are printed; the API tells more.
const PRINTED_PROBLEMS: usize = 20;

pub async fn sources(client: &Client, command: SourcesCommand, language: Language) -> Result<(), Failure> {
    match command {
        SourcesCommand::List { shop } => {
            let answer = client.get(&format!("/api/shops/{shop}/sources")).await?;
            for source in list(&answer, "sources") {
                print_source(source, language);
            }
            Ok(())
        }
        SourcesCommand::Sync { source, dry_run, yes } => {
            let path = source_path(client, &source, language).await?;
            let body = json!({"dry_run": dry_run, "by": "palompy sources"});
            let import = client
                .post(&format!("{path}/sync"), body.to_string().into_bytes())
                .await?;
            follow(client, source.shop, &import, &source.name, yes, language).await
        }
        SourcesCommand::Undo { source } => restore(client, &source, "undo", language).await,
        SourcesCommand::Redo { source } => restore(client, &source, "redo", language).await,
        SourcesCommand::Versions { source } => {
            let path = source_path(client, &source, language).await?;
            let answer = client.get(&format!("{path}/versions")).await?;
            for import in list(&answer, "imports") {
                print_version(import, answer.get("version"), language);
            }
            Ok(())
        }
    }
}

/// Brings a file into its source, which is made when absent and corrected when the options say more than it knows.
pub async fn import_file(
    client: &Client,
    options: &ImportOptions,
    file: &Path,
    language: Language,
) -> Result<(), Failure> {
    let shown = file.display().to_string();
    let path = std::path::absolute(file)?;
    let own_name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = options.source.clone().or(own_name).unwrap_or_else(|| shown.clone());
    let sources = format!("/api/shops/{}/sources", options.shop);
    let mut body = Map::new();
    if let Some(kind) = &options.kind {
        body.insert("kind".to_owned(), json!(kind));
    }
    if !options.map.is_empty() {
        body.insert("mapping".to_owned(), Value::Object(mapping(&options.map, language)?));
    }
    let id = match find(client, options.shop, &name).await? {
        Some(id) => {
            if !body.is_empty() {
                client.patch(&format!("{sources}/{id}"), bytes(&body)).await?;
            }
            id
        }
        None => {
            body.insert("name".to_owned(), json!(name));
            body.insert("location".to_owned(), json!({"type": "upload"}));
            let made = client.post(&sources, bytes(&body)).await?;
            made.get("id").and_then(Value::as_i64).unwrap_or_default()
        }
    };
    let sync = json!({"file": path, "dry_run": options.dry_run, "by": "palompy import"});
    let import = client
        .post(&format!("{sources}/{id}/sync"), sync.to_string().into_bytes())
        .await?;
    follow(client, options.shop, &import, &shown, options.yes, language).await
}

/// Shows an import's progress until it ends; its failure is the command's.
async fn follow(
    client: &Client,
    shop: i64,
    import: &Value,
    name: &str,
    says_yes: bool,
    language: Language,
) -> Result<(), Failure> {
    let path = format!("/api/shops/{shop}/imports/{}", import.get("id").unwrap_or(&Value::Null));
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len}  {per_sec}  {eta}") {
        bar.set_style(style);
    }
    let mut has_agreed = false;
    let details = loop {
        let details = client.get(&path).await?;
        let status = details.get("import").map_or("", |import| text(import, "status"));
        match status {
            "waiting" if says_yes && !has_agreed => {
                client.post(&format!("{path}/approve"), b"{}".to_vec()).await?;
                has_agreed = true;
            }
            "queued" | "running" => show(&bar, details.get("progress")),
            _ => break details,
        }
        tokio::time::sleep(ASK_EVERY).await;
    };
    bar.finish_and_clear();
    report(&details, name, language)
}

fn show(bar: &ProgressBar, progress: Option<&Value>) {
    let number = |field: &str| progress?.get(field)?.as_u64();
    if let (Some(done), Some(total)) = (number("done"), number("total")) {
        if total > 0 {
            bar.set_length(total);
        }
        bar.set_position(done);
    }
}

fn report(details: &Value, name: &str, language: Language) -> Result<(), Failure> {
    let import = details.get("import").unwrap_or(&Value::Null);
    let mut values = counts(import);
    values.push(("file", name.to_owned()));
    values.push(("import", number(import, "id")));
    print_problems(details);
    let is_preview = import.get("is_preview").and_then(Value::as_bool) == Some(true);
    let key = match text(import, "status") {
        "done" if is_preview => "cli_source_preview",
        "done" => "cli_source_imported",
        "waiting" => "cli_source_waiting",
        "cancelled" => "cli_source_cancelled",
        _ => {
            values.push(("error", text(import, "error").to_owned()));
            return Err(Failure::new(sentence(language, "cli_source_failed", &values)));
        }
    };
    let line = sentence(language, key, &values);
    if key == "cli_source_waiting" {
        return Err(Failure::new(line));
    }
    print_line(line);
    Ok(())
}

/// The first of what could not be read.
pub fn print_problems(details: &Value) {
    for problem in list(details, "problems").iter().take(PRINTED_PROBLEMS) {
        print_line(format!("  {}: {}", place(problem), text(problem, "message")));
    }
}

async fn restore(client: &Client, source: &SourceChoice, verb: &str, language: Language) -> Result<(), Failure> {
    let path = source_path(client, source, language).await?;
    let import = client.post(&format!("{path}/{verb}"), b"{}".to_vec()).await?;
    let mut values = counts(&import);
    values.push(("source", source.name.clone()));
    values.push(("version", number(&import, "restored_version")));
    print_line(sentence(language, "cli_source_restored", &values));
    Ok(())
}

/// The path of the API that names the source.
async fn source_path(client: &Client, source: &SourceChoice, language: Language) -> Result<String, Failure> {
    let Some(id) = find(client, source.shop, &source.name).await? else {
        let values = [("source", source.name.clone())];
        return Err(Failure::new(sentence(language, "cli_source_unknown", &values)));
    };
    Ok(format!("/api/shops/{}/sources/{id}", source.shop))
}

pub async fn find(client: &Client, shop: i64, name: &str) -> Result<Option<i64>, Failure> {
    let answer = client.get(&format!("/api/shops/{shop}/sources")).await?;
    let found = list(&answer, "sources")
        .iter()
        .find(|source| text(source, "name") == name);
    Ok(found.and_then(|source| source.get("id")?.as_i64()))
}

/// `price=Цена` as a field and its column.
pub fn mapping(given: &[String], language: Language) -> Result<Map<String, Value>, Failure> {
    let pairs = given.iter().map(|pair| match pair.split_once('=') {
        Some((field, column)) if !field.trim().is_empty() && !column.trim().is_empty() => {
            Ok((field.trim().to_owned(), json!(column.trim())))
        }
        _ => {
            let values = [("pair", pair.clone())];
            Err(Failure::new(sentence(language, "cli_map_unreadable", &values)))
        }
    });
    pairs.collect()
}

fn print_source(source: &Value, language: Language) {
    let location = source.get("location").unwrap_or(&Value::Null);
    let place = ["path", "url"].into_iter().map(|field| text(location, field));
    let place = place.filter(|place| !place.is_empty()).collect::<String>();
    let state = match text(source, "stale_since") {
        "" => text(source, "checked_at").to_owned(),
        since => sentence(language, "cli_source_stale", &[("since", since.to_owned())]),
    };
    print_line(format!(
        "{}\t{}\t{}\t{} {place}\t{}\t{state}",
        number(source, "id"),
        text(source, "name"),
        text(source, "kind"),
        text(location, "type"),
        number(source, "documents"),
    ));
}

fn print_version(import: &Value, current: Option<&Value>, language: Language) {
    let mark = if import.get("id") == current { "*" } else { " " };
    let mut values = counts(import);
    values.push(("mark", mark.to_owned()));
    values.push(("id", number(import, "id")));
    values.push(("kind", text(import, "kind").to_owned()));
    values.push(("status", text(import, "status").to_owned()));
    values.push(("at", text(import, "started_at").to_owned()));
    values.push(("by", text(import, "by").to_owned()));
    values.push(("origin", text(import, "origin").to_owned()));
    print_line(sentence(language, "cli_source_version", &values).trim_end().to_owned());
}

fn place(problem: &Value) -> String {
    let named = ["file", "element"]
        .into_iter()
        .map(|field| text(problem, field).to_owned());
    let numbered = ["line", "page"].into_iter().map(|field| number(problem, field));
    let parts = named.chain(numbered).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}

fn counts(import: &Value) -> Vec<(&'static str, String)> {
    let names = ["added", "changed", "unchanged", "removed", "problems"];
    names.into_iter().map(|name| (name, number(import, name))).collect()
}

/// A whole number as text, empty when absent.
pub fn number(value: &Value, field: &str) -> String {
    let number = value.get(field).and_then(Value::as_i64);
    number.map_or_else(String::new, |number| number.to_string())
}

fn bytes(body: &Map<String, Value>) -> Vec<u8> {
    json!(body).to_string().into_bytes()
}
