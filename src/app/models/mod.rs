//! Model files in the data folder: fetched from the hub or a mirror, checked, recorded. Only commands come here; a server never
//! downloads.

pub mod download;
pub mod error;
pub mod record;
pub mod runtime;

use crate::app::models::download::Downloader;
use crate::app::models::download::Expected;
use crate::app::models::error::PullError;
use crate::app::models::record::FileRecord;
use crate::app::models::record::Record;
use crate::embed::catalog::CatalogModel;
use crate::embed::catalog::Purpose;
use crate::embed::catalog::catalog;
use crate::embed::catalog::find_model;
use crate::embed::manifest::MANIFEST_FILE;
use std::fs::File;
use std::fs::TryLockError;
use std::path::Path;
use std::path::PathBuf;

pub const HUB: &str = "https://huggingface.co";
/// Every repository keeps these beside the ONNX file's folder.
const TOKENIZER_FILES: [&str; 4] = [
    "tokenizer.json",
    "config.json",
    "special_tokens_map.json",
    "tokenizer_config.json",
];

/// A model that can be pulled, as a command shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub name: String,
    pub repository: String,
    pub is_reranker: bool,
    pub dimensions: Option<usize>,
    pub licence: Option<String>,
    pub languages: Option<String>,
    pub download_mb: Option<u64>,
    pub recommended_for_gb: Option<u64>,
}

/// How far a download is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub file: String,
    pub done_bytes: u64,
    pub total_bytes: Option<u64>,
}

/// All models that can be pulled, by name.
pub fn offers() -> Vec<Offer> {
    catalog().into_iter().map(Offer::from).collect()
}

/// The model of this name or repository.
pub fn find_offer(name: &str) -> Option<Offer> {
    find_model(name).map(Offer::from)
}

/// The files of a model as the hub names them, to be copied by hand; each goes into the model's folder under its last part, the
/// ONNX file as `model.onnx`.
pub fn file_names(name: &str) -> Vec<String> {
    find_model(name).map(|model| remote_files(&model)).unwrap_or_default()
}

/// Downloads a model into `models_dir`. What an earlier attempt left is used; the model's folder appears when all is there.
///
/// Returns the folder; a model that is there already is left as it is. Conflict-free among processes: a second pull of the same
/// model is refused as busy.
pub async fn pull(
    name: &str,
    base_url: &str,
    models_dir: &Path,
    downloader: &Downloader,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<PathBuf, PullError> {
    let model = find_model(name).ok_or_else(|| PullError::Unknown { name: name.to_owned() })?;
    let folder = models_dir.join(&model.name);
    if folder.join(record::RECORD_FILE).is_file() {
        return Ok(folder);
    }
    let unfinished = models_dir.join(format!(".{}.part", model.name));
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |error: std::io::Error| PullError::disk(&path, &error)
    };
    std::fs::create_dir_all(&unfinished).map_err(disk(&unfinished))?;
    let _lock = lock(&unfinished)?;
    let root = format!("{base_url}/{}/resolve/main", model.repository);
    let mut record = Record::read(&unfinished).unwrap_or_default();
    // Another source may hold other files of the same names.
    if record.source != root {
        record = Record {
            source: root.clone(),
            ..Record::default()
        };
    }
    for remote in remote_files(&model) {
        let local = local_name(&model, &remote);
        let target = unfinished.join(&local);
        if record.files.contains_key(&local) && target.is_file() {
            continue;
        }
        let url = format!("{root}/{remote}");
        let fetched = downloader
            .fetch(&url, &target, &Expected::WhatTheHubSays, progress)
            .await?;
        record.revision = record.revision.or(fetched.revision);
        let file = FileRecord {
            size_bytes: fetched.size_bytes,
            sha256: fetched.sha256,
            compared_with_source: fetched.was_compared,
        };
        record.files.insert(local, file);
        record.write(&unfinished)?;
    }
    if model.purpose == Purpose::Embedding {
        let path = unfinished.join(MANIFEST_FILE);
        std::fs::write(&path, &model.manifest).map_err(disk(&path))?;
    }
    std::fs::remove_file(unfinished.join(LOCK_FILE)).map_err(disk(&unfinished))?;
    std::fs::rename(&unfinished, &folder).map_err(disk(&folder))?;
    sync_folder(models_dir);
    Ok(folder)
}

const LOCK_FILE: &str = ".lock";

/// Held while a pull works in the folder.
fn lock(folder: &Path) -> Result<File, PullError> {
    let path = folder.join(LOCK_FILE);
    let file = File::create(&path).map_err(|error| PullError::disk(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PullError::Busy {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(PullError::disk(&path, &error)),
    }
}

/// Makes a rename last through a power cut, where the system can.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder)
        && let Err(error) = folder.sync_all()
    {
        tracing::debug!(%error, "could not sync the models folder");
    }
}

fn remote_files(model: &CatalogModel) -> Vec<String> {
    let small = TOKENIZER_FILES.iter().map(|name| (*name).to_owned());
    let large = model.additional_files.iter().cloned();
    small.chain([model.model_file.clone()]).chain(large).collect()
}

fn local_name(model: &CatalogModel, remote: &str) -> String {
    if remote == model.model_file {
        return "model.onnx".to_owned();
    }
    remote.rsplit('/').next().unwrap_or(remote).to_owned()
}

impl From<CatalogModel> for Offer {
    fn from(model: CatalogModel) -> Offer {
        Offer {
            name: model.name,
            repository: model.repository,
            is_reranker: model.purpose == Purpose::Reranking,
            dimensions: model.dimensions,
            licence: model.facts.licence,
            languages: model.facts.languages,
            download_mb: model.facts.download_mb,
            recommended_for_gb: model.facts.recommended_for_gb,
        }
    }
}
