//! How much each product is of the kind that a question asks for, by what it is called.

use crate::retrieval::attributes::asked::Asked;
use crate::retrieval::attributes::asked::Word;
use crate::retrieval::attributes::facets::Facets;
use crate::retrieval::attributes::facets::Field;
use crate::retrieval::attributes::reading::Reading;
use crate::retrieval::attributes::rows::RowSet;

/// A row is of the asked kind when it is called by so much of what the best row is called by.
const KIND_SHARE: f64 = 0.55;
/// How well each field tells what a product is.
const CATEGORY_STRENGTH: f64 = 0.9;
/// A category of several kinds, or one whose products are mostly called by their kind, so that the others are something else.
const WEAK_CATEGORY_STRENGTH: f64 = 0.6;
const MOSTLY: f64 = 0.6;
const TAIL_STRENGTH: f64 = 0.35;
/// A word of a product's own name stands in the names of at most this share of products.
const PROPER_SHARE: f64 = 0.01;
/// What a follow-up compares with: the product that was spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    pub row: u32,
    /// Whether the product itself is not wanted.
    pub wants_others: bool,
}

/// How much each row is of the asked kind.
pub struct Scale {
    /// From 0 to 1 by row.
    pub kind: Vec<f32>,
    /// The largest of them.
    pub most: f64,
    /// Whether the question tells the kind.
    pub is_known: bool,
    /// Rows that the question calls by their own name; nothing in their row speaks against them.
    pub called: RowSet,
}

impl Scale {
    pub fn new(reading: &Reading, asked: &Asked, facets: &Facets, subject: Option<Subject>) -> Scale {
        let mut scale = Scale {
            kind: vec![0.0; facets.len()],
            most: 0.0,
            is_known: false,
            called: RowSet::with_capacity(facets.len()),
        };
        let words: Vec<(&Word, f64)> = asked.kind.iter().map(|word| (word, rarity(word, facets))).collect();
        let total: f64 = words.iter().map(|(_, rarity)| rarity).sum();
        if total <= 0.0 {
            if let Some(subject) = subject {
                scale.take_from(facets, subject);
            } else {
                // Any product will do, or only words and vectors know what is meant.
                scale.kind.fill(1.0);
                scale.most = 1.0;
                scale.is_known =
                    reading.is_generic || asked.unexplained == 0 && asked.brands.len() + asked.values.len() > 0;
            }
            return scale;
        }
        let mut strengths = vec![0.0f32; facets.len()];
        for (word, rarity) in words {
            let mut touched = Vec::new();
            raise(facets, word, &mut strengths, &mut touched);
            for row in touched {
                if let (Some(kind), Some(strength)) =
                    (scale.kind.get_mut(row as usize), strengths.get_mut(row as usize))
                {
                    *kind += *strength * (rarity / total) as f32;
                    *strength = 0.0;
                }
            }
            scale.note_called(facets, word);
        }
        scale.keep_the_kind(asked.kind_is_certain);
        scale
    }

    /// The kind of the subject: its category, and the word of its name that most products share.
    fn take_from(&mut self, facets: &Facets, subject: Subject) {
        for (rows, strength) in facets.kin_of(subject.row) {
            for row in rows {
                if let Some(kind) = self.kind.get_mut(*row as usize) {
                    *kind = kind.max(strength);
                }
            }
        }
        self.keep_the_kind(true);
    }

    /// Rows that are called by too little of what was asked are not of the kind.
    fn keep_the_kind(&mut self, is_known: bool) {
        self.most = f64::from(self.kind.iter().copied().fold(0.0, f32::max));
        let least = (self.most * KIND_SHARE) as f32;
        for kind in &mut self.kind {
            if *kind < least {
                *kind = 0.0;
            }
        }
        self.is_known = is_known && self.most > 0.0;
    }

    fn note_called(&mut self, facets: &Facets, word: &Word) {
        let few = ((facets.len() as f64 * PROPER_SHARE) as usize).max(1);
        for (term, _) in &word.standing {
            let postings = facets.postings(term);
            let is_category = postings
                .iter()
                .any(|posting| matches!(posting.field, Field::Category | Field::MixedCategory));
            for posting in postings
                .iter()
                .filter(|posting| posting.field == Field::Name && !is_category)
            {
                if posting.rows.len() <= few {
                    posting.rows.iter().for_each(|row| self.called.insert(*row));
                }
            }
        }
    }

    pub fn has(&self, row: u32) -> bool {
        self.kind.get(row as usize).is_some_and(|kind| *kind > 0.0)
    }
}

/// Raises each row's strength to how well a word names it; `touched` are the rows that had none.
fn raise(facets: &Facets, word: &Word, strengths: &mut [f32], touched: &mut Vec<u32>) {
    let mut lift = |rows: &[u32], strength: f32| {
        for row in rows {
            if let Some(known) = strengths.get_mut(*row as usize) {
                if *known == 0.0 {
                    touched.push(*row);
                }
                *known = known.max(strength);
            }
        }
    };
    let of = |field: Field| {
        let standing = word.standing.iter();
        standing.flat_map(move |(term, grade)| {
            let postings = facets
                .postings(term)
                .iter()
                .filter(move |posting| posting.field == field);
            postings.map(move |posting| (posting.rows.as_slice(), *grade as f32))
        })
    };
    let mut named = RowSet::with_capacity(facets.len());
    for (rows, grade) in of(Field::Name) {
        lift(rows, grade);
        rows.iter().for_each(|row| named.insert(*row));
    }
    // "Чехол для наушников" is none of the headphones, whatever its category.
    let mut accessories = RowSet::with_capacity(facets.len());
    for (rows, grade) in of(Field::NameTail) {
        lift(rows, TAIL_STRENGTH as f32 * grade);
        rows.iter().for_each(|row| accessories.insert(*row));
    }
    for (field, strength) in [
        (Field::Category, CATEGORY_STRENGTH),
        (Field::MixedCategory, WEAK_CATEGORY_STRENGTH),
    ] {
        for (rows, grade) in of(field) {
            let called = rows.iter().filter(|row| named.contains(**row)).count();
            let is_telling = (called as f64) < rows.len() as f64 * MOSTLY;
            let strength = if is_telling { strength } else { WEAK_CATEGORY_STRENGTH };
            let members: Vec<u32> = rows.iter().copied().filter(|row| !accessories.contains(*row)).collect();
            lift(&members, strength as f32 * grade);
        }
    }
}

/// How telling a word of the kind is: the fewer products are called so, the more.
fn rarity(word: &Word, facets: &Facets) -> f64 {
    let naming = word.standing.iter().flat_map(|(term, _)| facets.postings(term));
    let named = naming.filter(|posting| matches!(posting.field, Field::Name | Field::Category | Field::MixedCategory));
    let most = named.map(|posting| posting.rows.len()).max().unwrap_or(0);
    if most == 0 {
        0.0
    } else {
        (1.0 + facets.len() as f64 / most as f64).ln()
    }
}
