//! One file over HTTP: resumed where it was cut, checked against what its source promises, put in place when it is whole.

use crate::app::models::Progress;
use crate::app::models::error::PullError;
use crate::domain::secret::Secret;
use reqwest::Client;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::Url;
use reqwest::header;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use sha2::Digest;
use sha2::Sha256;
use std::error::Error;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest silence of a connection.
const SILENCE: Duration = Duration::from_secs(60);
const MAX_REDIRECTS: usize = 5;
/// A download that is cut goes on by itself this often.
const ATTEMPTS: usize = 3;

/// Fetches files. Redirects are followed by hand, because the hub's own answer tells the checksum.
pub struct Downloader {
    http: Client,
}

/// What a file must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// SHA-256, hexadecimal.
    Sha256(String),
    /// The hub tells the SHA-256 of large files; small ones, and all files of a plain mirror, are taken as they come.
    WhatTheHubSays,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub size_bytes: u64,
    pub sha256: String,
    /// Whether there was a checksum to compare with.
    pub was_compared: bool,
    /// The commit that the hub named.
    pub revision: Option<String>,
}

/// What the first answer told of a file.
#[derive(Default)]
struct Promise {
    sha256: Option<String>,
    /// Tells one content from another.
    tag: Option<String>,
    revision: Option<String>,
}

/// An unfinished file on the disk.
struct Partial {
    path: PathBuf,
    file: File,
    hash: Sha256,
    size_bytes: u64,
}

impl Downloader {
    /// `proxy` is an http, https, socks5 or socks5h URL.
    pub fn new(proxy: Option<&Secret<String>>) -> anyhow::Result<Downloader> {
        crate::llm::install_tls();
        let mut builder = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE)
            .user_agent(concat!("palompy/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.expose())?);
        }
        Ok(Downloader { http: builder.build()? })
    }

    /// Brings `url` to `target`. What an earlier attempt left beside it, as `target.part`, is kept and continued. A file that is
    /// cut goes on by itself; after some cuts that is the error. A file with another checksum than promised is deleted.
    pub async fn fetch(
        &self,
        url: &str,
        target: &Path,
        expected: &Expected,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Fetched, PullError> {
        let mut attempt = 1;
        loop {
            match self.fetch_once(url, target, expected, progress).await {
                Err(PullError::Cut { .. }) if attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    async fn fetch_once(
        &self,
        url: &str,
        target: &Path,
        expected: &Expected,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Fetched, PullError> {
        let path = beside(target, "part");
        let mut have = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let (mut promise, mut response) = self.request(url, have).await?;
        let tag_path = beside(target, "part.tag");
        let same = std::fs::read_to_string(&tag_path).ok() == promise.tag;
        if have > 0 && (!same || !continues_at(&response, have)) {
            have = 0;
            if response.status() != StatusCode::OK {
                (promise, response) = self.request(url, 0).await?;
            }
        }
        check_status(url, &response)?;
        note_tag(&tag_path, promise.tag.as_deref())?;
        let mut partial = Partial::open(path, have).await?;
        partial.receive(url, response, target, progress).await?;
        let wanted = match expected {
            Expected::Sha256(sha256) => Some(sha256.clone()),
            Expected::WhatTheHubSays => promise.sha256,
        };
        let was_compared = wanted.is_some();
        let (sha256, size_bytes) = partial.finish(url, target, wanted)?;
        if let Err(error) = std::fs::remove_file(&tag_path)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(PullError::disk(&tag_path, &error));
        }
        Ok(Fetched {
            size_bytes,
            sha256,
            was_compared,
            revision: promise.revision,
        })
    }

    /// Asks for the file from byte `from` on, through redirects.
    async fn request(&self, url: &str, from: u64) -> Result<(Promise, Response), PullError> {
        let mut promise = Promise::default();
        let mut next = parse_url(url)?;
        for _ in 0..=MAX_REDIRECTS {
            let mut request = self.http.get(next.clone()).header(header::ACCEPT_ENCODING, "identity");
            if from > 0 {
                request = request.header(header::RANGE, format!("bytes={from}-"));
            }
            let response = request.send().await.map_err(|error| unreachable_host(&next, &error))?;
            promise.learn(response.headers());
            if !response.status().is_redirection() {
                return Ok((promise, response));
            }
            let location = response.headers().get(header::LOCATION);
            let location = location.and_then(|value| value.to_str().ok()).unwrap_or_default();
            let target = next.join(location).map_err(|error| PullError::Refused {
                url: format!("{url} ({error})"),
                status: response.status().as_u16(),
            })?;
            // What began encrypted stays so.
            if next.scheme() == "https" && target.scheme() != "https" {
                return Err(PullError::Refused {
                    url: target.to_string(),
                    status: response.status().as_u16(),
                });
            }
            next = target;
        }
        Err(PullError::Refused {
            url: url.to_owned(),
            status: StatusCode::LOOP_DETECTED.as_u16(),
        })
    }
}

impl Promise {
    /// The first answer that tells something counts: it is the hub's, the later ones are of its storage.
    fn learn(&mut self, headers: &HeaderMap) {
        let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim_matches('"').to_owned());
        let linked = text("x-linked-etag");
        let is_sha256 = |value: &String| value.len() == 64 && value.chars().all(|c| c.is_ascii_hexdigit());
        self.sha256 = self.sha256.take().or(linked.clone().filter(is_sha256));
        self.tag = self.tag.take().or(linked).or(text("etag"));
        self.revision = self.revision.take().or(text("x-repo-commit"));
    }
}

impl Partial {
    /// The file with its first `have` bytes, which are hashed on a blocking thread; nothing of it when `have` is 0.
    async fn open(path: PathBuf, have: u64) -> Result<Partial, PullError> {
        let opened = tokio::task::spawn_blocking(move || {
            let failed = |error: io::Error| PullError::disk(&path, &error);
            let mut hash = Sha256::new();
            if have > 0 {
                hash_file(&path, &mut hash).map_err(failed)?;
            }
            let mut options = OpenOptions::new();
            let options = options.create(true).write(true).append(have > 0).truncate(have == 0);
            let file = options.open(&path).map_err(failed)?;
            Ok(Partial {
                path,
                file,
                hash,
                size_bytes: have,
            })
        });
        opened.await.unwrap_or_else(|error| {
            Err(PullError::Disk {
                path: PathBuf::new(),
                reason: error.to_string(),
            })
        })
    }

    /// Appends what comes, until the answer's end.
    async fn receive(
        &mut self,
        url: &str,
        mut response: Response,
        target: &Path,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), PullError> {
        let total_bytes = response.content_length().map(|rest| self.size_bytes + rest);
        let file = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        loop {
            progress(Progress {
                file: file.clone(),
                done_bytes: self.size_bytes,
                total_bytes,
            });
            let bytes = response.chunk().await.map_err(|error| PullError::Cut {
                url: url.to_owned(),
                done_bytes: self.size_bytes,
                reason: innermost(&error),
            })?;
            let Some(bytes) = bytes else {
                break;
            };
            self.file
                .write_all(&bytes)
                .map_err(|error| PullError::disk(&self.path, &error))?;
            self.hash.update(&bytes);
            self.size_bytes += bytes.len() as u64;
        }
        match total_bytes {
            Some(total) if total != self.size_bytes => Err(PullError::Cut {
                url: url.to_owned(),
                done_bytes: self.size_bytes,
                reason: format!("{total} bytes were announced"),
            }),
            _ => Ok(()),
        }
    }

    /// Puts the whole file in place, unless its checksum is wrong. Returns its checksum and size.
    fn finish(self, url: &str, target: &Path, wanted: Option<String>) -> Result<(String, u64), PullError> {
        let found = hexadecimal(self.hash);
        if let Some(expected) = wanted.filter(|wanted| !wanted.eq_ignore_ascii_case(&found)) {
            std::fs::remove_file(&self.path).map_err(|error| PullError::disk(&self.path, &error))?;
            return Err(PullError::Checksum {
                url: url.to_owned(),
                expected,
                found,
            });
        }
        self.file
            .sync_all()
            .map_err(|error| PullError::disk(&self.path, &error))?;
        std::fs::rename(&self.path, target).map_err(|error| PullError::disk(target, &error))?;
        Ok((found, self.size_bytes))
    }
}

/// The SHA-256 of a file, hexadecimal, and its size.
pub fn sha256_of_file(path: &Path) -> io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let size_bytes = hash_file(path, &mut hash)?;
    Ok((hexadecimal(hash), size_bytes))
}

fn hash_file(path: &Path, hash: &mut Sha256) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 64 * 1024];
    let mut size_bytes = 0;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(size_bytes);
        }
        hash.update(buffer.get(..count).unwrap_or_default());
        size_bytes += count as u64;
    }
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    target.with_file_name(name)
}

/// Whether the answer is the rest of a file of which `have` bytes are there.
fn continues_at(response: &Response, have: u64) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE);
    let range = range.and_then(|value| value.to_str().ok()).unwrap_or_default();
    response.status() == StatusCode::PARTIAL_CONTENT && range.starts_with(&format!("bytes {have}-"))
}

fn check_status(url: &str, response: &Response) -> Result<(), PullError> {
    let url = url.to_owned();
    match response.status() {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(PullError::NotFound { url }),
        status => Err(PullError::Refused {
            url,
            status: status.as_u16(),
        }),
    }
}

fn note_tag(path: &Path, tag: Option<&str>) -> Result<(), PullError> {
    match tag {
        Some(tag) => std::fs::write(path, tag).map_err(|error| PullError::disk(path, &error)),
        None => Ok(()),
    }
}

fn parse_url(url: &str) -> Result<Url, PullError> {
    Url::parse(url).map_err(|error| PullError::Unreachable {
        host: url.to_owned(),
        reason: error.to_string(),
    })
}

fn unreachable_host(url: &Url, error: &reqwest::Error) -> PullError {
    PullError::Unreachable {
        host: url.host_str().unwrap_or_default().to_owned(),
        reason: innermost(error),
    }
}

/// The cause that a person can do something about stands last.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
