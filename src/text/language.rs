//! Which language a message is written in.

use crate::domain::language::Language;
use crate::text::tokenize::is_cyrillic;

/// Russian when any letter is Cyrillic, English when the letters are Latin, `None` without letters.
///
/// Statistical detectors fail on short shop questions ("скидка" as Bulgarian, "price" as Romanian); the script does not.
pub fn language_of(text: &str) -> Option<Language> {
    if text.chars().any(is_cyrillic) {
        return Some(Language::Ru);
    }
    text.chars().any(char::is_alphabetic).then_some(Language::En)
}

#[cfg(test)]
mod tests {
    use super::language_of;
    use crate::domain::language::Language;

    #[test]
    fn the_script_decides() {
        assert_eq!(language_of("iPhone 15 Pro есть?"), Some(Language::Ru));
        assert_eq!(language_of("Do you ship abroad?"), Some(Language::En));
        assert_eq!(language_of("12345 ???"), None);
    }
}
