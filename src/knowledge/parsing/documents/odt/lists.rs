//! How the lists of a document count.

use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::archive::Xml;
use crate::knowledge::parsing::documents::numbering::Counting;
use crate::knowledge::parsing::documents::numbering::numeral;
use crate::knowledge::parsing::xml::Element;
use std::collections::HashMap;

/// List styles by name, with their levels from 1.
#[derive(Debug, Default)]
pub struct ListStyles {
    styles: HashMap<String, HashMap<usize, Level>>,
}

#[derive(Debug, Clone)]
struct Level {
    counting: Counting,
    prefix: String,
    suffix: String,
    /// How many levels the number shows, its own included.
    shown: usize,
}

impl ListStyles {
    /// Adds the styles of one file up to its text.
    pub fn read(&mut self, xml: &mut Xml<'_>) -> Result<(), ParseError> {
        while let Some(opened) = xml.next_opening()? {
            match opened.name.as_str() {
                "body" => return Ok(()),
                "list-style" => {
                    let element = xml.complete(opened)?;
                    if let Some(name) = element.attribute("name") {
                        let levels = element.children.iter().filter_map(level);
                        self.styles.insert(name.to_owned(), levels.collect());
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The mark of an entry; `numbers` are those of the levels around it and its own, outermost first.
    pub fn mark(&self, style: Option<&str>, numbers: &[u32]) -> String {
        let levels = style.and_then(|style| self.styles.get(style));
        let Some(level) = levels.and_then(|levels| levels.get(&numbers.len())) else {
            return "-".to_owned();
        };
        match level.counting {
            Counting::Bullet => return "-".to_owned(),
            Counting::Hidden => return String::new(),
            _ => {}
        }
        let first = numbers.len().saturating_sub(level.shown);
        let shown = numbers.iter().enumerate().skip(first).map(|(at, number)| {
            let counting = levels.and_then(|levels| levels.get(&(at + 1)));
            numeral(*number, counting.map_or(Counting::Decimal, |level| level.counting))
        });
        let shown: Vec<String> = shown.collect();
        format!("{}{}{}", level.prefix, shown.join("."), level.suffix)
    }
}

fn level(element: &Element) -> Option<(usize, Level)> {
    let counting = match (element.name.as_str(), element.attribute("num-format")) {
        ("list-level-style-bullet" | "list-level-style-image", _) => Counting::Bullet,
        ("list-level-style-number", None) => Counting::Hidden,
        ("list-level-style-number", Some("a")) => Counting::LowerLetter,
        ("list-level-style-number", Some("A")) => Counting::UpperLetter,
        ("list-level-style-number", Some("i")) => Counting::LowerRoman,
        ("list-level-style-number", Some("I")) => Counting::UpperRoman,
        ("list-level-style-number", Some(format)) if format.starts_with(['а', 'б']) => Counting::LowerRussian,
        ("list-level-style-number", Some(format)) if format.starts_with(['А', 'Б']) => Counting::UpperRussian,
        ("list-level-style-number", Some(_)) => Counting::Decimal,
        _ => return None,
    };
    let text = |name: &str| element.attribute(name).unwrap_or_default().to_owned();
    let shown = element.attribute("display-levels").and_then(|shown| shown.parse().ok());
    let level = Level {
        counting,
        prefix: text("num-prefix"),
        suffix: text("num-suffix"),
        shown: shown.unwrap_or(1),
    };
    Some((element.attribute("level")?.parse().ok()?, level))
}
