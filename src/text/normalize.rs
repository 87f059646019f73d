//! One spelling for texts that look the same.

use unicode_normalization::UnicodeNormalization;

/// Lower case, NFKC, `ё` as `е`, without invisible characters. Runs of white space stay as they are.
///
/// NFKC joins the `и` and breve that macOS writes for `й`, and turns full-width and superscript forms into plain ones.
pub fn normalize(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    if text.chars().all(is_plain) {
        return text.chars().map(plain_lowercase).collect();
    }
    composed(text)
}

fn composed(text: &str) -> String {
    text.nfkc()
        .filter(|c| !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ё' { 'е' } else { c })
        .collect()
}

/// Letters and marks of nearly every Russian text that NFKC leaves as they are, beside any others of these.
fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='\u{7f}' | 'А'..='я' | 'Ё' | 'ё' | '«' | '»' | '×' | '–' | '—' | '“' | '”' | '„' | '₽')
}

/// Of a plain character.
fn plain_lowercase(c: char) -> char {
    match c {
        'A'..='Z' => c.to_ascii_lowercase(),
        'А'..='Я' => char::from_u32(u32::from(c) + 0x20).unwrap_or(c),
        'Ё' | 'ё' => 'е',
        other => other,
    }
}

/// Soft hyphens, zero-width characters and directional marks: they hide words from search and smuggle text past readers.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::composed;
    use super::normalize;
    use proptest::prelude::*;

    #[test]
    fn spellings_that_look_the_same_become_the_same() {
        assert_eq!(normalize("ЁЛКА"), "елка");
        assert_eq!(normalize("и\u{306}огурт"), "йогурт");
        assert_eq!(normalize("рюк\u{ad}зак"), "рюкзак");
        assert_eq!(normalize("Ｔｅｒｍｏ"), "termo");
    }
    proptest! {
        #[test]
        fn plain_texts_need_no_composing(text in "[А-яЁёA-Za-z0-9 «»×–—“”„₽.,-]{0,40}") {
            prop_assert_eq!(normalize(&text), composed(&text));
        }
    }
}
