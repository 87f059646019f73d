//! What a page says of itself to programs: where it links to, its own address, whether it wants to be read.

use crate::knowledge::parsing::documents::html::tags::attribute;
use html5ever::tokenizer::Tag;
use serde::Deserialize;
use serde::Serialize;

/// A page with more is a list for machines.
const MAX_LINKS: usize = 5_000;
const MAX_LINK_CHARS: usize = 2_000;
const MAX_ROBOTS: usize = 16;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFacts {
    /// What links are relative to, when not to the page.
    pub base: Option<String>,
    /// The page's own address, as it stands there.
    pub canonical: Option<String>,
    /// In the order of the page, without those that must not be followed.
    pub links: Vec<String>,
    /// Named meta elements for robots: the name in lower case and the words.
    pub robots: Vec<(String, String)>,
    /// How many scripts the page has that are no data.
    pub scripts: usize,
}

impl PageFacts {
    pub fn note(&mut self, tag: &Tag) {
        match &*tag.name {
            "base" if self.base.is_none() => self.base = attribute(tag, "href").map(str::to_owned),
            "a" | "area" => self.note_link(tag),
            "link" if has_word(tag, "rel", "canonical") && self.canonical.is_none() => {
                self.canonical = attribute(tag, "href").map(str::to_owned);
            }
            "meta" if self.robots.len() < MAX_ROBOTS => {
                let name = attribute(tag, "name").unwrap_or_default().to_ascii_lowercase();
                if matches!(name.as_str(), "robots" | "palompy") {
                    let words = attribute(tag, "content").unwrap_or_default();
                    self.robots.push((name, words.to_owned()));
                }
            }
            "script" => {
                let kind = attribute(tag, "type").unwrap_or_default();
                self.scripts += usize::from(!kind.contains("json"));
            }
            _ => {}
        }
    }

    fn note_link(&mut self, tag: &Tag) {
        let Some(href) = attribute(tag, "href") else { return };
        let is_kept = !href.is_empty() && href.len() <= MAX_LINK_CHARS && self.links.len() < MAX_LINKS;
        if is_kept && !has_word(tag, "rel", "nofollow") {
            self.links.push(href.to_owned());
        }
    }
}

fn has_word(tag: &Tag, name: &str, word: &str) -> bool {
    let words = attribute(tag, name).unwrap_or_default();
    words.split_whitespace().any(|own| own.eq_ignore_ascii_case(word))
}
