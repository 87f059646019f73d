//! Vectors for words that the table lacks: their own letters, and the known word they resemble.

use crate::embed::builtin::table::Table;
use crate::text::tokenize::is_cyrillic;

/// The length of an unknown word's own vector; a rare known word has length 1.
const HASHED_LENGTH: f32 = 0.5;
/// Shorter stems are one edit away from too much.
const MIN_STEM_CHARS: usize = 4;
const RUSSIAN_LETTERS: &str = "абвгдежзийклмнопрстуфхцчшщъыьэюя";
const LATIN_LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";

/// Adds a vector made of the word's trigrams and the word itself: equal for equal words, similar for words alike in writing.
pub fn add_hashed(word: &str, sum: &mut [f32]) {
    let marked: Vec<char> = std::iter::once('<')
        .chain(word.chars())
        .chain(std::iter::once('>'))
        .collect();
    let mut own = vec![0.0_f32; sum.len()];
    for trigram in marked.windows(3) {
        add_signs(trigram, &mut own);
    }
    add_signs(&marked, &mut own);
    let length = own.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        let factor = HASHED_LENGTH / length;
        sum.iter_mut()
            .zip(own)
            .for_each(|(total, value)| *total += factor * value);
    }
}

/// Adds +1 or -1 to every dimension, as the hash of the letters decides.
fn add_signs(letters: &[char], own: &mut [f32]) {
    let mut seed: u64 = 0xcbf2_9ce4_8422_2325;
    for letter in letters {
        seed = (seed ^ u64::from(u32::from(*letter))).wrapping_mul(0x0100_0000_01b3);
    }
    for part in own.chunks_mut(64) {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = mix(seed);
        for value in part {
            *value += if bits & 1 == 1 { 1.0 } else { -1.0 };
            bits >>= 1;
        }
    }
}

/// The finalizer of SplitMix64.
fn mix(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The longest known beginning that covers at least three fifths of the word.
pub fn find_prefix(table: &Table, word: &str) -> Option<usize> {
    let total = word.chars().count();
    let ends: Vec<usize> = word.char_indices().map(|(index, _)| index).collect();
    let shortest = MIN_STEM_CHARS.max((total * 3).div_ceil(5));
    (shortest..total)
        .rev()
        .find_map(|length| table.find(word.get(..*ends.get(length)?)?))
}

/// The most frequent known word one edit away: a letter dropped, added, changed or two neighbors swapped.
pub fn find_typo(table: &Table, word: &str) -> Option<usize> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < MIN_STEM_CHARS {
        return None;
    }
    let alphabet = if letters.iter().copied().any(is_cyrillic) {
        RUSSIAN_LETTERS
    } else {
        LATIN_LETTERS
    };
    let mut best: Option<(f32, usize)> = None;
    let mut consider = |spelling: &str| {
        if let Some(row) = table.find(spelling) {
            // The commonest word has the lightest row; of equals, the first in the alphabet.
            let found = (table.weight(row), row);
            if best.is_none_or(|known| found.0.total_cmp(&known.0).then(found.1.cmp(&known.1)).is_lt()) {
                best = Some(found);
            }
        }
    };
    for place in 0..=letters.len() {
        let (before, after) = letters.split_at(place);
        let spell = |middle: &[char], rest: &[char]| -> String { before.iter().chain(middle).chain(rest).collect() };
        if let [first, second, rest @ ..] = after {
            consider(&spell(&[*second, *first], rest));
        }
        if let [_, rest @ ..] = after {
            consider(&spell(&[], rest));
        }
        for letter in alphabet.chars() {
            consider(&spell(&[letter], after));
            if let [_, rest @ ..] = after {
                consider(&spell(&[letter], rest));
            }
        }
    }
    best.map(|(_, row)| row)
}
