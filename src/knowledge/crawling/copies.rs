//! Copies of a site's answers on the disk, from one crawl to the next: what a server need not send again, and what counts while a page
//! cannot be had. A copy is whole or is not there.

use anyhow::Context;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

/// The copies of one source. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Copies {
    folder: PathBuf,
}

/// An answer without its body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What was asked for.
    pub asked: String,
    /// Where redirects led.
    pub url: String,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub content_type: Option<String>,
    /// Each `X-Robots-Tag`.
    pub robots: Vec<String>,
}

impl Copies {
    pub fn new(folder: PathBuf) -> Copies {
        Copies { folder }
    }

    /// Makes the folder; tells whether there was any copy.
    pub fn prepare(&self) -> anyhow::Result<bool> {
        fs::create_dir_all(&self.folder).with_context(|| format!("could not make {}", self.folder.display()))?;
        Ok(!self.list()?.is_empty())
    }

    /// What is known of the last answer for this address.
    pub fn find(&self, asked: &str) -> Option<About> {
        let bytes = fs::read(self.about_path(asked)).ok()?;
        let about: About = serde_json::from_slice(&bytes).ok()?;
        self.body_path(asked).is_file().then_some(about)
    }

    /// The body's file.
    pub fn body_path(&self, asked: &str) -> PathBuf {
        self.folder.join(name_of(asked))
    }

    pub fn keep(&self, about: &About, body: &[u8]) -> anyhow::Result<()> {
        let path = self.body_path(&about.asked);
        write_whole(&path, body)?;
        write_whole(&self.about_path(&about.asked), &serde_json::to_vec(about)?)
    }

    /// All of them, by address.
    pub fn list(&self) -> anyhow::Result<Vec<About>> {
        let entries =
            fs::read_dir(&self.folder).with_context(|| format!("could not read {}", self.folder.display()))?;
        let mut found = Vec::new();
        for entry in entries.flatten() {
            let is_about = entry.path().extension().is_some_and(|extension| extension == "json");
            if let Some(about) = is_about.then(|| fs::read(entry.path()).ok()).flatten()
                && let Ok(about) = serde_json::from_slice::<About>(&about)
            {
                found.push(about);
            }
        }
        found.sort_by(|a, b| a.asked.cmp(&b.asked));
        Ok(found)
    }

    /// Removes every copy of an address that is not among these.
    pub fn keep_only(&self, is_used: impl Fn(&str) -> bool) -> anyhow::Result<()> {
        for about in self.list()? {
            if !is_used(&about.asked) {
                fs::remove_file(self.about_path(&about.asked)).ok();
                fs::remove_file(self.body_path(&about.asked)).ok();
            }
        }
        Ok(())
    }

    /// For a source that is gone.
    pub fn remove_all(&self) {
        if let Err(error) = fs::remove_dir_all(&self.folder)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!("could not remove {}: {error}", self.folder.display());
        }
    }

    fn about_path(&self, asked: &str) -> PathBuf {
        self.folder.join(format!("{}.json", name_of(asked)))
    }
}

fn name_of(asked: &str) -> String {
    Sha256::digest(asked).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, bytes).with_context(|| format!("could not write {}", unfinished.display()))?;
    fs::rename(&unfinished, path).with_context(|| format!("could not write {}", path.display()))
}
