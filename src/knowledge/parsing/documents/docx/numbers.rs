//! Numbers of list entries and headings, counted as a word processor counts them.

use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::archive::Xml;
use crate::knowledge::parsing::documents::numbering::Counting;
use crate::knowledge::parsing::documents::numbering::MAX_LEVELS;
use crate::knowledge::parsing::documents::numbering::numeral;
use crate::knowledge::parsing::xml::Element;
use std::collections::HashMap;

#[derive(Debug, Default)]
pub struct Numbers {
    /// Patterns by their ids.
    patterns: HashMap<String, Vec<Level>>,
    /// From lists to their patterns. Lists of one pattern count on.
    lists: HashMap<String, String>,
    /// How far each pattern has counted.
    counters: HashMap<String, [u32; MAX_LEVELS]>,
}

#[derive(Debug, Clone, Default)]
struct Level {
    start: u32,
    counting: Counting,
    /// `%1.%2.`
    text: String,
}

impl Numbers {
    pub fn read(xml: &mut Xml<'_>) -> Result<Numbers, ParseError> {
        let mut numbers = Numbers::default();
        while let Some(opened) = xml.next_opening()? {
            match opened.name.as_str() {
                "abstractNum" => {
                    let element = xml.complete(opened)?;
                    if let Some(id) = element.attribute("abstractNumId") {
                        numbers.patterns.insert(id.to_owned(), levels(&element));
                    }
                }
                "num" => {
                    let element = xml.complete(opened)?;
                    let pattern = element.child("abstractNumId").and_then(|child| child.attribute("val"));
                    if let (Some(id), Some(pattern)) = (element.attribute("numId"), pattern) {
                        numbers.lists.insert(id.to_owned(), pattern.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(numbers)
    }

    /// The mark of the next entry of a list at a level from 0; empty for a list that shows none.
    pub fn mark(&mut self, list: &str, level: usize) -> String {
        let Some(pattern) = self.lists.get(list) else {
            return String::new();
        };
        let level = level.min(MAX_LEVELS - 1);
        let levels = self.patterns.get(pattern).map(Vec::as_slice).unwrap_or_default();
        let Some(own) = levels.get(level) else {
            return String::new();
        };
        let counters = self.counters.entry(pattern.clone()).or_default();
        for (at, counter) in counters.iter_mut().enumerate() {
            let start = levels.get(at).map_or(1, |level| level.start);
            if at < level && *counter == 0 {
                *counter = start;
            } else if at == level {
                *counter = if *counter == 0 {
                    start
                } else {
                    counter.saturating_add(1)
                };
            } else if at > level {
                *counter = 0;
            }
        }
        match own.counting {
            Counting::Bullet => "-".to_owned(),
            Counting::Hidden => String::new(),
            _ => {
                let mut mark = own.text.clone();
                for (at, counter) in counters.iter().enumerate() {
                    let counting = levels.get(at).map_or(Counting::Decimal, |level| level.counting);
                    mark = mark.replace(&format!("%{}", at + 1), &numeral(*counter, counting));
                }
                mark.trim().to_owned()
            }
        }
    }
}

fn levels(pattern: &Element) -> Vec<Level> {
    let mut levels = vec![Level::default(); MAX_LEVELS];
    for element in pattern.children_named("lvl") {
        let value = |name: &str| element.child(name)?.attribute("val");
        let at = element.attribute("ilvl").and_then(|at| at.parse::<usize>().ok());
        if let Some(level) = at.and_then(|at| levels.get_mut(at)) {
            *level = Level {
                start: value("start").and_then(|start| start.parse().ok()).unwrap_or(1),
                counting: counting(value("numFmt").unwrap_or("decimal")),
                text: value("lvlText").unwrap_or_default().to_owned(),
            };
        }
    }
    levels
}

fn counting(format: &str) -> Counting {
    match format {
        "bullet" => Counting::Bullet,
        "none" => Counting::Hidden,
        "lowerLetter" => Counting::LowerLetter,
        "upperLetter" => Counting::UpperLetter,
        "lowerRoman" => Counting::LowerRoman,
        "upperRoman" => Counting::UpperRoman,
        "russianLower" => Counting::LowerRussian,
        "russianUpper" => Counting::UpperRussian,
        _ => Counting::Decimal,
    }
}
