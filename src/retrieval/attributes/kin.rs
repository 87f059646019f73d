//! By which terms each product row is of a kind with others.

use crate::retrieval::attributes::facets::Field;
use crate::retrieval::attributes::facets::Posting;
use std::collections::BTreeMap;

const NONE: u32 = u32::MAX;

/// The telling terms of each row: 8 bytes a row, and each such term once.
#[derive(Debug, Default)]
pub struct KinIndex {
    /// The word of the row's name that most names have, as a place in `shared`; `u32::MAX` for none.
    names: Vec<u32>,
    /// The rarest word of its category, because a category of several words is shared where that one is.
    categories: Vec<u32>,
    shared: Vec<(Box<str>, Field)>,
}

/// A term and the field that the row has it in.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Kin<'a> {
    pub name: Option<(&'a str, Field)>,
    pub category: Option<(&'a str, Field)>,
}

impl KinIndex {
    /// Ties: the last term by the alphabet for the name, the first for the category, that of one kind before that of several.
    pub fn new(rows: usize, terms: &BTreeMap<Box<str>, Vec<Posting>>) -> KinIndex {
        let mut index = KinIndex {
            names: vec![NONE; rows],
            categories: vec![NONE; rows],
            shared: Vec::new(),
        };
        let mut sizes: Vec<usize> = Vec::new();
        let is_larger = |size: usize, known: Option<usize>| known.is_none_or(|known| size >= known);
        let is_smaller = |size: usize, known: Option<usize>| known.is_none_or(|known| size < known);
        for field in [Field::Name, Field::Category, Field::MixedCategory] {
            for (term, posting) in with_field(terms, field) {
                let place = u32::try_from(index.shared.len()).unwrap_or(NONE);
                let size = posting.rows.len();
                let (places, is_better): (_, &dyn Fn(usize, Option<usize>) -> bool) = match field {
                    Field::Name => (&mut index.names, &is_larger),
                    _ => (&mut index.categories, &is_smaller),
                };
                let mut is_used = false;
                for row in &posting.rows {
                    if let Some(known) = places.get_mut(*row as usize)
                        && is_better(size, sizes.get(*known as usize).copied())
                    {
                        *known = place;
                        is_used = true;
                    }
                }
                if is_used {
                    index.shared.push((term.into(), field));
                    sizes.push(size);
                }
            }
        }
        index.keep_used();
        index
    }

    /// Drops terms that a better one has replaced in every row.
    fn keep_used(&mut self) {
        let mut places = vec![NONE; self.shared.len()];
        let used = self.names.iter().chain(&self.categories);
        for place in used {
            if let Some(place) = places.get_mut(*place as usize) {
                *place = 0;
            }
        }
        let used = places.iter_mut().filter(|place| **place == 0);
        (0u32..).zip(used).for_each(|(count, place)| *place = count);
        for place in self.names.iter_mut().chain(&mut self.categories) {
            *place = places.get(*place as usize).copied().unwrap_or(NONE);
        }
        let mut old = places.iter();
        self.shared.retain(|_| old.next().is_some_and(|place| *place != NONE));
        self.shared.shrink_to_fit();
    }

    pub fn of(&self, row: u32) -> Kin<'_> {
        let shared = |places: &[u32]| {
            let (term, field) = self.shared.get(*places.get(row as usize)? as usize)?;
            Some((term.as_ref(), *field))
        };
        Kin {
            name: shared(&self.names),
            category: shared(&self.categories),
        }
    }

    pub fn size_bytes(&self) -> usize {
        let terms: usize = self.shared.iter().map(|(term, _)| term.len()).sum();
        let places = self.names.capacity() + self.categories.capacity();
        places * size_of::<u32>() + self.shared.capacity() * size_of::<(Box<str>, Field)>() + terms
    }
}

fn with_field(terms: &BTreeMap<Box<str>, Vec<Posting>>, field: Field) -> impl Iterator<Item = (&str, &Posting)> {
    terms.iter().flat_map(move |(term, postings)| {
        let with = postings.iter().filter(move |posting| posting.field == field);
        with.map(move |posting| (term.as_ref(), posting))
    })
}

#[cfg(test)]
mod tests {
    use super::KinIndex;
    use crate::retrieval::attributes::facets::Field;
    use crate::retrieval::attributes::facets::Posting;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_row_is_kin_by_its_commonest_name_and_its_rarest_category(
            held in prop::collection::vec((0u8..6, 0u8..3, prop::collection::btree_set(0u32..9, 1..9)), 0..12)
        ) {
            let fields = [Field::Name, Field::Category, Field::MixedCategory];
            let mut terms: BTreeMap<Box<str>, Vec<Posting>> = BTreeMap::new();
            for (term, field, rows) in &held {
                let rows: BTreeSet<u32> = rows.clone();
                let field = fields[usize::from(*field)];
                let postings = terms.entry(term.to_string().into()).or_default();
                if postings.iter().all(|known| known.field != field) {
                    postings.push(Posting { field, rows: rows.into_iter().collect() });
                }
            }
            let index = KinIndex::new(9, &terms);
            for row in 0..9 {
                let holding = |field: Field| {
                    let all = terms.iter().flat_map(|(term, postings)| postings.iter().map(move |posting| (term, posting)));
                    let fitting = all.filter(move |(_, posting)| posting.field == field && posting.rows.contains(&row));
                    fitting.map(|(term, posting)| (posting.rows.len(), term.as_ref(), posting.field))
                };
                let name = holding(Field::Name).max_by_key(|(size, ..)| *size);
                let category = holding(Field::Category).chain(holding(Field::MixedCategory)).min_by_key(|(size, ..)| *size);
                prop_assert_eq!(index.of(row).name, name.map(|(_, term, field)| (term, field)));
                prop_assert_eq!(index.of(row).category, category.map(|(_, term, field)| (term, field)));
            }
        }
    }
}
