//! Asking for one page: slowly, past the guard at each redirect, with what is known of it so that it need not be sent again.

use crate::knowledge::crawling::address::Host;
use crate::knowledge::crawling::copies::About;
use crate::knowledge::crawling::copies::Copies;
use crate::knowledge::parsing::encoding::detect;
use crate::net::FetchError;
use crate::net::Fetcher;
use crate::net::Wanted;
use anyhow::Context;
use encoding_rs::Encoding;
use encoding_rs::UTF_8;
use reqwest::Url;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

const MAX_REDIRECTS: usize = 5;
/// A shop's server that needs longer for a page is not well.
const PATIENCE: Duration = Duration::from_secs(30);
pub const MAX_PAGE_BYTES: u64 = 5 * 1024 * 1024;
pub const MAX_DOCUMENT_BYTES: u64 = 20 * 1024 * 1024;

/// What came of asking.
#[derive(Debug)]
pub enum Reply {
    /// Its body is among the copies. `size_bytes` is what was received, 0 when the copy still holds.
    Here { about: About, size_bytes: u64 },
    /// It could not be had; what is known of it from before still counts.
    Failed { error: FetchError, about: Option<About> },
    /// It leads to another page of the site, or is none that is taken.
    Elsewhere,
    /// There is no such page any more.
    Gone,
}

/// Lets questions pass one after the other, each so long after the last.
#[derive(Debug)]
pub struct Pace {
    next: Mutex<Instant>,
    pause: Duration,
}

impl Pace {
    pub fn new(pause: Duration) -> Pace {
        Pace {
            next: Mutex::new(Instant::now()),
            pause,
        }
    }

    async fn wait(&self) {
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = (*next).max(Instant::now());
            *next = turn + self.pause;
            turn
        };
        tokio::time::sleep_until(turn).await;
    }
}

/// Asks for pages of one site. Cheap to clone but for the pace, which is shared.
pub struct Asker<'a> {
    pub fetcher: &'a Fetcher,
    pub copies: &'a Copies,
    pub pace: Pace,
}

impl Asker<'_> {
    /// `may_go` judges where a redirect leads; `takes` judges the body by its type before it is read.
    pub async fn ask(
        &self,
        asked: &str,
        may_go: impl Fn(&Url) -> bool,
        takes: impl Fn(Option<&str>, &Url) -> Option<u64>,
    ) -> anyhow::Result<Reply> {
        let (copies, address) = (self.copies.clone(), asked.to_owned());
        let known = tokio::task::spawn_blocking(move || copies.find(&address))
            .await
            .context("looking for a copy panicked")?;
        let failed = |error| Reply::Failed {
            error,
            about: known.clone(),
        };
        let Ok(mut url) = Url::parse(asked) else {
            return Ok(Reply::Elsewhere);
        };
        for _ in 0..=MAX_REDIRECTS {
            self.pace.wait().await;
            let wanted = Wanted {
                url: url.as_str(),
                etag: known.as_ref().and_then(|about| about.etag.as_deref()),
                last_modified: known.as_ref().and_then(|about| about.last_modified.as_deref()),
                max_bytes: MAX_DOCUMENT_BYTES,
            };
            let mut opened = match self.fetcher.open(&wanted, PATIENCE).await {
                Ok(opened) => opened,
                Err(error) => return Ok(failed(error)),
            };
            match opened.status {
                304 if known.is_some() => {
                    let about = About {
                        url: url.into(),
                        ..known.unwrap_or_default()
                    };
                    return Ok(Reply::Here { about, size_bytes: 0 });
                }
                200..=299 => {}
                301..=303 | 307 | 308 => {
                    let target = opened.location.as_deref().and_then(|target| url.join(target).ok());
                    match target {
                        Some(target) if may_go(&target) => url = target,
                        _ => return Ok(Reply::Elsewhere),
                    }
                    continue;
                }
                404 | 410 => return Ok(Reply::Gone),
                status => return Ok(failed(refusal("problem_url_status", status))),
            }
            let Some(max_bytes) = takes(opened.headers.content_type.as_deref(), &url) else {
                return Ok(Reply::Elsewhere);
            };
            opened.limit(max_bytes);
            let about = About {
                asked: asked.to_owned(),
                url: url.to_string(),
                etag: opened.headers.etag.clone(),
                last_modified: opened.headers.last_modified.clone(),
                content_type: opened.headers.content_type.clone(),
                robots: opened.robots.clone(),
            };
            let body = match opened.bytes().await {
                Ok(body) => body,
                Err(error) => return Ok(failed(error)),
            };
            return self.keep(about, body).await;
        }
        Ok(failed(refusal("problem_url_redirects", MAX_REDIRECTS)))
    }

    async fn keep(&self, about: About, body: Vec<u8>) -> anyhow::Result<Reply> {
        let copies = self.copies.clone();
        let work = move || {
            let size_bytes = body.len() as u64;
            copies.keep(&about, &readable(body, about.content_type.as_deref()))?;
            Ok(Reply::Here { about, size_bytes })
        };
        tokio::task::spawn_blocking(work)
            .await
            .context("keeping a copy panicked")?
    }
}

fn refusal(key: &'static str, detail: impl ToString) -> FetchError {
    FetchError {
        key,
        detail: detail.to_string(),
    }
}

/// Whether a redirect stays on the site.
pub fn stays(host: &Host) -> impl Fn(&Url) -> bool {
    let host = host.clone();
    move |url| host.is_same_site(url)
}

/// A text whose encoding only the server tells becomes UTF-8 with its mark; all else stays as it is.
fn readable(body: Vec<u8>, content_type: Option<&str>) -> Vec<u8> {
    let told = content_type.unwrap_or_default().to_ascii_lowercase();
    let label = told.split("charset=").nth(1).unwrap_or_default();
    let label = label
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .trim_matches(['"', '\'']);
    match Encoding::for_label(label.as_bytes()) {
        // Many servers say UTF-8 of everything, and many pages know better.
        Some(encoding) if encoding != UTF_8 && told.starts_with("text/") => {
            let is_plain = body.is_ascii() || Encoding::for_bom(&body).is_some();
            if is_plain || std::str::from_utf8(&body).is_ok() || detect(&body) == encoding {
                return body;
            }
            let (text, _, _) = encoding.decode(&body);
            [b"\xef\xbb\xbf", text.as_bytes()].concat()
        }
        _ => body,
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn an_encoding_that_only_the_server_tells_counts_unless_the_bytes_say_otherwise() {
        let koi8 = encoding_rs::KOI8_R.encode("Доставка").0.to_vec();
        let read = readable(koi8.clone(), Some("text/html; charset=\"KOI8-R\""));
        assert_eq!(String::from_utf8(read).unwrap(), "\u{feff}Доставка");
        let utf8 = "Доставка".as_bytes().to_vec();
        assert_eq!(readable(utf8.clone(), Some("text/html; charset=windows-1251")), utf8);
        assert_eq!(readable(koi8.clone(), Some("text/html; charset=utf-8")), koi8);
        assert_eq!(readable(koi8.clone(), Some("application/pdf; charset=koi8-r")), koi8);
    }
}
