//! Numbers of a question as bounds: "до 3000", "от 20 л", "between 20 and 40", "легче килограмма", "15.6 inch".

use crate::retrieval::attributes::comparison::Comparison;
use crate::retrieval::attributes::comparison::comparison_after;
use crate::retrieval::attributes::comparison::comparison_before;
use crate::retrieval::attributes::property::Property;
use crate::retrieval::attributes::token::Token;
use crate::retrieval::attributes::unit::Unit;
use std::ops::Range;

/// What is measured exactly may differ by rounding and by conversion of units.
const EXACT_TOLERANCE: f64 = 0.02;
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The number as it was asked, the first of a range.
    pub number: f64,
    /// In the question's own unit; absent is unbounded.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub unit: Option<Unit>,
    /// The stem of the word that names the unit.
    pub unit_term: Option<String>,
    /// What the comparison names: "легче" is weight.
    pub property: Option<Property>,
    /// Whether anything but the bare number says that it bounds something.
    pub is_comparison: bool,
    /// The tokens that were read.
    pub span: Range<usize>,
}

const RANGE_ENDS: &[&str] = &["до", "по", "to", "and", "и"];
/// The bounds of a question in order.
pub fn bounds(tokens: &[Token]) -> Vec<Bound> {
    let mut found: Vec<Bound> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match bound_at(tokens, at) {
            Some(mut bound) => {
                bound.unit_term = unit_term(tokens, &bound.span);
                at = bound.span.end.max(at + 1);
                found.push(bound);
            }
            None => at += 1,
        }
    }
    found
}

fn unit_term(tokens: &[Token], span: &Range<usize>) -> Option<String> {
    let read = tokens.get(span.clone())?;
    read.iter().find_map(|token| match token {
        Token::Word { stem, .. } if token.unit().is_some() => Some(stem.clone()),
        _ => None,
    })
}

/// The bound whose number stands at `at`.
fn bound_at(tokens: &[Token], at: usize) -> Option<Bound> {
    let (number, mut end) = match tokens.get(at)? {
        Token::Number(number) => (*number, at + 1),
        token => (lone_unit(tokens, at, token)?, at),
    };
    // A percentage is a share of something, an article number goes on: neither bounds anything.
    if tokens.get(end).is_some_and(|token| token.is_sign(&['%', '×', '*'])) {
        return None;
    }
    let mut start = at;
    let mut unit = None;
    if at > 0
        && tokens
            .get(at - 1)
            .is_some_and(|token| token.is_sign(&['$', '€', '£', '₽']))
    {
        start = at - 1;
        unit = tokens.get(start).and_then(Token::unit);
    }
    let mut upper = None;
    read_unit(tokens, &mut end, &mut unit);
    let before = comparison_before(tokens, start);
    if let Some((second, range_end)) = range_end(tokens, end, before.as_ref()) {
        upper = Some(second);
        end = range_end;
        read_unit(tokens, &mut end, &mut unit);
    }
    let mut bound = Bound {
        number,
        low: Some(number * (1.0 - EXACT_TOLERANCE)),
        high: Some(number * (1.0 + EXACT_TOLERANCE)),
        unit,
        unit_term: None,
        property: None,
        is_comparison: true,
        span: start..end,
    };
    let second = upper.filter(|second| *second >= number);
    if let Some(before) = &before {
        bound.span.start = before.start;
        bound.property = before.property;
        (bound.low, bound.high) = before.side.bounds(number);
    } else if let Some((side, after_end)) = comparison_after(tokens, end) {
        bound.span.end = after_end;
        (bound.low, bound.high) = side.bounds(number);
    } else {
        bound.is_comparison = second.is_some();
    }
    if second.is_some() {
        (bound.low, bound.high) = (Some(number), second);
    }
    Some(bound)
}

/// "Легче килограмма", "на литр": a unit alone, behind a comparison, is one of it.
fn lone_unit(tokens: &[Token], at: usize, token: &Token) -> Option<f64> {
    let is_long = token.word().is_some_and(|word| word.chars().count() >= 4);
    token.unit().filter(|_| is_long)?;
    let before = tokens.get(at.checked_sub(1)?)?.word()?;
    let compares = comparison_before(tokens, at).is_some() || matches!(before, "на");
    compares.then_some(1.0)
}

fn read_unit(tokens: &[Token], end: &mut usize, unit: &mut Option<Unit>) {
    let Some(token) = tokens.get(*end) else {
        return;
    };
    let Some(found) = token.unit() else {
        // "15,6-дюймовый", "10-inch".
        if token.is_sign(&['-'])
            && let Some(found) = tokens.get(*end + 1).and_then(Token::unit)
        {
            *unit = Some(found);
            *end += 2;
        }
        return;
    };
    let next = tokens.get(*end + 1);
    // `In` is an inch at the end or before what is measured, else the preposition; grams per square meter are no weight.
    let is_preposition = token.word() == Some("in")
        && next.is_some_and(|next| {
            matches!(
                next.word(),
                Some("stock" | "the" | "my" | "your" | "total" | "size" | "color" | "colour")
            ) || crate::retrieval::attributes::concept::is_color(next)
        });
    let is_density = next.is_some_and(|next| next.is_sign(&['/']))
        && tokens.get(*end + 2).is_some_and(|after| after.word().is_some());
    if is_preposition || is_density {
        return;
    }
    *unit = Some(found);
    *end += 1;
    // "5 тыс. руб." and "мл." end in a full stop.
    if tokens.get(*end).is_some_and(|token| token.is_sign(&['.'])) {
        *end += 1;
    }
}

/// The second number of a range and where it ends.
fn range_end(tokens: &[Token], end: usize, before: Option<&Comparison>) -> Option<(f64, usize)> {
    let link = tokens.get(end)?;
    let opens = before.is_some_and(|before| before.opens_range);
    let links = link.is_sign(&['-'])
        || link
            .word()
            .is_some_and(|word| RANGE_ENDS.contains(&word) && (opens || matches!(word, "до" | "to")));
    if !links {
        return None;
    }
    let mut next = end + 1;
    if tokens
        .get(next)
        .is_some_and(|token| token.is_sign(&['$', '€', '£', '₽']))
    {
        next += 1;
    }
    let second = tokens.get(next)?.number()?;
    Some((second, next + 1))
}

#[cfg(test)]
mod tests {
    use super::bounds;
    use crate::retrieval::attributes::property::Property;
    use crate::retrieval::attributes::token::tokens;
    use crate::retrieval::attributes::unit::Dimension;

    fn read(text: &str) -> (Option<f64>, Option<f64>, Option<Dimension>) {
        let found = bounds(&tokens(text));
        let bound = found.first().unwrap_or_else(|| panic!("{text}: nothing"));
        let rounded = |value: Option<f64>| value.map(|value| (value * 100.0).round() / 100.0);
        (rounded(bound.low), rounded(bound.high), bound.unit.map(|unit| unit.0))
    }

    #[test]
    fn bounds_are_read_in_both_languages() {
        use Dimension::*;
        for (text, low, high, unit) in [
            ("кроссовки до 3000", None, Some(3000.0), None),
            ("диван не дороже 50 тыс руб", None, Some(50_000.0), Some(Money)),
            ("от 2000 до 4000 рублей", Some(2000.0), Some(4000.0), Some(Money)),
            ("в пределах 5к", None, Some(5000.0), None),
            ("около 3000 ₽", Some(2400.0), Some(3600.0), Some(Money)),
            ("under $50", None, Some(50.0), Some(Money)),
            ("between $20 and $40", Some(20.0), Some(40.0), Some(Money)),
            ("between 20 and 40 dollars", Some(20.0), Some(40.0), Some(Money)),
            ("no more than 60 euros", None, Some(60.0), Some(Money)),
            ("at least 10000 mAh", Some(10_000.0), None, Some(Charge)),
            ("не тяжелее 300 г", None, Some(300.0), Some(Mass)),
            ("легче килограмма", None, Some(1.0), Some(Mass)),
            ("5 литров и больше", Some(5.0), None, Some(Volume)),
            ("полтора литра", Some(1.47), Some(1.53), Some(Volume)),
            ("100-200 вт", Some(100.0), Some(200.0), Some(Power)),
            ("3+ years", Some(3.0), None, None),
            ("64 GB or more", Some(64.0), None, Some(Storage)),
        ] {
            assert_eq!(read(text), (low, high, unit), "{text}");
        }
    }

    #[test]
    fn a_comparative_says_what_it_compares() {
        let found = bounds(&tokens("стул легче 4 кг и дешевле 2000"));
        assert_eq!(
            found.iter().map(|bound| bound.property).collect::<Vec<_>>(),
            [Some(Property::Weight), Some(Property::Price)]
        );
    }
}
