//! `palompy import --watch`: each file of a folder is a source of its own and is imported when it has changed.

use crate::cli::arguments::ImportOptions;
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use crate::cli::sources::import_file;
use crate::domain::language::Language;
use crate::i18n::sentence;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::SystemTime;

/// A file counts as written when it looks the same twice, this long apart.
const LOOK_EVERY: Duration = Duration::from_millis(1_000);

/// How a file looks from outside.
type Look = (SystemTime, u64);

/// Ends at Ctrl+C. A file that is refused is told and tried again when it changes.
pub async fn watch(client: &Client, options: &ImportOptions, folder: &Path, language: Language) -> Result<(), Failure> {
    print_line(sentence(
        language,
        "cli_watching",
        &[("folder", folder.display().to_string())],
    ));
    let mut imported: BTreeMap<PathBuf, Look> = BTreeMap::new();
    let mut before: BTreeMap<PathBuf, Look> = BTreeMap::new();
    loop {
        let now = files(folder)?;
        for (file, look) in &now {
            let is_written = before.get(file) == Some(look);
            if !is_written || imported.get(file) == Some(look) {
                continue;
            }
            imported.insert(file.clone(), *look);
            if let Err(failure) = import_file(client, options, file, language).await {
                print_line(failure.message().to_owned());
            }
        }
        before = now;
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

/// By name, without hidden ones.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Look>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
    let mut files = BTreeMap::new();
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(['.', '~']) {
            continue;
        }
        // What goes away between two looks is no file any more.
        if let Ok(metadata) = entry.metadata()
            && metadata.is_file()
            && let Ok(modified) = metadata.modified()
        {
            files.insert(entry.path(), (modified, metadata.len()));
        }
    }
    Ok(files)
}
