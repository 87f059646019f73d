//! Finds phrases in a question: by stems, so in any form of the words, in any order, and with a few other words between them.

use crate::text::normalize::normalize;
use crate::text::stem::stem;
use crate::text::stop_words::is_stop_word;
use crate::text::tokenize::words;
use std::collections::HashMap;

/// A longer question was pasted, not asked; what stands past this is not looked at.
const MAX_QUESTION_WORDS: usize = 64;
/// How many other words may stand among those of a phrase ("деньги мне назад").
const SLACK: usize = 1;

/// Phrases of many concepts. Built once, then only read.
#[derive(Debug, Default)]
pub struct PhraseBook {
    /// The number of each word that some phrase holds, as `spoken_words` makes it.
    tokens: HashMap<Box<str>, u32>,
    phrases: Vec<Phrase>,
    /// By word: the phrases of which it is the rarest, by index.
    anchored: Vec<Vec<u32>>,
}

#[derive(Debug)]
struct Phrase {
    tokens: Box<[u32]>,
    concepts: Vec<u16>,
}

/// A phrase that stands in a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The concepts that it belongs to, in their order, never empty.
    pub concepts: Vec<u16>,
    /// Where its words stand, in order, never empty.
    pub positions: Vec<usize>,
}

/// The words of a text as phrases are compared: stems, stop words as they are, apostrophes left out ("doesn't" is `doesnt`).
pub fn spoken_words(text: &str) -> Vec<String> {
    words(&without_apostrophes(text)).map(spoken_word).collect()
}

fn without_apostrophes(text: &str) -> String {
    let mut normalized = normalize(text);
    normalized.retain(|c| !matches!(c, '\'' | '’'));
    normalized
}

fn spoken_word(word: &str) -> String {
    if is_stop_word(word) {
        word.to_owned()
    } else {
        stem(word).into_owned()
    }
}

impl PhraseBook {
    /// A book of phrases with their concepts, these in rising order. The same phrase may belong to several.
    pub fn new<'a>(entries: impl Iterator<Item = (&'a str, u16)>) -> PhraseBook {
        let mut book = PhraseBook::default();
        // Most words stand in many phrases, and stemming is what takes the time.
        let mut tokens_of_words: HashMap<Box<str>, u32> = HashMap::new();
        let mut indexes: HashMap<Box<[u32]>, usize> = HashMap::new();
        for (phrase, concept) in entries {
            let mut tokens: Vec<u32> = Vec::new();
            for word in words(&without_apostrophes(phrase)) {
                let token = match tokens_of_words.get(word) {
                    Some(token) => *token,
                    None => book.token(spoken_word(word)),
                };
                tokens_of_words.entry(word.into()).or_insert(token);
                tokens.push(token);
            }
            if tokens.is_empty() {
                continue;
            }
            let tokens = tokens.into_boxed_slice();
            let index = *indexes.entry(tokens.clone()).or_insert(book.phrases.len());
            match book.phrases.get_mut(index) {
                Some(phrase) if phrase.concepts.contains(&concept) => {}
                Some(phrase) => phrase.concepts.push(concept),
                None => book.phrases.push(Phrase {
                    tokens,
                    concepts: vec![concept],
                }),
            }
        }
        book.anchor();
        book
    }

    fn token(&mut self, word: String) -> u32 {
        let next = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
        *self.tokens.entry(word.into_boxed_str()).or_insert(next)
    }

    /// Files each phrase under the word that fewest phrases hold, so that "how" and "не" are never where a search begins.
    fn anchor(&mut self) {
        let mut uses = vec![0_u32; self.tokens.len()];
        for token in self.phrases.iter().flat_map(|phrase| &phrase.tokens) {
            if let Some(count) = uses.get_mut(*token as usize) {
                *count += 1;
            }
        }
        self.anchored = vec![Vec::new(); self.tokens.len()];
        for (index, phrase) in (0_u32..).zip(&self.phrases) {
            let use_of = |token: &u32| (uses.get(*token as usize).copied(), *token);
            let rarest = phrase.tokens.iter().copied().min_by_key(use_of);
            if let Some(filed) = rarest.and_then(|token| self.anchored.get_mut(token as usize)) {
                filed.push(index);
            }
        }
    }

    /// Whether some phrase holds this word, as `spoken_words` makes it.
    pub fn holds(&self, word: &str) -> bool {
        self.tokens.contains_key(word)
    }

    /// The phrases that stand in a question, longest first, then by place. A phrase is left out when all its words belong to a
    /// longer one that was found: "возврат денег" is not also "деньги".
    pub fn find(&self, spoken: &[String]) -> Vec<Match> {
        let asked: Vec<Option<u32>> = spoken
            .iter()
            .take(MAX_QUESTION_WORDS)
            .map(|word| self.tokens.get(word.as_str()).copied())
            .collect();
        let mut found: Vec<Match> = Vec::new();
        for (place, token) in asked.iter().enumerate() {
            let filed = token.and_then(|token| self.anchored.get(token as usize));
            let phrases = filed.into_iter().flatten();
            for phrase in phrases.filter_map(|index| self.phrases.get(*index as usize)) {
                if let Some(positions) = places(&phrase.tokens, &asked, place) {
                    found.push(Match {
                        concepts: phrase.concepts.clone(),
                        positions,
                    });
                }
            }
        }
        longest(found)
    }
}

/// Where each word of a phrase stands nearest to `anchor`, in order of place; nothing when one is missing or they stand too far
/// apart.
fn places(tokens: &[u32], asked: &[Option<u32>], anchor: usize) -> Option<Vec<usize>> {
    let reach = tokens.len() - 1 + SLACK;
    let window = anchor.saturating_sub(reach)..(anchor + reach + 1).min(asked.len());
    let mut positions: Vec<usize> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let standing = window
            .clone()
            .filter(|place| asked.get(*place) == Some(&Some(*token)) && !positions.contains(place));
        positions.push(standing.min_by_key(|place| (place.abs_diff(anchor), *place))?);
    }
    positions.sort_unstable();
    let (first, last) = (positions.first()?, positions.last()?);
    (last - first <= reach).then_some(positions)
}

fn longest(mut found: Vec<Match>) -> Vec<Match> {
    found.sort_by(|a, b| {
        let by_length = b.positions.len().cmp(&a.positions.len());
        by_length
            .then_with(|| a.positions.cmp(&b.positions))
            .then_with(|| a.concepts.cmp(&b.concepts))
    });
    found.dedup();
    let mut kept: Vec<Match> = Vec::new();
    for candidate in found {
        let is_inside = |longer: &Match| {
            longer.positions.len() > candidate.positions.len()
                && candidate.positions.iter().all(|place| longer.positions.contains(place))
        };
        if !kept.iter().any(is_inside) {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::PhraseBook;
    use super::spoken_words;

    fn found(phrases: &[(&str, u16)], question: &str) -> Vec<Vec<u16>> {
        let book = PhraseBook::new(phrases.iter().copied());
        let matches = book.find(&spoken_words(question));
        matches.into_iter().map(|found| found.concepts).collect()
    }

    #[test]
    fn a_phrase_is_found_in_any_form_and_order_of_its_words() {
        let phrases = [("не подошло", 1), ("деньги назад", 2), ("doesnt fit", 3)];
        assert_eq!(found(&phrases, "А если не подошла?"), [[1]]);
        assert_eq!(found(&phrases, "как назад мне деньги получить"), [[2]]);
        assert_eq!(found(&phrases, "What if it doesn't fit?"), [[3]]);
    }

    #[test]
    fn words_that_stand_far_apart_are_no_phrase() {
        let phrases = [("деньги назад", 1)];
        assert!(found(&phrases, "деньги уже лежат, дороги назад нет").is_empty());
        assert!(found(&phrases, "деньги").is_empty());
    }

    #[test]
    fn the_longest_phrase_counts() {
        let phrases = [("деньги", 1), ("деньги назад", 2), ("назад", 3)];
        assert_eq!(found(&phrases, "верните деньги назад"), [[2]]);
        assert_eq!(found(&phrases, "деньги"), [[1]]);
    }

    #[test]
    fn a_phrase_may_belong_to_several_concepts() {
        let phrases = [("сумка", 1), ("сумки", 2), ("сумка", 1)];
        assert_eq!(found(&phrases, "какие сумки есть"), [[1, 2]]);
    }
}
