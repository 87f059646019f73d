//! What can go wrong with embeddings, by what the caller can do about it.

use std::path::PathBuf;

#[derive(Debug, Clone, thiserror::Error)]
pub enum EmbedError {
    #[error("model file {} is missing", path.display())]
    ModelMissing { path: PathBuf },
    #[error("model file {} is damaged: {reason}", path.display())]
    ModelDamaged { path: PathBuf, reason: String },
    #[error(
        "ONNX Runtime was not found, looked at {}; put {} in one of these places or use the built-in model",
        list(tried),
        crate::embed::runtime::library_name()
    )]
    RuntimeMissing { tried: Vec<PathBuf> },
    #[error("could not load ONNX Runtime from {}: {reason}", path.display())]
    RuntimeDamaged { path: PathBuf, reason: String },
    /// Too much is waiting; the same call may succeed later.
    #[error("the embedding queue is full")]
    Busy,
    #[error("the embedding thread has ended")]
    Closed,
    #[error("could not embed: {0}")]
    Internal(String),
}

fn list(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return "no place at all".to_owned();
    }
    let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    shown.join(", ")
}
