//! Where a sentence of a growing text ends, and how much of one may be shown before it has ended.

use regex::Regex;
use std::sync::LazyLock;

/// Words that begin a claim. What comes before them can be shown; they and the rest wait for the end of the sentence.
const TRIGGERS: &[&str] = &[
    "налич",
    "склад",
    "остал",
    "законч",
    "распрод",
    "раскуп",
    "отсутств",
    "имеется",
    "арт",
    "код",
    "sku",
    "stock",
    "sold",
    "availab",
    "unavailab",
    "left",
    "article",
    "item",
    "part",
    "model",
];
/// A full stop after these ends no sentence.
const ABBREVIATIONS: &[&str] = &[
    "г", "ул", "д", "т", "е", "п", "арт", "тел", "им", "стр", "no", "art", "approx", "vs", "e", "i", "g", "mr", "st",
    "см",
];
/// After these it does, unless a number follows.
const UNITS: &[&str] = &["руб", "р", "тыс", "шт"];

static CITATION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\[[0-9]+\]").ok());

/// The bytes of the first sentence with the citations and white space after it. `None` while it depends on what follows; never
/// depends on how much of that is there. A line is a sentence of its own, so that items of lists and rows of tables are.
pub fn sentence_end(text: &str, is_last: bool) -> Option<usize> {
    for (at, c) in text.char_indices() {
        if c == '\n' {
            return Some(at + 1);
        }
        if !matches!(c, '.' | '!' | '?' | '…') {
            continue;
        }
        match end_after(text, at, c) {
            End::At(end) => return Some(end),
            End::Unknown if !is_last => return None,
            End::Unknown | End::None => {}
        }
    }
    (is_last && !text.is_empty()).then_some(text.len())
}

enum End {
    At(usize),
    None,
    Unknown,
}

fn end_after(text: &str, at: usize, mark: char) -> End {
    let mut rest = text.get(at + mark.len_utf8()..).unwrap_or_default();
    rest = rest.trim_start_matches(['.', '!', '?', '…', '»', '"', '”', ')', '*', '_']);
    let mut is_apart = false;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t', '\u{a0}']);
        is_apart |= trimmed.len() < rest.len();
        rest = trimmed;
        let Some(next) = rest.chars().next() else {
            return End::Unknown;
        };
        let citation = CITATION.as_ref().and_then(|citation| citation.find(rest));
        if let Some(citation) = citation {
            rest = rest.get(citation.end()..).unwrap_or_default();
            is_apart = true;
            continue;
        }
        if next == '[' && rest.get(1..).unwrap_or_default().chars().all(|c| c.is_ascii_digit()) {
            return End::Unknown;
        }
        if next == '\n' {
            return End::At(text.len() - rest.len() + 1);
        }
        let goes_on = !is_apart || next.is_lowercase() || matches!(next, '.' | ',' | ';' | ':');
        let is_abbreviated = mark == '.' && is_abbreviation(text.get(..at).unwrap_or_default(), next);
        return if goes_on || is_abbreviated {
            End::None
        } else {
            End::At(text.len() - rest.len())
        };
    }
}

fn is_abbreviation(before: &str, next: char) -> bool {
    let start = before.rfind(|c: char| !c.is_alphanumeric()).map_or(0, |at| {
        at + before
            .get(at..)
            .and_then(|s| s.chars().next())
            .map_or(1, char::len_utf8)
    });
    let word = before.get(start..).unwrap_or_default().to_lowercase();
    let is_list_number = before.trim_start().chars().all(|c| c.is_ascii_digit()) && !before.trim().is_empty();
    is_list_number
        || ABBREVIATIONS.contains(&word.as_str())
        || (UNITS.contains(&word.as_str()) && next.is_ascii_digit())
}

/// The bytes of an unfinished sentence that hold no claim, whatever follows.
pub fn showable(text: &str) -> usize {
    let mut word_start = None;
    let mut in_brackets = false;
    for (at, c) in text.char_indices() {
        if c.is_alphabetic() {
            word_start.get_or_insert(at);
            continue;
        }
        if let Some(start) = word_start.take()
            && begins_claim(text.get(start..at).unwrap_or_default())
        {
            return start;
        }
        match c {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            // A table's columns are read by its head.
            '|' => return at,
            _ if !in_brackets && (c.is_ascii_digit() || "$€£¥₽₸%№~".contains(c)) => return at,
            _ => {}
        }
    }
    let Some(start) = word_start else {
        return text.len();
    };
    let word = text.get(start..).unwrap_or_default().to_lowercase();
    let may_begin = TRIGGERS.iter().any(|trigger| trigger.starts_with(&word));
    if may_begin || begins_claim(&word) {
        start
    } else {
        text.len()
    }
}

fn begins_claim(word: &str) -> bool {
    let word = word.to_lowercase();
    TRIGGERS.iter().any(|trigger| word.starts_with(trigger))
}

/// Makes the patterns ready.
pub fn prepare() {
    LazyLock::force(&CITATION);
}

#[cfg(test)]
mod tests {
    use super::sentence_end;
    use super::showable;

    fn split(mut text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        while let Some(end) = sentence_end(text, true) {
            found.push(&text[..end]);
            text = &text[end..];
        }
        found
    }

    #[test]
    fn a_sentence_takes_its_citations_along() {
        assert_eq!(
            split("Стоит 990 руб. за штуку. [1] [2] Есть г. Москва, арт. PL-1.\n- да [1]\nконец"),
            [
                "Стоит 990 руб. за штуку. [1] [2] ",
                "Есть г. Москва, арт. PL-1.\n",
                "- да [1]\n",
                "конец"
            ]
        );
        assert_eq!(split("It is $5.50 now. Buy!"), ["It is $5.50 now. ", "Buy!"]);
        assert_eq!(sentence_end("Да. ", false), None);
        assert_eq!(sentence_end("Да. [1", false), None);
    }

    #[test]
    fn plain_text_is_shown_at_once_and_a_claim_waits() {
        assert_eq!(showable("Конечно, рюкзак [1] хорош"), "Конечно, рюкзак [1] хорош".len());
        assert_eq!(showable("Он стоит 4"), "Он стоит ".len());
        assert_eq!(showable("Он в нал"), "Он в ".len());
        assert_eq!(showable("Он в наличии сейчас"), "Он в ".len());
    }
}
