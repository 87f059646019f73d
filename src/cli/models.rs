//! `palompy models` and `palompy reindex`.

use crate::app::models::download::Downloader;
use crate::app::models::error::PullError;
use crate::app::models::record::Damage;
use crate::app::models::record::Record;
use crate::app::models::runtime;
use crate::cli::arguments::ModelsCommand;
use crate::cli::arguments::ReindexOptions;
use crate::cli::arguments::ShopChoice;
use crate::cli::client::Client;
use crate::cli::client::list;
use crate::cli::client::text;
use crate::cli::failure::Failure;
use crate::cli::model_list::print_list;
use crate::cli::output::print_line;
use crate::config::Config;
use crate::domain::embedding::ModelSource;
use crate::domain::language::Language;
use crate::i18n::sentence;
use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const ASK_EVERY: Duration = Duration::from_millis(200);

pub async fn models(command: ModelsCommand, config: &Config, language: Language) -> Result<(), Failure> {
    match command {
        ModelsCommand::List { all } => {
            let client = Client::connect(config, language).await?;
            print_list(&client.get("/api/models").await?, all, language);
            Ok(())
        }
        ModelsCommand::Pull { name, from } => pull(&name, from.as_deref(), config, language).await,
        ModelsCommand::Verify { name } => verify(name.as_deref(), config, language).await,
        ModelsCommand::Use { name, shops } => {
            let source = ModelSource::parse(&name);
            // The server may run in another folder.
            let model = match source {
                Some(ModelSource::Folder(path)) => ModelSource::Folder(std::path::absolute(path)?).to_string(),
                _ => name,
            };
            let client = Client::connect(config, language).await?;
            reindex_shops(&client, &shops, Some(&model), language).await
        }
        ModelsCommand::Remove { name } => {
            let client = Client::connect(config, language).await?;
            client.delete(&format!("/api/models/{name}")).await?;
            print_line(sentence(language, "cli_model_removed", &[("name", name)]));
            Ok(())
        }
    }
}

/// Embeds the shops anew with the models that they have.
pub async fn reindex(client: &Client, options: ReindexOptions, language: Language) -> Result<(), Failure> {
    reindex_shops(client, &options.shops, None, language).await
}

async fn pull(name: &str, from: Option<&str>, config: &Config, language: Language) -> Result<(), Failure> {
    let Some(offer) = crate::app::models::find_offer(name) else {
        return Err(explained(
            &PullError::Unknown { name: name.to_owned() },
            "",
            config,
            language,
        ));
    };
    let mirror = from
        .map(|url| url.trim_end_matches('/').to_owned())
        .or(config.model_mirror.clone());
    let base_url = mirror.as_deref().unwrap_or(crate::app::models::HUB);
    let unknown = || sentence(language, "cli_model_unknown_licence", &[]);
    let values = [
        ("name", offer.name.clone()),
        ("url", format!("{base_url}/{}", offer.repository)),
        (
            "size",
            offer.download_mb.map_or("?".to_owned(), |size| size.to_string()),
        ),
        ("licence", offer.licence.clone().unwrap_or_else(unknown)),
    ];
    print_line(sentence(language, "cli_model_pulling", &values));
    let downloader = Downloader::new(config.llm_proxy.as_ref())?;
    let bar = byte_bar();
    let mut progress = |progress: crate::app::models::Progress| {
        bar.set_message(progress.file);
        bar.set_length(progress.total_bytes.unwrap_or(progress.done_bytes));
        bar.set_position(progress.done_bytes);
    };
    let pulled =
        crate::app::models::pull(&offer.name, base_url, &config.models_dir(), &downloader, &mut progress).await;
    let folder = pulled.map_err(|error| explained(&error, &offer.name, config, language))?;
    if !runtime::is_present(config) {
        print_line(sentence(language, "cli_runtime_pulling", &[]));
        let wheel = runtime::pinned_wheel().map_err(|error| explained(&error, "", config, language))?;
        let fetched =
            runtime::fetch_runtime(&wheel, mirror.as_deref(), &config.data_dir, &downloader, &mut progress).await;
        fetched.map_err(|error| explained(&error, "", config, language))?;
    }
    bar.finish_and_clear();
    let values = [("name", offer.name), ("folder", folder.display().to_string())];
    print_line(sentence(language, "cli_model_pulled", &values));
    Ok(())
}

/// The failure with what a person can do about it. `model` is empty for ONNX Runtime.
fn explained(error: &PullError, model: &str, config: &Config, language: Language) -> Failure {
    let key = match error {
        PullError::Unknown { .. } => "cli_model_unknown",
        PullError::Unreachable { .. } | PullError::NotFound { .. } | PullError::Refused { .. } if model.is_empty() => {
            "cli_runtime_by_hand"
        }
        PullError::Unreachable { .. } | PullError::NotFound { .. } | PullError::Refused { .. } => "cli_model_by_hand",
        PullError::Cut { .. } => "cli_model_cut",
        PullError::Checksum { .. } | PullError::Damaged { .. } => "cli_model_wrong_checksum",
        PullError::Full { .. } | PullError::Disk { .. } => "cli_model_disk",
        PullError::Busy { .. } => "cli_model_busy",
        PullError::NoRuntime { .. } => "cli_runtime_unknown",
    };
    let folder = config.models_dir().join(model);
    let values = [
        ("problem", problem(error, language)),
        ("folder", folder.display().to_string()),
        ("files", crate::app::models::file_names(model).join(", ")),
        ("data_dir", config.data_dir.display().to_string()),
        ("library", runtime::library_name()),
        (
            "wheel",
            runtime::pinned_wheel().map(|wheel| wheel.url).unwrap_or_default(),
        ),
    ];
    Failure::new(sentence(language, key, &values))
}

/// What went wrong, as a clause without a full stop.
fn problem(error: &PullError, language: Language) -> String {
    let shown = |path: &Path| path.display().to_string();
    let (key, values): (&str, Vec<(&str, String)>) = match error {
        PullError::Unknown { name } => ("pull_unknown", vec![("name", name.clone())]),
        PullError::Unreachable { host, reason } => (
            "pull_unreachable",
            vec![("host", host.clone()), ("reason", reason.clone())],
        ),
        PullError::NotFound { url } => ("pull_not_found", vec![("url", url.clone())]),
        PullError::Refused { url, status } => (
            "pull_refused",
            vec![("url", url.clone()), ("status", status.to_string())],
        ),
        PullError::Cut { url, reason, .. } => ("pull_cut", vec![("url", url.clone()), ("reason", reason.clone())]),
        PullError::Checksum { url, .. } => ("pull_checksum", vec![("url", url.clone())]),
        PullError::Full { path } => ("pull_full", vec![("path", shown(path))]),
        PullError::Disk { path, reason } => ("pull_disk", vec![("path", shown(path)), ("reason", reason.clone())]),
        PullError::Busy { path } => ("pull_busy", vec![("path", shown(path))]),
        PullError::Damaged { path, reason } => {
            ("pull_damaged", vec![("path", shown(path)), ("reason", reason.clone())])
        }
        PullError::NoRuntime { system } => ("pull_no_runtime", vec![("system", system.clone())]),
    };
    sentence(language, key, &values)
}

/// Compares the files of one model, or of all that were pulled, with what was recorded of them.
async fn verify(name: Option<&str>, config: &Config, language: Language) -> Result<(), Failure> {
    let folder = config.models_dir();
    let names = match name {
        Some(name) => vec![name.to_owned()],
        None => {
            let Ok(entries) = std::fs::read_dir(&folder) else {
                return Ok(());
            };
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
            names.sort_unstable();
            names
        }
    };
    let mut damaged = Vec::new();
    for name in names {
        let folder = folder.join(&name);
        let Some(record) = Record::read(&folder) else {
            let line = sentence(language, "cli_model_no_record", &[("name", name)]);
            print_line(line);
            continue;
        };
        let count = record.files.len();
        let compared = record.files.values().filter(|file| file.compared_with_source).count();
        let damages = tokio::task::spawn_blocking(move || record.damages(&folder)).await;
        let damages = damages.map_err(|error| Failure::new(error.to_string()))?;
        if damages.is_empty() {
            let values = [
                ("name", name.clone()),
                ("count", count.to_string()),
                ("compared", compared.to_string()),
            ];
            print_line(sentence(language, "cli_model_sound", &values));
        }
        for (file, damage) in damages {
            let key = match &damage {
                Damage::Missing => "cli_model_file_missing",
                Damage::Changed => "cli_model_file_changed",
                Damage::Unreadable(_) => "cli_model_file_unreadable",
            };
            damaged.push(sentence(language, key, &[("file", format!("{name}/{file}"))]));
        }
    }
    if damaged.is_empty() {
        return Ok(());
    }
    Err(Failure::new(damaged.join("\n")))
}

/// Queues a job for each shop, then follows them to their ends. A shop that is refused does not keep the others waiting.
async fn reindex_shops(
    client: &Client,
    choice: &ShopChoice,
    model: Option<&str>,
    language: Language,
) -> Result<(), Failure> {
    let shops: Vec<i64> = match choice.shop {
        Some(shop) => vec![shop],
        None => {
            let all = client.get("/api/shops").await?;
            list(&all, "shops")
                .iter()
                .filter_map(|shop| shop.get("id")?.as_i64())
                .collect()
        }
    };
    let mut jobs = Vec::new();
    let mut failures = Vec::new();
    for shop in shops {
        let body = json!({ "model": model }).to_string().into_bytes();
        match client.post(&format!("/api/shops/{shop}/reindex"), body).await {
            Ok(job) => jobs.push((shop, job)),
            Err(failure) => failures.push(format!("{shop}: {}", failure.message())),
        }
    }
    for (shop, job) in jobs {
        let job = follow(client, shop, &job).await?;
        let count = job.get("done").and_then(Value::as_u64).unwrap_or_default();
        let values = [
            ("shop", shop.to_string()),
            ("model", text(&job, "model").to_owned()),
            ("count", count.to_string()),
            ("error", text(&job, "error").to_owned()),
        ];
        match text(&job, "status") {
            "done" => print_line(sentence(language, "cli_reindexed", &values)),
            "cancelled" => failures.push(sentence(language, "cli_reindex_cancelled", &values)),
            _ => failures.push(sentence(language, "cli_reindex_failed", &values)),
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(Failure::new(failures.join("\n")))
}

/// Shows a bar on a terminal until the job has ended. A command that is stopped meanwhile stops nothing but the bar: the server, or
/// the next start, goes on with the job.
async fn follow(client: &Client, shop: i64, job: &Value) -> Result<Value, Failure> {
    let id = job.get("id").and_then(Value::as_i64).unwrap_or_default();
    let path = format!("/api/shops/{shop}/jobs/{id}");
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len}  {per_sec}  {eta}") {
        bar.set_style(style);
    }
    loop {
        let job = client.get(&path).await?;
        if !matches!(text(&job, "status"), "queued" | "running") {
            bar.finish_and_clear();
            return Ok(job);
        }
        let number = |field: &str| job.get(field).and_then(Value::as_u64);
        if let (Some(done), Some(total)) = (number("done"), number("total")) {
            bar.set_length(total);
            bar.set_position(done);
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

fn byte_bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    let template = "{msg} {wide_bar} {bytes}/{total_bytes}  {bytes_per_sec}  {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
