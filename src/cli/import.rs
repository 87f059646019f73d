//! `palompy import`.

use crate::cli::arguments::ImportOptions;
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use crate::cli::preview::preview_file;
use crate::cli::sources::import_file;
use crate::cli::watching::watch;
use crate::domain::language::Language;
use crate::i18n::sentence;
use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const ASK_EVERY: Duration = Duration::from_millis(200);

/// Imports the files one after the other; ends at the first that is refused.
pub async fn import(client: &Client, options: ImportOptions, language: Language) -> Result<(), Failure> {
    if let Some(folder) = &options.watch {
        return watch(client, &options, folder, language).await;
    }
    if options.replace && options.files.len() > 1 {
        return Err(Failure::new(sentence(language, "cli_replace_needs_one_file", &[])));
    }
    if options.source.is_some() && options.files.len() > 1 {
        return Err(Failure::new(sentence(language, "cli_source_needs_one_file", &[])));
    }
    for file in &options.files {
        if options.preview {
            preview_file(client, &options, file, language).await?;
            continue;
        }
        let name = file.display().to_string();
        if is_of_a_source(&options, file) {
            import_file(client, &options, file, language).await?;
            continue;
        }
        let bytes = std::fs::read(file).map_err(|error| Failure::new(format!("{name}: {error}")))?;
        let mode = if options.replace { "replace" } else { "merge" };
        let path = format!(
            "/api/shops/{}/data?mode={mode}&dry_run={}",
            options.shop, options.dry_run
        );
        let result = with_progress(client, options.shop, client.post(&path, bytes)).await?;
        let count = |field: &str| {
            result
                .get(field)
                .and_then(Value::as_u64)
                .unwrap_or_default()
                .to_string()
        };
        let values = [
            ("file", name),
            ("added", count("added")),
            ("changed", count("changed")),
            ("unchanged", count("unchanged")),
            ("removed", count("removed")),
            ("chunks", count("chunks")),
        ];
        let key = if options.dry_run {
            "cli_import_preview"
        } else {
            "cli_imported"
        };
        print_line(sentence(language, key, &values));
    }
    Ok(())
}

/// The plain JSON goes to the API's own source unless another is named.
fn is_of_a_source(options: &ImportOptions, file: &Path) -> bool {
    let is_json = file
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    options.source.is_some() || options.kind.is_some() || !options.map.is_empty() || !is_json
}

/// Shows a bar on a terminal while `work` runs.
async fn with_progress(
    client: &Client,
    shop: i64,
    work: impl Future<Output = Result<Value, Failure>>,
) -> Result<Value, Failure> {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len}  {per_sec}  {eta}") {
        bar.set_style(style);
    }
    tokio::pin!(work);
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            () = tokio::time::sleep(ASK_EVERY) => show_progress(client, shop, &bar).await,
        }
    };
    bar.finish_and_clear();
    result
}

/// A progress that cannot be had is no reason to end the import.
async fn show_progress(client: &Client, shop: i64, bar: &ProgressBar) {
    let Ok(answer) = client.get(&format!("/api/shops/{shop}/imports")).await else {
        return;
    };
    let number = |field: &str| answer.get("running")?.get(field)?.as_u64();
    if let (Some(done), Some(total)) = (number("done"), number("total")) {
        bar.set_length(total);
        bar.set_position(done);
    }
}
