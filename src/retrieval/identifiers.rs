//! Article numbers and barcodes in a question, told by those that the shop has.

use crate::retrieval::vocabulary::Vocabulary;
use crate::text::identifier::identifier_candidates;
use crate::text::identifier::normalize_identifier;
use crate::text::layout::on_english_layout;
use crate::text::normalize::normalize;
use crate::text::quantity::quantities;
use crate::text::tokenize::words;
use crate::text::transliteration::to_latin;

/// A bare number is an article only when it is this long, or announced as one, or all that was asked.
const LEAST_BARE_DIGITS: usize = 5;
/// Words that announce an article number.
const ANNOUNCING: &[&str] = &[
    "артикул",
    "артикула",
    "артикулом",
    "артикулу",
    "арт",
    "код",
    "кода",
    "коду",
    "кодом",
    "штрихкод",
    "номер",
    "номера",
    "номером",
    "модель",
    "товар",
    "sku",
    "item",
    "article",
    "code",
    "barcode",
    "ean",
    "gtin",
    "model",
    "number",
    "no",
    "№",
];
/// A part names its article only when few articles have it.
const MAX_PART_MATCHES: usize = 6;
const LEAST_PART_CHARS: usize = 3;
const BEGINNING_WEIGHT: f64 = 0.8;
const INNER_WEIGHT: f64 = 0.6;

/// A string to be looked up among the shop's identifiers, as `text::identifier::normalize_identifier` writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentifierCandidate {
    pub identifier: String,
    /// Whether the question names the identifier in full; a part of it is evidence, but no certainty.
    pub is_whole: bool,
}

/// The shop's identifiers that the question names: whole ones as they stand there, in look-alike letters, on the wrong layout or
/// spelled in Russian letters; then those of which it names a part that few have.
pub fn identifiers_in(question: &str, vocabulary: &Vocabulary) -> Vec<IdentifierCandidate> {
    let known = vocabulary.identifiers();
    if known.is_empty() {
        return Vec::new();
    }
    let wordings = [question.to_owned(), on_english_layout(question), to_latin(question)];
    let mut found: Vec<IdentifierCandidate> = Vec::new();
    let mut parts: Vec<String> = Vec::new();
    for candidate in wordings.iter().flat_map(|wording| identifier_candidates(wording)) {
        let is_number = candidate.chars().all(|c| c.is_ascii_digit());
        if is_number && !is_announced(&candidate, question) {
            continue;
        }
        if known.find(&candidate).is_some() {
            push(&mut found, candidate, true);
        } else if !is_number && candidate.chars().count() > LEAST_PART_CHARS && !parts.contains(&candidate) {
            parts.push(candidate);
        }
    }
    if found.is_empty() {
        for part in parts {
            let holding = known.holding(&part, MAX_PART_MATCHES + 1);
            if holding.len() <= MAX_PART_MATCHES {
                holding
                    .into_iter()
                    .for_each(|whole| push(&mut found, whole.to_owned(), false));
            }
        }
    }
    found
}

fn push(found: &mut Vec<IdentifierCandidate>, identifier: String, is_whole: bool) {
    if found.iter().all(|known| known.identifier != identifier) {
        found.push(IdentifierCandidate { identifier, is_whole });
    }
}

/// Whether a bare number in the question may be an article: not a size, a price or a year.
fn is_announced(number: &str, question: &str) -> bool {
    let normalized = normalize(question);
    let all: Vec<&str> = words(&normalized).collect();
    let joined: String = all.concat();
    if joined == number {
        return true;
    }
    let is_measured = quantities(&normalized).iter().any(|quantity| {
        let written = normalized.get(quantity.range.clone()).unwrap_or_default();
        normalize_identifier(written).starts_with(number)
    });
    if is_measured {
        return false;
    }
    let is_round = number.ends_with("00");
    if number.chars().count() >= LEAST_BARE_DIGITS && !is_round {
        return true;
    }
    let place = all.iter().position(|word| number.starts_with(word));
    let before = place
        .and_then(|place| place.checked_sub(1))
        .and_then(|before| all.get(before));
    before.is_some_and(|before| ANNOUNCING.contains(before)) || question.contains('#') || question.contains('№')
}

/// The shop's terms with digits of which a word of the question is the beginning, the end or the middle, when they are few.
pub fn terms_with_part(word: &str, vocabulary: &Vocabulary) -> Vec<(String, f64)> {
    let is_telling = word.chars().count() >= LEAST_PART_CHARS && !vocabulary.holds(word);
    let is_number = word.chars().all(|c| c.is_ascii_digit());
    if !is_telling {
        return Vec::new();
    }
    let beginning: Vec<&str> = vocabulary
        .terms_beginning_with(word)
        .take(MAX_PART_MATCHES + 1)
        .collect();
    if !beginning.is_empty() && beginning.len() <= MAX_PART_MATCHES && !is_number {
        return beginning
            .into_iter()
            .map(|term| (term.to_owned(), BEGINNING_WEIGHT))
            .collect();
    }
    let part = normalize_identifier(word);
    let holding = vocabulary.identifiers().holding(&part, 2 * MAX_PART_MATCHES);
    let mut terms: Vec<String> = Vec::new();
    for identifier in holding {
        let term = identifier.to_lowercase();
        if vocabulary.holds(&term) && !terms.contains(&term) {
            terms.push(term);
        }
    }
    if terms.len() > MAX_PART_MATCHES {
        return Vec::new();
    }
    terms.into_iter().map(|term| (term, INNER_WEIGHT)).collect()
}

#[cfg(test)]
mod tests {
    use super::identifiers_in;
    use super::terms_with_part;
    use crate::retrieval::vocabulary::Vocabulary;

    fn shop() -> Vocabulary {
        let identifiers = ["KX7701", "KX7702", "ZQKX7701", "55501", "1500", "4006381333931"].map(str::to_owned);
        let terms = ["zq", "kx7701", "kx7702", "55501", "1500"].map(|term| (term.to_owned(), 1));
        Vocabulary::new(terms.to_vec(), &[], &identifiers)
    }

    fn whole(question: &str) -> Vec<String> {
        let found = identifiers_in(question, &shop()).into_iter();
        found
            .filter(|found| found.is_whole)
            .map(|found| found.identifier)
            .collect()
    }

    #[test]
    fn an_identifier_is_found_however_it_is_typed() {
        for question in ["kx-7701", "есть КХ7701?", "лч7701", "кх 77 01 в наличии", "KX_7701!"] {
            assert_eq!(whole(question), ["KX7701"], "{question}");
        }
        assert_eq!(whole("штрихкод 4006381333931"), ["4006381333931"]);
    }

    #[test]
    fn prices_and_sizes_are_no_identifiers() {
        for question in ["до 1500 рублей", "аккумулятор 1500", "размер 1500 мм", "1500 стр"]
        {
            assert!(whole(question).is_empty(), "{question}");
        }
        assert_eq!(whole("артикул 1500"), ["1500"]);
        assert_eq!(whole("1500"), ["1500"]);
        assert_eq!(whole("почём 55501"), ["55501"]);
    }

    #[test]
    fn a_part_is_evidence_for_the_few_that_have_it() {
        let terms = |word: &str| {
            terms_with_part(word, &shop())
                .into_iter()
                .map(|(term, _)| term)
                .collect::<Vec<_>>()
        };
        assert_eq!(terms("kx77"), ["kx7701", "kx7702"]);
        assert_eq!(terms("7702"), ["kx7702"]);
        assert!(terms("99").is_empty());
        let found = identifiers_in("zq-kx77", &shop());
        assert!(
            found
                .iter()
                .any(|found| found.identifier == "ZQKX7701" && !found.is_whole)
        );
    }
}
