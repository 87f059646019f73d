//! One spelling for texts that look the same.

use unicode_normalization::UnicodeNormalization;

/// Lower case, NFKC, `ё` as `е`, without invisible characters. Runs of white space stay as they are.
///
/// NFKC joins the `и` and breve that macOS writes for `й`, and turns full-width and superscript forms into plain ones.
pub fn normalize(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc()
        .filter(|c| !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ё' { 'е' } else { c })
        .collect()
}

/// Soft hyphens, zero-width characters and directional marks: they hide words from search and smuggle text past readers.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn spellings_that_look_the_same_become_the_same() {
        assert_eq!(normalize("ЁЛКА"), "елка");
        assert_eq!(normalize("и\u{306}огурт"), "йогурт");
        assert_eq!(normalize("рюк\u{ad}зак"), "рюкзак");
        assert_eq!(normalize("Ｔｅｒｍｏ"), "termo");
    }
}
