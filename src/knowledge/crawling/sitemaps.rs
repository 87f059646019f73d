//! Sitemaps: `urlset` and `sitemapindex` of sitemaps.org, plain or compressed by gzip, and lists of addresses as plain text.

use flate2::read::GzDecoder;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use std::io::Read;

/// The protocol's own limits.
const MAX_EXPANDED_BYTES: u64 = 50 * 1024 * 1024;
const MAX_ENTRIES: usize = 50_000;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sitemap {
    /// Whether the entries are sitemaps themselves.
    pub is_index: bool,
    /// In the order of the file.
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    pub url: String,
    /// As written; W3C dates sort as texts.
    pub last_modified: String,
}

/// Reads a sitemap; `None` when the bytes are none. What is damaged ends it, and what came before counts.
pub fn parse(bytes: &[u8]) -> Option<Sitemap> {
    let mut plain = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        // A broken end leaves what was unpacked before.
        GzDecoder::new(bytes)
            .take(MAX_EXPANDED_BYTES)
            .read_to_end(&mut plain)
            .ok();
    } else {
        plain = bytes.to_vec();
    }
    let text = String::from_utf8_lossy(&plain);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("http://") || text.starts_with("https://") {
        return Some(read_list(text));
    }
    read_xml(text)
}

fn read_list(text: &str) -> Sitemap {
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with("http"));
    let entries = lines.take(MAX_ENTRIES).map(|line| Entry {
        url: line.to_owned(),
        last_modified: String::new(),
    });
    Sitemap {
        is_index: false,
        entries: entries.collect(),
    }
}

fn read_xml(text: &str) -> Option<Sitemap> {
    let mut reader = Reader::from_str(text);
    let mut sitemap: Option<Sitemap> = None;
    let mut entry = Entry::default();
    let mut path: Vec<String> = Vec::new();
    let mut written = String::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_lowercase();
                match (path.len(), name.as_str()) {
                    (0, "urlset") => sitemap = Some(Sitemap::default()),
                    (0, "sitemapindex") => {
                        sitemap = Some(Sitemap {
                            is_index: true,
                            entries: Vec::new(),
                        });
                    }
                    (0, _) => return None,
                    (1, _) => entry = Entry::default(),
                    _ => {}
                }
                path.push(name);
                written.clear();
            }
            Event::Text(text) => written.push_str(text.as_ref()),
            Event::CData(text) => written.push_str(text.as_ref()),
            Event::GeneralRef(name) => written.push_str(&format!("&{};", name.as_ref())),
            Event::End(_) => {
                let name = path.pop().unwrap_or_default();
                match (path.len(), name.as_str()) {
                    (2, "loc") => entry.url = plain_text(&written),
                    (2, "lastmod") => entry.last_modified = plain_text(&written),
                    (1, _) if !entry.url.is_empty() => {
                        let found = sitemap.as_mut()?;
                        found.entries.push(std::mem::take(&mut entry));
                        if found.entries.len() >= MAX_ENTRIES {
                            break;
                        }
                    }
                    _ => {}
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    sitemap
}

fn plain_text(written: &str) -> String {
    let plain = unescape(written).map_or_else(|_| written.to_owned(), |text| text.into_owned());
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::parse;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    const MAP: &str = "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
        xmlns:image=\"i\"><url><loc> https://s.example/a?x=1&amp;y=2 </loc><lastmod>2026-01-02</lastmod>\
        <image:image><image:loc>https://s.example/a.jpg</image:loc></image:image></url>\
        <url><loc><![CDATA[https://s.example/b]]></loc></url></urlset>";

    #[test]
    fn a_sitemap_is_read_plain_and_compressed() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(MAP.as_bytes()).unwrap();
        for bytes in [MAP.as_bytes().to_vec(), packed.finish().unwrap()] {
            let sitemap = parse(&bytes).unwrap();
            let urls: Vec<_> = sitemap.entries.iter().map(|entry| entry.url.as_str()).collect();
            assert_eq!(urls, ["https://s.example/a?x=1&y=2", "https://s.example/b"]);
            assert_eq!(sitemap.entries[0].last_modified, "2026-01-02");
            assert!(!sitemap.is_index);
        }
    }

    #[test]
    fn other_files_are_no_sitemaps_and_damaged_ones_count_to_the_damage() {
        assert_eq!(parse(b"<!doctype html><html><body>404"), None);
        assert_eq!(parse(b"\x1f\x8brubbish"), None);
        assert_eq!(parse(b""), None);
        let cut = &MAP.as_bytes()[..MAP.len() - 60];
        assert_eq!(parse(cut).unwrap().entries.len(), 1);
        let index =
            parse(b"<sitemapindex><sitemap><loc>https://s.example/1.xml</loc></sitemap></sitemapindex>").unwrap();
        assert!(index.is_index && index.entries.len() == 1);
        assert_eq!(
            parse(b"https://s.example/a\nhttps://s.example/b\n")
                .unwrap()
                .entries
                .len(),
            2
        );
        let bomb = "<!DOCTYPE urlset [<!ENTITY a \"aaaa\">]><urlset><url><loc>&a;&a;</loc></url></urlset>";
        assert_eq!(parse(bomb.as_bytes()).unwrap().entries[0].url, "&a;&a;");
    }
}
