//! Descriptions that shops keep as HTML, as plain text.

use quick_xml::escape::resolve_html5_entity;
use quick_xml::escape::unescape_with;

/// Elements whose beginning and end are line breaks.
const BREAKING: [&str; 18] = [
    "p",
    "br",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "dt",
    "dd",
    "blockquote",
];
/// Elements whose content nobody reads.
const SILENT: [&str; 2] = ["script", "style"];

/// The text of a piece of HTML, one line for each of its lines, entries of lists with `- ` in front. A text that is no HTML comes out as
/// it is, but for its spaces.
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        let Some((name, behind)) = tag(after) else {
            text.push('<');
            rest = after.get(1..).unwrap_or_default();
            continue;
        };
        rest = behind;
        match name.as_str() {
            "li" => text.push_str("\n- "),
            "td" | "th" => text.push(' '),
            name if BREAKING.contains(&name.trim_start_matches('/')) => text.push('\n'),
            name if SILENT.contains(&name) => rest = behind_element(behind, name),
            _ => {}
        }
    }
    text.push_str(rest);
    lines(&unescaped(&text))
}

/// The name of the tag at the start of `text`, in lower case, `/` in front of that of a closing one, and what follows the tag; a comment
/// has an empty name. `None` for an angle bracket that begins no tag.
fn tag(text: &str) -> Option<(String, &str)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        let end = comment.find("-->").map_or(comment.len(), |at| at + 3);
        return Some((String::new(), comment.get(end..)?));
    }
    let inside = text.strip_prefix('<')?;
    let first = inside.trim_start_matches('/').chars().next()?;
    if !(first.is_ascii_alphabetic() || first == '!' || first == '?') {
        return None;
    }
    let mut quote = None;
    let end = inside.char_indices().find_map(|(at, c)| match (quote, c) {
        (None, '>') => Some(at),
        (None, '"' | '\'') => {
            quote = Some(c);
            None
        }
        (Some(open), c) if open == c => {
            quote = None;
            None
        }
        _ => None,
    })?;
    let written = inside.get(..end)?;
    let name_end = written
        .char_indices()
        .skip(1)
        .find(|(_, c)| !c.is_ascii_alphanumeric())
        .map_or(written.len(), |(at, _)| at);
    let name = written.get(..name_end)?.to_ascii_lowercase();
    Some((name, inside.get(end + 1..)?))
}

fn behind_element<'a>(text: &'a str, name: &str) -> &'a str {
    let closing = format!("</{name}");
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find(&closing) else {
        return "";
    };
    let after = text.get(at..).unwrap_or_default();
    after.find('>').and_then(|end| after.get(end + 1..)).unwrap_or_default()
}

fn unescaped(text: &str) -> String {
    match unescape_with(text, resolve_html5_entity) {
        Ok(unescaped) => unescaped.into_owned(),
        // Not every ampersand is an entity.
        Err(_) => text
            .replace("&nbsp;", " ")
            .replace("&quot;", "\"")
            .replace("&amp;", "&"),
    }
}

/// Each line with single spaces, without the empty ones.
fn lines(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines
        .filter(|line| !line.is_empty() && line != "-")
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::plain_text;

    #[test]
    fn html_becomes_the_text_that_a_shopper_reads() {
        let html = "<style>p{color:red}</style><p class=\"a>b\">Чайник&nbsp;&laquo;Заря&raquo;</p><ul><li>2 л</li><LI>сталь</LI></ul>\
                    <!-- <b>no</b> -->Вес<br/>300 г<script>alert(1)</script> &lt; 1 кг";
        assert_eq!(plain_text(html), "Чайник «Заря»\n- 2 л\n- сталь\nВес\n300 г < 1 кг");
    }

    #[test]
    fn a_text_that_is_no_html_stays() {
        for text in ["от 5 < 7 кг", "R&D & M&M's", "a < b > c", "", "<", "<p"] {
            assert_eq!(plain_text(text), text);
        }
    }
}
