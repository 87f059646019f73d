//! Finds and loads the ONNX Runtime library. A missing one is an error here, because inside `ort` it is a panic.

use crate::embed::error::EmbedError;
use std::path::Path;
use std::path::PathBuf;

/// The library's file name on this system: `libonnxruntime.so` on Linux.
pub fn library_name() -> String {
    format!(
        "{}onnxruntime{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    )
}

/// The first candidate that exists. A candidate is the library or a folder that holds it.
pub fn find_runtime(candidates: &[PathBuf]) -> Result<PathBuf, EmbedError> {
    for candidate in candidates {
        let library = if candidate.is_dir() {
            candidate.join(library_name())
        } else {
            candidate.clone()
        };
        if library.is_file() {
            return Ok(library);
        }
    }
    Err(EmbedError::RuntimeMissing {
        tried: candidates.to_vec(),
    })
}

/// Loads the library once per process. After a success, later calls do nothing.
pub(crate) fn load_runtime(library: &Path) -> Result<(), EmbedError> {
    let damaged = |reason: String| EmbedError::RuntimeDamaged {
        path: library.to_path_buf(),
        reason,
    };
    // Relative paths would be taken from the program's folder first.
    let absolute = std::path::absolute(library).map_err(|error| damaged(error.to_string()))?;
    // Only the library is wanted: fastembed makes the environment, of which a process has one.
    ort::init_from(&absolute)
        .map(drop)
        .map_err(|error| damaged(error.to_string()))
}
