//! How a word sounds, roughly: what people hear they write, in whichever script is at hand.
//!
//! A Metaphone of our own for Russian: paired consonants are one class, all vowels are one, soft signs and doubled letters are
//! none, and clusters lose what is not pronounced. English words are first written down in Russian letters.

use crate::text::tokenize::is_cyrillic;
use std::collections::HashMap;
use std::sync::LazyLock;

const SYMBOL_BITS: u32 = 4;
const MAX_SYMBOLS: u32 = u64::BITS / SYMBOL_BITS;
const VOWEL: u64 = 1;

/// The classes of a word's sounds, four bits each, the first in the highest bits, zeros after the last; a longer word is cut at
/// sixteen. Words that sound alike have equal codes.
pub fn sound_code(word: &str) -> u64 {
    let written = if word.chars().any(is_cyrillic) {
        word.to_owned()
    } else {
        english_in_cyrillic(word)
    };
    let letters: Vec<char> = written.chars().collect();
    let mut code = 0;
    let mut symbols = 0;
    let mut last = 0;
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied();
        let class = class_of(*letter, before, letters.get(at + 1..).unwrap_or_default());
        if class == 0 || class == last || symbols == MAX_SYMBOLS {
            continue;
        }
        last = class;
        symbols += 1;
        code |= class << (u64::BITS - symbols * SYMBOL_BITS);
    }
    code
}

/// How many sounds a code has.
pub fn sound_count(code: u64) -> u32 {
    MAX_SYMBOLS - code.trailing_zeros().min(u64::BITS) / SYMBOL_BITS
}

/// How many of a code's sounds are consonants.
pub fn consonant_count(code: u64) -> u32 {
    let nibble = |index: u32| code >> (u64::BITS - (index + 1) * SYMBOL_BITS) & 0xf;
    let counted = (0..MAX_SYMBOLS).filter(|index| nibble(*index) > VOWEL).count();
    u32::try_from(counted).unwrap_or(MAX_SYMBOLS)
}

/// Whether one sound changed, dropped or added makes the codes equal.
pub fn is_one_sound_apart(a: u64, b: u64) -> bool {
    let same_bits = (a ^ b).leading_zeros() / SYMBOL_BITS * SYMBOL_BITS;
    let rest = |code: u64, skipped: u32| code.checked_shl(same_bits + skipped).unwrap_or(0);
    let (after_a, after_b) = (rest(a, SYMBOL_BITS), rest(b, SYMBOL_BITS));
    after_a == after_b || after_a == rest(b, 0) || rest(a, 0) == after_b
}

/// 0 for what is not heard.
fn class_of(letter: char, before: Option<char>, after: &[char]) -> u64 {
    let next = after.first().copied();
    match letter {
        'а' | 'е' | 'ё' | 'и' | 'й' | 'о' | 'у' | 'ы' | 'э' | 'ю' | 'я' => VOWEL,
        'б' | 'п' => 2,
        'в' if before.is_some_and(|c| "уую".contains(c)) && after.starts_with(&['с', 'т', 'в']) => 0,
        'в' | 'ф' => 3,
        // The endings of "красного" and "синего".
        'г' if after == ['о'] && before.is_some_and(|c| "ое".contains(c)) => 3,
        'г' | 'к' | 'х' => 4,
        'д' | 'т' if next.is_some_and(|c| "сцчжш".contains(c)) => 0,
        'т' if before == Some('с') && next == Some('н') => 0,
        'д' if before == Some('з') && next == Some('н') => 0,
        'т' if next == Some('ь') && after.get(1) == Some(&'с') => 0,
        'д' | 'т' => 5,
        'з' | 'с' if next.is_some_and(|c| "чщшж".contains(c)) => 0,
        'з' | 'с' | 'ц' => 6,
        'ж' | 'ш' | 'щ' | 'ч' => 7,
        'л' if after.starts_with(&['н', 'ц']) => 0,
        'л' => 8,
        'м' => 9,
        'н' => 10,
        'р' => 11,
        _ => 0,
    }
}

/// Longest first within a beginning; `^` stands for the beginning of a word, `$` for its end.
const ENGLISH: &[(&str, &str)] = &[
    ("^kn", "н"),
    ("^wr", "р"),
    ("^ps", "с"),
    ("^x", "кс"),
    ("tion", "шн"),
    ("sion", "жн"),
    ("ough", "о"),
    ("ight", "айт"),
    ("sch", "ш"),
    ("tch", "ч"),
    ("dge", "дж"),
    ("igh", "ай"),
    ("que$", "к"),
    ("qu", "кв"),
    ("ph", "ф"),
    ("ck", "к"),
    ("sh", "ш"),
    ("ch", "ч"),
    ("th", "т"),
    ("wh", "в"),
    ("gh", "г"),
    ("kh", "х"),
    ("zh", "ж"),
    ("oo", "у"),
    ("ee", "и"),
    ("ea", "и"),
    ("ou", "ау"),
    ("ow", "оу"),
    ("ay", "эй"),
    ("ai", "эй"),
    ("oa", "о"),
    ("ew", "ю"),
    ("aw", "о"),
    ("ce$", "с"),
    ("ce", "се"),
    ("ci", "си"),
    ("cy", "си"),
    ("ge$", "дж"),
    ("le$", "л"),
    ("e$", ""),
    ("y$", "и"),
    ("ya", "я"),
    ("yu", "ю"),
    ("a", "а"),
    ("b", "б"),
    ("c", "к"),
    ("d", "д"),
    ("e", "е"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "х"),
    ("i", "и"),
    ("j", "дж"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("q", "к"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("v", "в"),
    ("w", "в"),
    ("x", "кс"),
    ("y", "и"),
    ("z", "з"),
];

/// The patterns by their first letter, in the same order.
static BY_FIRST_LETTER: LazyLock<HashMap<char, Vec<Pattern>>> = LazyLock::new(|| {
    let mut patterns: HashMap<char, Vec<Pattern>> = HashMap::new();
    for (pattern, russian) in ENGLISH {
        let letters = pattern.trim_matches(['^', '$']);
        let pattern = Pattern {
            letters,
            russian,
            is_first: pattern.starts_with('^'),
            is_last: pattern.ends_with('$'),
        };
        patterns
            .entry(letters.chars().next().unwrap_or_default())
            .or_default()
            .push(pattern);
    }
    patterns
});

struct Pattern {
    letters: &'static str,
    russian: &'static str,
    is_first: bool,
    is_last: bool,
}

impl Pattern {
    fn fits(&self, rest: &str, at: usize) -> bool {
        // A word of one syllable keeps its last vowel: "me", "pie".
        let keeps_vowel = self.is_last && self.letters == "e" && at < 3;
        rest.starts_with(self.letters)
            && (!self.is_first || at == 0)
            && (!self.is_last || rest.len() == self.letters.len())
            && !keeps_vowel
    }
}

/// A Latin word as a Russian speaker would write down its English sound: `backpack` is `бакпак`.
pub fn english_in_cyrillic(word: &str) -> String {
    let mut written = String::with_capacity(word.len() * 2);
    let mut at = 0;
    while let Some(rest) = word.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let patterns = BY_FIRST_LETTER.get(&first).map(Vec::as_slice).unwrap_or_default();
        let found = patterns.iter().find(|pattern| pattern.fits(rest, at));
        written.push_str(found.map_or("", |pattern| pattern.russian));
        at += found.map_or(first.len_utf8(), |pattern| pattern.letters.len());
    }
    written
}

#[cfg(test)]
mod tests {
    use super::is_one_sound_apart;
    use super::sound_code;
    use proptest::prelude::*;

    #[test]
    fn words_that_sound_alike_have_one_code() {
        for (written, meant) in [
            ("агурец", "огурец"),
            ("лесница", "лестница"),
            ("шкафф", "шкав"),
            ("щетчик", "счетчик"),
            ("улыбаеца", "улыбается"),
            ("серце", "сертсе"),
            ("сваво", "своего"),
            ("фелипс", "philips"),
            ("макбук", "macbook"),
            ("нокиа", "nokia"),
            ("фолксваген", "volkswagen"),
            ("nolege", "knolledge"),
        ] {
            assert!(
                sound_code(written) == sound_code(meant) || is_one_sound_apart(sound_code(written), sound_code(meant)),
                "{written} {meant}: {:x} {:x}",
                sound_code(written),
                sound_code(meant)
            );
        }
        assert_ne!(sound_code("стол"), sound_code("стон"));
    }

    proptest! {
        #[test]
        fn one_sound_apart_is_symmetric_and_reflexive(a in "[а-я]{0,20}", b in "[а-я]{0,20}") {
            let (a, b) = (sound_code(&a), sound_code(&b));
            prop_assert!(is_one_sound_apart(a, a));
            prop_assert_eq!(is_one_sound_apart(a, b), is_one_sound_apart(b, a));
        }
    }
}
