//! What the names and attributes of HTML elements say of their text.

use html5ever::tokenizer::Tag;

/// Elements in which there is nothing to read.
const SILENT: [&str; 19] = [
    "script", "style", "noscript", "template", "svg", "canvas", "iframe", "object", "audio", "video", "map", "button",
    "select", "datalist", "textarea", "dialog", "noframes", "noembed", "math",
];
/// Elements that repeat on every page of a site.
const REPEATED: [&str; 4] = ["nav", "footer", "aside", "menu"];
const REPEATED_ROLES: [&str; 7] = [
    "navigation",
    "banner",
    "contentinfo",
    "search",
    "dialog",
    "complementary",
    "menu",
];
/// Beginnings of classes and ids that builders of sites use for such parts.
const REPEATED_NAMES: [&str; 8] = [
    "cookie",
    "breadcrumb",
    "navbar",
    "site-header",
    "site-footer",
    "pagination",
    "skip-link",
    "modal",
];
const BLOCKS: [&str; 39] = [
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "aside",
    "nav",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "blockquote",
    "pre",
    "figure",
    "figcaption",
    "address",
    "fieldset",
    "legend",
    "details",
    "summary",
    "form",
    "hr",
    "body",
    "html",
    "head",
    "table",
    "tr",
    "td",
    "th",
    "thead",
    "tbody",
    "tfoot",
    "caption",
    "center",
    "label",
];
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
];

/// The text of a document is divided where such an element begins or ends.
pub fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name) || heading_level(name).is_some()
}

/// Elements that have no end.
pub fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

pub fn heading_level(name: &str) -> Option<u8> {
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}

pub fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name)?;
    Some(found.value.trim())
}

pub fn is_silent(tag: &Tag) -> bool {
    let is_hidden = attribute(tag, "hidden").is_some() || attribute(tag, "aria-hidden") == Some("true");
    let style = attribute(tag, "style").unwrap_or_default().replace(' ', "");
    // What is crossed out holds no more: an old price, mostly.
    let is_struck = matches!(&*tag.name, "s" | "del" | "strike");
    is_hidden || is_struck || style.contains("display:none") || SILENT.contains(&&*tag.name)
}

/// `is_inside` says whether it stands in the main text or an article, whose header is its own.
pub fn is_repeated(tag: &Tag, is_inside: bool) -> bool {
    let name = &*tag.name;
    if REPEATED.contains(&name) || name == "header" && !is_inside {
        return true;
    }
    let role = attribute(tag, "role").unwrap_or_default().to_ascii_lowercase();
    if REPEATED_ROLES.contains(&role.as_str()) {
        return true;
    }
    let is_frame = matches!(name, "div" | "section" | "ul" | "ol" | "a");
    let names = ["class", "id"].into_iter().filter_map(|name| attribute(tag, name));
    let mut names = names.flat_map(str::split_whitespace).map(str::to_ascii_lowercase);
    is_frame && names.any(|name| REPEATED_NAMES.iter().any(|known| name.starts_with(known)))
}
