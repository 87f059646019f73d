//! Addresses of a site's pages in one spelling each.

use reqwest::Url;

/// Longer ones are made by programs that lost count.
const MAX_URL_CHARS: usize = 1_000;
/// The same word so often in a path is a link that leads deeper into itself.
const MAX_REPEATED_SEGMENTS: usize = 4;
/// Parameters that say who came from where, or which visit it is; the page is the same without them.
const TRACKING: [&str; 20] = [
    "yclid",
    "ymclid",
    "ysclid",
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "fbclid",
    "msclkid",
    "_openstat",
    "openstat",
    "mc_cid",
    "mc_eid",
    "roistat",
    "_ga",
    "phpsessid",
    "jsessionid",
    "sessionid",
    "session_id",
    "sid",
];
/// Files that are neither pages nor documents, by the endings of their names.
const OTHER_FILES: [&str; 58] = [
    "jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "ico", "bmp", "tif", "tiff", "heic", "css", "js", "mjs", "map",
    "json", "xml", "rss", "atom", "yml", "yaml", "csv", "tsv", "txt", "zip", "gz", "rar", "7z", "tar", "tgz", "bz2",
    "xz", "exe", "msi", "dmg", "apk", "iso", "mp3", "mp4", "avi", "mov", "mkv", "webm", "ogg", "wav", "flac", "woff",
    "woff2", "ttf", "otf", "eot", "swf", "doc", "xls", "xlsx", "ppt", "pptx",
];
const DOCUMENTS: [&str; 4] = ["pdf", "docx", "odt", "rtf"];

/// What an address leads to, as far as its ending tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Page,
    Document,
    Other,
}

/// The host whose pages are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    scheme: String,
    name: String,
    port: Option<u16>,
}

impl Host {
    /// `None` for an address without a host.
    pub fn of(url: &Url) -> Option<Host> {
        Some(Host {
            scheme: url.scheme().to_owned(),
            name: url.host_str()?.to_owned(),
            port: url.port(),
        })
    }

    /// The same host with or without `www.`, and by either scheme at its usual port.
    pub fn is_same_site(&self, url: &Url) -> bool {
        let is_web = matches!(url.scheme(), "http" | "https");
        let bare = |name: &str| name.strip_prefix("www.").unwrap_or(name).to_owned();
        is_web && url.host_str().map(bare) == Some(bare(&self.name)) && url.port() == self.port
    }

    /// `link` as it stands on the page `base`, in the one spelling of this site; `None` when it leads elsewhere or nowhere.
    pub fn page(&self, base: &Url, link: &str) -> Option<Url> {
        let link = link.trim().trim_end_matches(['"', '\'', '>', '<', ')', ' ']);
        let link = link.split('#').next().unwrap_or_default();
        if link.is_empty() {
            return None;
        }
        let mut url = base.join(link).ok()?;
        if !self.is_same_site(&url) || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        url.set_scheme(&self.scheme).ok()?;
        url.set_host(Some(&self.name)).ok()?;
        normalize(&mut url);
        (url.as_str().chars().count() <= MAX_URL_CHARS).then_some(url)
    }

    /// The address of a file at the root of the site.
    pub fn file(&self, path: &str) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}{path}", self.scheme, self.name)
    }
}

/// Drops the fragment and the parameters that do not change the page.
fn normalize(url: &mut Url) {
    url.set_fragment(None);
    let kept: Vec<String> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_tracking(pair.split('=').next().unwrap_or_default()))
        .map(str::to_owned)
        .collect();
    let query = kept.join("&");
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
    let path = url.path().to_owned();
    let clean = path.split(';').next().unwrap_or_default();
    let has_session = path.to_ascii_lowercase().contains(";jsessionid=");
    let clean = if has_session { clean } else { path.as_str() };
    let clean = clean.trim_end_matches("%20").trim_end_matches("%22");
    if clean != path {
        url.set_path(clean);
    }
}

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

/// The path with the query, which patterns and rules speak of.
pub fn path_of(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

pub fn kind_of(url: &Url) -> Kind {
    let name = url.path().rsplit('/').next().unwrap_or_default();
    let Some((_, ending)) = name.rsplit_once('.') else {
        return Kind::Page;
    };
    let ending = ending.to_ascii_lowercase();
    if DOCUMENTS.contains(&ending.as_str()) {
        Kind::Document
    } else if OTHER_FILES.contains(&ending.as_str()) {
        Kind::Other
    } else {
        Kind::Page
    }
}

/// Whether a path leads into itself again and again.
pub fn is_circle(url: &Url) -> bool {
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let count = |wanted: &str| segments.iter().filter(|segment| **segment == wanted).count();
    segments.iter().any(|segment| count(segment) >= MAX_REPEATED_SEGMENTS)
}

#[cfg(test)]
mod tests {
    use super::Host;
    use super::Kind;
    use super::is_circle;
    use super::kind_of;
    use reqwest::Url;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_page_has_one_spelling_however_it_is_linked_to() {
        let base = url("https://shop.example/help/");
        let host = Host::of(&base).unwrap();
        for (link, page) in [
            ("delivery", "https://shop.example/help/delivery"),
            ("/a#price", "https://shop.example/a"),
            (
                "https://shop.example:443/a?utm_source=x&UTM_medium=y",
                "https://shop.example/a",
            ),
            ("/a?yclid=1&page=2&gclid=3", "https://shop.example/a?page=2"),
            ("/a?", "https://shop.example/a"),
            (" /a%20 ", "https://shop.example/a"),
            ("/a\"", "https://shop.example/a"),
            ("//www.shop.example/a", "https://shop.example/a"),
            ("http://shop.example/a", "https://shop.example/a"),
            ("/a;jsessionid=0A?PHPSESSID=1", "https://shop.example/a"),
            (
                "/доставка",
                "https://shop.example/%D0%B4%D0%BE%D1%81%D1%82%D0%B0%D0%B2%D0%BA%D0%B0",
            ),
        ] {
            assert_eq!(host.page(&base, link).unwrap().as_str(), page, "{link}");
        }
        for link in [
            "",
            "#top",
            "mailto:a@shop.example",
            "tel:+7",
            "javascript:void(0)",
            "https://other.example/",
            "https://shop.example.evil.example/",
            "https://shop.example:8443/",
            "https://me:pw@shop.example/",
        ] {
            assert_eq!(host.page(&base, link), None, "{link}");
        }
        assert_eq!(host.page(&base, &"/a".repeat(600)), None);
    }

    #[test]
    fn pictures_and_circles_are_known_by_their_addresses() {
        assert_eq!(kind_of(&url("https://s.example/a.JPG?x=1")), Kind::Other);
        assert_eq!(kind_of(&url("https://s.example/rules.pdf")), Kind::Document);
        assert_eq!(kind_of(&url("https://s.example/v1.2/item.html")), Kind::Page);
        assert!(is_circle(&url("https://s.example/a/b/a/b/a/b/a")));
        assert!(!is_circle(&url("https://s.example/a/b/a/b/a")));
    }
}
