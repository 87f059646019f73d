//! The product rows of one shop in memory, by term and by number. See "Performance" in ARCHITECTURE for what they take.

use crate::domain::id::DocumentId;
use crate::domain::knowledge::Document;
use crate::retrieval::attributes::kin::KinIndex;
use crate::retrieval::attributes::unit::Dimension;
use crate::retrieval::shop_cache::Kept;
use crate::text::stem::stem;
use crate::text::transliteration::to_cyrillic;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

/// Where a product holds a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The name up to the first "для", "с", "for", "with", and what stands in quotes.
    Name,
    /// The rest of the name.
    NameTail,
    /// The category, or an attribute called type or kind.
    Category,
    /// A category of several kinds: "Дождевики и куртки", "Knives & Prep".
    MixedCategory,
    Brand,
    /// By number of the attribute's name.
    Attribute(u16),
}

/// The rows that hold a term in one field, in ascending order.
#[derive(Debug, Clone)]
pub struct Posting {
    pub field: Field,
    pub rows: Vec<u32>,
}

/// A number of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    pub row: u32,
    pub low: f32,
    /// Infinite when the value is open: "от 3 лет".
    pub high: f32,
}

/// All numbers of one dimension that one attribute has, by row.
#[derive(Debug, Clone)]
pub struct Column {
    /// What a number in the attribute's usual unit is multiplied by.
    pub factor: f64,
    pub entries: Vec<Entry>,
}

/// An attribute's name and the rows where it says yes and no.
#[derive(Debug, Clone, Default)]
pub struct Attribute {
    /// Stems of the name; empty for what is read from products' names.
    pub terms: Vec<String>,
    pub yes: Vec<u32>,
    pub no: Vec<u32>,
    /// Rows that have the attribute with another value.
    pub other: Vec<u32>,
}

#[derive(Debug, Default)]
pub struct Facets {
    pub(super) documents: Vec<DocumentId>,
    /// Rows in the order of their document ids.
    pub(super) by_document: Vec<u32>,
    /// The least and the largest known price.
    pub(super) price_range: Option<(f64, f64)>,
    /// Hashes of the source ids with their rows, ascending.
    pub(super) sources: Vec<(u64, u32)>,
    /// Not a number when unknown.
    pub(super) prices: Vec<f32>,
    pub(super) discounted: Vec<u32>,
    pub(super) in_stock: Vec<u32>,
    pub(super) out_of_stock: Vec<u32>,
    pub(super) terms: BTreeMap<Box<str>, Vec<Posting>>,
    /// How a brand sounds in Cyrillic letters, with its terms.
    pub(super) brand_sounds: HashMap<String, Vec<Box<str>>>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) numbers_of_names: HashMap<String, u16>,
    pub(super) columns: BTreeMap<(u16, Dimension), Column>,
    kin: KinIndex,
}

impl Facets {
    /// The facets of a shop's products. Documents without a row are left out.
    pub fn new(documents: impl IntoIterator<Item = Document>) -> Facets {
        let mut facets = Facets::default();
        for document in documents {
            facets.add(&document);
        }
        facets.finish();
        facets
    }

    /// Orders what is looked up by search and gives back memory that growing took too much of.
    pub fn finish(&mut self) {
        self.sources.sort_unstable();
        let documents = &self.documents;
        let mut by_document: Vec<u32> = self.rows().collect();
        by_document.sort_unstable_by_key(|row| documents.get(*row as usize));
        self.by_document = by_document;
        let known = self.prices.iter().filter(|price| !price.is_nan());
        self.price_range = known.fold(None, |range: Option<(f64, f64)>, price| {
            let price = f64::from(*price);
            Some(range.map_or((price, price), |(least, most)| (least.min(price), most.max(price))))
        });
        self.documents.shrink_to_fit();
        self.sources.shrink_to_fit();
        self.prices.shrink_to_fit();
        for rows in [&mut self.discounted, &mut self.in_stock, &mut self.out_of_stock] {
            rows.shrink_to_fit();
        }
        for attribute in &mut self.attributes {
            attribute.yes.shrink_to_fit();
            attribute.no.shrink_to_fit();
            attribute.other.shrink_to_fit();
        }
        for postings in self.terms.values_mut() {
            for posting in postings.iter_mut() {
                posting.rows.shrink_to_fit();
            }
        }
        for column in self.columns.values_mut() {
            column.entries.shrink_to_fit();
        }
        self.kin = KinIndex::new(self.documents.len(), &self.terms);
    }

    fn count_bytes(&self) -> usize {
        const BLOCK: usize = 16;
        let words = |rows: &Vec<u32>| rows.capacity() * size_of::<u32>();
        let postings = self.terms.iter().map(|(term, postings)| {
            let own = term.len() + size_of::<Box<str>>() + size_of::<Vec<Posting>>() + 2 * BLOCK;
            let held = postings
                .iter()
                .map(|posting| words(&posting.rows) + BLOCK)
                .sum::<usize>();
            own + postings.capacity() * size_of::<Posting>() + held
        });
        let attributes = self.attributes.iter().map(|attribute| {
            let terms: usize = attribute
                .terms
                .iter()
                .map(|term| term.len() + size_of::<String>() + BLOCK)
                .sum();
            size_of::<Attribute>() + terms + words(&attribute.yes) + words(&attribute.no) + words(&attribute.other)
        });
        let columns = self
            .columns
            .values()
            .map(|column| column.entries.capacity() * size_of::<Entry>());
        let rows = self.documents.capacity() * size_of::<DocumentId>()
            + self.sources.capacity() * size_of::<(u64, u32)>()
            + self.prices.capacity() * size_of::<f32>();
        let lists = [&self.by_document, &self.discounted, &self.in_stock, &self.out_of_stock];
        rows + self.kin.size_bytes()
            + lists.into_iter().map(words).sum::<usize>()
            + postings.sum::<usize>()
            + attributes.sum::<usize>()
            + columns.sum::<usize>()
    }

    pub fn len(&self) -> usize {
        self.documents.len()
    }

    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    pub fn document(&self, row: u32) -> Option<DocumentId> {
        self.documents.get(row as usize).copied()
    }

    pub fn row_of(&self, document: DocumentId) -> Option<u32> {
        let id_of = |row: &u32| self.document(*row).unwrap_or(DocumentId(i64::MAX));
        let found = self.by_document.binary_search_by_key(&document, id_of).ok()?;
        self.by_document.get(found).copied()
    }

    /// The row of a product by its source id.
    pub fn row_of_source(&self, source_id: &str) -> Option<u32> {
        let hash = source_hash(source_id);
        let found = self.sources.binary_search_by_key(&hash, |(known, _)| *known).ok()?;
        self.sources.get(found).map(|(_, row)| *row)
    }

    pub fn price(&self, row: u32) -> Option<f64> {
        let price = self.prices.get(row as usize).copied()?;
        (!price.is_nan()).then_some(f64::from(price))
    }

    /// The least and the largest known price.
    pub fn price_range(&self) -> Option<(f64, f64)> {
        self.price_range
    }

    pub fn rows(&self) -> impl Iterator<Item = u32> {
        0..u32::try_from(self.documents.len()).unwrap_or(u32::MAX)
    }

    pub fn discounted(&self) -> &[u32] {
        &self.discounted
    }

    pub fn in_stock(&self) -> &[u32] {
        &self.in_stock
    }

    pub fn out_of_stock(&self) -> &[u32] {
        &self.out_of_stock
    }

    pub fn postings(&self, term: &str) -> &[Posting] {
        self.terms.get(term).map_or(&[], Vec::as_slice)
    }

    /// Terms that begin with `prefix`, in the order of the alphabet.
    pub fn terms_from<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a [Posting])> {
        let from = self
            .terms
            .range::<str, _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded));
        from.take_while(move |(term, _)| term.starts_with(prefix))
            .map(|(term, postings)| (term.as_ref(), postings.as_slice()))
    }

    /// Brand terms that sound as a word in the other letters does.
    pub fn brands_like(&self, word: &str) -> Vec<&str> {
        if word.is_ascii() {
            let heard = sound(word);
            return self
                .terms
                .get_key_value(heard.as_str())
                .map(|(term, _)| term.as_ref())
                .into_iter()
                .collect();
        }
        let heard = stem(word).into_owned();
        let exact = self.brand_sounds.get(&heard);
        if let Some(terms) = exact {
            return terms.iter().map(AsRef::as_ref).collect();
        }
        if heard.chars().count() < 4 || !self.postings(&heard).is_empty() {
            return Vec::new();
        }
        let near = self
            .brand_sounds
            .iter()
            .filter(|(sound, _)| strsim::osa_distance(sound, &heard) <= 1);
        let mut terms: Vec<&str> = near.flat_map(|(_, terms)| terms.iter().map(AsRef::as_ref)).collect();
        terms.sort_unstable();
        terms
    }

    /// Rows of the same kind as a row, with how surely they are: those that share the word of its name that most names have,
    /// and those of its category.
    pub fn kin_of(&self, row: u32) -> Vec<(&[u32], f32)> {
        let kin = self.kin.of(row);
        let rows = |(term, field): (&str, Field)| {
            let posting = self.postings(term).iter().find(|posting| posting.field == field)?;
            Some(posting.rows.as_slice())
        };
        let kin = [(kin.name, 1.0), (kin.category, 0.8)].into_iter();
        kin.filter_map(|(shared, strength)| Some((rows(shared?)?, strength)))
            .collect()
    }

    pub fn attributes(&self) -> impl Iterator<Item = (u16, &Attribute)> {
        (0u16..).zip(&self.attributes)
    }

    pub fn attribute(&self, number: u16) -> Option<&Attribute> {
        self.attributes.get(usize::from(number))
    }

    pub fn columns(&self) -> impl Iterator<Item = (u16, Dimension, &Column)> {
        self.columns
            .iter()
            .map(|((attribute, dimension), column)| (*attribute, *dimension, column))
    }
}

impl Kept for Facets {
    fn size_bytes(&self) -> usize {
        self.count_bytes()
    }
}

/// How a word of Latin letters sounds, as a Russian term.
pub(super) fn sound(word: &str) -> String {
    stem(&to_cyrillic(word)).into_owned()
}

/// Never stored, so that it may differ from one build of the program to the next.
pub fn source_hash(source_id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    source_id.hash(&mut hasher);
    hasher.finish()
}
