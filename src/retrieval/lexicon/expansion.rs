//! Adds to the words of a question what they mean.

use crate::domain::search::QueryTerm;
use crate::domain::search::WeightedTerm;
use crate::retrieval::lexicon::Lexicon;
use crate::retrieval::lexicon::phrases::spoken_words;
use crate::retrieval::vocabulary::Vocabulary;

/// The words of a question, with what the lexicon says that they mean as far as the shop has such words.
///
/// What a single word means are alternatives of that word. What a phrase of several words means is a word more, after the others,
/// and a word of that phrase which the shop does not know is left out: the phrase explains it. Otherwise the words keep their
/// order and their weight, so that nothing meant counts for more than the same word said.
pub fn with_meanings(
    question: &str,
    mut words: Vec<QueryTerm>,
    lexicon: &Lexicon,
    vocabulary: &Vocabulary,
) -> Vec<QueryTerm> {
    let spoken = spoken_words(question);
    let asked: Vec<String> = words.iter().filter_map(first_term).map(str::to_owned).collect();
    let mut phrases: Vec<QueryTerm> = Vec::new();
    let mut explained: Vec<&str> = Vec::new();
    for found in lexicon.find(&spoken) {
        let places = found.positions.iter();
        let said: Vec<&str> = places
            .filter_map(|place| spoken.get(*place))
            .map(String::as_str)
            .collect();
        let meaning = lexicon.meaning(&found);
        let meant = meaning.filter(|meant| vocabulary.holds(&meant.term) && !asked.contains(&meant.term));
        let meant: Vec<WeightedTerm> = meant.collect();
        if meant.is_empty() {
            continue;
        }
        let single = said.first().filter(|_| said.len() == 1);
        let word = words
            .iter_mut()
            .find(|word| first_term(word).is_some() && first_term(word) == single.copied());
        if let Some(word) = word {
            merge(&mut word.alternatives, meant);
        } else {
            let mut alternatives = Vec::new();
            merge(&mut alternatives, meant);
            phrases.push(QueryTerm { alternatives });
            explained.extend(said);
        }
    }
    words.retain(|word| {
        let is_explained = first_term(word).is_some_and(|first| explained.contains(&first));
        !is_explained || word.alternatives.iter().any(|term| vocabulary.holds(&term.term))
    });
    words.extend(phrases);
    words
}

fn first_term(word: &QueryTerm) -> Option<&str> {
    Some(word.alternatives.first()?.term.as_str())
}

/// Each term once, with its highest weight.
fn merge(alternatives: &mut Vec<WeightedTerm>, more: Vec<WeightedTerm>) {
    for term in more {
        match alternatives.iter_mut().find(|known| known.term == term.term) {
            Some(known) => known.weight = known.weight.max(term.weight),
            None => alternatives.push(term),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::with_meanings;
    use crate::domain::search::QueryTerm;
    use crate::retrieval::lexicon::Lexicon;
    use crate::retrieval::lexicon::entries::parse;
    use crate::retrieval::vocabulary::Vocabulary;
    use crate::text::terms::terms;

    const ENTRIES: &str = "tote\n? торба\n= шопер, tote bag\nrefund\n? кровные назад\n= возврат, refund\n";

    fn expanded(question: &str) -> Vec<Vec<(String, f64)>> {
        let lexicon = Lexicon::new(&parse(ENTRIES), 0.5);
        let shop = terms("шопер возврат товар bag")
            .into_iter()
            .map(|term| (term, 1))
            .collect();
        let asked = terms(question).into_iter().map(QueryTerm::plain).collect();
        let words = with_meanings(question, asked, &lexicon, &Vocabulary::new(shop, &[], &[]));
        let pairs = |word: QueryTerm| {
            word.alternatives
                .into_iter()
                .map(|term| (term.term, term.weight))
                .collect()
        };
        words.into_iter().map(pairs).collect()
    }

    fn pair(term: &str, weight: f64) -> (String, f64) {
        (terms(term).remove(0), weight)
    }

    #[test]
    fn what_a_word_means_stands_beside_it_with_less_weight() {
        let torba = vec![pair("торба", 1.0), pair("шопер", 0.5), pair("bag", 0.25)];
        assert_eq!(expanded("торба"), [torba]);
    }

    #[test]
    fn a_phrase_is_a_word_more_and_explains_what_the_shop_does_not_know() {
        let expected = [vec![pair("товар", 1.0)], vec![pair("возврат", 0.5)]];
        assert_eq!(expanded("товар, кровные назад"), expected);
    }

    #[test]
    fn an_unknown_question_stays_as_it_is() {
        assert_eq!(expanded("зонт"), [vec![pair("зонт", 1.0)]]);
        assert!(expanded("").is_empty());
    }

    #[test]
    fn what_is_said_as_it_is_meant_stays_as_it_is() {
        assert_eq!(expanded("возврат"), [vec![pair("возврат", 1.0)]]);
    }
}
