//! Reads a question as it was meant: typed with the wrong layout on, in Latin letters, or misspelt.
//!
//! A reading must earn its place: the whole question is converted only when far more of its words are then known, and a single
//! word is corrected only when neither the shop nor the language knows it.

use crate::retrieval::vocabulary::Vocabulary;
use crate::text::layout::on_english_layout;
use crate::text::layout::on_russian_layout;
use crate::text::normalize::normalize;
use crate::text::stem::stem;
use crate::text::stop_words::is_stop_word;
use crate::text::tokenize::is_cyrillic;
use crate::text::tokenize::words;
use crate::text::transliteration::to_cyrillic;

/// A longer text was pasted, not typed, and each unknown word costs a look at the whole vocabulary.
const MAX_WORDS: usize = 40;
/// How much larger the share of known words must be for a conversion of the whole question.
const LEAST_GAIN: f64 = 0.3;

/// The question with its layout, script and spelling put right; the same text when nothing is wrong with it.
pub fn as_meant(question: &str, vocabulary: &Vocabulary) -> String {
    if question.split_whitespace().take(MAX_WORDS + 1).count() > MAX_WORDS {
        return question.to_owned();
    }
    let question = in_the_right_letters(question, vocabulary);
    let mut corrected = question.clone();
    let normalized = normalize(&question);
    for word in words(&normalized) {
        if let Some(replacement) = correction(word, vocabulary) {
            corrected = replace_word(&corrected, word, &replacement);
        }
    }
    corrected
}

/// The question or its conversion, whichever has the clearly larger share of known words.
fn in_the_right_letters(question: &str, vocabulary: &Vocabulary) -> String {
    let conversions = if question.chars().any(is_cyrillic) {
        vec![on_english_layout(question)]
    } else {
        vec![on_russian_layout(question), to_cyrillic(question)]
    };
    let plain_share = known_share(question, vocabulary);
    let mut best = (plain_share + LEAST_GAIN, question.to_owned());
    for converted in conversions {
        let share = known_share(&converted, vocabulary);
        if share > best.0 {
            best = (share, converted);
        }
    }
    best.1
}

/// The share of words that are known, each weighing as many as it has letters: short ones are known in any letters. A word one
/// correction away counts half.
fn known_share(text: &str, vocabulary: &Vocabulary) -> f64 {
    let normalized = normalize(text);
    let (mut known, mut all) = (0.0, 0.0);
    for word in words(&normalized).filter(|word| !word.chars().any(|c| c.is_ascii_digit())) {
        let weight = f64::from(u32::try_from(word.chars().count()).unwrap_or(u32::MAX));
        let term = stem(word);
        all += weight;
        known += if is_stop_word(word) || vocabulary.knows(&term) {
            weight
        } else if vocabulary.nearest(&term).is_some() {
            weight / 2.0
        } else {
            0.0
        };
    }
    if all > 0.0 { known / all } else { 1.0 }
}

/// What a single unknown word stands for.
fn correction(word: &str, vocabulary: &Vocabulary) -> Option<String> {
    let term = stem(word);
    if is_stop_word(word) || vocabulary.knows(&term) || word.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    if let Some(near) = vocabulary.nearest(&term) {
        return Some(near.to_owned());
    }
    let mut conversions = [on_russian_layout(word), to_cyrillic(word)].into_iter();
    conversions.find(|converted| converted != word && vocabulary.holds(&stem(converted)))
}

/// The text with each occurrence of a whole word, in any case, replaced.
fn replace_word(text: &str, word: &str, replacement: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word_end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (candidate, after) = rest.split_at(word_end);
        replaced.push_str(if normalize(candidate) == word {
            replacement
        } else {
            candidate
        });
        let gap_end = after.find(char::is_alphanumeric).unwrap_or(after.len());
        let (gap, next) = after.split_at(gap_end);
        replaced.push_str(gap);
        rest = next;
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::as_meant;
    use crate::retrieval::vocabulary::Vocabulary;
    use crate::text::terms::terms;

    fn shop() -> Vocabulary {
        let text = "доставка рюкзак термос сертификат подарочный фонарь налобный возврат товар";
        Vocabulary::new(terms(text).into_iter().map(|term| (term, 1)).collect())
    }

    #[test]
    fn layout_script_and_spelling_are_put_right() {
        for (typed, meant) in [
            ("ljcnfdrf", "доставка"),
            ("rfr dthyenm njdfh", "как вернуть товар"),
            ("skolko stoit dostavka", "сколко стоит доставка"),
            ("тремос на литр", "термос на литр"),
        ] {
            assert_eq!(terms(&as_meant(typed, &shop())).last(), terms(meant).last(), "{typed}");
        }
    }

    #[test]
    fn what_is_right_stays() {
        for question in ["Do you ship abroad?", "Есть ли у вас зонты и палатки?", "iPhone 15 Pro"]
        {
            assert_eq!(as_meant(question, &shop()), question);
        }
    }
}
