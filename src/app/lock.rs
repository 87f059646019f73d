//! The data folder belongs to one process at a time. The lock file tells others who has it and where to ask.

use anyhow::Context;
use serde::Deserialize;
use serde::Serialize;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io::Read;
use std::io::Seek;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

const LOCK_FILE: &str = "palompy.lock";
/// The holder writes its name right after it takes the lock; a reader in between looks again.
const READ_ATTEMPTS: u32 = 20;
const READ_PAUSE: Duration = Duration::from_millis(25);

/// The process that has the folder, as it wrote itself into the lock file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub pid: u32,
    /// Where its API is; absent for a command that serves nothing.
    pub url: Option<String>,
    /// Opens its API; the file is readable by its owner only.
    pub token: String,
}

/// The folder, locked. Dropping it unlocks, and so does the end of the process, however it ends.
pub struct DataFolder {
    pub path: PathBuf,
    file: File,
}

/// Why the folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("the data folder {} is in use by pid {}", path.display(), holder.pid)]
    InUse { path: PathBuf, holder: Holder },
    #[error("could not use the data folder {}: {reason}", path.display())]
    Unusable { path: PathBuf, reason: String },
}

impl DataFolder {
    /// Makes the folder when absent and locks it; does not wait.
    pub fn lock(path: &Path) -> Result<DataFolder, LockError> {
        let unusable = |error: &dyn std::fmt::Display| LockError::Unusable {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        fs::create_dir_all(path).map_err(|error| unusable(&error))?;
        let file = open_lock_file(&path.join(LOCK_FILE)).map_err(|error| unusable(&error))?;
        match file.try_lock() {
            Ok(()) => {
                // What an earlier holder wrote must not be read as ours.
                file.set_len(0).map_err(|error| unusable(&error))?;
                Ok(DataFolder {
                    path: path.to_owned(),
                    file,
                })
            }
            Err(TryLockError::WouldBlock) => match read_holder(&path.join(LOCK_FILE)) {
                Some(holder) => Err(LockError::InUse {
                    path: path.to_owned(),
                    holder,
                }),
                None => Err(unusable(&"another program has locked it")),
            },
            Err(TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }

    /// Tells others who has the folder.
    pub fn announce(&mut self, holder: &Holder) -> anyhow::Result<()> {
        let text = serde_json::to_string(holder)?;
        self.file.set_len(0).context("could not write the lock file")?;
        self.file.rewind()?;
        self.file
            .write_all(text.as_bytes())
            .context("could not write the lock file")?;
        Ok(())
    }
}

fn open_lock_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn read_holder(path: &Path) -> Option<Holder> {
    for _ in 0..READ_ATTEMPTS {
        let mut text = String::new();
        File::open(path).ok()?.read_to_string(&mut text).ok()?;
        if let Ok(holder) = serde_json::from_str(&text) {
            return Some(holder);
        }
        std::thread::sleep(READ_PAUSE);
    }
    None
}
