//! Questions about one product, for the attributes that its row has.

use crate::domain::knowledge::Document;
use crate::domain::language::Language;
use crate::i18n::sentence;
use crate::text::normalize::normalize;
use crate::text::terms::terms;
use std::collections::BTreeSet;

/// A name longer than this is cut at a comma or a word; its beginning says what is meant.
const MAX_NAME_CHARS: usize = 60;

/// Attributes that shoppers ask for: how the question is worded, and the words by which owners call the attribute and visitors ask
/// for it. In the order in which they are offered.
const KNOWN: &[(&str, &str)] = &[
    (
        "suggest_compatibility",
        "совместимость совместим подходит compatibility compatible fits",
    ),
    ("suggest_size", "размер размеры габариты size sizes dimensions"),
    (
        "suggest_material",
        "материал состав ткань material materials composition fabric",
    ),
    ("suggest_weight", "вес масса весит weight weigh"),
    ("suggest_volume", "объём вместимость volume capacity"),
    ("suggest_warranty", "гарантия гарантийный warranty guarantee"),
    ("suggest_power", "мощность power wattage"),
    ("suggest_battery", "аккумулятор батарея батарейки battery batteries"),
];

/// A question that a product's row answers.
pub struct AttributeQuestion {
    pub text: String,
    words: Vec<String>,
    value: String,
}

impl AttributeQuestion {
    /// Whether it was asked in these terms, or the answer, normalized, has what it asks for.
    pub fn is_in(&self, asked: &BTreeSet<String>, answer: &str) -> bool {
        self.words.iter().any(|word| asked.contains(word)) || answer.contains(&self.value)
    }
}

/// The questions that the product's row answers, in a fixed order.
pub fn attribute_questions(product: &Document, language: Language) -> Vec<AttributeQuestion> {
    let Some(row) = &product.product else {
        return Vec::new();
    };
    let name = short_name(&product.title);
    if name.is_empty() {
        return Vec::new();
    }
    let asked = KNOWN.iter().filter_map(|(key, words)| {
        let words = terms(words);
        let is_named = |name: &String| terms(name).iter().any(|term| words.contains(term));
        let (_, value) = row.attributes.iter().find(|(name, _)| is_named(name))?;
        Some(AttributeQuestion {
            text: sentence(language, key, &[("product", name.clone())]),
            words,
            value: normalize(value),
        })
    });
    asked.collect()
}

fn short_name(title: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.chars().count() <= MAX_NAME_CHARS {
        return title;
    }
    // What follows a comma describes what stands before it.
    let title = title.split(',').next().unwrap_or_default();
    let mut kept = String::new();
    for word in title.split(' ') {
        if kept.chars().count() + 1 + word.chars().count() > MAX_NAME_CHARS {
            break;
        }
        kept.push_str(if kept.is_empty() { "" } else { " " });
        kept.push_str(word);
    }
    kept
}
