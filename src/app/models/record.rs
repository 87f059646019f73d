//! `palompy-files.toml`: what was downloaded, so that later damage is noticed.

use crate::app::models::download::sha256_of_file;
use crate::app::models::error::PullError;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

pub const RECORD_FILE: &str = "palompy-files.toml";

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Where the files came from.
    pub source: String,
    /// The commit that the hub named.
    pub revision: Option<String>,
    /// By name in the model's folder.
    pub files: BTreeMap<String, FileRecord>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    pub size_bytes: u64,
    /// Hexadecimal.
    pub sha256: String,
    /// Whether the source told the checksum and it was the same. Otherwise it was taken from what came first.
    pub compared_with_source: bool,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    Missing,
    Changed,
    Unreadable(String),
}

impl Record {
    /// `None` when there is none, or one that cannot be read.
    pub fn read(folder: &Path) -> Option<Record> {
        toml::from_str(&std::fs::read_to_string(folder.join(RECORD_FILE)).ok()?).ok()
    }

    pub fn write(&self, folder: &Path) -> Result<(), PullError> {
        let path = folder.join(RECORD_FILE);
        let text = toml::to_string(self).map_err(|error| PullError::Damaged {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        std::fs::write(&path, text).map_err(|error| PullError::disk(&path, &error))
    }

    /// Reads every file again and tells which are not as they were, by name. Takes about a second for each 500 MB.
    pub fn damages(&self, folder: &Path) -> Vec<(String, Damage)> {
        let mut damages = Vec::new();
        for (name, file) in &self.files {
            let damage = match sha256_of_file(&folder.join(name)) {
                Ok((sha256, size_bytes)) if sha256 == file.sha256 && size_bytes == file.size_bytes => continue,
                Ok(_) => Damage::Changed,
                Err(error) if error.kind() == ErrorKind::NotFound => Damage::Missing,
                Err(error) => Damage::Unreadable(error.to_string()),
            };
            damages.push((name.clone(), damage));
        }
        damages
    }
}
