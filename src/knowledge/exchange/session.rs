//! One exchange of 1C with a source, on the disk: which files it has sent, how far each is, and the import that reads them. It survives a
//! restart. Names that 1C gives its files name nothing on the disk.

use crate::domain::id::ImportId;
use crate::domain::id::SourceId;
use crate::knowledge::exchange::name::Kind;
use crate::knowledge::exchange::name::base_name;
use crate::knowledge::exchange::name::kind_of;
use crate::knowledge::snapshot::sources_in;
use anyhow::Context;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;
use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;
use std::path::PathBuf;
use uuid::Uuid;

const MANIFEST: &str = "session.json";
/// Of one source; the ones that were used least lately go.
const MAX_SESSIONS: usize = 16;
/// An exchange that said nothing for so long will not go on.
const MAX_IDLE_SECONDS: i64 = 12 * 3600;
/// More is no exchange.
pub const MAX_FILES: usize = 10_000;
const COPY_BYTES: usize = 256 * 1024;

/// The folders of all exchanges.
#[derive(Debug, Clone)]
pub struct ExchangeFolder {
    root: PathBuf,
}

/// What 1C shows with each request of one exchange. Whoever knows it may go on with the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionToken(pub String);

/// An exchange by its folder, which does not give its token away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionName(String);

#[derive(Debug)]
pub struct Session {
    folder: PathBuf,
    pub state: SessionState,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SessionState {
    /// The hash of the token by which it began: it ends when that opens nothing any more.
    #[serde(default)]
    pub key: String,
    /// Of the schema, as 1C says it when the exchange begins.
    pub version: Option<String>,
    /// Seconds since 1970.
    pub used_at: i64,
    /// In the order in which they came first.
    pub files: Vec<SentFile>,
    next_file: u32,
    /// Names of files that the shop knows, those inside archives too.
    imported: BTreeSet<String>,
    /// The import that reads files of this exchange.
    pub work: Option<Work>,
    /// Whether everything that was sent has been compared with everything that the source has.
    pub is_closed: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SentFile {
    /// Its name without folders.
    pub name: String,
    /// Its name in the folder.
    stored: String,
    size: u64,
    /// Digests of its first part and of its last, by which one that comes again is known.
    first: String,
    last: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Work {
    pub import: ImportId,
    /// Names of the files that it reads, those inside archives too.
    pub files: Vec<String>,
    /// Whether it takes everything that the exchange has sent for all that the source has.
    pub is_end: bool,
}

impl SessionToken {
    pub fn fresh() -> SessionToken {
        SessionToken(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
    }

    pub fn name(&self) -> SessionName {
        SessionName(hexadecimal(Sha256::digest(self.0.as_bytes()).as_slice()))
    }
}

impl ExchangeFolder {
    pub fn new(data_dir: &Path) -> ExchangeFolder {
        ExchangeFolder {
            root: data_dir.join("exchanges"),
        }
    }

    /// Begins an exchange, and forgets those that will not go on.
    pub fn begin(&self, source: SourceId, name: &SessionName, key: String, now: Timestamp) -> anyhow::Result<()> {
        self.clear(source, now);
        let folder = self.folder_of(source).join(&name.0);
        fs::create_dir_all(&folder).with_context(|| format!("could not make the folder {}", folder.display()))?;
        let mut session = Session {
            folder,
            state: SessionState {
                key,
                ..SessionState::default()
            },
        };
        session.save(now)
    }

    /// `None` when there is no such exchange, or it was silent for too long.
    pub fn find(&self, source: SourceId, name: &SessionName, now: Timestamp) -> anyhow::Result<Option<Session>> {
        let folder = self.folder_of(source).join(&name.0);
        let session = Session::read(folder)?;
        Ok(session.filter(|session| !session.is_over(now)))
    }

    /// The open exchange that was used last; ties go to the last name.
    pub fn latest(&self, source: SourceId, now: Timestamp) -> Option<SessionName> {
        let entries = fs::read_dir(self.folder_of(source)).ok()?;
        let sessions = entries.flatten().filter_map(|entry| {
            let session = Session::read(entry.path()).ok()??;
            let name = SessionName(entry.file_name().into_string().ok()?);
            (!session.is_over(now)).then_some((session.state.used_at, name))
        });
        sessions.max().map(|(_, name)| name)
    }

    /// Those that have exchanges.
    pub fn sources(&self) -> Vec<SourceId> {
        sources_in(&self.root)
    }

    pub fn remove_source(&self, source: SourceId) {
        remove(&self.folder_of(source));
    }

    fn clear(&self, source: SourceId, now: Timestamp) {
        let Ok(entries) = fs::read_dir(self.folder_of(source)) else {
            return;
        };
        let mut kept = Vec::new();
        for entry in entries.flatten() {
            match Session::read(entry.path()) {
                Ok(Some(session)) if !session.is_over(now) => kept.push((session.state.used_at, entry.path())),
                _ => remove(&entry.path()),
            }
        }
        kept.sort_unstable();
        let extra = (kept.len() + 1).saturating_sub(MAX_SESSIONS);
        kept.iter().take(extra).for_each(|(_, folder)| remove(folder));
    }

    fn folder_of(&self, source: SourceId) -> PathBuf {
        self.root.join(source.0.to_string())
    }
}

impl Session {
    fn read(folder: PathBuf) -> anyhow::Result<Option<Session>> {
        let Ok(bytes) = fs::read(folder.join(MANIFEST)) else {
            return Ok(None);
        };
        let state = serde_json::from_slice(&bytes)
            .with_context(|| format!("could not read {}", folder.join(MANIFEST).display()))?;
        Ok(Some(Session { folder, state }))
    }

    pub fn save(&mut self, now: Timestamp) -> anyhow::Result<()> {
        self.state.used_at = now.as_second();
        let unfinished = self.folder.join("unfinished");
        fs::write(&unfinished, serde_json::to_vec(&self.state)?)
            .and_then(|()| fs::rename(&unfinished, self.folder.join(MANIFEST)))
            .context("could not note how far an exchange is")
    }

    /// Begins anew: what was sent before does not count.
    pub fn restart(&mut self, version: Option<String>, now: Timestamp) -> anyhow::Result<()> {
        for file in &self.state.files {
            fs::remove_file(self.folder.join(&file.stored)).ok();
        }
        self.state = SessionState {
            key: std::mem::take(&mut self.state.key),
            version,
            next_file: self.state.next_file,
            ..SessionState::default()
        };
        self.save(now)
    }

    /// A file to receive a part in; `append` is next.
    pub fn incoming(&self) -> PathBuf {
        self.folder.join(format!("incoming-{}", Uuid::new_v4().simple()))
    }

    pub fn path(&self, file: &SentFile) -> PathBuf {
        self.folder.join(&file.stored)
    }

    /// Adds a part to its file. The part that came last, when it comes again, is not added twice; the first one, when it comes again,
    /// begins the file anew, and so does any part of a file that was imported.
    pub fn append(&mut self, name: &str, part: &Path, now: Timestamp) -> anyhow::Result<()> {
        let digest = digest_of(part)?;
        let name = base_name(name);
        let is_imported = self.state.imported.contains(&name);
        let at = self.state.files.iter().position(|file| file.name == name);
        match at.and_then(|at| self.state.files.get_mut(at)) {
            Some(file) if file.last == digest => return Ok(()),
            Some(file) if !is_imported && file.first != digest => {
                let path = self.folder.join(&file.stored);
                file.size = append_to(&path, file.size, part)?;
                file.last = digest;
            }
            _ => {
                self.state.files.retain(|file| file.name != name);
                self.forget_import(&name);
                let stored = self.state.next_file.to_string();
                self.state.next_file += 1;
                let size = fs::metadata(part)?.len();
                fs::rename(part, self.folder.join(&stored)).context("could not keep a part of an exchange")?;
                self.state.files.push(SentFile {
                    name,
                    stored,
                    size,
                    first: digest.clone(),
                    last: digest,
                });
            }
        }
        self.state.is_closed = false;
        self.save(now)
    }

    /// Bytes that have been received and are kept.
    pub fn size(&self) -> u64 {
        self.state.files.iter().map(|file| file.size).sum()
    }

    /// Notes that the shop knows what these files say.
    pub fn note_imported(&mut self, work: &Work) {
        self.state.imported.extend(work.files.iter().cloned());
        self.state.is_closed |= work.is_end;
        self.state.work = None;
    }

    pub fn is_imported(&self, name: &str) -> bool {
        self.state.imported.contains(name)
    }

    /// What a new archive holds is not known before it is opened: files that came in archives count as new then.
    fn forget_import(&mut self, name: &str) {
        let state = &mut self.state;
        state.imported.remove(name);
        if kind_of(name) == Kind::Archive {
            let files = &state.files;
            state
                .imported
                .retain(|imported| files.iter().any(|file| file.name == *imported));
        }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now.as_second() - self.state.used_at > MAX_IDLE_SECONDS
    }
}

/// Returns the new size. What a killed program wrote behind the size that it noted is cut off.
fn append_to(path: &Path, size: u64, part: &Path) -> anyhow::Result<u64> {
    let mut file = File::options().write(true).open(path)?;
    file.set_len(size)?;
    file.seek(SeekFrom::Start(size))?;
    let count = std::io::copy(&mut File::open(part)?, &mut file).context("could not keep a part of an exchange")?;
    Ok(size + count)
}

fn digest_of(path: &Path) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hexadecimal(digest.finalize().as_slice()));
        }
        digest.update(buffer.get(..count).unwrap_or_default());
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn remove(folder: &Path) {
    if folder.exists()
        && let Err(error) = fs::remove_dir_all(folder)
    {
        tracing::warn!("could not remove {}: {error}", folder.display());
    }
}
