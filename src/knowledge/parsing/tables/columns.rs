//! The columns of one table: what each holds, by the owner's mapping first and by their headers else.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::source::Mapping;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::tables::headers::Field;
use crate::knowledge::parsing::tables::headers::attribute_of;
use crate::knowledge::parsing::tables::headers::field_named;
use crate::knowledge::parsing::tables::headers::field_of;
use crate::knowledge::parsing::tables::headers::normalized;
use std::collections::BTreeMap;

/// Attributes over two columns each, as WooCommerce (`Attribute 1 name`, `Attribute 1 value(s)`) and Shopify (`Option1 Name`) write them.
const MAX_PAIRS: usize = 20;

#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// Column numbers from 0. A field has the first of its columns.
    fields: BTreeMap<Field, usize>,
    /// Column numbers with names, in the order of the table.
    attributes: Vec<(usize, String)>,
    /// Numbers of the column of the name and of the value.
    pairs: Vec<(usize, usize)>,
}

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    Products,
    Faq,
    Policies,
}

impl Columns {
    /// Reads a row of headers. `None` when it names neither products nor questions and answers nor texts with titles; an error when the
    /// mapping names a field or a column that is not there.
    pub fn read(headers: &[String], mapping: &Mapping) -> Result<Option<Columns>, ParseError> {
        let mut columns = Columns {
            fields: BTreeMap::new(),
            attributes: Vec::new(),
            pairs: Vec::new(),
        };
        for (name, header) in &mapping.0 {
            let Some(field) = field_named(name) else {
                return Err(mapping_problem("problem_mapping_field", name));
            };
            let Some(at) = column_at(headers, header) else {
                return Err(mapping_problem("problem_mapping_column", header));
            };
            columns.fields.insert(field, at);
        }
        for (at, header) in headers.iter().enumerate() {
            if columns.fields.values().any(|taken| *taken == at) {
                continue;
            }
            match field_of(header) {
                Some(field) if !columns.fields.contains_key(&field) => {
                    columns.fields.insert(field, at);
                }
                Some(_) => {}
                None => columns.attributes.extend(attribute_of(header).map(|name| (at, name))),
            }
        }
        columns.pairs = pairs(headers);
        columns.settle();
        Ok(columns.kind().map(|_| columns))
    }

    /// Columns whose meaning depends on which others there are.
    fn settle(&mut self) {
        let has = |columns: &Columns, field| columns.fields.contains_key(&field);
        if !has(self, Field::Name) && !has(self, Field::Content) && has(self, Field::Title) {
            self.rename(Field::Title, Field::Name);
        }
        if !has(self, Field::Id) {
            self.rename(Field::Article, Field::Id);
        }
        if !has(self, Field::Price) {
            self.rename(Field::RegularPrice, Field::Price);
        }
    }

    fn rename(&mut self, from: Field, to: Field) {
        if let Some(at) = self.fields.remove(&from) {
            self.fields.insert(to, at);
        }
    }

    pub fn kind(&self) -> Option<TableKind> {
        let has = |field| self.fields.contains_key(&field);
        if has(Field::Question) && has(Field::Answer) {
            Some(TableKind::Faq)
        } else if has(Field::Title) && has(Field::Content) && !has(Field::Price) {
            Some(TableKind::Policies)
        } else if has(Field::Name) {
            Some(TableKind::Products)
        } else {
            None
        }
    }

    /// The cell of a field, trimmed; a blank one counts as absent.
    pub fn value<'a>(&self, row: &'a [String], field: Field) -> Option<&'a str> {
        let cell = row.get(*self.fields.get(&field)?)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    /// Names and values of the row's attributes, blank values left out.
    pub fn attributes<'a>(&'a self, row: &'a [String]) -> Vec<(&'a str, &'a str)> {
        let cell = |at: usize| row.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
        let named = self
            .attributes
            .iter()
            .filter_map(|(at, name)| Some((name.as_str(), cell(*at)?)));
        let paired = self
            .pairs
            .iter()
            .filter_map(|(name, value)| Some((cell(*name)?, cell(*value)?)));
        named.chain(paired).collect()
    }

    /// The names that the row gives to its paired attributes, blank ones included: rows below may leave them out.
    pub fn pair_names<'a>(&self, row: &'a [String]) -> Vec<&'a str> {
        let cell = |at: &usize| row.get(*at).map_or("", |cell| cell.trim());
        self.pairs.iter().map(|(name, _)| cell(name)).collect()
    }

    /// The values of paired attributes, in the same order, blank ones included.
    pub fn pair_values<'a>(&self, row: &'a [String]) -> Vec<&'a str> {
        let cell = |at: &usize| row.get(*at).map_or("", |cell| cell.trim());
        self.pairs.iter().map(|(_, value)| cell(value)).collect()
    }

    /// How many headers were understood: the row with the most of them is the row of headers.
    pub fn understood(&self) -> usize {
        self.fields.len()
    }
}

fn column_at(headers: &[String], wanted: &str) -> Option<usize> {
    if let Some(number) = wanted.strip_prefix('#').and_then(|number| number.parse::<usize>().ok()) {
        return number.checked_sub(1).filter(|at| *at < headers.len());
    }
    let name = normalized(wanted);
    let exact = headers.iter().position(|header| header.trim() == wanted.trim());
    exact.or_else(|| headers.iter().position(|header| normalized(header) == name))
}

fn mapping_problem(key: &'static str, name: &str) -> ParseError {
    ParseError::Refused(ImportProblem::new(SourcePlace::default(), key).with("name", name))
}

fn pairs(headers: &[String]) -> Vec<(usize, usize)> {
    let names: Vec<String> = headers.iter().map(|header| normalized(header)).collect();
    let at = |wanted: String| names.iter().position(|name| *name == wanted);
    let numbered = (1..=MAX_PAIRS).flat_map(|n| {
        [
            (format!("attribute {n} name"), format!("attribute {n} value")),
            (format!("option{n} name"), format!("option{n} value")),
        ]
    });
    numbered
        .filter_map(|(name, value)| Some((at(name)?, at(value)?)))
        .collect()
}
