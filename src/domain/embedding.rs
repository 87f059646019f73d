//! Embedding spaces and vectors.

use crate::domain::id::SpaceId;
use std::fmt;
use std::path::PathBuf;

/// What tells one embedding space from another: vectors are comparable only when all three are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpaceKey {
    pub model: String,
    pub revision: String,
    pub dimensions: usize,
}

/// A space that the store knows, with the number of its vector table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingSpace {
    pub id: SpaceId,
    pub key: SpaceKey,
}

/// An L2-normalized vector: its length is 1, or 0 for a text in which the model knows nothing.
pub type Embedding = Vec<f32>;

/// Where a model comes from, as configuration, settings and commands name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ModelSource {
    /// The model inside the program, written `builtin`.
    Builtin,
    /// A folder with an ONNX file and a tokenizer, written `dir:PATH`.
    Folder(PathBuf),
    /// A folder of that name under `models` in the data folder, written as the name alone.
    Installed(String),
}

/// The model that a shop's knowledge is embedded with, and the space that its vectors are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedModel {
    pub source: ModelSource,
    pub space: EmbeddingSpace,
}

const MAX_NAME_CHARS: usize = 80;

impl ModelSource {
    /// `None` for what is neither `builtin`, nor `dir:PATH`, nor a name that can be a folder's.
    pub fn parse(text: &str) -> Option<ModelSource> {
        match text.strip_prefix("dir:") {
            Some("") => None,
            Some(path) => Some(ModelSource::Folder(PathBuf::from(path))),
            None if text == "builtin" => Some(ModelSource::Builtin),
            None if is_model_name(text) => Some(ModelSource::Installed(text.to_owned())),
            None => None,
        }
    }
}

impl fmt::Display for ModelSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModelSource::Builtin => f.write_str("builtin"),
            ModelSource::Folder(path) => write!(f, "dir:{}", path.display()),
            ModelSource::Installed(name) => f.write_str(name),
        }
    }
}

/// Latin letters, digits, `-`, `_` and `.`, not at the start: such a name is one folder and never a path.
pub fn is_model_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= MAX_NAME_CHARS && !name.starts_with(['.', '-']) && name.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::ModelSource;
    use std::path::PathBuf;

    #[test]
    fn a_model_is_named_in_three_ways() {
        let named = [
            ("builtin", ModelSource::Builtin),
            ("dir:/srv/e5", ModelSource::Folder(PathBuf::from("/srv/e5"))),
            (
                "multilingual-e5-small",
                ModelSource::Installed("multilingual-e5-small".to_owned()),
            ),
        ];
        for (text, source) in named {
            assert_eq!(ModelSource::parse(text).as_ref(), Some(&source));
            assert_eq!(source.to_string(), text);
        }
        for text in ["", "dir:", "..", ".hidden", "a/b", "a\\b", "модель", "-x", "a b"] {
            assert_eq!(ModelSource::parse(text), None, "{text}");
        }
    }
}
