//! Stems by the script of the word: Snowball Russian for Cyrillic, Snowball English for Latin.

use crate::text::tokenize::is_cyrillic;
use rust_stemmers::Algorithm;
use rust_stemmers::Stemmer;
use std::borrow::Cow;
use std::sync::LazyLock;

static RUSSIAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::Russian));
static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// The stem of one normalized word. A word with a digit is its own stem: it is a size, a number or an article.
pub fn stem(word: &str) -> Cow<'_, str> {
    if word.chars().any(|c| c.is_ascii_digit()) {
        return Cow::Borrowed(word);
    }
    if word.chars().any(is_cyrillic) {
        RUSSIAN.stem(word)
    } else {
        ENGLISH.stem(word)
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn forms_of_a_word_share_their_stem() {
        assert_eq!(stem("рюкзаки"), stem("рюкзаков"));
        assert_eq!(stem("shipping"), stem("shipped"));
        assert_eq!(stem("bp101"), "bp101");
    }
}
