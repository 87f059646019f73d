//! Words that run together and words torn apart, told by what the shop has.

use crate::retrieval::vocabulary::Vocabulary;
use crate::text::edit_cost::edit_cost;
use crate::text::stem::stem;
use crate::text::stop_words::is_stop_word;

/// The shortest content word that is split off: shorter beginnings stand in front of anything.
const LEAST_PART: usize = 3;
const LEAST_CHARS: usize = 5;
/// Russian prepositions and particles that run together with the next word: "вмоскву".
const GLUED_BEFORE: &[&str] = &[
    "в", "во", "на", "с", "со", "к", "ко", "у", "о", "об", "по", "до", "от", "за", "из", "без", "для", "под", "при",
    "про", "не", "и", "а",
];
/// One letter of the same sound.
const SMALL_WORD_LIMIT: f32 = 0.4;
const GLUED_AFTER: &[&str] = &["ли", "бы", "же"];

/// The words that an unknown word is made of, in order; empty when it cannot be told. At least one is a word of the shop, and
/// the other one is too, or is a small word that runs together with others.
pub fn parts_of(word: &str, vocabulary: &Vocabulary) -> Vec<String> {
    if word.chars().any(|c| c.is_ascii_digit()) {
        return model_parts(word, vocabulary);
    }
    if word.chars().count() < LEAST_CHARS {
        return Vec::new();
    }
    let mut best: Option<(usize, &str, &str)> = None;
    for (at, _) in word.char_indices().skip(1) {
        let (left, right) = word.split_at(at);
        if let Some(rank) = split_rank(left, right, vocabulary)
            && best.is_none_or(|(known, _, _)| rank > known)
        {
            best = Some((rank, left, right));
        }
    }
    best.map_or_else(Vec::new, |(_, left, right)| vec![left.to_owned(), right.to_owned()])
}

/// The preposition that an unknown word of two or three letters is by ear: "ат" is "от".
pub fn misspelt_small_word(word: &str) -> Option<&'static str> {
    let letters = word.chars().count();
    if !(2..=3).contains(&letters) {
        return None;
    }
    let alike = GLUED_BEFORE.iter().filter(|known| known.chars().count() == letters);
    let costs = alike.filter_map(|known| Some((edit_cost(word, known, SMALL_WORD_LIMIT)?, *known)));
    costs
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)))
        .map(|(_, known)| known)
}

/// How good a split is, `None` when it is none: the longer the shorter of two content words, the better.
fn split_rank(left: &str, right: &str, vocabulary: &Vocabulary) -> Option<usize> {
    // A sign never begins a word, and a hard one never ends it.
    if right.starts_with(['ь', 'ъ', 'ы']) || left.ends_with('ъ') {
        return None;
    }
    let is_own =
        |part: &str| part.chars().count() >= LEAST_PART && vocabulary.holds(&stem(part)) && !is_stop_word(part);
    let is_glued = GLUED_BEFORE.contains(&left) && is_own(right) && right.chars().count() > LEAST_PART
        || GLUED_AFTER.contains(&right) && is_own(left) && left.chars().count() > LEAST_PART;
    if is_glued {
        return Some(1);
    }
    // "термокружка": the first part may lack its ending, and a vowel may join the two.
    let first = left.strip_suffix(['о', 'е']).unwrap_or(left);
    let is_first = is_own(left) || first.chars().count() > LEAST_PART && vocabulary.holds(first);
    (is_first && is_own(right)).then(|| 1 + left.chars().count().min(right.chars().count()))
}

/// "wh1000xm5" is `wh` and `1000xm5` when the shop writes "WH-1000XM5": the fewest runs of digits and letters that it has.
fn model_parts(word: &str, vocabulary: &Vocabulary) -> Vec<String> {
    let borders = word.char_indices().zip(word.chars().skip(1));
    let mut places: Vec<usize> = borders
        .filter(|((_, c), next)| c.is_ascii_digit() != next.is_ascii_digit())
        .map(|((at, c), _)| at + c.len_utf8())
        .collect();
    places.push(word.len());
    let mut parts = Vec::new();
    let mut from = 0;
    while from < word.len() {
        let ends = places.iter().rev().filter(|end| **end > from);
        let longest = ends.copied().find(|end| {
            let part = word.get(from..*end);
            part.is_some_and(|part| (from, *end) != (0, word.len()) && vocabulary.holds(&stem(part)))
        });
        let Some(end) = longest else { return Vec::new() };
        parts.extend(word.get(from..end).map(str::to_owned));
        from = end;
    }
    parts
}

/// The shop's term for two neighbors written as one: "power bank" as `powerbank`.
pub fn joined_term(left: &str, right: &str, vocabulary: &Vocabulary) -> Option<String> {
    if is_stop_word(left) && is_stop_word(right) {
        return None;
    }
    let joined = format!("{left}{right}");
    // Two numbers side by side are two numbers.
    if joined.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let is_long = joined.chars().count() >= LEAST_CHARS || joined.chars().any(|c| c.is_ascii_digit());
    let term = stem(&joined);
    (is_long && vocabulary.holds(&term)).then(|| term.into_owned())
}

#[cfg(test)]
mod tests {
    use super::joined_term;
    use super::parts_of;
    use crate::retrieval::vocabulary::Vocabulary;

    fn shop() -> Vocabulary {
        let terms = ["пылесос", "ковер", "wh", "1000xm5", "60", "терм", "сумк"].map(|term| (term.to_owned(), 1));
        Vocabulary::new(terms.to_vec(), &[], &[])
    }

    #[test]
    fn a_word_is_split_where_both_parts_are_words() {
        assert_eq!(parts_of("напылесос", &shop()), ["на", "пылесос"]);
        assert_eq!(parts_of("термосумка", &shop()), ["термо", "сумка"]);
        assert_eq!(parts_of("wh1000xm5", &shop()), ["wh", "1000xm5"]);
        assert!(parts_of("пылесборник", &shop()).is_empty());
    }

    #[test]
    fn numbers_side_by_side_stay_two() {
        assert_eq!(joined_term("6", "0", &shop()), None);
        assert_eq!(joined_term("пыле", "сос", &shop()).as_deref(), Some("пылесос"));
    }
}
