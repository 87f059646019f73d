//! Words, numbers and signs of a question or an attribute's value, in order.

use crate::retrieval::attributes::unit::unit_of;
use crate::text::normalize::normalize;
use crate::text::stem::stem;
use std::collections::HashMap;
use std::sync::LazyLock;

/// More tokens come from pasted text, not from a question.
const MAX_TOKENS: usize = 120;

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Word {
        text: String,
        stem: String,
    },
    Number(f64),
    /// A currency sign, `%`, `×`, a dash between numbers, `+`, `/`, `,` and the like.
    Sign(char),
}

impl Token {
    pub fn word(&self) -> Option<&str> {
        match self {
            Token::Word { text, .. } => Some(text),
            Token::Number(_) | Token::Sign(_) => None,
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Token::Number(number) => Some(*number),
            Token::Word { .. } | Token::Sign(_) => None,
        }
    }

    pub fn is_sign(&self, signs: &[char]) -> bool {
        matches!(self, Token::Sign(sign) if signs.contains(sign))
    }

    /// The unit that the token names, a currency sign among them.
    pub fn unit(&self) -> Option<crate::retrieval::attributes::unit::Unit> {
        match self {
            Token::Word { text, .. } => unit_of(text),
            Token::Sign(sign) => unit_of(sign.encode_utf8(&mut [0; 4])),
            Token::Number(_) => None,
        }
    }
}

/// `45л` is a number and a word, `IPX8` and `3XL` are words, `10 000` and `15,6` are numbers, `полтора` is 1.5.
pub fn tokens(text: &str) -> Vec<Token> {
    let normalized = normalize(text).replace("·ч", "ч").replace("*ч", "ч");
    let chars: Vec<char> = normalized.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        if found.len() >= MAX_TOKENS {
            break;
        }
        if c.is_ascii_digit() {
            at = push_number(&chars, at, &mut found);
        } else if c.is_alphanumeric() {
            let end = run_end(&chars, at, char::is_alphanumeric);
            push_word(chars.get(at..end).unwrap_or_default().iter().collect(), &mut found);
            at = end;
        } else {
            if !c.is_whitespace() {
                let sign = match c {
                    '–' | '—' | '−' | '-' => '-',
                    '″' | '“' | '”' => '"',
                    other => other,
                };
                found.push(Token::Sign(sign));
            }
            at += 1;
        }
    }
    found
}

fn run_end(chars: &[char], start: usize, is_inside: fn(char) -> bool) -> usize {
    let length = chars.iter().skip(start).take_while(|c| is_inside(**c)).count();
    start + length
}

/// Reads from a digit on and returns where it ends.
fn push_number(chars: &[char], start: usize, found: &mut Vec<Token>) -> usize {
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut end = run_end(chars, start, |c| c.is_ascii_digit());
    let mut digits: String = chars.get(start..end).unwrap_or_default().iter().collect();
    // Groups of three digits, all parted alike: `10 000`, `1,500`. `0,500` is a fraction.
    let separator = chars.get(end).copied().filter(|c| matches!(c, ' ' | '\u{a0}' | ','));
    let is_first_group = digits.len() <= 3 && !digits.starts_with('0');
    while is_first_group
        && separator.is_some()
        && chars.get(end).copied() == separator
        && (1..=3).all(|next| digit(end + next))
        && !digit(end + 4)
    {
        digits.extend(chars.get(end + 1..end + 4).unwrap_or_default());
        end += 4;
    }
    if chars.get(end).is_some_and(|c| matches!(c, '.' | ',')) && digit(end + 1) {
        let fraction_end = run_end(chars, end + 1, |c| c.is_ascii_digit());
        digits.push('.');
        digits.extend(chars.get(end + 1..fraction_end).unwrap_or_default());
        end = fraction_end;
    }
    let tail_end = run_end(chars, end, char::is_alphanumeric);
    let tail: String = chars.get(end..tail_end).unwrap_or_default().iter().collect();
    let is_dimension_mark = matches!(tail.as_str(), "x" | "х") && digit(tail_end);
    let crosses = tail.chars().next().is_some_and(|c| matches!(c, 'x' | 'х'))
        && tail.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
    let number = digits.parse().unwrap_or(f64::MAX);
    if tail.is_empty() {
        found.push(Token::Number(number));
        return end;
    }
    if is_dimension_mark || crosses {
        found.push(Token::Number(number));
        found.push(Token::Sign('×'));
        return end + 1;
    }
    if unit_of(&tail).is_some() || multiplier(&tail).is_some() {
        found.push(Token::Number(number));
        push_word(tail, found);
        return tail_end;
    }
    push_word(chars.get(start..tail_end).unwrap_or_default().iter().collect(), found);
    tail_end
}

fn push_word(text: String, found: &mut Vec<Token>) {
    if let Some(factor) = multiplier(&text)
        && let Some(Token::Number(number)) = found.last_mut()
    {
        *number *= factor;
        return;
    }
    if let Some(number) = spelled_number(&text) {
        found.push(Token::Number(number));
        return;
    }
    if let Some(rest) = text.strip_prefix("пол")
        && let Some(form) = half_of(rest)
    {
        found.push(Token::Number(0.5));
        found.push(Token::Word {
            stem: stem(form).into_owned(),
            text: form.to_owned(),
        });
        return;
    }
    let stem = term_of(&text);
    found.push(Token::Word { text, stem });
}

/// The stem that facets keep: of English words in `-ves` that of the singular, because Snowball parts `knives` from `knife`.
pub fn term_of(word: &str) -> String {
    if word.is_ascii()
        && let Some(root) = word.strip_suffix("ves")
        && matches!(
            root,
            "kni" | "wi" | "li" | "scar" | "shel" | "loa" | "lea" | "hal" | "cal" | "wol" | "thie"
        )
    {
        let singular = if matches!(root, "kni" | "wi" | "li") {
            format!("{root}fe")
        } else {
            format!("{root}f")
        };
        return stem(&singular).into_owned();
    }
    stem(word).into_owned()
}

fn half_of(rest: &str) -> Option<&'static str> {
    match rest {
        "литра" | "литровый" | "литровая" => Some("литр"),
        "кило" | "килограмма" => Some("кг"),
        "метра" => Some("метр"),
        _ => None,
    }
}

fn multiplier(word: &str) -> Option<f64> {
    match word {
        "к" | "k" | "тыс" | "тысяч" | "тысячи" | "тысячу" | "тысяча" | "тыщ" | "тыщи" | "тр" | "thousand" | "grand" => {
            Some(1000.0)
        }
        "млн" | "миллион" | "миллиона" | "million" => Some(1_000_000.0),
        _ => None,
    }
}

static SPELLED: LazyLock<HashMap<&'static str, f64>> = LazyLock::new(|| {
    const NUMBERS: &[(&str, f64)] = &[
        ("полтора полторы one_and_a_half", 1.5),
        ("пол half", 0.5),
        ("два две двух двумя two", 2.0),
        ("три трех three", 3.0),
        ("четыре четырех four", 4.0),
        ("пять пяти five", 5.0),
        ("шесть шести six", 6.0),
        ("семь семи seven", 7.0),
        ("восемь восьми eight", 8.0),
        ("девять девяти nine", 9.0),
        ("десять десяти ten", 10.0),
        ("двенадцать двенадцати twelve", 12.0),
        ("пятнадцать пятнадцати fifteen", 15.0),
        ("двадцать двадцати twenty", 20.0),
        ("тридцать тридцати thirty", 30.0),
        ("сорок сорока forty", 40.0),
        ("пятьдесят пятидесяти fifty", 50.0),
        ("сто ста hundred", 100.0),
        ("двести двухсот", 200.0),
        ("триста трехсот", 300.0),
        ("пятьсот пятисот", 500.0),
        ("тысяча тысячи тысячу thousand", 1000.0),
    ];
    let mut spelled = HashMap::new();
    for (forms, number) in NUMBERS {
        for form in forms.split(' ') {
            spelled.entry(form).or_insert(*number);
        }
    }
    spelled
});

fn spelled_number(word: &str) -> Option<f64> {
    SPELLED.get(word).copied()
}

#[cfg(test)]
mod tests {
    use super::Token;
    use super::tokens;

    fn numbers(text: &str) -> Vec<f64> {
        tokens(text).iter().filter_map(Token::number).collect()
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, expected) in [
            ("до 10 000 руб", vec![10_000.0]),
            ("$1,500", vec![1500.0]),
            ("15,6 дюйма", vec![15.6]),
            ("0.75л", vec![0.75]),
            ("5к", vec![5000.0]),
            ("полторы тысячи", vec![1500.0]),
            ("5 тыс.", vec![5000.0]),
            ("полторалитровый 2 300 000", vec![2_300_000.0]),
            ("160х200", vec![160.0, 200.0]),
            ("54×30×22 см", vec![54.0, 30.0, 22.0]),
            ("98, 104, 110", vec![98.0, 104.0, 110.0]),
            ("S 42-44", vec![42.0, 44.0]),
            ("в 2026 году 100 штук", vec![2026.0, 100.0]),
        ] {
            assert_eq!(numbers(text), expected, "{text}");
        }
        assert_eq!(numbers("ipx8 3xl 210d usb-c"), Vec::<f64>::new());
    }
}
