//! What an attribute's value says: its terms, and its numbers as intervals in base units.

use crate::retrieval::attributes::concept::size_of;
use crate::retrieval::attributes::token::Token;
use crate::retrieval::attributes::unit::Dimension;
use crate::retrieval::attributes::unit::FLUID_OUNCE;
use crate::retrieval::attributes::unit::Unit;
use crate::retrieval::attributes::unit::is_ounce;
use crate::text::stop_words::is_stop_word;

/// An interval in the base unit of its dimension; `f64::INFINITY` where it is open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    pub dimension: Dimension,
    pub low: f64,
    pub high: f64,
    /// What a number in the value's own unit is multiplied by.
    pub factor: f64,
}

/// The numbers of a value: `до 15,6 дюйма` is everything up to it, `65 + 10 л` from 65 to 75, `54×30×22 см` its largest side.
/// One interval for each dimension; `holds` tells that an ounce is of fluid.
pub fn measured(tokens: &[Token], holds: bool) -> Vec<Measured> {
    let mut found: Vec<Measured> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let Some(number) = tokens.get(at).and_then(Token::number) else {
            at += 1;
            continue;
        };
        let (interval, end) = interval_at(tokens, at, number, holds);
        at = end;
        let Some(interval) = interval else { continue };
        match found.iter_mut().find(|known| known.dimension == interval.dimension) {
            Some(known) => {
                known.low = known.low.min(interval.low);
                known.high = known.high.max(interval.high);
            }
            None => found.push(interval),
        }
    }
    found
}

fn interval_at(tokens: &[Token], start: usize, first: f64, holds: bool) -> (Option<Measured>, usize) {
    let (mut low, mut high, mut end) = (first, first, start + 1);
    let mut is_open = false;
    while let Some(link) = tokens.get(end) {
        let Some(next) = tokens.get(end + 1).and_then(Token::number) else {
            break;
        };
        match link {
            Token::Sign('×' | '*') => (low, high) = (high.max(next), high.max(next)),
            Token::Word { text, .. } if matches!(text.as_str(), "x" | "х") => {
                (low, high) = (high.max(next), high.max(next));
            }
            Token::Sign('-') if next >= low => high = next,
            Token::Word { text, .. } if matches!(text.as_str(), "до" | "to") && next >= low => high = next,
            Token::Sign('+') => high += next,
            _ => break,
        }
        end += 2;
    }
    if tokens.get(end).is_some_and(|token| token.is_sign(&['+'])) {
        is_open = true;
        end += 1;
    }
    let mut at_unit = end;
    if tokens.get(end).is_some_and(|token| token.is_sign(&['-']))
        && tokens.get(end + 1).is_some_and(|token| token.unit().is_some())
    {
        at_unit += 1;
    }
    let mut unit: Option<Unit> = tokens.get(at_unit).and_then(Token::unit);
    if unit.is_some() {
        let is_density = tokens.get(at_unit + 1).is_some_and(|token| token.is_sign(&['/']))
            && tokens.get(at_unit + 2).is_some_and(|token| token.word().is_some());
        end = at_unit + 1;
        if is_density {
            return (None, end);
        }
    }
    if holds && unit.is_some_and(is_ounce) {
        unit = Some(FLUID_OUNCE);
    }
    let (dimension, factor) = unit.unwrap_or((Dimension::Bare, 1.0));
    let before = start.checked_sub(1).and_then(|at| tokens.get(at)).and_then(Token::word);
    if low == high {
        match before {
            Some("до" | "to" | "макс" | "max" | "максимум") => low = 0.0,
            Some("от" | "from" | "мин" | "min" | "over" | "свыше") => is_open = true,
            _ => {}
        }
    }
    let high = if is_open { f64::INFINITY } else { high * factor };
    let interval = Measured {
        dimension,
        low: low * factor,
        high,
        factor,
    };
    (Some(interval), end)
}

/// The terms of a value or a name; one that is said to be absent (`без сахара`, `sugar-free`) begins with `!`. Numbers with a
/// unit are no terms, others are.
pub fn value_terms(tokens: &[Token]) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    let mut is_absent = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Number(number) => {
                if tokens.get(at + 1).and_then(Token::unit).is_none() {
                    terms.push(number.to_string());
                }
            }
            Token::Sign(sign) => is_absent &= *sign == '-',
            Token::Word { text, stem } => match text.as_str() {
                "без" | "не" | "without" | "no" | "non" | "not" => is_absent = true,
                "free" => {
                    if let Some(last) = terms.last_mut().filter(|last| !last.starts_with('!')) {
                        last.insert(0, '!');
                    }
                }
                _ => {
                    let term = match size_of(text) {
                        Some(size) => size.to_owned(),
                        None if is_stop_word(text) => continue,
                        None => stem.clone(),
                    };
                    let is_unit = token.unit().is_some()
                        && at > 0
                        && tokens.get(at - 1).is_some_and(|token| token.number().is_some());
                    if !is_unit {
                        terms.push(if is_absent { format!("!{term}") } else { term });
                    }
                    is_absent = false;
                }
            },
        }
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

#[cfg(test)]
mod tests {
    use super::measured;
    use super::value_terms;
    use crate::retrieval::attributes::token::tokens;
    use crate::retrieval::attributes::unit::Dimension;

    #[test]
    fn values_are_intervals_in_base_units() {
        use Dimension::*;
        for (value, dimension, low, high) in [
            ("1,5 кг", Mass, 1500.0, 1500.0),
            ("до 27 дюймов", Length, 0.0, 685.8),
            ("от 6 лет", Age, 6.0, f64::INFINITY),
            ("120×60×75 см", Length, 1200.0, 1200.0),
            ("40 + 5 л", Volume, 40_000.0, 45_000.0),
            ("5000 mAh", Charge, 5000.0, 5000.0),
            ("1 TB", Storage, 1024.0, 1024.0),
            ("3–5 years", Age, 3.0, 5.0),
            ("8", Bare, 8.0, 8.0),
            ("12+", Bare, 12.0, f64::INFINITY),
        ] {
            let found = measured(&tokens(value), false);
            let interval = found.first().unwrap_or_else(|| panic!("{value}"));
            assert_eq!(
                (interval.dimension, interval.low, interval.high.min(1e9)),
                (dimension, low, high.min(1e9)),
                "{value}"
            );
        }
        assert_eq!(measured(&tokens("320 г/м²"), false), []);
        assert_eq!(measured(&tokens("16 oz"), true).first().unwrap().dimension, Volume);
    }

    #[test]
    fn what_is_absent_is_marked() {
        assert_eq!(value_terms(&tokens("без отдушки")), ["!отдушк"]);
        assert_eq!(value_terms(&tokens("sugar-free, cocoa")), ["!sugar", "cocoa"]);
        assert_eq!(value_terms(&tokens("XS, S, M")), ["m", "s", "xs"]);
    }
}
