//! Source items: what a shop brings, checked and in one shape, with the text that is indexed.

use crate::domain::knowledge::ProductRow;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::knowledge::labels::Labels;
use crate::knowledge::section::Section;
use crate::text::identifier::normalize_identifier;
use crate::text::normalize::normalize;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

/// Raise it when the text, terms or vectors of an unchanged item come out differently: all items are then made anew.
const INDEX_VERSION: &str = "4";

/// Attributes that name a product as its article number does.
const IDENTIFIER_NAMES: [&str; 9] = [
    "артикул",
    "штрихкод",
    "штрих-код",
    "код товара",
    "sku",
    "barcode",
    "ean",
    "gtin",
    "mpn",
];
const MIN_ENDING_CHARS: usize = 4;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub source_id: String,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Content {
    Product {
        name: String,
        description: String,
        url: Option<String>,
        row: ProductRow,
    },
    Faq {
        question: String,
        answer: String,
    },
    Policy {
        title: String,
        text: String,
    },
    Document {
        title: String,
        url: Option<String>,
        /// In reading order.
        sections: Vec<Section>,
    },
}

/// A labelled piece of an item's text. Pieces are joined by line breaks and split apart only when they do not fit.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledText {
    pub label: &'static str,
    pub text: String,
}

impl Item {
    pub fn key(&self) -> SourceKey {
        let source_type = match self.content {
            Content::Product { .. } => SourceType::Product,
            Content::Faq { .. } => SourceType::Faq,
            Content::Policy { .. } => SourceType::Policy,
            Content::Document { .. } => SourceType::Document,
        };
        SourceKey {
            source_type,
            source_id: self.source_id.clone(),
        }
    }

    pub fn title(&self) -> &str {
        match &self.content {
            Content::Product { name, .. } => name,
            Content::Faq { question, .. } => question,
            Content::Policy { title, .. } | Content::Document { title, .. } => title,
        }
    }

    pub fn url(&self) -> Option<&str> {
        match &self.content {
            Content::Product { url, .. } | Content::Document { url, .. } => url.as_deref(),
            Content::Faq { .. } | Content::Policy { .. } => None,
        }
    }

    pub fn product(&self) -> Option<&ProductRow> {
        match &self.content {
            Content::Product { row, .. } => Some(row),
            Content::Faq { .. } | Content::Policy { .. } | Content::Document { .. } => None,
        }
    }

    /// A product's description.
    pub fn description(&self) -> Option<&str> {
        match &self.content {
            Content::Product { description, .. } => Some(description),
            Content::Faq { .. } | Content::Policy { .. } | Content::Document { .. } => None,
        }
    }

    /// The article number as it is looked up, whole and without its first parts, and other numbers among the attributes.
    pub fn identifiers(&self) -> Vec<String> {
        let Content::Product { row, .. } = &self.content else {
            return Vec::new();
        };
        let named = row
            .attributes
            .iter()
            .filter(|(name, _)| IDENTIFIER_NAMES.contains(&normalize(name).as_str()));
        let written = [self.source_id.as_str()]
            .into_iter()
            .chain(named.map(|(_, value)| value.as_str()));
        let mut identifiers: Vec<String> = written.flat_map(endings).collect();
        identifiers.sort_unstable();
        identifiers.dedup();
        identifiers
    }

    /// SHA-256 over all that decides the item's chunks; `settings` stands for chunk size and overlap.
    pub fn content_hash(&self, language: Language, settings: &str) -> String {
        let mut hash = Sha256::new();
        for part in [
            INDEX_VERSION,
            language.code(),
            settings,
            self.source_id.as_str(),
            self.url().unwrap_or_default(),
        ] {
            hash.update(part);
            hash.update([0]);
        }
        if let Some(row) = self.product() {
            // The row's own fields decide what answers quote, so that a change to any of them counts.
            hash.update(serde_json::to_vec(row).unwrap_or_default());
        }
        if let Content::Document { sections, .. } = &self.content {
            // Pages and anchors are cited, so that they count as the text does.
            hash.update(serde_json::to_vec(sections).unwrap_or_default());
        }
        for piece in self.labelled_texts(language) {
            hash.update(piece.label);
            hash.update([0]);
            hash.update(&piece.text);
            hash.update([0]);
        }
        hexadecimal(hash)
    }

    /// SHA-256 over its prose: what is neither its title nor in its row.
    pub fn text_hash(&self) -> String {
        let mut hash = Sha256::new();
        match &self.content {
            Content::Product { description, .. } => hash.update(description),
            Content::Faq { answer, .. } => hash.update(answer),
            Content::Policy { text, .. } => hash.update(text),
            Content::Document { sections, .. } => hash.update(serde_json::to_vec(sections).unwrap_or_default()),
        }
        hexadecimal(hash)
    }

    /// The item's text in the order in which it is indexed, labelled in the shop's language.
    pub fn labelled_texts(&self, language: Language) -> Vec<LabelledText> {
        let labels = Labels::of(language);
        let mut texts = Vec::new();
        let mut push = |label, text: &str| {
            if !text.trim().is_empty() {
                texts.push(LabelledText {
                    label,
                    text: text.trim().to_owned(),
                });
            }
        };
        match &self.content {
            Content::Faq { question, answer } => {
                push(labels.question, question);
                push(labels.answer, answer);
            }
            Content::Policy { title, text } => {
                push(labels.title, title);
                push(labels.text, text);
            }
            Content::Document { title, sections, .. } => {
                push(labels.title, title);
                let texts: Vec<String> = sections.iter().map(Section::text).collect();
                push(labels.text, &texts.join("\n"));
            }
            Content::Product {
                name, description, row, ..
            } => {
                push(labels.name, name);
                push(labels.description, description);
                push(labels.price, &price_text(row.price, row.currency.as_deref()));
                push(labels.old_price, &price_text(row.old_price, row.currency.as_deref()));
                push(
                    labels.stock,
                    row.in_stock
                        .map_or("", |in_stock| if in_stock { labels.yes } else { labels.no }),
                );
                push(labels.category, row.category.as_deref().unwrap_or_default());
                push(labels.brand, row.brand.as_deref().unwrap_or_default());
                push(labels.article, &self.source_id);
                push(labels.attributes, &attributes_text(row));
            }
        }
        texts
    }
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `PL-LT509` can be asked for as `PLLT509` and as `LT509`; an ending without digits or of a few characters is no identifier.
fn endings(identifier: &str) -> Vec<String> {
    let starts = identifier
        .char_indices()
        .filter(|(_, c)| !c.is_alphanumeric())
        .map(|(index, c)| index + c.len_utf8());
    let endings = [0]
        .into_iter()
        .chain(starts)
        .filter_map(|start| identifier.get(start..))
        .map(normalize_identifier);
    let whole = normalize_identifier(identifier);
    let is_useful = |ending: &String| {
        *ending == whole || ending.chars().count() >= MIN_ENDING_CHARS && ending.chars().any(|c| c.is_ascii_digit())
    };
    endings.filter(is_useful).collect()
}

/// Labels of lines whose vectors tell no product apart, in both languages; the row and the words have them. (Category, brand, price
/// and stock lines do help: without them hit@5 fell by one point.)
pub const ROW_LABELS: [&str; 4] = [
    Labels::of(Language::Ru).old_price,
    Labels::of(Language::Ru).article,
    Labels::of(Language::En).old_price,
    Labels::of(Language::En).article,
];

/// The attributes in one line: `Цвет: синий; Вес: 300 г`.
fn attributes_text(row: &ProductRow) -> String {
    row.attributes
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect::<Vec<_>>()
        .join("; ")
}

/// A price as it is indexed and shown to a model: without thousands separators, cents only when there are any.
pub fn price_text(price: Option<f64>, currency: Option<&str>) -> String {
    let Some(price) = price else {
        return String::new();
    };
    let number = if price.fract() == 0.0 {
        format!("{price:.0}")
    } else {
        format!("{price:.2}")
    };
    format!("{number} {}", currency.unwrap_or_default())
        .trim_end()
        .to_owned()
}
