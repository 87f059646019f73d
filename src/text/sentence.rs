//! Sentences: the units that embeddings and extracts are made of.

/// Splits at line breaks and after `.`, `!`, `?`, `…` that end a sentence. Pieces are trimmed and never empty.
///
/// A full stop ends a sentence only before white space and a capital, digit, quote or dash, and not after a single letter or
/// a common abbreviation ("г. Москва", "т. е.", "5 тыс. руб.").
pub fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut start = 0;
        for (index, c) in line.char_indices() {
            if !matches!(c, '.' | '!' | '?' | '…') {
                continue;
            }
            let end = index + c.len_utf8();
            let (before, after) = (&line[start..index], &line[end..]);
            if ends_sentence(c, before, after) {
                push_trimmed(&mut found, &line[start..end]);
                start = end;
            }
        }
        push_trimmed(&mut found, &line[start..]);
    }
    found
}

fn push_trimmed<'a>(found: &mut Vec<&'a str>, piece: &'a str) {
    let piece = piece.trim();
    if !piece.is_empty() {
        found.push(piece);
    }
}

fn ends_sentence(mark: char, before: &str, after: &str) -> bool {
    let mut rest = after.chars();
    if !rest.next().is_some_and(char::is_whitespace) {
        return false;
    }
    let next = after.trim_start().chars().next();
    let starts =
        next.is_some_and(|c| c.is_uppercase() || c.is_ascii_digit() || matches!(c, '«' | '"' | '—' | '-' | '('));
    if mark != '.' {
        return starts || next.is_none();
    }
    let last_word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let is_initial = last_word.chars().count() == 1 && last_word.chars().all(char::is_alphabetic);
    starts && !is_initial && !ABBREVIATIONS.contains(&last_word.to_lowercase().as_str())
}

const ABBREVIATIONS: &[&str] = &[
    "ул", "руб", "тыс", "млн", "шт", "стр", "корп", "кв", "пр", "др", "им", "тел", "доб", "см", "рис", "св", "mr",
    "mrs", "dr", "st", "no", "vs", "approx",
];

#[cfg(test)]
mod tests {
    use super::sentences;

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        let text = "Доставка 300 руб. Москва и г. Химки. Вес 1.5 кг! Где? Тут.\n- пункт";
        assert_eq!(
            sentences(text),
            [
                "Доставка 300 руб. Москва и г. Химки.",
                "Вес 1.5 кг!",
                "Где?",
                "Тут.",
                "- пункт"
            ]
        );
    }
}
