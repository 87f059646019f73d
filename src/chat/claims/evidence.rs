//! What claims are held against: the rows and texts of the fragments that an answer may cite.

use crate::chat::claims::money::Currency;
use crate::chat::claims::money::Number;
use crate::chat::claims::money::currency_of;
use crate::chat::claims::money::numbers;
use crate::domain::generation::Fragment;
use crate::domain::knowledge::ProductRow;
use crate::domain::knowledge::SourceType;
use crate::text::identifier::normalize_identifier;
use crate::text::sentence::sentences;
use crate::text::terms::terms;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::OnceLock;

/// Labels of a product's text that repeat its row; the row decides, not a copy of it.
const ROW_LABELS: &[&str] = &[
    "цена:",
    "старая цена:",
    "наличие:",
    "price:",
    "old price:",
    "availability:",
];
const CODE_LABELS: &[&str] = &["артикул:", "sku:"];

/// A product that an answer may speak of.
pub struct Product {
    /// Of its fragment; a variant has its sibling's.
    pub n: usize,
    pub title: String,
    pub is_variant: bool,
    pub title_terms: BTreeSet<String>,
    /// The terms of the title that no other product's title has.
    pub own_terms: BTreeSet<String>,
    pub price: Option<f64>,
    pub old_price: Option<f64>,
    pub currency: Option<String>,
    pub in_stock: Option<bool>,
    pub text: Text,
    pub codes: Arc<Codes>,
    /// As the shop writes it.
    pub code: Option<String>,
}

/// What a fragment's text says. Like all that follows it is read when a claim asks for it, which few do.
pub struct Text {
    pub n: usize,
    written: String,
    is_product: bool,
    statements: OnceLock<Vec<Statement>>,
}

/// What could be a code of a fragment.
pub struct Codes {
    text: String,
    id: String,
    read: OnceLock<BTreeSet<String>>,
}

/// A sentence of the shop's.
pub struct Statement {
    /// In lower case.
    pub text: String,
    terms: OnceLock<BTreeSet<String>>,
    numbers: OnceLock<Vec<Number>>,
}

pub struct Evidence {
    pub products: Vec<Product>,
    /// Of the fragments that are no products.
    pub texts: Vec<Text>,
    /// Of all fragments.
    pub codes: Vec<Arc<Codes>>,
    /// Amounts and shares that the visitor named.
    pub said: Vec<f64>,
}

impl Evidence {
    pub fn new(fragments: &[Fragment], said: &[&str]) -> Evidence {
        let mut products: Vec<Product> = Vec::new();
        let mut texts = Vec::new();
        let mut codes = Vec::new();
        for fragment in fragments {
            let own = Arc::new(Codes::of(fragment));
            codes.push(own.clone());
            let row = fragment.document.product.as_ref();
            match row.filter(|_| fragment.document.key.source_type == SourceType::Product) {
                Some(row) => {
                    products.push(product(fragment, row, own));
                    products.extend(variants(fragment, row));
                }
                None => texts.push(Text::new(fragment.n, &fragment.text, false)),
            }
        }
        let all: Vec<BTreeSet<String>> = products.iter().map(|product| product.title_terms.clone()).collect();
        for (index, product) in products.iter_mut().enumerate() {
            let is_own = |term: &&String| {
                let others = all.iter().enumerate().filter(|(other, _)| *other != index);
                !others.into_iter().any(|(_, terms)| terms.contains(*term))
            };
            product.own_terms = product.title_terms.iter().filter(is_own).cloned().collect();
        }
        Evidence {
            products,
            texts,
            codes,
            said: said
                .iter()
                .flat_map(|text| numbers(text))
                .map(|number| number.value)
                .collect(),
        }
    }
}

impl Text {
    fn new(n: usize, text: &str, is_product: bool) -> Text {
        Text {
            n,
            written: text.to_owned(),
            is_product,
            statements: OnceLock::new(),
        }
    }

    /// Its sentences, without those of a product that repeat its row.
    pub fn statements(&self) -> &[Statement] {
        let is_kept = |line: &&str| {
            let lower = line.trim().to_lowercase();
            !self.is_product || !ROW_LABELS.iter().any(|label| lower.starts_with(label))
        };
        self.statements.get_or_init(|| {
            let lines = self.written.lines().filter(is_kept);
            lines.flat_map(sentences).map(Statement::new).collect()
        })
    }
}

impl Codes {
    fn new(text: String, id: &str) -> Codes {
        Codes {
            text,
            id: normalize_identifier(id),
            read: OnceLock::new(),
        }
    }

    fn of(fragment: &Fragment) -> Codes {
        let text = format!("{} {}", fragment.text, fragment.document.title);
        Codes::new(text, &fragment.document.key.source_id)
    }

    /// `code` is normalized.
    pub fn has(&self, code: &str) -> bool {
        self.id == code || self.read.get_or_init(|| words_as_codes(&self.text)).contains(code)
    }
}

impl Statement {
    fn new(written: &str) -> Statement {
        Statement {
            text: written.to_lowercase(),
            terms: OnceLock::new(),
            numbers: OnceLock::new(),
        }
    }

    pub fn terms(&self) -> &BTreeSet<String> {
        self.terms.get_or_init(|| terms(&self.text).into_iter().collect())
    }

    pub fn numbers(&self) -> &[Number] {
        self.numbers.get_or_init(|| numbers(&self.text))
    }
}

impl Product {
    pub fn currency(&self) -> Option<Currency> {
        self.currency.as_deref().and_then(currency_of)
    }

    /// Whether a number can be money of this product's currency.
    pub fn takes(&self, number: &Number) -> bool {
        match (number.currency, self.currency()) {
            (Some(said), Some(own)) => said == own,
            _ => true,
        }
    }

    /// In whole percent.
    pub fn discount(&self) -> Option<f64> {
        let (price, old) = (self.price?, self.old_price?);
        (old > price && old > 0.0).then(|| (old - price) / old * 100.0)
    }
}

fn product(fragment: &Fragment, row: &ProductRow, codes: Arc<Codes>) -> Product {
    let title = &fragment.document.title;
    let code = fragment.text.lines().find_map(|line| {
        let lower = line.to_lowercase();
        let label = CODE_LABELS.iter().find(|label| lower.starts_with(**label))?;
        Some(line.get(label.len()..)?.trim().to_owned()).filter(|code| !code.is_empty())
    });
    Product {
        n: fragment.n,
        title: title.clone(),
        is_variant: false,
        title_terms: terms(title).into_iter().collect(),
        own_terms: BTreeSet::new(),
        price: row.price,
        old_price: row.old_price,
        currency: row.currency.clone(),
        in_stock: row.in_stock,
        text: Text::new(fragment.n, &fragment.text, true),
        codes,
        code,
    }
}

fn variants(fragment: &Fragment, row: &ProductRow) -> Vec<Product> {
    let made = fragment.variants.iter().map(|variant| {
        let differences = variant.differences.values().flat_map(|value| terms(value));
        Product {
            n: fragment.n,
            title: variant.title.clone(),
            is_variant: true,
            title_terms: terms(&variant.title).into_iter().chain(differences).collect(),
            own_terms: BTreeSet::new(),
            price: variant.price,
            old_price: None,
            currency: row.currency.clone(),
            in_stock: variant.in_stock,
            text: Text::new(fragment.n, "", true),
            codes: Arc::new(Codes::new(String::new(), &variant.source_id)),
            code: None,
        }
    });
    made.collect()
}

/// All words of three characters and more, normalized: whichever a sentence calls an article number.
fn words_as_codes(text: &str) -> BTreeSet<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '«' | '»' | '"' | ':'))
        .map(normalize_identifier)
        .filter(|code| code.chars().count() >= 3)
        .collect()
}
