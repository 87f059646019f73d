//! A question as the shop's search understands it. A pure function of the question and the shop's words.

use crate::domain::search::QueryTerm;
use crate::domain::search::WeightedTerm;
use crate::retrieval::compounds::joined_term;
use crate::retrieval::compounds::misspelt_small_word;
use crate::retrieval::compounds::parts_of;
use crate::retrieval::correction::Alternative;
use crate::retrieval::correction::alternatives;
use crate::retrieval::identifiers::IdentifierCandidate;
use crate::retrieval::identifiers::identifiers_in;
use crate::retrieval::identifiers::terms_with_part;
use crate::retrieval::spelling::in_the_right_letters;
use crate::retrieval::vocabulary::Vocabulary;
use crate::text::colloquial::meant_by;
use crate::text::normalize::normalize;
use crate::text::quantity::quantities;
use crate::text::stem::stem;
use crate::text::stop_words::is_stop_word;
use crate::text::tokenize::words;
use crate::text::word_forms::other_stems;

/// Words that are looked up; more come from pasted text, not from a question.
const MAX_WORDS: usize = 32;
/// How much the number of a quantity counts where the quantity itself does not stand, and how much its unit does.
const NUMBER_WEIGHT: f64 = 0.5;
const UNIT_WEIGHT: f64 = 0.7;
/// How much another form of the same word counts.
const FORM_WEIGHT: f64 = 0.9;
/// How much two words written as one count, and the parts of one that should be two.
const JOINED_WEIGHT: f64 = 0.9;
const PART_WEIGHT: f64 = 0.9;
/// With a believed correction, the letters as typed still count so much.
const TYPED_WEIGHT: f64 = 0.3;

/// What a question says, letter by letter put right.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The question with its layout, script and spelling put right as far as one wording can: for the embedder and for phrases.
    pub text: String,
    /// Its words in order, each once, stop words out. The first alternative is the likeliest.
    pub words: Vec<QueryTerm>,
    /// What may be an article number, each once, in order.
    pub identifiers: Vec<IdentifierCandidate>,
}

impl Reading {
    pub fn of(question: &str, vocabulary: &Vocabulary) -> Reading {
        let text = in_the_right_letters(question, vocabulary);
        let normalized = normalize(&text);
        let mut draft = Draft::default();
        let mut from = 0;
        for quantity in quantities(&normalized) {
            let before = normalized.get(from..quantity.range.start).unwrap_or_default();
            draft.read_words(before, vocabulary);
            let written = normalized.get(quantity.range.clone()).unwrap_or_default();
            draft.wording.push(written.to_owned());
            draft.words.extend(quantity_words(quantity.term(), written));
            from = quantity.range.end;
        }
        draft.read_words(normalized.get(from..).unwrap_or_default(), vocabulary);
        Reading {
            text: if draft.is_corrected {
                draft.wording.join(" ")
            } else {
                text
            },
            words: once_each(draft.words),
            identifiers: identifiers_in(question, vocabulary),
        }
    }
}

/// A reading in the making.
#[derive(Default)]
struct Draft {
    wording: Vec<String>,
    words: Vec<QueryTerm>,
    is_corrected: bool,
}

impl Draft {
    fn read_words(&mut self, text: &str, vocabulary: &Vocabulary) {
        let all: Vec<&str> = words(text).collect();
        for (at, word) in all.iter().enumerate() {
            let first = self.words.len();
            self.read_word(word, vocabulary);
            let before = at.checked_sub(1).and_then(|at| all.get(at)).copied();
            let neighbors = [(before, Some(*word)), (Some(*word), all.get(at + 1).copied())];
            for neighbor in neighbors {
                let (Some(left), Some(right)) = neighbor else { continue };
                if let (Some(term), Some(asked)) = (joined_term(left, right, vocabulary), self.words.get_mut(first)) {
                    add(asked, term, JOINED_WEIGHT);
                }
            }
        }
    }

    fn read_word(&mut self, word: &str, vocabulary: &Vocabulary) {
        if let Some(meant) = meant_by(word).filter(|_| !vocabulary.holds(&stem(word))) {
            self.correct(meant);
            self.words
                .extend(words(meant).filter(|word| !is_stop_word(word)).map(plain));
            return;
        }
        if is_stop_word(word) {
            self.wording.push(word.to_owned());
            return;
        }
        let term = stem(word);
        if !vocabulary.knows(&term)
            && let Some(small) = misspelt_small_word(word)
        {
            self.correct(small);
            return;
        }
        if word.chars().any(|c| c.is_ascii_digit()) {
            self.read_number(word, vocabulary);
            return;
        }
        let corrections = alternatives(word, vocabulary);
        let others = other_stems(word);
        if vocabulary.knows(&term) || others.iter().any(|other| vocabulary.knows(other)) {
            self.wording.push(word.to_owned());
            let mut asked = plain(word);
            others.into_iter().for_each(|other| add(&mut asked, other, FORM_WEIGHT));
            corrections
                .into_iter()
                .for_each(|found| add(&mut asked, found.term, found.weight));
            self.words.push(asked);
            return;
        }
        let parts = parts_of(word, vocabulary);
        let is_certain = corrections
            .first()
            .is_some_and(|first| first.weight >= 1.0 - f64::EPSILON);
        if !parts.is_empty() && !is_certain {
            self.correct(&parts.join(" "));
            let parts = parts.iter().filter(|part| !is_stop_word(part));
            self.words.extend(parts.map(|part| weighted(&stem(part), PART_WEIGHT)));
            return;
        }
        match corrections.first() {
            Some(best) if best.is_believed => {
                let form = best.form.clone();
                self.correct(&form);
                let mut asked = with_alternatives(None, corrections);
                add(&mut asked, term.into_owned(), TYPED_WEIGHT);
                self.words.push(asked);
            }
            _ => {
                self.wording.push(word.to_owned());
                self.words
                    .push(with_alternatives(Some((term.into_owned(), 1.0)), corrections));
            }
        }
    }

    /// A word with a digit: a size, a model, an article number or a part of one.
    fn read_number(&mut self, word: &str, vocabulary: &Vocabulary) {
        self.wording.push(word.to_owned());
        let parts = if vocabulary.holds(word) {
            Vec::new()
        } else {
            parts_of(word, vocabulary)
        };
        if !parts.is_empty() {
            self.words
                .extend(parts.iter().map(|part| weighted(&stem(part), PART_WEIGHT)));
            return;
        }
        let mut asked = plain(word);
        for (term, weight) in terms_with_part(word, vocabulary) {
            add(&mut asked, term, weight);
        }
        self.words.push(asked);
    }

    fn correct(&mut self, wording: &str) {
        self.is_corrected = true;
        self.wording.push(wording.to_owned());
    }
}

fn plain(word: &str) -> QueryTerm {
    QueryTerm::plain(stem(word).into_owned())
}

fn weighted(term: &str, weight: f64) -> QueryTerm {
    QueryTerm {
        alternatives: vec![WeightedTerm {
            term: term.to_owned(),
            weight,
        }],
    }
}

fn with_alternatives(own: Option<(String, f64)>, corrections: Vec<Alternative>) -> QueryTerm {
    let own = own.into_iter().map(|(term, weight)| WeightedTerm { term, weight });
    let others = corrections.into_iter().map(|correction| WeightedTerm {
        term: correction.term,
        weight: correction.weight,
    });
    QueryTerm {
        alternatives: own.chain(others).collect(),
    }
}

fn add(word: &mut QueryTerm, term: String, weight: f64) {
    if word.alternatives.iter().all(|known| known.term != term) {
        word.alternatives.push(WeightedTerm { term, weight });
    }
}

/// A quantity, or else its number, and its unit as a word of its own: "2 года" is also found where only "год" is written.
fn quantity_words(term: String, written: &str) -> Vec<QueryTerm> {
    let mut quantity = weighted(&term, 1.0);
    let digits_end = written.find(|c: char| c.is_alphabetic()).unwrap_or(written.len());
    let number: String = written
        .get(..digits_end)
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    // Of "0,75" neither part is a number that was asked for.
    if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) {
        add(&mut quantity, number, NUMBER_WEIGHT);
    }
    let mut asked = vec![quantity];
    let mut units = words(written).filter(|part| !part.chars().any(|c| c.is_ascii_digit()));
    // A unit in pieces ("мА·ч") is none of them.
    if let (Some(unit), None) = (units.next(), units.next())
        && !is_stop_word(unit)
    {
        asked.push(weighted(&stem(unit), UNIT_WEIGHT));
    }
    asked
}

fn once_each(mut asked: Vec<QueryTerm>) -> Vec<QueryTerm> {
    let mut seen: Vec<String> = Vec::new();
    asked.retain(|word| {
        let first = word.alternatives.first().map(|first| first.term.clone());
        let is_new = first.as_ref().is_some_and(|first| !seen.contains(first));
        seen.extend(first);
        is_new
    });
    asked.truncate(MAX_WORDS);
    asked
}

#[cfg(test)]
mod tests {
    use super::Reading;
    use crate::retrieval::vocabulary::Vocabulary;
    use crate::text::terms::terms;
    use proptest::prelude::*;

    fn shop() -> Vocabulary {
        let text = "Кувшин с крышкой 1,5 л, кабель, чашка, автокресло, desk hub, xm5, самокат электрический, термо бутылка, москва, \
                    сушилка, весы кухонные";
        let counted = terms(text).into_iter().map(|term| (term, 2)).collect();
        let identifiers = ["KX7701".to_owned(), "KX7702".to_owned()];
        Vocabulary::new(counted, &[text.to_owned()], &identifiers)
    }

    fn first_terms(question: &str) -> Vec<String> {
        let words = Reading::of(question, &shop()).words.into_iter();
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
        let words = Reading::of("кабель 2 метра", &shop()).words;
        let parts: Vec<&str> = words[1].alternatives.iter().map(|part| part.term.as_str()).collect();
        assert_eq!(parts, ["2000mm", "2"]);
    }

    #[test]
    fn a_word_is_asked_for_once() {
        assert_eq!(first_terms("чашка или чашки"), ["чашк"]);
    }

    #[test]
    fn words_run_together_or_torn_apart_are_understood() {
        assert_eq!(first_terms("кувшин вмоскву"), ["кувшин", "москв"]);
        assert_eq!(first_terms("электрическийсамокат"), ["электрическ", "самокат"]);
        assert_eq!(first_terms("deskhub"), ["desk", "hub"]);
        assert_eq!(first_terms("термобутылка"), ["терм", "бутылк"]);
        let torn = Reading::of("авто кресло", &shop()).words;
        assert!(
            torn.iter()
                .all(|word| word.alternatives.iter().any(|term| term.term == "автокресл"))
        );
    }

    #[test]
    fn a_misspelt_question_has_a_wording_put_right() {
        assert_eq!(Reading::of("сушылка и кабель", &shop()).text, "сушилка и кабель");
        assert_eq!(Reading::of("Сушилка, весы?", &shop()).text, "Сушилка, весы?");
    }

    proptest! {
        #[test]
        fn any_question_is_read(question in "[а-яёa-zA-Z0-9 .,;'\\[\"-]{0,60}") {
            let reading = Reading::of(&question, &shop());
            prop_assert_eq!(&reading, &Reading::of(&question, &shop()));
            prop_assert!(reading.words.iter().all(|word| !word.alternatives.is_empty()));
        }

        #[test]
        fn right_words_stay(words in prop::collection::vec(prop::sample::select(vec!["кувшин", "кабель", "чашка", "сушилка", "самокат", "весы"]), 1..5)) {
            let question = words.join(" ");
            let reading = Reading::of(&question, &shop());
            prop_assert_eq!(&reading.text, &question);
            prop_assert!(reading.words.iter().all(|word| word.alternatives.len() == 1));
        }
    }
}
