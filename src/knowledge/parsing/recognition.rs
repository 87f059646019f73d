//! What a file is: by what it contains, and by its name where many contents look alike.

use crate::domain::source::Format;
use crate::knowledge::parsing::encoding::detect;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The root element of a feed comes early, after a declaration and comments.
const HEAD_BYTES: u64 = 64 * 1024;
/// Readers of PDF accept anything before its mark in the first kilobyte.
const PDF_MARK_BYTES: usize = 1024;
/// Entries of an archive that are looked at.
const MAX_ENTRIES: usize = 1_000;

/// The format of a file that the shop calls `name`; `None` when neither its content nor its name tells. What the content shows
/// beyond doubt counts more than the name.
pub fn recognize(path: &Path, name: &str) -> std::io::Result<Option<Format>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    if head.starts_with(b"PK\x03\x04") {
        // The parser of a damaged document says more of it than that it is not known.
        let by_name = format_of_name(name).filter(|format| is_archive(*format));
        return Ok(archive_format(File::open(path)?).or(by_name));
    }
    Ok(recognize_head(&head, name))
}

/// The same from the beginning of a file that is no archive.
pub fn recognize_head(head: &[u8], name: &str) -> Option<Format> {
    let by_name = format_of_name(name);
    if find(head, b"%PDF-", PDF_MARK_BYTES) {
        return Some(Format::Pdf);
    }
    if head.starts_with(b"{\\rtf") {
        return Some(Format::Rtf);
    }
    let (text, _, _) = detect(head).decode(head);
    let text = text.trim_start();
    if text.chars().take(4096).any(|c| c == '\0') {
        return by_name.filter(|format| !is_text(*format));
    }
    if text.starts_with('<')
        && let Some(format) = markup_format(text)
    {
        return Some(format);
    }
    if text.starts_with('{') && by_name.is_none_or(|format| format == Format::Json) {
        return Some(Format::Json);
    }
    by_name.or_else(|| looks_like_table(text).then_some(Format::Csv))
}

/// By the extension alone.
pub fn format_of_name(name: &str) -> Option<Format> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_lowercase().as_str() {
        "json" => Format::Json,
        "csv" | "tsv" => Format::Csv,
        "xlsx" | "xlsm" => Format::Xlsx,
        "yml" => Format::Yml,
        "pdf" => Format::Pdf,
        "docx" => Format::Docx,
        "odt" => Format::Odt,
        "rtf" => Format::Rtf,
        "html" | "htm" | "xhtml" => Format::Html,
        "md" | "markdown" => Format::Markdown,
        "txt" => Format::Text,
        _ => return None,
    })
}

fn is_archive(format: Format) -> bool {
    matches!(format, Format::Docx | Format::Odt | Format::Xlsx)
}

fn is_text(format: Format) -> bool {
    matches!(
        format,
        Format::Json | Format::Csv | Format::Yml | Format::Html | Format::Markdown | Format::Text
    )
}

fn find(bytes: &[u8], wanted: &[u8], within: usize) -> bool {
    let searched = bytes.get(..within.min(bytes.len())).unwrap_or_default();
    searched.windows(wanted.len()).any(|window| window == wanted)
}

/// By the first element that is neither declaration nor comment.
fn markup_format(text: &str) -> Option<Format> {
    let root = root_element(text)?;
    let name = root.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next()?;
    let local = name.rsplit(':').next()?.to_lowercase();
    match local.as_str() {
        "yml_catalog" => Some(Format::Yml),
        "коммерческаяинформация" => Some(Format::CommerceMl),
        "html" | "!doctype" | "head" | "body" => Some(Format::Html),
        "rss" | "feed" if text.contains("http://base.google.com/ns/1.0") => Some(Format::GoogleMerchant),
        _ => None,
    }
}

/// From the name of the root element on, without its angle bracket.
fn root_element(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.get(rest.find('<')? + 1..)?;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.get(comment.find("-->")? + 3..)?;
        } else if rest.starts_with('?') {
            rest = rest.get(rest.find('>')? + 1..)?;
        } else if let Some(doctype) = rest.strip_prefix("!DOCTYPE").or_else(|| rest.strip_prefix("!doctype")) {
            if doctype.trim_start().to_lowercase().starts_with("html") {
                return Some(rest);
            }
            rest = doctype.get(doctype.find('>')? + 1..)?;
        } else {
            return Some(rest);
        }
    }
}

/// The first lines have the same number of the same separator, at least one.
fn looks_like_table(text: &str) -> bool {
    [';', '\t', ','].into_iter().any(|separator| {
        let counts = text.lines().take(3).map(|line| line.matches(separator).count());
        let counts: Vec<usize> = counts.collect();
        counts.len() > 1 && counts.iter().all(|count| *count > 0 && Some(count) == counts.first())
    })
}

/// Office documents are ZIP archives with known entries; an archive of 1C has its XML files.
fn archive_format(file: File) -> Option<Format> {
    let archive = zip::ZipArchive::new(file).ok()?;
    let names = archive.file_names().take(MAX_ENTRIES);
    let names: Vec<String> = names.filter_map(|name| Some(name.ok()?.to_lowercase())).collect();
    let has = |prefix: &str| names.iter().any(|name| name.starts_with(prefix));
    let is_exchange = |name: &String| {
        let base = name.rsplit('/').next().unwrap_or_default();
        let starts = ["import", "offers", "prices", "rests"];
        base.ends_with(".xml") && starts.iter().any(|start| base.starts_with(start))
    };
    if has("word/") {
        Some(Format::Docx)
    } else if has("xl/") {
        Some(Format::Xlsx)
    } else if has("content.xml") && has("mimetype") {
        Some(Format::Odt)
    } else if names.iter().any(is_exchange) {
        Some(Format::CommerceMl)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::recognize_head;
    use crate::domain::source::Format;

    #[test]
    fn content_tells_more_than_a_name() {
        let windows = |text: &str| encoding_rs::WINDOWS_1251.encode(text).0.to_vec();
        let xml = "<?xml version=\"1.0\" encoding=\"windows-1251\"?>\n<!-- вот -->\n";
        let cases: Vec<(Vec<u8>, &str, Option<Format>)> = vec![
            (b"%PDF-1.7\n".to_vec(), "price.csv", Some(Format::Pdf)),
            (b"{\\rtf1\\ansi".to_vec(), "a", Some(Format::Rtf)),
            (
                windows(&format!(
                    "{xml}<!DOCTYPE yml_catalog SYSTEM \"shops.dtd\">\n<yml_catalog date=\"\">"
                )),
                "export.xml",
                Some(Format::Yml),
            ),
            (
                windows(&format!("{xml}<КоммерческаяИнформация ВерсияСхемы=\"2.04\">")),
                "import.xml",
                Some(Format::CommerceMl),
            ),
            (
                b"<rss version=\"2.0\" xmlns:g=\"http://base.google.com/ns/1.0\">".to_vec(),
                "feed",
                Some(Format::GoogleMerchant),
            ),
            (b"<rss version=\"2.0\"><channel>".to_vec(), "feed.xml", None),
            (b"\n<!doctype html><html>".to_vec(), "page.txt", Some(Format::Html)),
            (b"{\"products\": []}".to_vec(), "export", Some(Format::Json)),
            ("Название;Цена\nЧайник;100\n".into(), "export", Some(Format::Csv)),
            ("# Доставка".into(), "rules.md", Some(Format::Markdown)),
            ("Просто текст.".into(), "rules", None),
            (b"\0\0\0\x01".to_vec(), "rules.txt", None),
            (Vec::new(), "", None),
        ];
        for (bytes, name, format) in cases {
            assert_eq!(recognize_head(&bytes, name), format, "{name}");
        }
    }
}
