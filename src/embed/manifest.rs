//! `palompy-model.toml`: what a model folder says about itself beyond the ONNX file and the tokenizer.

use crate::embed::catalog::find_model;
use crate::embed::error::EmbedError;
use serde::Deserialize;
use std::io::ErrorKind;
use std::path::Path;

pub const MANIFEST_FILE: &str = "palompy-model.toml";

/// How the token vectors become one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PoolingKind {
    #[default]
    Mean,
    Cls,
}

/// What of the model's outputs is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputKind {
    /// The token vectors, to be pooled.
    #[default]
    Tokens,
    /// The output `sentence_embedding`, which is the text's vector already.
    SentenceEmbedding,
}

/// Every key is optional. Without `name` the folder's name is taken, without `revision` a hash of the folder's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manifest {
    pub name: Option<String>,
    pub revision: Option<String>,
    pub query_prefix: String,
    pub passage_prefix: String,
    pub pooling: PoolingKind,
    /// In tokens, special ones included.
    pub max_length: Option<usize>,
    /// The most passages in one run. Models quantized dynamically want 1: their ranges come from the whole batch, so that
    /// otherwise a vector depends on its neighbors.
    pub batch_size: Option<usize>,
    pub output: OutputKind,
    /// Files beside `model.onnx` that hold weights, by the names that it calls them.
    pub external_files: Vec<String>,
}

/// A folder without a manifest has the one that the catalog knows for its name, else the default one: files copied by hand then work
/// as downloaded ones do.
pub fn read_manifest(folder: &Path) -> Result<Manifest, EmbedError> {
    let path = folder.join(MANIFEST_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            find_model(&name).map(|model| model.manifest).unwrap_or_default()
        }
        Err(error) => {
            return Err(EmbedError::ModelDamaged {
                path,
                reason: error.to_string(),
            });
        }
    };
    toml::from_str(&text).map_err(|error| EmbedError::ModelDamaged {
        path,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::read_manifest;
    use tempfile::TempDir;

    #[test]
    fn a_model_that_was_copied_by_hand_has_its_prefixes() {
        let folder = TempDir::new().unwrap();
        let prefix = |name: &str| read_manifest(&folder.path().join(name)).unwrap().query_prefix;
        assert_eq!(prefix("multilingual-e5-small"), "query: ");
        assert_eq!(prefix("a-model-of-ones-own"), "");
    }
}
