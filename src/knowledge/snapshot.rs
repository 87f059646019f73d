//! The files of one import as they were when it began, in a folder of its own in the data folder. An import reads them twice and, after
//! the program was killed, once more; what the source says meanwhile is for the next one.

use crate::domain::id::ImportId;
use crate::domain::id::SourceId;
use crate::domain::source::Fingerprint;
use crate::knowledge::crawling::copies::Copies;
use anyhow::Context;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;
use std::fs;
use std::fs::File;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use uuid::Uuid;

const MANIFEST: &str = "files.json";
const COPY_BYTES: usize = 256 * 1024;

/// The folder that holds the folders of all imports.
#[derive(Debug, Clone)]
pub struct ImportFolder {
    root: PathBuf,
    /// With the copies of sites' pages, a folder for each source.
    sites: PathBuf,
}

/// Files that are all there.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    folder: PathBuf,
    pub files: Vec<SnapshotFile>,
    pub fingerprint: Fingerprint,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SnapshotFile {
    /// Its name in the folder.
    stored: String,
    /// What the shop calls it.
    pub name: String,
    pub url: Option<String>,
    /// It holds documents that were made of a site's pages already, and not a file of the shop.
    #[serde(default)]
    pub is_assembled: bool,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    files: Vec<SnapshotFile>,
    fingerprint: Fingerprint,
}

/// A snapshot that is being filled. Its folder goes with it unless it is finished.
pub struct SnapshotBuilder {
    folder: PathBuf,
    files: Vec<SnapshotFile>,
    digest: Sha256,
    is_finished: bool,
}

impl ImportFolder {
    pub fn new(data_dir: &Path) -> ImportFolder {
        ImportFolder {
            root: data_dir.join("imports"),
            sites: data_dir.join("sites"),
        }
    }

    /// Begins a snapshot that belongs to no import yet.
    pub fn begin(&self) -> anyhow::Result<SnapshotBuilder> {
        let folder = self.root.join(format!("new-{}", Uuid::new_v4().simple()));
        fs::create_dir_all(&folder).with_context(|| format!("could not make the folder {}", folder.display()))?;
        Ok(SnapshotBuilder {
            folder,
            files: Vec::new(),
            digest: Sha256::new(),
            is_finished: false,
        })
    }

    /// Gives a finished snapshot to its import.
    pub fn adopt(&self, snapshot: Snapshot, import: ImportId) -> anyhow::Result<Snapshot> {
        let folder = self.folder_of(import);
        fs::rename(&snapshot.folder, &folder)
            .with_context(|| format!("could not rename {}", snapshot.folder.display()))?;
        Ok(Snapshot { folder, ..snapshot })
    }

    /// The snapshot of an import; `None` when it was never finished.
    pub fn find(&self, import: ImportId) -> anyhow::Result<Option<Snapshot>> {
        let folder = self.folder_of(import);
        let Ok(bytes) = fs::read(folder.join(MANIFEST)) else {
            return Ok(None);
        };
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .with_context(|| format!("could not read {}", folder.join(MANIFEST).display()))?;
        Ok(Some(Snapshot {
            folder,
            files: manifest.files,
            fingerprint: manifest.fingerprint,
        }))
    }

    pub fn remove(&self, import: ImportId) {
        let folder = self.folder_of(import);
        if folder.exists()
            && let Err(error) = fs::remove_dir_all(&folder)
        {
            tracing::warn!("could not remove {}: {error}", folder.display());
        }
    }

    /// Removes every folder here that belongs to none of these imports. For a start, when nothing is at work.
    pub fn keep_only(&self, imports: &[ImportId]) {
        let Ok(entries) = fs::read_dir(&self.root) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.parse().ok());
            if number.is_some_and(|number| imports.contains(&ImportId(number))) {
                continue;
            }
            if let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::warn!("could not remove {}: {error}", entry.path().display());
            }
        }
    }

    /// Sources that have copies of pages.
    pub fn sources_with_copies(&self) -> Vec<SourceId> {
        sources_in(&self.sites)
    }

    /// What was kept of a site's pages.
    pub fn copies_of(&self, source: SourceId) -> Copies {
        Copies::new(self.sites.join(source.to_string()))
    }

    fn folder_of(&self, import: ImportId) -> PathBuf {
        self.root.join(import.to_string())
    }
}

/// The sources that have a folder here, each named by its id. None when there is no such folder.
pub fn sources_in(root: &Path) -> Vec<SourceId> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.map(SourceId).collect()
}

impl Snapshot {
    pub fn path(&self, file: &SnapshotFile) -> PathBuf {
        self.folder.join(&file.stored)
    }
}

impl SnapshotBuilder {
    /// A file to be written; `finish_file` is next.
    pub fn create_file(&mut self) -> anyhow::Result<(File, PathBuf)> {
        let path = self.folder.join(self.files.len().to_string());
        let file = File::create(&path).with_context(|| format!("could not make the file {}", path.display()))?;
        Ok((file, path))
    }

    /// Notes that the file which was made last is whole.
    pub fn finish_file(&mut self, name: &str, url: Option<String>) -> anyhow::Result<()> {
        let stored = self.files.len().to_string();
        let path = self.folder.join(&stored);
        self.digest.update(name.as_bytes());
        self.digest.update([0]);
        let mut file = File::open(&path).with_context(|| format!("could not read {}", path.display()))?;
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            let count = file
                .read(&mut buffer)
                .with_context(|| format!("could not read {}", path.display()))?;
            if count == 0 {
                break;
            }
            self.digest.update(buffer.get(..count).unwrap_or_default());
        }
        self.files.push(SnapshotFile {
            stored,
            name: name.to_owned(),
            url,
            is_assembled: false,
        });
        Ok(())
    }

    /// The same for the documents of a site.
    pub fn finish_assembled(&mut self, name: &str) -> anyhow::Result<()> {
        self.finish_file(name, None)?;
        if let Some(file) = self.files.last_mut() {
            file.is_assembled = true;
        }
        Ok(())
    }

    /// A file for the time until the snapshot is finished; whoever makes it removes it.
    pub fn scratch_path(&self) -> PathBuf {
        self.folder.join("scratch")
    }

    pub fn copy_file(&mut self, from: &Path, name: &str) -> anyhow::Result<()> {
        let (_, path) = self.create_file()?;
        fs::copy(from, &path).with_context(|| format!("could not copy {}", from.display()))?;
        self.finish_file(name, None)
    }

    /// What is there so far, for somebody who reads it before this is dropped and keeps nothing.
    pub fn unfinished(&self) -> Snapshot {
        Snapshot {
            folder: self.folder.clone(),
            files: self.files.clone(),
            fingerprint: Fingerprint::default(),
        }
    }

    /// Writes what is there to the disk; only then the snapshot counts. `validators` are what a server said of the file.
    pub fn finish(mut self, validators: Fingerprint) -> anyhow::Result<Snapshot> {
        let digest = std::mem::replace(&mut self.digest, Sha256::new()).finalize();
        let manifest = Manifest {
            files: std::mem::take(&mut self.files),
            fingerprint: Fingerprint {
                digest: Some(digest.iter().map(|byte| format!("{byte:02x}")).collect()),
                ..validators
            },
        };
        let unfinished = self.folder.join("unfinished");
        let mut file = File::create(&unfinished).context("could not write the list of files")?;
        file.write_all(&serde_json::to_vec(&manifest)?)
            .and_then(|()| file.sync_all())
            .context("could not write the list of files")?;
        fs::rename(&unfinished, self.folder.join(MANIFEST)).context("could not write the list of files")?;
        self.is_finished = true;
        Ok(Snapshot {
            folder: self.folder.clone(),
            files: manifest.files,
            fingerprint: manifest.fingerprint,
        })
    }
}

impl Drop for SnapshotBuilder {
    fn drop(&mut self) {
        if !self.is_finished
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            tracing::warn!("could not remove {}: {error}", self.folder.display());
        }
    }
}
