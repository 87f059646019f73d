//! Terms: what full-text search stores and looks up.

use crate::text::normalize::normalize;
use crate::text::stem::stem;
use crate::text::stop_words::is_stop_word;
use crate::text::tokenize::words;

/// A term longer than this is cut: it is noise, and must not grow the index.
const MAX_TERM_CHARS: usize = 40;

/// The stemmed terms of a text in order, stop words out. Each consists of letters and digits only.
pub fn terms(text: &str) -> Vec<String> {
    let normalized = normalize(text);
    words(&normalized)
        .filter(|word| !is_stop_word(word))
        .map(|word| stem(word).chars().take(MAX_TERM_CHARS).collect())
        .collect()
}

/// The terms as one string, as the index takes them.
pub fn joined_terms(text: &str) -> String {
    terms(text).join(" ")
}

#[cfg(test)]
mod tests {
    use super::terms;

    #[test]
    fn a_question_keeps_the_words_that_matter() {
        assert_eq!(terms("Есть ли у вас рюкзаки?"), ["рюкзак"]);
        assert_eq!(terms("\"; drop table shops --"), ["drop", "tabl", "shop"]);
    }
}
