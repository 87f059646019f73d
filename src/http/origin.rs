//! Which web pages may carry a shop's widget. Origins bind browsers only: whatever else asks can write any.

use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header;
use reqwest::Url;

/// What browsers send from pages that have no origin: files, sandboxed frames.
const NO_ORIGIN: &str = "null";

/// The page that sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// An origin as browsers write it: lower case, punycode, no default port, nothing after the host.
    Of(Url),
    /// `null`.
    WithoutOrigin,
    /// What no browser writes.
    Malformed,
}

/// One entry of a shop's `allowed_origins`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OriginRule {
    /// The origin, without `*.`.
    origin: Url,
    /// Whether it stands for all subdomains, at any depth, and not for the host itself.
    is_for_subdomains: bool,
}

impl Page {
    /// `None` for a request without an `Origin`.
    pub fn of(headers: &HeaderMap) -> Option<Page> {
        headers.get(header::ORIGIN).map(Page::parse)
    }

    fn parse(value: &HeaderValue) -> Page {
        let Ok(text) = value.to_str() else {
            return Page::Malformed;
        };
        if text == NO_ORIGIN {
            return Page::WithoutOrigin;
        }
        // Addresses may hold more than names of hosts do, and some of it reads like something else.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/' | '[' | ']');
        match Url::parse(text) {
            Ok(_) if !text.chars().all(is_plain) => Page::Malformed,
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text => {
                Page::Of(url)
            }
            _ => Page::Malformed,
        }
    }

    /// Whether a shop with these `allowed_origins` allows the page. None of them allows all: the shop is being tried out.
    pub fn is_allowed(&self, allowed_origins: &[String]) -> bool {
        match self {
            Page::Malformed => false,
            Page::WithoutOrigin => allowed_origins.is_empty(),
            Page::Of(url) => {
                let rules = allowed_origins.iter().filter_map(|text| OriginRule::parse(text));
                allowed_origins.is_empty() || rules.into_iter().any(|rule| rule.matches(url))
            }
        }
    }

    /// Whether this server shows the page itself: it is at the configured address, or at the address that the request went to if
    /// that is a number or `localhost`. A name proves nothing, because anybody can let one point here.
    pub fn is_own(&self, headers: &HeaderMap, public_url: Option<&str>) -> bool {
        let Page::Of(url) = self else {
            return false;
        };
        let public = public_url.and_then(|text| Url::parse(text).ok());
        if public.is_some_and(|public| public.origin() == url.origin()) {
            return true;
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let asked = host.and_then(|host| Url::parse(&format!("{}://{host}", url.scheme())).ok());
        let cannot_be_pointed_here = url.domain().is_none_or(|name| name == "localhost");
        cannot_be_pointed_here && asked.is_some_and(|asked| asked.origin() == url.origin())
    }
}

/// Whether `text` can stand in `allowed_origins`: `https://shop.example`, perhaps with a port, or `https://*.shop.example` for
/// its subdomains. Names may be written in their own alphabet.
pub fn is_origin(text: &str) -> bool {
    OriginRule::parse(text).is_some()
}

impl OriginRule {
    fn parse(text: &str) -> Option<OriginRule> {
        let (scheme, place) = text.split_once("://")?;
        if !matches!(scheme, "http" | "https") || place.contains(['/', '\\', '?', '#', '@', '%', ' ', '\t', '\n', '\r'])
        {
            return None;
        }
        let host = place.strip_prefix("*.");
        let origin = Url::parse(&format!("{scheme}://{}", host.unwrap_or(place))).ok()?;
        let name = origin.host_str()?;
        if name.contains('*') {
            return None;
        }
        // `*.ru` would let in half a country.
        let has_subdomains = origin
            .domain()
            .is_some_and(|name| name.trim_matches('.').contains('.') || name == "localhost");
        if host.is_some() && !has_subdomains {
            return None;
        }
        Some(OriginRule {
            is_for_subdomains: host.is_some(),
            origin,
        })
    }

    fn matches(&self, page: &Url) -> bool {
        let same_scheme = self.origin.scheme() == page.scheme();
        let same_port = self.origin.port_or_known_default() == page.port_or_known_default();
        let (Some(own), Some(asked)) = (self.origin.host_str(), page.host_str()) else {
            return false;
        };
        let same_host = if self.is_for_subdomains {
            let before = asked.strip_suffix(own).and_then(|before| before.strip_suffix('.'));
            before.is_some_and(|name| !name.is_empty() && !name.ends_with('.'))
        } else {
            own == asked
        };
        same_scheme && same_port && same_host
    }
}
