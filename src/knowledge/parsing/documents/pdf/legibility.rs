//! Whether a text layer says what the page shows. Fonts without a true mapping give letters of another script, symbols, or words that no
//! language has; an assistant that learnt them would answer with rubbish.

use encoding_rs::WINDOWS_1251;
use encoding_rs::WINDOWS_1252;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Legibility {
    Good,
    /// Russian in the letters of Western Europe: `Óñëîâèÿ` for `Условия`.
    Cyrillic,
    Bad,
}

/// Fewer letters tell nothing.
const MIN_LETTERS: usize = 40;
/// Shares of all that is seen, above which a text is none. The readable PDFs of the trial stay below a fifth of each.
const MAX_BAD: f64 = 0.05;
const MAX_MIXED: f64 = 0.15;
const MAX_VOICELESS: f64 = 0.35;
/// Above it, letters of Western Europe are no French or German.
const MIN_WESTERN: f64 = 0.6;
const VOWELS: &str = "аеёиоуыэюяіїєaeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿœąęėįųūőű";
/// Letters in a row without a vowel that words have: `взгляд` has four, abbreviations are short.
const MIN_WORD_LETTERS: usize = 5;

pub fn judge(text: &str) -> Legibility {
    let seen = text.chars().filter(|c| !c.is_whitespace());
    let (mut all, mut letters, mut bad, mut western) = (0_usize, 0_usize, 0_usize, 0_usize);
    for c in seen {
        all += 1;
        letters += usize::from(c.is_alphabetic());
        bad += usize::from(is_bad(c));
        western += usize::from(matches!(c, 'À'..='ÿ'));
    }
    if all > 0 && share(bad, all) > MAX_BAD {
        return Legibility::Bad;
    }
    if letters < MIN_LETTERS {
        return Legibility::Good;
    }
    if share(western, letters) > MIN_WESTERN {
        return Legibility::Cyrillic;
    }
    let (mut words, mut mixed, mut voiceless, mut long) = (0, 0, 0, 0);
    for word in text.split_whitespace() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let of_word: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).collect();
        if of_word.len() < 2 {
            continue;
        }
        words += 1;
        mixed += usize::from(is_mixed(word));
        let mut kinds = of_word.clone();
        kinds.sort_unstable();
        kinds.dedup();
        // Rows of one letter fill forms and drafts.
        if of_word.len() >= MIN_WORD_LETTERS && kinds.len() > 2 && of_word.iter().all(|c| is_european(*c)) {
            long += 1;
            let lower = of_word.iter().flat_map(|c| c.to_lowercase());
            voiceless += usize::from(lower.into_iter().all(|c| !VOWELS.contains(c)));
        }
    }
    if share(mixed, words) > MAX_MIXED || share(voiceless, long) > MAX_VOICELESS {
        return Legibility::Bad;
    }
    Legibility::Good
}

/// The same bytes read as Cyrillic. What is no letter of Western Europe stays.
pub fn repaired(text: &str) -> String {
    let (bytes, _, _) = WINDOWS_1252.encode(text);
    let (repaired, _) = WINDOWS_1251.decode_without_bom_handling(&bytes);
    repaired.into_owned()
}

/// Characters that stand where a letter could not be told.
fn is_bad(c: char) -> bool {
    matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..) || c.is_control()
}

/// Letters of two scripts, or signs and digits between letters as no word has them.
fn is_mixed(word: &str) -> bool {
    let is_cyrillic = |c: char| matches!(c, '\u{400}'..='\u{52f}');
    let has_cyrillic = word.chars().any(is_cyrillic);
    let has_other = word.chars().any(|c| c.is_alphabetic() && !is_cyrillic(c));
    if has_cyrillic && has_other {
        return true;
    }
    let inner: Vec<char> = word.chars().collect();
    inner.windows(3).any(|three| match three {
        [before, sign, after] => {
            let is_strange = !sign.is_alphanumeric() && !"-–—.,'’/&@_:+()«»\"*\u{ad}".contains(*sign);
            is_strange && before.is_alphabetic() && after.is_alphabetic()
        }
        _ => false,
    })
}

fn is_european(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{17f}' | '\u{400}'..='\u{45f}')
}

fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::Legibility;
    use super::judge;
    use super::repaired;

    const RULES: &str =
        "Возврат товара надлежащего качества возможен в течение четырнадцати дней, если сохранён его вид.";

    #[test]
    fn texts_that_people_read_are_good() {
        for text in [
            RULES,
            "Returns are accepted within 14 days; write to shop@example.com or call +7 (495) 123-45-67.",
            "Les élèves ont été très fatigués après une journée d'été passée à la forêt près de l'étang.",
            "ГОСТ 2.105-95, СНиП II-22-81*, USB-C/HDMI, PL-LT509",
            "",
        ] {
            assert_eq!(judge(text), Legibility::Good, "{text}");
        }
    }

    #[test]
    fn rubbish_is_told() {
        for text in [
            "\u{e001}\u{e002}\u{e003} \u{e004}\u{e005}".repeat(20).as_str(),
            "Bosbpar тoвapa нaдлeжaщeгo kaчecтвa вosмoжeн в тeчeнue чeтыpнaдцaтu днeй ecлu coxpaнён"
                .repeat(2)
                .as_str(),
            "wrtgh kjhgf plmnb vcxzs qwrtp sdfgh zxcvb mnbvc lkjhg"
                .repeat(3)
                .as_str(),
        ] {
            assert_eq!(judge(text), Legibility::Bad, "{text}");
        }
    }

    #[test]
    fn cyrillic_in_western_letters_is_mended() {
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(RULES);
        let (western, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
        assert_eq!(judge(&western), Legibility::Cyrillic);
        assert_eq!(repaired(&western), RULES);
        assert_eq!(judge(&repaired(&western)), Legibility::Good);
    }
}
