//! The models that shops can use: which there are, which shop uses what, and removing one that nobody uses.

use crate::domain::embedding::ModelSource;
use crate::domain::id::ShopId;
use crate::knowledge::Knowledge;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use anyhow::Context;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// A model that is inside the program, installed, or used by a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownModel {
    pub source: ModelSource,
    /// Whether new shops get it.
    pub is_default: bool,
    pub is_loaded: bool,
    /// Whether its files are there.
    pub is_present: bool,
    /// By id.
    pub shops: Vec<ShopId>,
}

impl Knowledge {
    /// `builtin`, what is installed, and what shops use besides, by name.
    pub async fn list_models(&self) -> anyhow::Result<Vec<KnownModel>> {
        let folder = self.models.registry().models_folder().to_owned();
        let installed = tokio::task::spawn_blocking(move || installed_models(&folder))
            .await
            .context("listing models panicked")??;
        let mut shops: BTreeMap<ModelSource, Vec<ShopId>> = BTreeMap::new();
        for name in &installed {
            shops.entry(ModelSource::Installed(name.clone())).or_default();
        }
        shops.entry(ModelSource::Builtin).or_default();
        let default = self.models.fallback().source.clone();
        shops.entry(default.clone()).or_default();
        for (shop, assigned) in self.models.uses().await? {
            shops.entry(assigned.source).or_default().push(shop);
        }
        let loaded = self.models.registry().loaded();
        let models = shops.into_iter().map(|(source, shops)| KnownModel {
            is_default: source == default,
            is_loaded: loaded.iter().any(|(other, _)| *other == source),
            is_present: match &source {
                ModelSource::Builtin => true,
                ModelSource::Folder(path) => path.is_dir(),
                ModelSource::Installed(name) => installed.contains(name),
            },
            source,
            shops,
        });
        Ok(models.collect())
    }

    /// Deletes an installed model's folder. Conflict when a shop uses it or is about to, or new shops would.
    pub async fn remove_model(&self, name: &str) -> anyhow::Result<()> {
        let source = ModelSource::Installed(name.to_owned());
        if ModelSource::parse(name).as_ref() != Some(&source) {
            return Err(StoreError::NotFound.into());
        }
        let folder = self.models.registry().models_folder().join(name);
        if !folder.is_dir() {
            return Err(StoreError::NotFound.into());
        }
        if self.is_used(&source).await? {
            return Err(StoreError::Conflict("model_in_use").into());
        }
        self.models.free_unused().await?;
        tokio::task::spawn_blocking(move || std::fs::remove_dir_all(&folder))
            .await
            .context("removing the model panicked")?
            .with_context(|| format!("could not remove the model {name}"))
    }

    async fn is_used(&self, source: &ModelSource) -> StoreResult<bool> {
        if self.models.fallback().source == *source {
            return Ok(true);
        }
        let uses = self.models.uses().await?;
        Ok(
            uses.iter().any(|(_, assigned)| assigned.source == *source)
                || self.store.has_job_to(source.clone()).await?,
        )
    }
}

/// By name; an absent folder has none, and what a download has not finished is none yet.
fn installed_models(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("could not read {}", folder.display())),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_model = ModelSource::parse(&name) == Some(ModelSource::Installed(name.clone()));
        if is_model && entry.path().join("model.onnx").is_file() {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}
