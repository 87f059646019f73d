//! How likely one spelling is a slip for another: a Damerau-Levenshtein distance (optimal string alignment) with cheaper steps for
//! what people confuse by ear, by finger and by school rule.

use crate::text::heard::by_ear;
use crate::text::heard::has_group;
use std::sync::LazyLock;

/// Letters that sound alike in some position. The lists are of pairs.
const SOUND_PAIRS: &str =
    "оа еи иы еэ яе яи юу яа ео бп вф гк дт жш зс шщ чщ цс хг хк йи ъь ck cs sz gj vf vw iy qk ae ei ou ao ie";
const KEY_ROWS: [&str; 6] = [
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
];

const ALIKE: f32 = 0.35;
const VOWELS: f32 = 0.6;
const NEIGHBORING_KEYS: f32 = 0.7;
const OTHER: f32 = 1.0;
const SWAPPED: f32 = 0.6;
const DOUBLED: f32 = 0.3;
const SILENT: f32 = 0.35;
const VOWEL_ADDED: f32 = 0.7;
/// A slip in the first letter is rarer than any other.
const FIRST_LETTER: f32 = 0.4;
/// What is written by ear as a group: the cost of reading the word so.
const BY_EAR: f32 = 0.15;
/// More than sums of a few costs are rounded by.
const SLACK: f32 = 1e-5;

/// Longer words are cut: no two words of one spelling differ only after so many letters.
const MAX_LETTERS: usize = 40;

type Row = [f32; MAX_LETTERS + 1];

/// A letter with what it costs alone and where it stands in `CHANGED`.
#[derive(Clone, Copy)]
struct Weighed {
    letter: char,
    added: f32,
    index: Option<usize>,
}

/// A word as it was typed, prepared to be compared with many.
pub struct TypedWord {
    letters: Vec<char>,
    weighed: Vec<Weighed>,
    /// As it is heard; `None` when that is the same.
    heard: Option<Vec<Weighed>>,
}

impl TypedWord {
    pub fn new(word: &str) -> TypedWord {
        let letters: Vec<char> = word.chars().take(MAX_LETTERS).collect();
        let heard = by_ear(&letters);
        TypedWord {
            heard: (heard != letters).then(|| weighed(&heard).collect()),
            weighed: weighed(&letters).collect(),
            letters,
        }
    }

    /// The cost of turning the typed word into `known`, 0 for equal words, about 1 for each plain slip; `None` above `limit`.
    pub fn cost(&self, known: &[char], limit: f32) -> Option<f32> {
        let known = known.get(..MAX_LETTERS).unwrap_or(known);
        if self.letters == known {
            return Some(0.0).filter(|cost| *cost <= limit);
        }
        let plain = aligned(&self.weighed, known, limit);
        if plain.is_some_and(|cost| cost <= BY_EAR) {
            return plain;
        }
        let known_heard = has_group(known).then(|| by_ear(known));
        let known_heard = known_heard.as_deref().unwrap_or(known);
        if self.heard.is_none() && known_heard == known {
            return plain;
        }
        let typed = self.heard.as_ref().unwrap_or(&self.weighed);
        // What costs more than the plain reading is not asked for.
        let limit = plain.unwrap_or(limit);
        let heard = aligned(typed, known_heard, limit - BY_EAR + SLACK)
            .map(|cost| cost + BY_EAR)
            .filter(|cost| *cost <= limit);
        match (plain, heard) {
            (Some(plain), Some(heard)) => Some(plain.min(heard)),
            (plain, heard) => plain.or(heard),
        }
    }
}

/// The cost of turning one word into another; see `TypedWord::cost`.
pub fn edit_cost(typed: &str, known: &str, limit: f32) -> Option<f32> {
    let known: Vec<char> = known.chars().collect();
    TypedWord::new(typed).cost(&known, limit)
}

fn weighed(word: &[char]) -> impl Iterator<Item = Weighed> {
    word.iter().enumerate().map(|(at, letter)| Weighed {
        letter: *letter,
        added: added(word, at),
        index: letter_index(*letter),
    })
}

fn aligned(typed: &[Weighed], known: &[char], limit: f32) -> Option<f32> {
    const NONE: Weighed = Weighed {
        letter: ' ',
        added: OTHER,
        index: None,
    };
    let mut cells = [NONE; MAX_LETTERS];
    cells
        .iter_mut()
        .zip(weighed(known))
        .for_each(|(cell, letter)| *cell = letter);
    let known = cells.get(..known.len()).unwrap_or(&cells);
    let mut rows = [[f32::INFINITY; MAX_LETTERS + 1]; 3];
    let [before_last, last, current] = &mut rows;
    let (mut before_last, mut last, mut current) = (before_last, last, current);
    let mut total = 0.0;
    set(last, 0, total);
    for (column, letter) in known.iter().enumerate() {
        total += letter.added;
        set(last, column + 1, total);
    }
    let mut last_least = 0.0;
    for (row, letter) in typed.iter().enumerate() {
        let before = row.checked_sub(1).and_then(|row| typed.get(row));
        let least = fill(current, [&*last, &*before_last], (row, letter, before), known);
        // A swap can reach back over one row.
        if least > limit && last_least > limit {
            return None;
        }
        last_least = least;
        (before_last, last, current) = (last, current, before_last);
    }
    Some(at(last, known.len())).filter(|cost| *cost <= limit)
}

/// Fills the row of one typed letter from the two rows before it. Returns its least cost.
fn fill(
    current: &mut Row,
    [last, before_last]: [&Row; 2],
    (row, letter, before): (usize, &Weighed, Option<&Weighed>),
    known: &[Weighed],
) -> f32 {
    let start = letter.index.map(|index| index * LETTER_COUNT);
    let costs = start.and_then(|start| CHANGED.get(start..start + LETTER_COUNT));
    let mut diagonal = at(last, 0);
    let mut left = diagonal + letter.added;
    set(current, 0, left);
    let mut least = left;
    let above = last.get(1..).unwrap_or_default();
    let cells = current.get_mut(1..).unwrap_or_default();
    let mut before_other: Option<char> = None;
    for (column, ((other, above), cell)) in known.iter().zip(above).zip(cells).enumerate() {
        let mut cost = diagonal;
        if letter.letter != other.letter {
            cost += changed(costs, other.index, row == 0 && column == 0);
        }
        cost = cost.min(above + letter.added).min(left + other.added);
        if letter.letter != other.letter
            && before_other == Some(letter.letter)
            && before.is_some_and(|before| before.letter == other.letter)
        {
            let first = if row == 1 && column == 1 { FIRST_LETTER } else { 0.0 };
            cost = cost.min(at(before_last, column - 1) + SWAPPED + first);
        }
        *cell = cost;
        left = cost;
        least = least.min(cost);
        diagonal = *above;
        before_other = Some(other.letter);
    }
    least
}

fn at(row: &Row, index: usize) -> f32 {
    row.get(index).copied().unwrap_or(f32::INFINITY)
}

fn set(cells: &mut [f32], index: usize, cost: f32) {
    if let Some(cell) = cells.get_mut(index) {
        *cell = cost;
    }
}

/// The cost of a letter too many or too few.
fn added(word: &[char], at: usize) -> f32 {
    let Some(letter) = word.get(at) else { return OTHER };
    let before = at.checked_sub(1).and_then(|at| word.get(at));
    let first = if at == 0 { FIRST_LETTER } else { 0.0 };
    let cost = match letter {
        letter if before == Some(letter) => DOUBLED,
        'ь' | 'ъ' => SILENT,
        'й' if before.is_some_and(|before| is_vowel(*before)) => SILENT,
        'т' | 'д' if before.is_some_and(|before| matches!(before, 'с' | 'з')) => 0.6,
        'h' => 0.6,
        'e' if at + 1 == word.len() => SILENT,
        letter if is_vowel(*letter) => VOWEL_ADDED,
        _ => OTHER,
    };
    cost + first
}

/// All letters that have costs of their own; the place of each is its index.
const LETTERS: &str = "абвгдежзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz";
const LETTER_COUNT: usize = 64;

/// The cost of each letter for each, row by row.
static CHANGED: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let mut costs = vec![OTHER; LETTER_COUNT * LETTER_COUNT];
    for (row, a) in LETTERS.chars().enumerate() {
        for (column, b) in LETTERS.chars().enumerate() {
            set(&mut costs, row * LETTER_COUNT + column, confused(a, b));
        }
    }
    costs
});

/// The place of a letter in `LETTERS`.
pub(super) fn letter_index(letter: char) -> Option<usize> {
    let index = match letter {
        'а'..='я' => u32::from(letter) - u32::from('а'),
        'a'..='z' => u32::from(letter) - u32::from('a') + 32,
        _ => return None,
    };
    Some(index as usize)
}

/// `costs` is the row of one of the letters.
fn changed(costs: Option<&[f32]>, other: Option<usize>, is_first: bool) -> f32 {
    let cell = costs.zip(other).and_then(|(costs, other)| costs.get(other));
    let cost = cell.copied().unwrap_or(OTHER);
    // What sounds alike is confused in any place.
    if is_first && cost > ALIKE {
        cost + FIRST_LETTER
    } else {
        cost
    }
}

fn confused(a: char, b: char) -> f32 {
    let is_pair = SOUND_PAIRS.split(' ').any(|pair| {
        let mut letters = pair.chars();
        let (first, second) = (letters.next(), letters.next());
        (first, second) == (Some(a), Some(b)) || (first, second) == (Some(b), Some(a))
    });
    if is_pair {
        return ALIKE;
    }
    if is_vowel(a) && is_vowel(b) {
        return VOWELS;
    }
    if are_neighboring_keys(a, b) {
        NEIGHBORING_KEYS
    } else {
        OTHER
    }
}

pub fn is_vowel(letter: char) -> bool {
    matches!(
        letter,
        'а' | 'е' | 'ё' | 'и' | 'о' | 'у' | 'ы' | 'э' | 'ю' | 'я' | 'a' | 'e' | 'i' | 'o' | 'u' | 'y'
    )
}

fn are_neighboring_keys(a: char, b: char) -> bool {
    let place = |letter: char| {
        KEY_ROWS
            .iter()
            .enumerate()
            .find_map(|(row, keys)| keys.chars().position(|key| key == letter).map(|column| (row, column)))
    };
    let (Some((row_a, column_a)), Some((row_b, column_b))) = (place(a), place(b)) else {
        return false;
    };
    row_a / 3 == row_b / 3 && row_a.abs_diff(row_b) <= 1 && column_a.abs_diff(column_b) <= 1
}

#[cfg(test)]
mod tests {
    use super::edit_cost;
    use proptest::prelude::*;

    fn cost(typed: &str, known: &str) -> f32 {
        edit_cost(typed, known, 9.0).unwrap_or(9.0)
    }

    #[test]
    fn what_people_confuse_costs_less_than_what_they_do_not() {
        for (typed, near, far) in [
            ("пакупка", "покупка", "пасупка"),
            ("програма", "программа", "прогрлама"),
            ("расписца", "расписаться", "расписной"),
            ("вессна", "весна", "вепсна"),
            ("шкфа", "шкаф", "шкут"),
            ("щасливый", "счастливый", "шаловливый"),
            ("recieve", "receive", "reprieve"),
            ("definately", "definitely", "defiantly"),
            ("fotograf", "photograph", "autograph"),
        ] {
            assert!(
                cost(typed, near) < cost(typed, far),
                "{typed}: {} {}",
                cost(typed, near),
                cost(typed, far)
            );
        }
    }

    proptest! {
        #[test]
        fn equal_words_cost_nothing_and_cost_is_symmetric(a in "[а-я]{1,9}", b in "[а-я]{1,9}") {
            prop_assert_eq!(cost(&a, &a), 0.0);
            prop_assert!((cost(&a, &b) - cost(&b, &a)).abs() < 1e-4);
        }

        #[test]
        fn a_limit_only_cuts(a in "[а-г]{1,7}", b in "[а-г]{1,7}", limit in 0.0..3.0f32) {
            let free = edit_cost(&a, &b, 9.0).unwrap_or(9.0);
            match edit_cost(&a, &b, limit) {
                Some(found) => prop_assert!((found - free).abs() < 1e-4),
                None => prop_assert!(free > limit - 1e-4),
            }
        }
    }
}
