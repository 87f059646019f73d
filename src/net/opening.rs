//! One question to a server, without following redirects: for whoever decides about each step, and about the body by what the head says.

use crate::net::FetchError;
use crate::net::Fetcher;
use crate::net::Headers;
use crate::net::Wanted;
use crate::net::explained;
use crate::net::failure;
use crate::net::text;
use reqwest::Response;
use reqwest::header;
use reqwest::header::HeaderName;
use std::time::Duration;

/// An answer whose body has not been read.
#[derive(Debug)]
pub struct Opened {
    pub status: u16,
    pub headers: Headers,
    /// Where a redirect leads, as the server writes it.
    pub location: Option<String>,
    /// Each `X-Robots-Tag`, in order.
    pub robots: Vec<String>,
    response: Response,
    max_bytes: u64,
}

impl Fetcher {
    /// Asks one address. Any status is an answer. `patience` covers the body too.
    pub async fn open(&self, wanted: &Wanted<'_>, patience: Duration) -> Result<Opened, FetchError> {
        let url = self.checked(wanted.url)?;
        let request = self.request(&url, wanted).timeout(patience);
        let response = request.send().await.map_err(|error| explained(&error))?;
        let robots = response.headers().get_all(HeaderName::from_static("x-robots-tag"));
        let robots = robots.iter().filter_map(|value| value.to_str().ok());
        Ok(Opened {
            status: response.status().as_u16(),
            headers: Headers {
                url: url.to_string(),
                etag: text(&response, header::ETAG),
                last_modified: text(&response, header::LAST_MODIFIED),
                content_type: text(&response, header::CONTENT_TYPE),
            },
            location: text(&response, header::LOCATION),
            robots: robots.map(str::to_owned).collect(),
            response,
            max_bytes: wanted.max_bytes,
        })
    }
}

impl Opened {
    /// Lowers what the body may have.
    pub fn limit(&mut self, max_bytes: u64) {
        self.max_bytes = self.max_bytes.min(max_bytes);
    }

    pub async fn bytes(mut self) -> Result<Vec<u8>, FetchError> {
        let too_large = || failure("problem_file_too_large", self.max_bytes);
        if self
            .response
            .content_length()
            .is_some_and(|length| length > self.max_bytes)
        {
            return Err(too_large());
        }
        let mut received = Vec::new();
        while let Some(bytes) = self.response.chunk().await.map_err(|error| explained(&error))? {
            if (received.len() + bytes.len()) as u64 > self.max_bytes {
                return Err(failure("problem_file_too_large", self.max_bytes));
            }
            received.extend_from_slice(&bytes);
        }
        Ok(received)
    }
}
