//! Puts a question into the letters it was meant in: typed with the wrong layout on, or in Latin letters.
//!
//! A conversion must earn its place: the whole question is converted only when far more of its words are then known, and a single
//! word only when it is unknown as typed and the shop has what it becomes.

use crate::retrieval::correction::nearest_cost;
use crate::retrieval::vocabulary::Vocabulary;
use crate::text::layout::on_english_layout;
use crate::text::layout::on_russian_layout;
use crate::text::normalize::normalize;
use crate::text::stem::stem;
use crate::text::stop_words::is_stop_word;
use crate::text::tokenize::is_cyrillic;
use crate::text::tokenize::words;
use crate::text::transliteration::cyrillic_readings;

/// A longer text was pasted, not typed.
const MAX_WORDS: usize = 40;
/// How much larger the share of known words must be for a conversion of the whole question.
const LEAST_GAIN: f64 = 0.3;
/// Below this share of known words misspelt ones are looked for too.
const FEW_KNOWN: f64 = 0.6;
/// Words looked up as misspelt in one wording: each costs a pass over the vocabulary.
const MAX_NEAR_WORDS: usize = 6;
/// How much a word counts that only the dictionary knows, and one that is misspelt at cost 0.
const DICTIONARY_WORD: f64 = 0.8;
const MISSPELT_WORD: f64 = 0.6;
/// A lone word is converted only from so many characters on: shorter ones are something in any letters.
const LEAST_CONVERTED: usize = 3;

/// Which letters a text was meant in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letters {
    Typed,
    RussianLayout,
    EnglishLayout,
    Transliterated,
}

/// The question in the letters that make most sense; the same text when nothing is wrong with it.
pub fn in_the_right_letters(question: &str, vocabulary: &Vocabulary) -> String {
    let pieces: Vec<&str> = question.split_whitespace().collect();
    if pieces.len() > MAX_WORDS {
        return question.to_owned();
    }
    let letters = whole_letters(&pieces, vocabulary);
    if letters != Letters::Typed {
        return converted(&pieces, letters, vocabulary);
    }
    let has_cyrillic = question.chars().any(is_cyrillic);
    let mut is_changed = false;
    let single: Vec<String> = pieces
        .iter()
        .map(|piece| match single_conversion(piece, has_cyrillic, vocabulary) {
            Some(conversion) => {
                is_changed = true;
                conversion
            }
            None => (*piece).to_owned(),
        })
        .collect();
    if is_changed {
        single.join(" ")
    } else {
        question.to_owned()
    }
}

/// The letters in which clearly the largest share of the question is known.
fn whole_letters(pieces: &[&str], vocabulary: &Vocabulary) -> Letters {
    let typed = pieces.join(" ");
    let conversions: &[Letters] = match (
        typed.chars().any(is_cyrillic),
        typed.chars().any(|c| c.is_ascii_alphabetic()),
    ) {
        (true, _) => &[Letters::EnglishLayout],
        (false, true) => &[Letters::RussianLayout, Letters::Transliterated],
        (false, false) => &[],
    };
    let wordings: Vec<(Letters, String)> = conversions
        .iter()
        .map(|letters| (*letters, converted(pieces, *letters, vocabulary)))
        .collect();
    let plain = known_share(&typed, vocabulary, false);
    let best = best_wording(&wordings, plain, vocabulary, false);
    let most_known = best.map_or(plain, |(_, share)| share);
    if most_known >= FEW_KNOWN && best.is_none() {
        return Letters::Typed;
    }
    // What is typed may be plain and misspelt, and a wrong conversion can be made of right words.
    let plain = known_share(&typed, vocabulary, true);
    let best = best.filter(|(_, share)| *share > plain + LEAST_GAIN / 2.0 && *share >= FEW_KNOWN);
    let found = best.or_else(|| best_wording(&wordings, plain, vocabulary, true));
    found.map_or(Letters::Typed, |(letters, _)| letters)
}

/// The wording with the largest share of known words that beats the plain one clearly; of equals the first.
fn best_wording(
    wordings: &[(Letters, String)],
    plain: f64,
    vocabulary: &Vocabulary,
    with_misspelt: bool,
) -> Option<(Letters, f64)> {
    let mut best: Option<(Letters, f64)> = None;
    for (letters, wording) in wordings {
        let share = known_share(wording, vocabulary, with_misspelt);
        if share > best.map_or(plain + LEAST_GAIN, |(_, share)| share) {
            best = Some((*letters, share));
        }
    }
    best
}

fn converted(pieces: &[&str], letters: Letters, vocabulary: &Vocabulary) -> String {
    let pieces = pieces.iter().map(|piece| match letters {
        Letters::Typed => (*piece).to_owned(),
        // An article number stays as it is: its letters are Latin on purpose.
        _ if piece.chars().any(|c| c.is_ascii_digit()) && is_known(piece, vocabulary) => (*piece).to_owned(),
        Letters::RussianLayout => on_other_layout(piece, on_russian_layout, vocabulary),
        Letters::EnglishLayout => on_other_layout(piece, on_english_layout, vocabulary),
        Letters::Transliterated => transliterated(piece, vocabulary),
    });
    pieces.collect::<Vec<_>>().join(" ")
}

/// A mark at the end of a word is a letter on the other layout, or only a mark: whichever gives a known word.
fn on_other_layout(piece: &str, layout: fn(&str) -> String, vocabulary: &Vocabulary) -> String {
    let whole = layout(piece);
    let trimmed = piece.trim_end_matches([',', '.', ';', ':', '\'', '"']);
    if trimmed == piece || trimmed.is_empty() {
        return whole;
    }
    let without_mark = layout(trimmed);
    let is_better = !is_known(&whole, vocabulary) && is_known(&without_mark, vocabulary);
    if is_better { without_mark } else { whole }
}

/// Each Latin word of the piece in the reading that is best known: to the shop, then to the language, then the plain one.
fn transliterated(piece: &str, vocabulary: &Vocabulary) -> String {
    let lower = piece.to_lowercase();
    let mut text = String::with_capacity(lower.len() * 2);
    let mut rest = lower.as_str();
    while !rest.is_empty() {
        let is_letter = |c: char| c.is_alphanumeric() || c == '\'';
        let end = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.chars().any(|c| c.is_ascii_alphabetic()) {
            text.push_str(&best_reading(word, vocabulary));
        } else {
            text.push_str(word);
        }
        let gap = after.find(is_letter).unwrap_or(after.len());
        let (marks, next) = after.split_at(gap);
        text.push_str(marks);
        rest = next;
    }
    text
}

fn best_reading(word: &str, vocabulary: &Vocabulary) -> String {
    let readings: Vec<String> = cyrillic_readings(word)
        .iter()
        .map(|reading| normalize(reading))
        .collect();
    let rank = |reading: &&String| {
        let term = stem(reading);
        if is_stop_word(reading) || vocabulary.holds(&term) {
            2
        } else {
            i32::from(vocabulary.knows(&term))
        }
    };
    let plain = readings.first().cloned().unwrap_or_else(|| word.to_owned());
    // The first of equals: readings come likeliest first.
    let best = readings.iter().rev().max_by_key(rank);
    match best {
        Some(best) if rank(&best) > 0 => best.clone(),
        _ => plain,
    }
}

/// A word in other letters than its neighbors, or alone: unknown as typed, and the shop's in other letters. Beside Russian
/// words a word of the language is enough.
fn single_conversion(piece: &str, has_cyrillic: bool, vocabulary: &Vocabulary) -> Option<String> {
    let is_short = piece.chars().count() < LEAST_CONVERTED && !has_cyrillic;
    if is_short || is_known(piece, vocabulary) || !piece.chars().any(char::is_alphabetic) {
        return None;
    }
    let is_latin = !piece.chars().any(is_cyrillic);
    let conversions = if is_latin {
        vec![
            on_other_layout(piece, on_russian_layout, vocabulary),
            transliterated(piece, vocabulary),
        ]
    } else {
        vec![on_other_layout(piece, on_english_layout, vocabulary)]
    };
    let is_meant = |conversion: &String| {
        let normalized = normalize(conversion);
        let mut all = words(&normalized).peekable();
        all.peek().is_some()
            && all.all(|word| {
                let term = stem(word);
                vocabulary.holds(&term) || is_latin && has_cyrillic && (is_stop_word(word) || vocabulary.knows(&term))
            })
    };
    conversions.into_iter().find(is_meant)
}

/// Whether all words of a piece are words of the shop or of the language.
fn is_known(piece: &str, vocabulary: &Vocabulary) -> bool {
    let normalized = normalize(piece);
    words(&normalized).all(|word| is_stop_word(word) || vocabulary.knows(&stem(word)))
}

/// The share of words that are known, each weighing as many as it has letters: short ones are known in any letters.
fn known_share(text: &str, vocabulary: &Vocabulary, with_misspelt: bool) -> f64 {
    let normalized = normalize(text);
    let (mut known, mut all) = (0.0, 0.0);
    let mut looked_up = 0;
    for word in words(&normalized).filter(|word| !word.chars().any(|c| c.is_ascii_digit())) {
        let weight = f64::from(u32::try_from(word.chars().count()).unwrap_or(u32::MAX));
        let term = stem(word);
        all += weight;
        if is_stop_word(word) || vocabulary.holds(&term) {
            known += weight;
        } else if vocabulary.knows(&term) {
            // A short stem of a long word is known by chance.
            let stem_share = (2.0 * term.chars().count() as f64 / weight - 0.5).clamp(0.0, 1.0);
            known += DICTIONARY_WORD * weight * stem_share;
        } else if with_misspelt && looked_up < MAX_NEAR_WORDS {
            looked_up += 1;
            let cost = nearest_cost(word, vocabulary).map(f64::from);
            known += cost.map_or(0.0, |cost| (MISSPELT_WORD - 0.2 * cost).max(0.1)) * weight;
        }
    }
    if all > 0.0 { known / all } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::in_the_right_letters;
    use crate::retrieval::vocabulary::Vocabulary;
    use crate::text::terms::terms;

    fn shop() -> Vocabulary {
        let text = "доставка самокат коляска подъезд чайник заварочный одеяло рубашка объектив ремонт bicycle helmet iphone чехол";
        let counted = terms(text).into_iter().map(|term| (term, 1)).collect();
        Vocabulary::new(counted, &[text.to_owned()], &[])
    }

    #[test]
    fn wrong_layouts_are_read_whole_and_word_by_word() {
        for (typed, meant) in [
            ("cfvjrfn", "самокат"),
            ("Xfqybr pfdfhjxysq", "чайник заварочный"),
            ("j,]trnbd, b xt[jk", "объектив и чехол"),
            ("есть ли cfvjrfn?", "есть ли самокат?"),
            ("ишснсду рудьуе", "bicycle helmet"),
            ("чехол шзрщту", "чехол iphone"),
        ] {
            assert_eq!(in_the_right_letters(typed, &shop()), meant, "{typed}");
        }
    }

    #[test]
    fn latin_letters_are_read_as_russian_ones() {
        for (typed, meant) in [
            ("gde zakazat remont", "где заказать ремонт"),
            ("rubawka i odejalo", "рубашка и одеяло"),
            ("est' kolyaska", "есть коляска"),
            ("чехол dlya iphone", "чехол для iphone"),
        ] {
            assert_eq!(in_the_right_letters(typed, &shop()), meant, "{typed}");
        }
    }

    #[test]
    fn what_is_right_stays() {
        for question in [
            "Do you ship abroad?",
            "Есть ли у вас зонты и палатки?",
            "iPhone 15 Pro",
            "bakpack and helmt",
            "500 г?",
        ] {
            assert_eq!(in_the_right_letters(question, &shop()), question);
        }
    }
}
