//! Rows of a table on their way to entries: variants take what their row leaves out from the row of their product.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::language::Language;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::entries::Entries;
use crate::knowledge::parsing::entries::WrongField;
use crate::knowledge::parsing::feeds::product::Named;
use crate::knowledge::parsing::feeds::product::Product;
use crate::knowledge::parsing::markup::plain_text;
use crate::knowledge::parsing::sink::Sink;
use crate::knowledge::parsing::tables::columns::Columns;
use crate::knowledge::parsing::tables::columns::TableKind;
use crate::knowledge::parsing::tables::headers::Field;
use serde_json::Value;
use serde_json::json;
use std::collections::HashMap;

/// Products whose variants may follow; a larger catalogue of them is read without waiting for variants.
const MAX_WAITING: usize = 50_000;
/// What Shopify calls the only variant of a product.
const ONLY_VARIANT: &str = "Default Title";

/// The rows of one table after its row of headers.
pub struct Rows {
    columns: Columns,
    kind: TableKind,
    language: Language,
    entries: Entries,
    /// Products that may have variants further down, by id and by article number, with whether one came.
    parents: HashMap<String, usize>,
    waiting: Vec<Parent>,
}

struct Parent {
    product: Product,
    name: String,
    pair_names: Vec<String>,
    place: SourcePlace,
    /// Whether its own row is a variant, or was replaced by its variants.
    is_done: bool,
    variants: usize,
}

impl Rows {
    pub fn new(columns: Columns, kind: TableKind, language: Language) -> Rows {
        Rows {
            columns,
            kind,
            language,
            entries: Entries::new(WrongField::LeavesOutField),
            parents: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    /// Takes one row; a row without any text is passed over.
    pub fn push(&mut self, row: &[String], place: SourcePlace, sink: &mut Sink<'_>) -> Result<(), ParseError> {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        let entry = |first: (&str, Field), second: (&str, Field)| {
            let mut entry = serde_json::Map::new();
            for (name, field) in [("id", Field::Id), first, second] {
                if let Some(value) = self.columns.value(row, field) {
                    entry.insert(name.to_owned(), Value::from(plain_text(value)));
                }
            }
            Value::Object(entry)
        };
        match self.kind {
            TableKind::Faq => {
                let entry = entry(("question", Field::Question), ("answer", Field::Answer));
                self.entries.push("faq", &entry, place, sink)
            }
            TableKind::Policies => {
                let entry = entry(("title", Field::Title), ("content", Field::Content));
                self.entries.push("policies", &entry, place, sink)
            }
            TableKind::Products => self.push_product(row, place, sink),
        }
    }

    /// Pushes the products whose variants did not come.
    pub fn finish(mut self, sink: &mut Sink<'_>) -> Result<(), ParseError> {
        for parent in std::mem::take(&mut self.waiting) {
            if !parent.is_done && parent.variants == 0 {
                self.entries
                    .push("products", &parent.product.into_entry(), parent.place, sink)?;
            }
        }
        Ok(())
    }

    fn push_product(&mut self, row: &[String], place: SourcePlace, sink: &mut Sink<'_>) -> Result<(), ParseError> {
        let value = |field| self.columns.value(row, field);
        if matches!(
            value(Field::Published),
            Some("0" | "-1" | "false" | "FALSE" | "нет" | "Нет")
        ) {
            return Ok(());
        }
        if let Some(parent) = value(Field::Parent).and_then(|parent| self.parent_at(parent)) {
            return self.push_variant(row, parent, place, sink);
        }
        if let Some(handle) = value(Field::Handle).map(str::to_owned) {
            return self.push_of_handle(row, &handle, place, sink);
        }
        let product = self.product(row, Product::default());
        let may_have_variants =
            value(Field::Kind) == Some("variable") || self.columns.value(row, Field::Editions).is_some();
        let has_parent_column = self.columns.value(row, Field::Id).is_some();
        if may_have_variants && has_parent_column && self.waiting.len() < MAX_WAITING {
            let keys = [value(Field::Id), value(Field::Article)];
            let keys = keys.into_iter().flatten().map(str::to_owned).collect();
            self.wait(row, product, keys, place, false);
            return Ok(());
        }
        self.entries.push("products", &product.into_entry(), place, sink)
    }

    /// WooCommerce writes `id:44` or the article number.
    fn parent_at(&self, parent: &str) -> Option<usize> {
        self.parents.get(parent.strip_prefix("id:").unwrap_or(parent)).copied()
    }

    fn wait(&mut self, row: &[String], product: Product, keys: Vec<String>, place: SourcePlace, is_done: bool) {
        for key in keys {
            self.parents.insert(key, self.waiting.len());
        }
        let names = self.columns.pair_names(row).into_iter().map(str::to_owned);
        self.waiting.push(Parent {
            product,
            name: self.columns.value(row, Field::Name).unwrap_or_default().to_owned(),
            pair_names: names.collect(),
            place,
            is_done,
            variants: 0,
        });
    }

    /// Shopify: the first row of a handle is the product and its first variant, the others are variants or only pictures.
    fn push_of_handle(
        &mut self,
        row: &[String],
        handle: &str,
        place: SourcePlace,
        sink: &mut Sink<'_>,
    ) -> Result<(), ParseError> {
        let has_variant = self.columns.value(row, Field::Price).is_some()
            || self.columns.value(row, Field::Id).is_some()
            || self.columns.pair_values(row).iter().any(|value| !value.is_empty());
        match self.parents.get(handle).copied() {
            Some(_) if !has_variant => Ok(()),
            Some(parent) => self.push_variant(row, parent, place, sink),
            None => {
                let mut product = self.product(row, Product::default());
                if self.columns.value(row, Field::Id).is_none() {
                    product.set("id", Some(handle));
                }
                self.wait(row, product, vec![handle.to_owned()], place.clone(), true);
                self.push_variant(row, self.waiting.len() - 1, place, sink)
            }
        }
    }

    fn push_variant(
        &mut self,
        row: &[String],
        parent_at: usize,
        place: SourcePlace,
        sink: &mut Sink<'_>,
    ) -> Result<(), ParseError> {
        let Some(parent) = self.waiting.get_mut(parent_at) else {
            return Ok(());
        };
        parent.variants += 1;
        let (base, name, number) = (parent.product.clone(), parent.name.clone(), parent.variants);
        let pair_names = parent.pair_names.clone();
        let mut base = base;
        let values = self.columns.pair_values(row);
        let told: Vec<(String, String)> = pair_names
            .into_iter()
            .zip(values.iter().map(|value| (*value).to_owned()))
            .filter(|(name, value)| !name.is_empty() && !value.is_empty() && value != ONLY_VARIANT)
            .collect();
        let editions = self
            .columns
            .value(row, Field::Editions)
            .map(editions)
            .unwrap_or_default();
        let told = if told.is_empty() { editions } else { told };
        for (attribute, value) in &told {
            base.replace_attribute(attribute, value);
        }
        let has_own_id = self.columns.value(row, Field::Id).is_some();
        let mut variant = self.product(row, base);
        if !has_own_id && number > 1 {
            let id = variant.field("id").unwrap_or_default().to_owned();
            variant.set("id", Some(&format!("{id}#{number}")));
        }
        let own_name = self.columns.value(row, Field::Name).filter(|own| *own != name);
        if own_name.is_none() && !told.is_empty() {
            let values: Vec<&str> = told.iter().map(|(_, value)| value.as_str()).collect();
            variant.set("name", Some(&format!("{name} ({})", values.join(", "))));
        }
        self.entries.push("products", &variant.into_entry(), place, sink)
    }

    /// What the row says, over what `base` knows already.
    fn product(&self, row: &[String], base: Product) -> Product {
        let value = |field| self.columns.value(row, field);
        let mut product = base;
        product.set("id", value(Field::Id));
        product.set("name", value(Field::Name));
        product.set_description(value(Field::Description).or(value(Field::ShortDescription)));
        product.set("price", value(Field::Price).or(value(Field::RegularPrice)));
        let before = value(Field::OldPrice).or(value(Field::Price).and(value(Field::RegularPrice)));
        product.set(
            "old_price",
            before.filter(|before| Some(*before) != value(Field::Price)),
        );
        product.set_currency(value(Field::Currency));
        product.set_link("url", value(Field::Url), None);
        // Several pictures are separated by commas or spaces; an address has neither.
        let image = value(Field::Image).and_then(|images| images.split([',', ' ', ';']).next());
        product.set_link("image", image, None);
        let category = value(Field::Category).map(|category| category.replace(" > ", " / "));
        product.set("category", category.as_deref());
        product.set("brand", value(Field::Brand));
        let amount = value(Field::Amount).and_then(in_stock);
        product.set_in_stock(value(Field::InStock).and_then(in_stock).or(amount));
        if let Some(article) = value(Field::Article) {
            product.replace_attribute(Named::Article.label(self.language), article);
        }
        for (name, value) in self.columns.attributes(row) {
            if value != ONLY_VARIANT {
                product.replace_attribute(name, value);
            }
        }
        product
    }
}

/// `Цвет:красный;Размер:M`.
fn editions(text: &str) -> Vec<(String, String)> {
    let parts = text.split(';').filter_map(|part| part.split_once(':'));
    parts
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// Words and numbers as people fill in such a column; a word that is neither tells nothing.
fn in_stock(text: &str) -> Option<bool> {
    let lower = text.to_lowercase();
    if let Ok(amount) = lower.replace(',', ".").replace(['>', '<', ' '], "").parse::<f64>() {
        return Some(amount > 0.0);
    }
    match lower.trim_matches(|c: char| !c.is_alphanumeric() && c != '+' && c != '-') {
        "да" | "есть" | "в наличии" | "на складе" | "много" | "мало" | "yes" | "true" | "in stock" | "instock"
        | "+" => Some(true),
        "нет"
        | "нет в наличии"
        | "под заказ"
        | "ожидается"
        | "no"
        | "false"
        | "out of stock"
        | "outofstock"
        | "on backorder"
        | "onbackorder"
        | "-" => Some(false),
        _ => None,
    }
}

/// The row of headers among the first rows: the one that is understood best. Price lists often begin with the shop's name and address.
pub fn find_headers<'a>(
    rows: impl Iterator<Item = &'a Vec<String>>,
    read: impl Fn(&[String]) -> Result<Option<Columns>, ParseError>,
) -> Result<Option<(usize, Columns)>, ParseError> {
    let mut best: Option<(usize, Columns)> = None;
    let mut refusal = None;
    for (at, row) in rows.enumerate() {
        match read(row) {
            Ok(Some(columns)) => {
                if best
                    .as_ref()
                    .is_none_or(|(_, known)| columns.understood() > known.understood())
                {
                    best = Some((at, columns));
                }
            }
            Ok(None) => {}
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    match (best, refusal) {
        (None, Some(refusal)) => Err(refusal),
        (best, _) => Ok(best),
    }
}

/// A refusal that names the headers that were found, so that an owner can map them.
pub fn headers_unknown(place: SourcePlace, headers: &[String]) -> ParseError {
    let found: Vec<&str> = headers
        .iter()
        .map(|header| header.trim())
        .filter(|header| !header.is_empty())
        .take(20)
        .collect();
    let problem = ImportProblem::new(place, "problem_table_headers");
    ParseError::Refused(problem.with("headers", json!(found)))
}
