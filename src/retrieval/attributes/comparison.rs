//! Words around a number that make a bound of it: "до", "не дороже", "at least", "и больше".

use crate::retrieval::attributes::property::Property;
use crate::retrieval::attributes::property::comparative;
use crate::retrieval::attributes::token::Token;

/// "Около 3000" allows this share more or less.
const AROUND: f64 = 0.2;
/// Strict bounds leave out the number itself.
const STRICT: f64 = 1e-6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    AtMost,
    Below,
    AtLeast,
    Above,
    Around,
}

impl Side {
    fn negated(self) -> Side {
        match self {
            Side::Below => Side::AtLeast,
            Side::Above => Side::AtMost,
            other => other,
        }
    }

    /// "Не больше" behind a number: at most.
    fn reversed(self) -> Side {
        match self {
            Side::AtLeast => Side::AtMost,
            _ => Side::AtLeast,
        }
    }

    /// The bounds that a number becomes.
    pub fn bounds(self, number: f64) -> (Option<f64>, Option<f64>) {
        match self {
            Side::AtMost => (None, Some(number)),
            Side::Below => (None, Some(number * (1.0 - STRICT))),
            Side::AtLeast => (Some(number), None),
            Side::Above => (Some(number * (1.0 + STRICT)), None),
            Side::Around => (Some(number * (1.0 - AROUND)), Some(number * (1.0 + AROUND))),
        }
    }
}

/// Phrases of one or two words that stand before a number; comparatives of `property` and negations come on top.
const BEFORE: &[(Side, &str)] = &[
    (
        Side::AtMost,
        "до|максимум|пределах|бюджет|бюджетом|бюджета|up to|at most|within|max|maximum|budget|budget of|budget is",
    ),
    (Side::Below, "меньше|менее|ниже|under|below|less than|fewer than|less"),
    (
        Side::AtLeast,
        "от|минимум|at least|from|starting at|min|minimum|начиная с",
    ),
    (Side::Above, "больше|более|свыше|выше|over|above|more than|more"),
    (
        Side::Around,
        "около|примерно|порядка|районе|приблизительно|around|about|approximately|roughly|near",
    ),
];

/// Words after "и", "или", "or", "and" that stand behind a number: "5 литров и больше".
const AFTER: &[(Side, &str)] = &[
    (
        Side::AtLeast,
        "больше|более|выше|дороже|тяжелее|старше|длиннее|ярче|more|up|above|over|larger|bigger|higher|older|longer|greater",
    ),
    (
        Side::AtMost,
        "меньше|менее|ниже|дешевле|легче|младше|less|below|under|cheaper|smaller|lower|fewer|younger|shorter",
    ),
];

fn side_of(phrases: &[(Side, &str)], asked: &str) -> Option<Side> {
    let found = phrases
        .iter()
        .find(|(_, forms)| forms.split('|').any(|form| form == asked));
    found.map(|(side, _)| *side)
}

/// Between a comparative and its number: "больше чем 40", "cheaper than $50".
const LINKS: &[&str] = &[
    "чем",
    "than",
    "of",
    "до",
    "в",
    "на",
    "за",
    "рублей",
    "at",
    "a",
    "an",
    "the",
];

/// What stands before a number and makes a bound of it.
pub struct Comparison {
    pub side: Side,
    pub property: Option<Property>,
    /// Where its first word stands.
    pub start: usize,
    /// "От", "between": a second number may follow.
    pub opens_range: bool,
}

pub fn comparison_before(tokens: &[Token], number_start: usize) -> Option<Comparison> {
    let mut last = number_start.checked_sub(1)?;
    let word = |at: usize| tokens.get(at).and_then(Token::word);
    if tokens.get(last)?.is_sign(&['<', '≤', '~', '>', '≥']) {
        let side = match tokens.get(last)? {
            Token::Sign('<' | '≤') => Side::AtMost,
            Token::Sign('~') => Side::Around,
            _ => Side::AtLeast,
        };
        return Some(Comparison {
            side,
            property: None,
            start: last,
            opens_range: false,
        });
    }
    let mut found = comparison_at(tokens, last);
    if found.is_none() && LINKS.contains(&word(last)?) {
        last = last.checked_sub(1)?;
        found = comparison_at(tokens, last);
    }
    let mut comparison = found?;
    let negation = comparison
        .start
        .checked_sub(1)
        .filter(|at| matches!(word(*at), Some("не" | "no" | "not")));
    if let Some(at) = negation {
        comparison.side = comparison.side.negated();
        comparison.start = at;
    }
    Some(comparison)
}

/// A comparison whose last word stands at `last`.
fn comparison_at(tokens: &[Token], last: usize) -> Option<Comparison> {
    let word = tokens.get(last)?.word()?;
    let mut found = Comparison {
        side: Side::Around,
        property: None,
        start: last,
        opens_range: matches!(word, "between" | "между" | "от" | "from"),
    };
    if matches!(word, "between" | "между") {
        return Some(found);
    }
    if let Some(direction) = comparative(word) {
        found.side = if direction.is_ascending {
            Side::Below
        } else {
            Side::Above
        };
        found.property = Some(direction.property);
        return Some(found);
    }
    let previous = last.checked_sub(1).and_then(|at| tokens.get(at)).and_then(Token::word);
    let pair = previous.map(|previous| format!("{previous} {word}"));
    if let Some(side) = pair.and_then(|pair| side_of(BEFORE, &pair)) {
        found.side = side;
        found.start = last.saturating_sub(1);
        return Some(found);
    }
    found.side = side_of(BEFORE, word)?;
    Some(found)
}

/// A comparison behind a number, and where it ends.
pub fn comparison_after(tokens: &[Token], end: usize) -> Option<(Side, usize)> {
    let token = tokens.get(end)?;
    if token.is_sign(&['+']) {
        return Some((Side::AtLeast, end + 1));
    }
    let word = token.word()?;
    let alone = match word {
        "максимум" | "max" | "maximum" | "tops" => Some(Side::AtMost),
        "минимум" | "min" | "minimum" => Some(Side::AtLeast),
        _ => None,
    };
    if let Some(side) = alone {
        return Some((side, end + 1));
    }
    let next = tokens.get(end + 1)?.word()?;
    let side = side_of(AFTER, next);
    match word {
        "и" | "или" | "or" | "and" => side.map(|side| (side, end + 2)),
        "не" => side.map(|side| (side.reversed(), end + 2)),
        _ => None,
    }
}
