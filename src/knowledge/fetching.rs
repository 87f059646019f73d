//! Getting a source's files into the snapshot of an import.

use crate::domain::id::ImportId;
use crate::domain::import::Import;
use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::source::Fingerprint;
use crate::domain::source::Location;
use crate::domain::source::Source;
use crate::knowledge::Knowledge;
use crate::knowledge::crawling::assembling::Assembly;
use crate::knowledge::crawling::crawl::Tools;
use crate::knowledge::crawling::crawl::crawl;
use crate::knowledge::feed::Refused;
use crate::knowledge::parsing::Limits;
use crate::knowledge::progress::Phase;
use crate::knowledge::progress::Tracked;
use crate::knowledge::site_draft;
use crate::knowledge::snapshot::ImportFolder;
use crate::knowledge::snapshot::Snapshot;
use crate::knowledge::snapshot::SnapshotBuilder;
use crate::net::Answer;
use crate::net::Wanted;
use anyhow::Context;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

/// Files of one folder source; more is a disk, not a source.
const MAX_FILES: usize = 5_000;
/// Folders inside each other.
const MAX_DEPTH: usize = 16;

pub enum Fetched {
    Files(Snapshot),
    /// The source says the same as last time.
    Unchanged,
}

impl Knowledge {
    /// The files of an import: those that are there already, else what the source has now. `known` is by what files are known again.
    pub async fn fetch(
        &self,
        entry: &Import,
        source: &Source,
        known: &Fingerprint,
        tracked: &Tracked,
    ) -> anyhow::Result<Fetched> {
        let import = entry.id;
        let folder = self.import_folder.clone();
        let found = tokio::task::spawn_blocking(move || folder.find(import)).await;
        if let Some(snapshot) = found.context("looking for files panicked")?? {
            return Ok(Fetched::Files(snapshot));
        }
        let snapshot = match &source.draft.location {
            Location::Api {} | Location::Upload {} => return Err(refused("problem_files_gone", "")),
            Location::File { path } => self.copy(import, path.clone(), copy_file).await?,
            Location::Folder { path } => self.copy(import, path.clone(), copy_folder).await?,
            Location::Url { url } => return self.download(import, url, known).await,
            Location::Site { .. } => self.crawl(entry, source, tracked).await?,
        };
        Ok(Fetched::Files(snapshot))
    }

    /// The file at an address. A server that says what it said last time is not asked for the file.
    async fn download(&self, import: ImportId, url: &str, known: &Fingerprint) -> anyhow::Result<Fetched> {
        let mut builder = self.begin_snapshot().await?;
        let (file, _) = builder.create_file()?;
        let wanted = Wanted {
            url,
            etag: known.etag.as_deref(),
            last_modified: known.last_modified.as_deref(),
            max_bytes: Limits::default().max_bytes,
        };
        let answer = self.fetcher.fetch(wanted, file).await.map_err(|error| {
            let place = SourcePlace::element(url);
            Refused(
                ImportProblem::new(place, error.key)
                    .with("limit", &error.detail)
                    .with("detail", &error.detail),
            )
        })?;
        let Answer::File(headers) = answer else {
            return Ok(Fetched::Unchanged);
        };
        let folder = self.import_folder.clone();
        let work = move || {
            builder.finish_file(&name_in(&headers.url), Some(headers.url))?;
            let validators = Fingerprint {
                etag: headers.etag,
                last_modified: headers.last_modified,
                digest: None,
            };
            folder.adopt(builder.finish(validators)?, import)
        };
        let snapshot = tokio::task::spawn_blocking(work)
            .await
            .context("keeping a file panicked")??;
        Ok(Fetched::Files(snapshot))
    }

    /// The documents of a site. Pages that are not there any more are known from the copies of the last crawl until one succeeds.
    async fn crawl(&self, entry: &Import, source: &Source, tracked: &Tracked) -> anyhow::Result<Snapshot> {
        let site = site_draft::site(&source.draft.location).context("the source is no site")?;
        let language = self.store.shop(entry.shop).await?.settings.language;
        let mut builder = self.begin_snapshot().await?;
        let assembly = Assembly::new(builder.scratch_path())?;
        let (file, _) = builder.create_file()?;
        let note = |done, total| {
            tracked.note(Phase::Fetching, done, total, self.clock.now());
            !tracked.is_cancelled()
        };
        let tools = Tools {
            fetcher: &self.fetcher,
            parser: &self.parser,
            copies: &self.import_folder.copies_of(source.id),
            language,
            note: &note,
        };
        crawl(&tools, &site, assembly, file, entry.id).await?;
        let (folder, import) = (self.import_folder.clone(), entry.id);
        let work = move || {
            builder.finish_assembled(&site.url)?;
            folder.adopt(builder.finish(Fingerprint::default())?, import)
        };
        tokio::task::spawn_blocking(work)
            .await
            .context("keeping a site panicked")?
    }

    /// A file of this machine as a snapshot that belongs to no import yet, with its path.
    pub async fn take_file(&self, path: PathBuf) -> anyhow::Result<(Snapshot, String)> {
        let folder = self.import_folder.clone();
        let work = move || Ok((copy_file(&folder, &path)?, path.display().to_string()));
        tokio::task::spawn_blocking(work)
            .await
            .context("copying a file panicked")?
    }

    /// Adds a file of this machine. Refused as `take_file` refuses it.
    pub async fn add_file(&self, mut builder: SnapshotBuilder, path: PathBuf) -> anyhow::Result<SnapshotBuilder> {
        let work = move || {
            add_file(&mut builder, &path)?;
            Ok(builder)
        };
        tokio::task::spawn_blocking(work)
            .await
            .context("copying a file panicked")?
    }

    pub async fn begin_snapshot(&self) -> anyhow::Result<SnapshotBuilder> {
        let folder = self.import_folder.clone();
        tokio::task::spawn_blocking(move || folder.begin())
            .await
            .context("making a folder panicked")?
    }

    /// Files that were sent, with the name that the journal shows.
    pub async fn finish_snapshot(&self, builder: SnapshotBuilder, name: String) -> anyhow::Result<(Snapshot, String)> {
        let work = move || Ok((builder.finish(Fingerprint::default())?, name));
        tokio::task::spawn_blocking(work)
            .await
            .context("keeping files panicked")?
    }

    async fn copy(
        &self,
        import: ImportId,
        path: PathBuf,
        copy: impl FnOnce(&ImportFolder, &Path) -> anyhow::Result<Snapshot> + Send + 'static,
    ) -> anyhow::Result<Snapshot> {
        let folder = self.import_folder.clone();
        let work = move || folder.adopt(copy(&folder, &path)?, import);
        tokio::task::spawn_blocking(work)
            .await
            .context("copying files panicked")?
    }
}

fn refused(key: &'static str, place: &str) -> anyhow::Error {
    let problem = ImportProblem::new(SourcePlace::default(), key).with("place", place);
    anyhow::Error::new(Refused(problem))
}

/// One file of this machine as a snapshot.
pub fn copy_file(folder: &ImportFolder, path: &Path) -> anyhow::Result<Snapshot> {
    let mut builder = folder.begin()?;
    add_file(&mut builder, path)?;
    builder.finish(Fingerprint::default())
}

fn add_file(builder: &mut SnapshotBuilder, path: &Path) -> anyhow::Result<()> {
    check(path, fs::metadata(path).map(|metadata| metadata.is_file()))?;
    builder.copy_file(path, &name_of(path))
}

/// All files of a folder, by name, without hidden ones and those that links lead to.
pub fn copy_folder(folder: &ImportFolder, path: &Path) -> anyhow::Result<Snapshot> {
    check(path, fs::metadata(path).map(|metadata| metadata.is_dir()))?;
    let mut files = Vec::new();
    collect(path, 0, &mut files)?;
    files.sort_unstable();
    if files.is_empty() {
        return Err(refused("problem_folder_empty", &path.display().to_string()));
    }
    let mut builder = folder.begin()?;
    for file in files {
        let name = file
            .strip_prefix(path)
            .unwrap_or(&file)
            .to_string_lossy()
            .replace('\\', "/");
        builder.copy_file(&file, &name)?;
    }
    builder.finish(Fingerprint::default())
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("could not read {}", folder.display()))?;
        if entry.file_name().to_string_lossy().starts_with(['.', '~']) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_file() {
            files.push(entry.path());
        } else if kind.is_dir() && depth < MAX_DEPTH {
            collect(&entry.path(), depth + 1, files)?;
        }
        if files.len() > MAX_FILES {
            let problem = ImportProblem::new(SourcePlace::default(), "problem_too_many_files").with("limit", MAX_FILES);
            return Err(Refused(problem).into());
        }
    }
    Ok(())
}

/// `is_right` tells whether what is at the path is of the wanted kind.
fn check(path: &Path, is_right: std::io::Result<bool>) -> anyhow::Result<()> {
    let place = path.display().to_string();
    match is_right {
        Ok(true) => Ok(()),
        Ok(false) => Err(refused("problem_path_kind", &place)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(refused("problem_path_missing", &place)),
        Err(error) => Err(error).with_context(|| format!("could not read {place}")),
    }
}

/// The last part of an address's path.
fn name_in(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
