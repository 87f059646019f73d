//! Styles of paragraphs: which are headings, and which count.

use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::archive::Xml;
use std::collections::HashMap;

/// Styles on which a style may stand; a file may make a circle of them.
const MAX_BASES: usize = 10;

#[derive(Debug, Default)]
pub struct Styles {
    styles: HashMap<String, Style>,
}

#[derive(Debug, Default)]
struct Style {
    /// In lower case.
    name: String,
    based_on: Option<String>,
    /// From 0; 9 is body text.
    outline: Option<u8>,
    list: Option<(String, Option<usize>)>,
}

impl Styles {
    pub fn read(xml: &mut Xml<'_>) -> Result<Styles, ParseError> {
        let mut styles = HashMap::new();
        while let Some(opened) = xml.next_opening()? {
            if opened.name != "style" {
                continue;
            }
            let element = xml.complete(opened)?;
            let value = |name: &str| element.child(name)?.attribute("val");
            let properties = element.child("pPr");
            let outline = properties.and_then(|properties| properties.child("outlineLvl")?.attribute("val"));
            let list = properties.and_then(|properties| properties.child("numPr"));
            let list = list.and_then(|list| {
                let number = |name: &str| list.child(name)?.attribute("val");
                let level = number("ilvl").and_then(|level| level.parse().ok());
                Some((number("numId")?.to_owned(), level))
            });
            let style = Style {
                name: value("name").unwrap_or_default().to_lowercase(),
                based_on: value("basedOn").map(str::to_owned),
                outline: outline.and_then(|outline| outline.parse().ok()),
                list,
            };
            if let Some(id) = element.attribute("styleId") {
                styles.insert(id.to_owned(), style);
            }
        }
        Ok(Styles { styles })
    }

    /// From 1; `None` for body text.
    pub fn heading_level(&self, id: &str) -> Option<u8> {
        for style in self.bases(id) {
            if let Some(outline) = style.outline {
                return (outline < 9).then_some(outline + 1);
            }
            if let Some(level) = level_of_name(&style.name) {
                return Some(level);
            }
        }
        None
    }

    /// The list that the style itself belongs to, and the level in it.
    pub fn list(&self, id: &str, heading_level: Option<u8>) -> Option<(String, usize)> {
        let (list, level) = self.bases(id).find_map(|style| style.list.clone())?;
        let by_heading = usize::from(heading_level.unwrap_or(1).saturating_sub(1));
        Some((list, level.unwrap_or(by_heading)))
    }

    pub fn is_contents(&self, id: &str) -> bool {
        let name = self.styles.get(id).map_or("", |style| style.name.as_str());
        let is_entry = |prefix: &str| {
            name.strip_prefix(prefix)
                .is_some_and(|rest| rest.trim().parse::<u8>().is_ok())
        };
        is_entry("toc") || is_entry("оглавление")
    }

    /// The style and those it stands on.
    fn bases(&self, id: &str) -> impl Iterator<Item = &Style> {
        let first = self.styles.get(id);
        let next = |style: &&Style| self.styles.get(style.based_on.as_deref()?);
        std::iter::successors(first, next).take(MAX_BASES)
    }
}

fn level_of_name(name: &str) -> Option<u8> {
    if matches!(name, "title" | "название") {
        return Some(1);
    }
    let number = ["heading", "заголовок"]
        .iter()
        .find_map(|word| name.strip_prefix(word))?;
    number.trim().parse().ok().filter(|level| (1..=9).contains(level))
}
