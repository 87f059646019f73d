//! Marks of list entries: `3.`, `б)`, `IV.`, `- `.

/// How a level of a list counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counting {
    Bullet,
    #[default]
    Decimal,
    LowerLetter,
    UpperLetter,
    LowerRoman,
    UpperRoman,
    LowerRussian,
    UpperRussian,
    /// It counts and shows nothing.
    Hidden,
}

/// Levels inside each other that are counted.
pub const MAX_LEVELS: usize = 9;
/// Letters of lists, without the three that nobody counts with.
const RUSSIAN: &str = "абвгдежзиклмнопрстуфхцчшщэюя";
const LATIN: &str = "abcdefghijklmnopqrstuvwxyz";
const ROMAN: [(u32, &str); 13] = [
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
];

/// The number as this counting writes it, from 1.
pub fn numeral(number: u32, counting: Counting) -> String {
    match counting {
        Counting::Bullet => "-".to_owned(),
        Counting::Hidden => String::new(),
        Counting::Decimal => number.to_string(),
        Counting::LowerLetter => letters(number, LATIN),
        Counting::UpperLetter => letters(number, LATIN).to_uppercase(),
        Counting::LowerRussian => letters(number, RUSSIAN),
        Counting::UpperRussian => letters(number, RUSSIAN).to_uppercase(),
        Counting::LowerRoman => roman(number),
        Counting::UpperRoman => roman(number).to_uppercase(),
    }
}

/// After the last letter come doubled ones.
fn letters(number: u32, alphabet: &str) -> String {
    let count = alphabet.chars().count();
    let at = number.saturating_sub(1) as usize;
    let letter = alphabet.chars().nth(at % count).unwrap_or('a');
    std::iter::repeat_n(letter, (at / count + 1).min(4)).collect()
}

fn roman(number: u32) -> String {
    let mut left = number.min(3999);
    let mut text = String::new();
    for (value, numeral) in ROMAN {
        while left >= value {
            text.push_str(numeral);
            left -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Counting;
    use super::numeral;

    #[test]
    fn numbers_are_written_as_lists_write_them() {
        for (number, counting, text) in [
            (14, Counting::Decimal, "14"),
            (3, Counting::LowerRussian, "в"),
            (29, Counting::LowerRussian, "аа"),
            (27, Counting::UpperLetter, "AA"),
            (1994, Counting::UpperRoman, "MCMXCIV"),
            (4, Counting::LowerRoman, "iv"),
        ] {
            assert_eq!(numeral(number, counting), text);
        }
    }
}
