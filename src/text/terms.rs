//! Terms: what full-text search stores and looks up.

use crate::text::normalize::normalize;
use crate::text::quantity::quantity_terms;
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

/// The terms as one string, as the index takes them, with the terms of the text's quantities after them. Embeddings are made of
/// `terms` alone.
pub fn joined_terms(text: &str) -> String {
    let mut all = terms(text);
    for quantity in quantity_terms(&normalize(text)) {
        // A price is its own number; it must not count twice.
        if !all.contains(&quantity) {
            all.push(quantity);
        }
    }
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::joined_terms;
    use super::terms;

    #[test]
    fn a_question_keeps_the_words_that_matter() {
        assert_eq!(terms("Есть ли у вас рюкзаки?"), ["рюкзак"]);
        assert_eq!(terms("\"; drop table shops --"), ["drop", "tabl", "shop"]);
    }

    #[test]
    fn the_index_has_quantities_beside_words() {
        assert_eq!(joined_terms("Кувшин 1,5 л"), "кувшин 1 5 л 1500ml");
    }
}
