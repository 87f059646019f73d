//! A question as the shop's search understands it. A pure function of the question and the shop's words.

use crate::domain::search::QueryTerm;
use crate::domain::search::WeightedTerm;
use crate::retrieval::spelling::as_meant;
use crate::retrieval::vocabulary::Vocabulary;
use crate::text::identifier::identifier_candidates;
use crate::text::normalize::normalize;
use crate::text::quantity::quantities;
use crate::text::stem::stem;
use crate::text::terms::terms;
use crate::text::tokenize::words;
use std::ops::Range;

/// Words that are looked up; more come from pasted text, not from a question.
const MAX_WORDS: usize = 32;
/// How much the number of a quantity counts where the quantity itself does not stand, and how much its unit does.
const NUMBER_WEIGHT: f64 = 0.5;
const UNIT_WEIGHT: f64 = 0.7;

/// What a question says, letter by letter put right.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The question with its layout, script and spelling put right as far as one wording can: for the embedder and for phrases.
    pub text: String,
    /// Its words in order, each once, stop words out. The first alternative is the likeliest.
    pub words: Vec<QueryTerm>,
    /// What may be an article number, whole ones first.
    pub identifiers: Vec<IdentifierCandidate>,
}

/// A string to be looked up among the shop's identifiers, as `text::identifier::normalize_identifier` writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentifierCandidate {
    pub identifier: String,
    /// Whether the question names the identifier in full; a part of it is evidence, but no certainty.
    pub is_whole: bool,
}

impl Reading {
    pub fn of(question: &str, vocabulary: &Vocabulary) -> Reading {
        let text = as_meant(question, vocabulary);
        let identifiers = identifier_candidates(question)
            .into_iter()
            .map(|identifier| IdentifierCandidate {
                identifier,
                is_whole: true,
            });
        Reading {
            words: asked_words(&text),
            identifiers: identifiers.collect(),
            text,
        }
    }
}

/// The words of a question, with quantities among them.
fn asked_words(text: &str) -> Vec<QueryTerm> {
    let normalized = normalize(text);
    let mut asked: Vec<QueryTerm> = Vec::new();
    let mut from = 0;
    let push_plain = |range: Range<usize>, asked: &mut Vec<QueryTerm>| {
        let plain = normalized.get(range).unwrap_or_default();
        asked.extend(terms(plain).into_iter().map(QueryTerm::plain));
    };
    for quantity in quantities(&normalized) {
        push_plain(from..quantity.range.start, &mut asked);
        let parts = words(normalized.get(quantity.range.clone()).unwrap_or_default());
        asked.extend(quantity_words(quantity.term(), parts));
        from = quantity.range.end;
    }
    push_plain(from..normalized.len(), &mut asked);
    let mut seen: Vec<String> = Vec::new();
    asked.retain(|word| {
        let first = word.alternatives.first().map(|first| first.term.clone());
        first.is_some_and(|first| {
            let is_new = !seen.contains(&first);
            seen.push(first);
            is_new
        })
    });
    asked.truncate(MAX_WORDS);
    asked
}

/// A quantity, or else its number, and its unit as a word of its own: "2 года" is also found where only "год" is written.
fn quantity_words<'a>(term: String, parts: impl Iterator<Item = &'a str>) -> Vec<QueryTerm> {
    let mut quantity = vec![WeightedTerm { term, weight: 1.0 }];
    let mut units = Vec::new();
    for part in parts {
        let is_number = part.chars().any(|c| c.is_ascii_digit());
        let word = WeightedTerm {
            term: stem(part).into_owned(),
            weight: if is_number { NUMBER_WEIGHT } else { UNIT_WEIGHT },
        };
        if !is_number {
            units.push(QueryTerm {
                alternatives: vec![word],
            });
        } else if quantity.iter().all(|known| known.term != word.term) {
            quantity.push(word);
        }
    }
    units.insert(0, QueryTerm { alternatives: quantity });
    units
}

#[cfg(test)]
mod tests {
    use super::asked_words;

    fn first_terms(text: &str) -> Vec<String> {
        let words = asked_words(text).into_iter();
        words
            .filter_map(|word| Some(word.alternatives.into_iter().next()?.term))
            .collect()
    }

    #[test]
    fn a_quantity_is_asked_for_by_value_and_by_the_words_it_is_written_in() {
        assert_eq!(
            first_terms("кувшин на 1,5 литра с крышкой"),
            ["кувшин", "1500ml", "литр", "крышк"]
        );
        let words = asked_words("кабель 2 метра");
        let parts: Vec<&str> = words[1].alternatives.iter().map(|part| part.term.as_str()).collect();
        assert_eq!(parts, ["2000mm", "2"]);
    }

    #[test]
    fn a_word_is_asked_for_once() {
        assert_eq!(first_terms("чашка или чашки"), ["чашк"]);
    }
}
