//! Getting files from the outside, from addresses that owners name. Guarded against addresses that only this machine can reach, also
//! after redirects and when names change; bounded in size and time. Knows nothing of sources or storage.

pub mod guard;
pub mod opening;

use crate::net::guard::GuardedResolver;
use crate::net::guard::PrivateHosts;
use crate::net::guard::checked_url;
use crate::net::guard::is_refused_by_guard;
use reqwest::Client;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::Url;
use reqwest::header;
use reqwest::redirect::Policy;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A server that sends nothing for so long has forgotten us.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// A feed of a gigabyte over a slow line.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30 * 60);
const MAX_REDIRECTS: usize = 5;

/// Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    http: Client,
    private: Arc<PrivateHosts>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub url: &'a str,
    /// What the server said of the file last time: it may answer that nothing has changed.
    pub etag: Option<&'a str>,
    pub last_modified: Option<&'a str>,
    pub max_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Unchanged,
    /// The file was written.
    File(Headers),
}

/// What a server said of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// Where the redirects led.
    pub url: String,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub content_type: Option<String>,
}

/// Why a file could not be had: a key of the catalogs with a value for its sentence, a status or a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} {detail}")]
pub struct FetchError {
    pub key: &'static str,
    pub detail: String,
}

impl Fetcher {
    /// Without any host that may be private.
    pub fn public() -> anyhow::Result<Fetcher> {
        Fetcher::new(PrivateHosts::default())
    }

    /// `private` names the hosts that may be private addresses.
    pub fn new(private: PrivateHosts) -> anyhow::Result<Fetcher> {
        // The client needs one, and whoever else chooses it may not be there; an error says that it is chosen.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let private = Arc::new(private);
        let http = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .dns_resolver(GuardedResolver::new(private.clone()))
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(IDLE_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .user_agent(concat!("Palompy/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Fetcher { http, private })
    }

    /// Writes what is at the address into `file`. Each redirect is judged like the first address.
    pub async fn fetch(&self, wanted: Wanted<'_>, file: File) -> Result<Answer, FetchError> {
        let mut url = self.checked(wanted.url)?;
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&url, &wanted).await?;
            let status = response.status();
            if status == StatusCode::NOT_MODIFIED {
                return Ok(Answer::Unchanged);
            }
            if status.is_redirection() {
                let target = text(&response, header::LOCATION).and_then(|target| url.join(&target).ok());
                let target = target.ok_or_else(|| failure("problem_url_status", status.as_u16()))?;
                url = self.checked(target.as_str())?;
                continue;
            }
            if !status.is_success() {
                return Err(failure("problem_url_status", status.as_u16()));
            }
            let headers = Headers {
                url: url.to_string(),
                etag: text(&response, header::ETAG),
                last_modified: text(&response, header::LAST_MODIFIED),
                content_type: text(&response, header::CONTENT_TYPE),
            };
            receive(response, file, wanted.max_bytes).await?;
            return Ok(Answer::File(headers));
        }
        Err(failure("problem_url_redirects", MAX_REDIRECTS))
    }

    fn checked(&self, url: &str) -> Result<Url, FetchError> {
        checked_url(url, &self.private).map_err(|key| failure(key, ""))
    }

    async fn ask(&self, url: &Url, wanted: &Wanted<'_>) -> Result<Response, FetchError> {
        let request = self.request(url, wanted);
        request.send().await.map_err(|error| explained(&error))
    }

    fn request(&self, url: &Url, wanted: &Wanted<'_>) -> RequestBuilder {
        let mut request = self.http.get(url.clone());
        if let Some(etag) = wanted.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(time) = wanted.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, time);
        }
        request
    }
}

async fn receive(mut response: Response, file: File, max_bytes: u64) -> Result<(), FetchError> {
    if response.content_length().is_some_and(|length| length > max_bytes) {
        return Err(failure("problem_file_too_large", max_bytes));
    }
    let mut file = Some(file);
    let mut received = 0;
    while let Some(bytes) = response.chunk().await.map_err(|error| explained(&error))? {
        received += bytes.len() as u64;
        if received > max_bytes {
            return Err(failure("problem_file_too_large", max_bytes));
        }
        let Some(mut open) = file.take() else { break };
        let written = tokio::task::spawn_blocking(move || open.write_all(&bytes).map(|()| open)).await;
        match written {
            Ok(Ok(open)) => file = Some(open),
            Ok(Err(error)) => return Err(failure("problem_disk", error)),
            Err(error) => return Err(failure("problem_disk", error)),
        }
    }
    Ok(())
}

fn text(response: &Response, name: header::HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

fn explained(error: &reqwest::Error) -> FetchError {
    if is_refused_by_guard(error) {
        failure("problem_url_private", "")
    } else if error.is_timeout() {
        failure("problem_url_timeout", "")
    } else if error.is_connect() {
        failure("problem_url_unreachable", "")
    } else {
        failure("problem_url_broken", "")
    }
}

fn failure(key: &'static str, detail: impl ToString) -> FetchError {
    FetchError {
        key,
        detail: detail.to_string(),
    }
}
