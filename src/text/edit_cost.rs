//! How likely one spelling is a slip for another: a Damerau-Levenshtein distance (optimal string alignment) with cheaper steps for
//! what people confuse by ear, by finger and by school rule.

use crate::text::tokenize::is_cyrillic;
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

/// Longer words are cut: no two words of one spelling differ only after so many letters.
const MAX_LETTERS: usize = 40;

type Row = [f32; MAX_LETTERS + 1];

/// A word as it was typed, prepared to be compared with many.
pub struct TypedWord {
    letters: Vec<char>,
    /// As it is heard; `None` when that is the same.
    heard: Option<Vec<char>>,
}

impl TypedWord {
    pub fn new(word: &str) -> TypedWord {
        let letters: Vec<char> = word.chars().take(MAX_LETTERS).collect();
        let heard = by_ear(&letters);
        TypedWord {
            heard: (heard != letters).then_some(heard),
            letters,
        }
    }

    /// The cost of turning the typed word into `known`, 0 for equal words, about 1 for each plain slip; `None` above `limit`.
    pub fn cost(&self, known: &[char], limit: f32) -> Option<f32> {
        let known = known.get(..MAX_LETTERS).unwrap_or(known);
        let plain = aligned(&self.letters, known, limit);
        if plain.is_some_and(|cost| cost <= BY_EAR) {
            return plain;
        }
        let known_heard = by_ear(known);
        if self.heard.is_none() && known_heard == known {
            return plain;
        }
        let typed = self.heard.as_ref().unwrap_or(&self.letters);
        let heard = aligned(typed, &known_heard, limit - BY_EAR).map(|cost| cost + BY_EAR);
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

fn aligned(typed: &[char], known: &[char], limit: f32) -> Option<f32> {
    let mut before_last: Row = [f32::INFINITY; MAX_LETTERS + 1];
    let mut last: Row = [0.0; MAX_LETTERS + 1];
    let mut added_known: Row = [0.0; MAX_LETTERS + 1];
    let mut total = 0.0;
    for at in 0..known.len() {
        let cost = added(known, at);
        total += cost;
        set(&mut added_known, at, cost);
        set(&mut last, at + 1, total);
    }
    for (row, letter) in typed.iter().enumerate() {
        let dropped = added(typed, row);
        let mut current: Row = [f32::INFINITY; MAX_LETTERS + 1];
        let mut left = at(&last, 0) + dropped;
        set(&mut current, 0, left);
        let mut least = left;
        for (column, other) in known.iter().enumerate() {
            let is_first = row == 0 && column == 0;
            let mut cost = at(&last, column)
                + if letter == other {
                    0.0
                } else {
                    changed(*letter, *other, is_first)
                };
            cost = cost
                .min(at(&last, column + 1) + dropped)
                .min(left + at(&added_known, column));
            if row > 0 && column > 0 && letter != other {
                let is_swap = typed.get(row - 1) == Some(other) && known.get(column - 1) == Some(letter);
                if is_swap {
                    let first = if row == 1 && column == 1 { FIRST_LETTER } else { 0.0 };
                    cost = cost.min(at(&before_last, column - 1) + SWAPPED + first);
                }
            }
            set(&mut current, column + 1, cost);
            left = cost;
            least = least.min(cost);
        }
        // A swap can reach back over one row.
        let earlier = last.get(..=known.len()).unwrap_or_default();
        if least > limit && earlier.iter().all(|cost| *cost > limit) {
            return None;
        }
        before_last = last;
        last = current;
    }
    Some(at(&last, known.len())).filter(|cost| *cost <= limit)
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

fn changed(a: char, b: char, is_first: bool) -> f32 {
    let index = |letter: char| match letter {
        'а'..='я' => Some(u32::from(letter) - u32::from('а')),
        'a'..='z' => Some(u32::from(letter) - u32::from('a') + 32),
        _ => None,
    };
    let cell = index(a)
        .zip(index(b))
        .map(|(a, b)| a as usize * LETTER_COUNT + b as usize);
    let cost = cell.and_then(|cell| CHANGED.get(cell)).copied().unwrap_or(OTHER);
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
    if is_cyrillic(letter) {
        "аеёиоуыэюя".contains(letter)
    } else {
        "aeiouy".contains(letter)
    }
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

/// Groups of letters as they are heard.
const HEARD: &[(&str, &str)] = &[
    ("ться", "ца"),
    ("тся", "ца"),
    ("цца", "ца"),
    ("тьс", "ц"),
    ("стн", "сн"),
    ("здн", "зн"),
    ("лнц", "нц"),
    ("вств", "ств"),
    ("сч", "щ"),
    ("зч", "щ"),
    ("жч", "щ"),
    ("шч", "щ"),
    ("тс", "ц"),
    ("дс", "ц"),
    ("тц", "ц"),
    ("дц", "ц"),
    ("тч", "ч"),
    ("дч", "ч"),
    ("чт", "шт"),
    ("жы", "жи"),
    ("шы", "ши"),
    ("цы", "ци"),
    ("чя", "ча"),
    ("щя", "ща"),
    ("чю", "чу"),
    ("щю", "щу"),
    ("йо", "е"),
    ("ьо", "е"),
    ("tion", "shn"),
    ("sion", "shn"),
    ("tch", "ch"),
    ("ght", "t"),
    ("ph", "f"),
    ("ck", "k"),
    ("kn", "n"),
    ("wr", "r"),
    ("wh", "w"),
    ("qu", "kw"),
    ("ea", "e"),
    ("ee", "e"),
    ("oo", "u"),
    ("ou", "u"),
];

fn by_ear(word: &[char]) -> Vec<char> {
    let mut heard = Vec::with_capacity(word.len());
    let mut rest = word;
    while let [first, others @ ..] = rest {
        let group = HEARD.iter().find(|(written, _)| {
            if !written.starts_with(*first) {
                return false;
            }
            let length = written.chars().count();
            rest.get(..length)
                .is_some_and(|start| start.iter().copied().eq(written.chars()))
        });
        match group {
            Some((written, sound)) => {
                heard.extend(sound.chars());
                rest = rest.get(written.chars().count()..).unwrap_or_default();
            }
            None => {
                heard.push(*first);
                rest = others;
            }
        }
    }
    heard
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
