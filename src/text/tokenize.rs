//! Words of a text.

/// The words of a normalized text in order: runs of letters and digits.
pub fn words(normalized: &str) -> impl Iterator<Item = &str> + Clone {
    normalized
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

pub fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}
