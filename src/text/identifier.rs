//! Article numbers, however they are typed.

use unicode_normalization::UnicodeNormalization;

/// Shorter strings are sizes and numbers, not articles.
const MIN_IDENTIFIER_CHARS: usize = 3;
/// People split an article into at most this many words: "PL BP 101".
const MAX_IDENTIFIER_WORDS: usize = 4;

/// An identifier without separators, in capitals, Cyrillic look-alikes as Latin letters: `авс-12` gives `ABC12`.
pub fn normalize_identifier(text: &str) -> String {
    text.nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .map(latin_look_alike)
        .collect()
}

/// What in a question may be an identifier: single words with a digit and runs of neighbors joined, each once, in order.
pub fn identifier_candidates(question: &str) -> Vec<String> {
    let words: Vec<String> = question
        .split_whitespace()
        .map(normalize_identifier)
        .filter(|word| !word.is_empty())
        .collect();
    let mut candidates = Vec::new();
    for start in 0..words.len() {
        let mut joined = String::new();
        for word in words.iter().skip(start).take(MAX_IDENTIFIER_WORDS) {
            joined.push_str(word);
            let has_digit = joined.chars().any(|c| c.is_ascii_digit());
            if has_digit && joined.chars().count() >= MIN_IDENTIFIER_CHARS && !candidates.contains(&joined) {
                candidates.push(joined.clone());
            }
        }
    }
    candidates
}

fn latin_look_alike(c: char) -> char {
    match c {
        'А' => 'A',
        'В' => 'B',
        'Е' | 'Ё' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'О' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'У' => 'Y',
        'Х' => 'X',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::identifier_candidates;
    use super::normalize_identifier;

    #[test]
    fn look_alike_letters_and_separators_do_not_matter() {
        assert_eq!(normalize_identifier("авс-12"), "ABC12");
        assert_eq!(normalize_identifier("PL–BP 101"), "PLBP101");
    }

    #[test]
    fn a_split_article_is_found_in_a_question() {
        assert!(identifier_candidates("есть ли PL BP 101 в наличии").contains(&"PLBP101".to_owned()));
        assert!(identifier_candidates("сколько стоит доставка").is_empty());
    }
}
