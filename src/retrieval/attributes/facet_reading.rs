//! Reads product rows into facets.

use crate::domain::knowledge::Document;
use crate::domain::knowledge::ProductRow;
use crate::retrieval::attributes::concept::yes_or_no;
use crate::retrieval::attributes::facets::Attribute;
use crate::retrieval::attributes::facets::Column;
use crate::retrieval::attributes::facets::Entry;
use crate::retrieval::attributes::facets::Facets;
use crate::retrieval::attributes::facets::Field;
use crate::retrieval::attributes::facets::Posting;
use crate::retrieval::attributes::facets::sound;
use crate::retrieval::attributes::facets::source_hash;
use crate::retrieval::attributes::property::Property;
use crate::retrieval::attributes::token::Token;
use crate::retrieval::attributes::token::tokens;
use crate::retrieval::attributes::unit::Dimension;
use crate::retrieval::attributes::value::Measured;
use crate::retrieval::attributes::value::measured;
use crate::retrieval::attributes::value::value_terms;
use crate::retrieval::attributes::words::is_tail_opening;
use crate::text::normalize::normalize;

/// Names past this many are not kept: a feed with more has put values where names belong.
const MAX_ATTRIBUTES: usize = 4_000;
/// The attribute that numbers in a product's name are kept under.
const IN_NAME: u16 = 0;

impl Facets {
    /// Adds a product. `finish` must follow before the facets are asked.
    pub fn add(&mut self, document: &Document) {
        let Some(product) = &document.product else { return };
        if self.attributes.is_empty() {
            self.attributes.push(Attribute::default());
        }
        let Ok(row) = u32::try_from(self.documents.len()) else {
            return;
        };
        self.documents.push(document.id);
        self.sources.push((source_hash(&document.key.source_id), row));
        self.prices.push(product.price.map_or(f32::NAN, |price| price as f32));
        if product.old_price.zip(product.price).is_some_and(|(old, new)| old > new) {
            self.discounted.push(row);
        }
        match product.in_stock {
            Some(true) => self.in_stock.push(row),
            Some(false) => self.out_of_stock.push(row),
            None => {}
        }
        self.add_attributes(row, product);
        self.add_name(row, &document.title);
        for token in product.brand.iter().flat_map(|brand| tokens(brand)) {
            if let Token::Word { text, stem } = token
                && text.is_ascii()
            {
                let terms = self.brand_sounds.entry(sound(&text)).or_default();
                if terms.iter().all(|known| **known != *stem) {
                    terms.push(stem.into());
                }
            }
        }
        let category = product.category.as_deref().map_or(Field::Category, category_field);
        for (text, field) in [(&product.category, category), (&product.brand, Field::Brand)] {
            for term in text.iter().flat_map(|text| value_terms(&tokens(text))) {
                self.add_term(&term, field, row);
            }
        }
    }

    fn add_attributes(&mut self, row: u32, product: &ProductRow) {
        for (name, value) in &product.attributes {
            let Some(attribute) = self.attribute_number(name) else {
                continue;
            };
            let (value, value_tokens) = (normalize(value), tokens(value));
            let is_kind = self.attribute(attribute).is_some_and(|known| {
                known
                    .terms
                    .iter()
                    .any(|term| matches!(term.as_str(), "тип" | "вид" | "type" | "kind" | "категор" | "categori"))
            });
            let field = if is_kind {
                Field::Category
            } else {
                Field::Attribute(attribute)
            };
            let holds = self.attribute(attribute).is_some_and(|known| {
                known
                    .terms
                    .iter()
                    .any(|term| Property::Capacity.name_terms().contains(term))
            });
            let answer = yes_or_no(&value);
            if let Some(known) = self.attributes.get_mut(usize::from(attribute)) {
                match answer {
                    Some(true) => known.yes.push(row),
                    Some(false) => known.no.push(row),
                    None => known.other.push(row),
                }
            }
            if answer.is_none() {
                for term in value_terms(&value_tokens) {
                    self.add_term(&term, field, row);
                }
                self.add_numbers(attribute, row, &measured(&value_tokens, holds));
            }
        }
    }

    fn add_name(&mut self, row: u32, name: &str) {
        let mut parts: [Vec<Token>; 2] = [Vec::new(), Vec::new()];
        let mut is_tail = false;
        let all = tokens(name);
        for token in &all {
            if token.is_sign(&['«', '"', ',', '(']) {
                is_tail = false;
            } else if token.word().is_some_and(|word| is_tail_opening(word) && word != "by")
                && parts.iter().any(|part| !part.is_empty())
            {
                is_tail = true;
            }
            if let Some(part) = parts.get_mut(usize::from(is_tail)) {
                part.push(token.clone());
            }
        }
        for (part, field) in parts.iter().zip([Field::Name, Field::NameTail]) {
            for term in value_terms(part) {
                self.add_term(&term, field, row);
            }
            for pair in part.windows(2) {
                if let [Token::Number(number), unit] = pair
                    && unit.unit().is_some()
                {
                    self.add_term(&number.to_string(), field, row);
                }
            }
        }
        let mut numbers = measured(&all, false);
        numbers.retain(|number| number.dimension != Dimension::Bare && !self.has_number(row, number.dimension));
        self.add_numbers(IN_NAME, row, &numbers);
    }

    fn has_number(&self, row: u32, dimension: Dimension) -> bool {
        let last = |column: &Column| column.entries.last().is_some_and(|entry| entry.row == row);
        self.columns
            .iter()
            .any(|((_, known), column)| *known == dimension && last(column))
    }

    fn add_numbers(&mut self, attribute: u16, row: u32, numbers: &[Measured]) {
        for number in numbers {
            let column = self
                .columns
                .entry((attribute, number.dimension))
                .or_insert_with(|| Column {
                    factor: number.factor,
                    entries: Vec::new(),
                });
            column.entries.push(Entry {
                row,
                low: number.low as f32,
                high: number.high as f32,
            });
        }
    }

    fn attribute_number(&mut self, name: &str) -> Option<u16> {
        let name = normalize(name);
        if let Some(number) = self.numbers_of_names.get(&name) {
            return Some(*number);
        }
        if self.attributes.len() >= MAX_ATTRIBUTES {
            return None;
        }
        let number = u16::try_from(self.attributes.len()).ok()?;
        let terms = value_terms(&tokens(&name));
        self.attributes.push(Attribute {
            terms,
            ..Attribute::default()
        });
        self.numbers_of_names.insert(name, number);
        Some(number)
    }

    fn add_term(&mut self, term: &str, field: Field, row: u32) {
        let postings = match self.terms.get_mut(term) {
            Some(postings) => postings,
            None => self.terms.entry(term.into()).or_default(),
        };
        match postings.iter_mut().find(|posting| posting.field == field) {
            Some(posting) => {
                if posting.rows.last() != Some(&row) {
                    posting.rows.push(row);
                }
            }
            None => postings.push(Posting { field, rows: vec![row] }),
        }
    }
}

fn category_field(category: &str) -> Field {
    let joins = |token: &Token| {
        token.is_sign(&[',', '&', '/', '+', ';']) || matches!(token.word(), Some("и" | "and" | "или" | "or"))
    };
    if tokens(category).iter().any(joins) {
        Field::MixedCategory
    } else {
        Field::Category
    }
}
