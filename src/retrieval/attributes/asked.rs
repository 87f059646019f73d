//! Sorts a question's words by what the shop's facets know them as: the kind of product, its values, its brand, its attributes.

use crate::retrieval::attributes::bound::Bound;
use crate::retrieval::attributes::concept::equals_of;
use crate::retrieval::attributes::concept::is_color_term;
use crate::retrieval::attributes::concept::size_of;
use crate::retrieval::attributes::facets::Facets;
use crate::retrieval::attributes::facets::Field;
use crate::retrieval::attributes::reading::AskedWord;
use crate::retrieval::attributes::reading::Reading;

/// A longer word that begins with the asked one is its diminutive or compound when it has at most so many letters more.
const LONGER_BY: usize = 3;
/// Shorter stems begin too many words.
const MIN_PREFIX_CHARS: usize = 4;
/// How well such a word stands for the asked one.
const PREFIX_GRADE: f64 = 0.9;

/// A term of the facets that stands for an asked word, with its grade from 0 to 1.
pub type Standing = (String, f64);

#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// As it was asked, in lower case.
    pub text: String,
    pub standing: Vec<Standing>,
    pub is_negated: bool,
}

/// The words of a question by their part.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What kind of thing is asked for; a row is of the kind by how many of these it is called.
    pub kind: Vec<Word>,
    /// Whether the kind was told by the main words, not by what the thing is for.
    pub kind_is_certain: bool,
    /// Values that must be there, or must not.
    pub values: Vec<Word>,
    pub brands: Vec<Word>,
    /// Attributes that some products have and some have not, with whether it is asked not to have it.
    pub named: Vec<(u16, bool)>,
    /// All attributes whose names the question has.
    pub hints: Vec<u16>,
    /// Words of the tail that products' names have; they help, and do not exclude.
    pub accents: Vec<Word>,
    /// Content words that no product's row knows.
    pub unexplained: usize,
}

impl Asked {
    pub fn of(reading: &Reading, facets: &Facets) -> Asked {
        let mut asked = Asked::default();
        let mut tail: Vec<Word> = Vec::new();
        let mut unexplained_in_head = 0;
        for word in &reading.words {
            let known = Known::of(word, facets);
            asked.hints.extend(&known.attributes);
            asked.place(word, known, facets, &mut tail, &mut unexplained_in_head);
        }
        for bound in &reading.bounds {
            asked.hints.extend(bound_hints(bound, facets));
        }
        asked.hints.sort_unstable();
        asked.hints.dedup();
        asked.kind_is_certain = !asked.kind.is_empty() || unexplained_in_head == 0;
        if reading.is_generic && !names_category(&asked.kind, facets) {
            // "Кухонные штуки": the words tell what kind of thing, but any will do.
            asked.accents.append(&mut asked.kind);
            asked.accents.append(&mut tail);
        } else if asked.kind.is_empty() {
            asked.kind = tail;
        } else {
            asked.accents.append(&mut tail);
        }
        asked
    }

    fn place(
        &mut self,
        word: &AskedWord,
        known: Known,
        facets: &Facets,
        tail: &mut Vec<Word>,
        unexplained_in_head: &mut usize,
    ) {
        let found = Word {
            text: word.text.clone(),
            standing: known.standing,
            is_negated: word.is_negated,
        };
        let is_telling = |attribute: &u16| {
            facets
                .attribute(*attribute)
                .is_some_and(|known| !known.no.is_empty() || !known.yes.is_empty())
        };
        let telling: Vec<u16> = known.attributes.iter().copied().filter(is_telling).collect();
        if !telling.is_empty() && (word.is_in_tail || !known.in_kinds) {
            self.named
                .extend(telling.into_iter().map(|attribute| (attribute, word.is_negated)));
        } else if (word.is_negated || is_color_term(&word.stem))
            && (known.in_kinds || known.in_values || known.in_tails)
        {
            self.values.push(found);
        } else if known.in_brands && !known.in_categories {
            self.brands.push(found);
        } else if known.in_kinds && !word.is_in_tail {
            self.kind.push(found);
        } else if known.in_values && !known.in_kinds {
            self.values.push(found);
        } else if known.in_kinds {
            tail.push(found);
        } else if known.in_tails {
            self.accents.push(found);
        } else if known.attributes.is_empty() {
            self.unexplained += 1;
            *unexplained_in_head += usize::from(!word.is_in_tail);
        }
    }
}

/// "Товары из посуды" names a category, "кухонные товары" only says what they are like.
fn names_category(kind: &[Word], facets: &Facets) -> bool {
    let terms = kind.iter().flat_map(|word| &word.standing);
    let mut postings = terms.flat_map(|(term, _)| facets.postings(term));
    postings.any(|posting| matches!(posting.field, Field::Category | Field::MixedCategory))
}

/// Where the facets know a word.
struct Known {
    standing: Vec<Standing>,
    in_kinds: bool,
    in_categories: bool,
    in_tails: bool,
    in_brands: bool,
    in_values: bool,
    attributes: Vec<u16>,
}

impl Known {
    fn of(word: &AskedWord, facets: &Facets) -> Known {
        let standing = standing(word, facets);
        let mut known = Known {
            standing: Vec::new(),
            in_kinds: false,
            in_categories: false,
            in_tails: false,
            in_brands: false,
            in_values: false,
            attributes: attributes_named(word, facets),
        };
        for (term, grade) in standing {
            let postings = facets.postings(&term);
            for posting in postings {
                match posting.field {
                    Field::Name => known.in_kinds = true,
                    Field::Category | Field::MixedCategory => (known.in_kinds, known.in_categories) = (true, true),
                    Field::NameTail => known.in_tails = true,
                    Field::Brand => known.in_brands = true,
                    Field::Attribute(_) => known.in_values = true,
                }
            }
            let is_absence = word.is_negated && !facets.postings(&format!("!{term}")).is_empty();
            known.in_values |= is_absence;
            if !postings.is_empty() || is_absence {
                known.standing.push((term, grade));
            }
        }
        known
    }
}

/// Terms that may stand for a word: its equals, words that begin with it or that it begins with, and brands that sound alike.
fn standing(word: &AskedWord, facets: &Facets) -> Vec<Standing> {
    if let Some(size) = size_of(&word.text)
        && !facets.postings(size).is_empty()
    {
        return vec![(size.to_owned(), 1.0)];
    }
    let mut found = equals_of(&word.stem);
    let chars = word.stem.chars().count();
    if chars >= MIN_PREFIX_CHARS && !word.stem.chars().any(|c| c.is_ascii_digit()) {
        for (term, _) in facets.terms_from(&word.stem) {
            let longer = term.chars().count() - chars;
            if (1..=LONGER_BY).contains(&longer) {
                found.push((term.to_owned(), PREFIX_GRADE));
            }
        }
        let shorter = word
            .stem
            .char_indices()
            .map(|(at, _)| at)
            .skip(MIN_PREFIX_CHARS.max(chars - LONGER_BY));
        for end in shorter {
            if let Some(prefix) = word.stem.get(..end)
                && !facets.postings(prefix).is_empty()
                && facets.postings(&word.stem).is_empty()
            {
                found.push((prefix.to_owned(), PREFIX_GRADE));
            }
        }
    }
    if found.iter().all(|(term, _)| facets.postings(term).is_empty()) {
        found.extend(
            facets
                .brands_like(&word.text)
                .into_iter()
                .map(|brand| (brand.to_owned(), 1.0)),
        );
    }
    found
}

/// Stems of one word may differ by an ending: "память" and "памятью".
fn is_form_of(term: &str, asked: &str) -> bool {
    let (short, long) = if term.len() < asked.len() {
        (term, asked)
    } else {
        (asked, term)
    };
    let shared = short.chars().count();
    long.starts_with(short) && shared >= MIN_PREFIX_CHARS && long.chars().count() - shared <= 1
}

/// Attributes whose names have the word.
fn attributes_named(word: &AskedWord, facets: &Facets) -> Vec<u16> {
    let equals = equals_of(&word.stem);
    let names = |terms: &[String]| {
        terms.iter().any(|term| {
            is_form_of(term, &word.stem) || equals.iter().any(|(equal, grade)| *grade >= 1.0 && equal == term)
        })
    };
    let found = facets.attributes().filter(|(_, attribute)| names(&attribute.terms));
    found.map(|(number, _)| number).collect()
}

/// Attributes that the unit of a bound names: "на 4 персоны" and "Персон: 4".
fn bound_hints(bound: &Bound, facets: &Facets) -> Vec<u16> {
    let Some(unit) = &bound.unit_term else {
        return Vec::new();
    };
    let found = facets
        .attributes()
        .filter(|(_, attribute)| attribute.terms.contains(unit));
    found.map(|(number, _)| number).collect()
}
