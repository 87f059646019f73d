//! Reads tokens as numbers and units.

use crate::text::quantity::Quantity;
use crate::text::quantity::UnitKind;
use crate::text::quantity::number_words::compound_prefix;
use crate::text::quantity::number_words::multiplier;
use crate::text::quantity::number_words::number_word;
use crate::text::quantity::tokens::Kind;
use crate::text::quantity::tokens::Token;
use crate::text::quantity::units::Unit;
use crate::text::quantity::units::adjective_unit;
use crate::text::quantity::units::unit;

/// A longer run of digits is a barcode or a telephone number.
const MAX_DIGITS: usize = 9;
/// Up to this value "4к" is a screen; "до 3к" is money all the same.
const MAX_SCREEN_K: f64 = 4.0;
/// Words before a number that make it an amount of money when `к` follows.
const LIMITS: &[&str] = &[
    "до",
    "от",
    "за",
    "дешевле",
    "дороже",
    "около",
    "under",
    "over",
    "below",
    "above",
    "for",
    "around",
    "than",
];
/// Nouns that mean one of their unit when no number stands before them: "термос на литр".
const SINGLE: &[&str] = &["литр", "килограмм", "кило", "метр"];
/// What stands between two numbers of one unit: "5-10 кг", "от 5 до 10 кг", "30x40 см".
const JOINS: &[&str] = &["-", "–", "—", "/", "x", "х", "×", "*", "до", "to", "and", "и", "на"];

pub struct Reader<'a> {
    tokens: Vec<Token<'a>>,
}

/// A number, before its unit is known.
#[derive(Clone, Copy)]
struct Number {
    value: f64,
    /// The token after it.
    next: usize,
    /// Whether it is written in digits with spaces: "10 000".
    is_grouped: bool,
    /// Whether a multiplier made it a sum of money: "5 тыс".
    is_money: bool,
}

impl<'a> Reader<'a> {
    pub fn new(tokens: Vec<Token<'a>>) -> Reader<'a> {
        Reader { tokens }
    }

    pub fn read(&self) -> Vec<Quantity> {
        let mut found: Vec<Quantity> = Vec::new();
        // Numbers that wait for the unit of the one they are joined to: value, first token, next token.
        let mut waiting: Vec<(f64, usize, usize)> = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let Some((quantity, next)) = self.quantity_at(at) else {
                at += 1;
                continue;
            };
            if waiting.last().is_some_and(|(_, _, end)| !self.joins(*end, at)) {
                waiting.clear();
            }
            match quantity {
                (value, None) => waiting.push((value, at, next)),
                (value, Some(unit)) => {
                    for (value, from, to) in waiting.drain(..) {
                        found.push(self.quantity(value, unit, from, to));
                    }
                    found.push(self.quantity(value, unit, at, next));
                }
            }
            at = next.max(at + 1);
        }
        found
    }

    fn quantity(&self, value: f64, unit: Unit, from: usize, to: usize) -> Quantity {
        let start = self.tokens.get(from).map_or(0, |token| token.start);
        let end = self.tokens.get(to.saturating_sub(1)).map_or(start, Token::end);
        Quantity {
            value: value * unit.factor,
            kind: unit.kind,
            range: start..end.max(start),
        }
    }

    /// Whether the tokens from `end` up to `start` join two numbers.
    fn joins(&self, end: usize, start: usize) -> bool {
        start == end + 1 && self.text(end).is_some_and(|text| JOINS.contains(&text))
    }

    fn text(&self, at: usize) -> Option<&'a str> {
        self.tokens.get(at).map(|token| token.text)
    }

    fn letters(&self, at: usize) -> Option<&'a str> {
        let token = self.tokens.get(at)?;
        (token.kind == Kind::Letters).then_some(token.text)
    }

    /// The number or quantity that begins at a token, and the token after it.
    fn quantity_at(&self, at: usize) -> Option<((f64, Option<Unit>), usize)> {
        if let Some(found) = self.priced_at(at) {
            return Some(found);
        }
        if let Some(found) = self.wordy_at(at) {
            return Some(found);
        }
        let (sign, first) = self.sign_at(at);
        let number = self.number_at(first)?;
        let value = sign * number.value;
        if let Some((unit, next)) = self.unit_after(number.next) {
            let is_year = unit.kind == UnitKind::Mass && (1900.0..2100.0).contains(&value) && unit.factor == 1.0;
            if is_year && !number.is_grouped {
                return None;
            }
            return Some(((value, Some(unit)), next));
        }
        let plain = |kind| Some(Unit { kind, factor: 1.0 });
        if number.is_money {
            return Some(((value, plain(UnitKind::Money)), number.next));
        }
        if number.is_grouped {
            return Some(((value, plain(UnitKind::Number)), number.next));
        }
        Some(((value, None), number.next))
    }

    /// "$50": the currency before the number.
    fn priced_at(&self, at: usize) -> Option<((f64, Option<Unit>), usize)> {
        let sign = self.tokens.get(at)?;
        if !sign.is_mark("$€£₽") {
            return None;
        }
        let number = self.number_at(at + 1)?;
        Some(((number.value, Some(unit(sign.text)?)), number.next))
    }

    /// Quantities within one word, and units that stand for one: "сорокапятилитровый", "пол-литра", "на литр".
    fn wordy_at(&self, at: usize) -> Option<((f64, Option<Unit>), usize)> {
        let word = self.letters(at)?;
        let follows_number = at > 0 && self.tokens.get(at - 1).is_some_and(|token| token.kind == Kind::Digits);
        if follows_number {
            return None;
        }
        if SINGLE.contains(&word) {
            return Some(((1.0, unit(word)), at + 1));
        }
        if let Some((prefix, found)) = adjective_unit(word) {
            let is_whole = prefix.is_empty() && SINGLE.iter().any(|noun| word.starts_with(noun));
            let value = if is_whole { Some(1.0) } else { compound_prefix(prefix) };
            return value.map(|value| ((value, Some(found)), at + 1));
        }
        // "Полдень" is a time of day, not twelve hours.
        let half = word.strip_prefix("пол").filter(|noun| *noun != "день").and_then(unit)?;
        Some(((0.5, Some(half)), at + 1))
    }

    fn sign_at(&self, at: usize) -> (f64, usize) {
        let Some(token) = self.tokens.get(at) else {
            return (1.0, at);
        };
        let is_joined = self
            .tokens
            .get(at + 1)
            .is_some_and(|next| !next.is_spaced && next.kind == Kind::Digits);
        let is_minus = token.is_spaced && token.is_mark("-−") && is_joined || matches!(token.text, "минус" | "minus");
        if is_minus { (-1.0, at + 1) } else { (1.0, at) }
    }

    fn number_at(&self, at: usize) -> Option<Number> {
        let token = self.tokens.get(at)?;
        let number = match token.kind {
            Kind::Digits => self.digits_at(at)?,
            Kind::Letters => self.words_at(at)?,
            Kind::Mark => return None,
        };
        Some(self.multiplied(number, at))
    }

    fn digits_at(&self, at: usize) -> Option<Number> {
        let token = self.tokens.get(at)?;
        let follows_letters =
            at > 0 && !token.is_spaced && self.letters(at - 1).is_some_and(|word| !matches!(word, "x" | "х"));
        if follows_letters || token.text.len() > MAX_DIGITS {
            return None;
        }
        if let Some(grouped) = self.grouped_at(at) {
            return Some(grouped);
        }
        let mut number = token.text.to_owned();
        let mut next = at + 1;
        if let (Some(point), Some(fraction)) = (self.tokens.get(next), self.tokens.get(next + 1))
            && point.is_mark(".,")
            && !point.is_spaced
            && fraction.kind == Kind::Digits
            && !fraction.is_spaced
        {
            number = format!("{number}.{}", fraction.text);
            next += 2;
        }
        Some(Number {
            value: number.parse().ok()?,
            next,
            is_grouped: false,
            is_money: false,
        })
    }

    /// "10 000", "1,299.00", "20,000". Two numbers side by side ("15 256") are joined only before money or in round thousands.
    fn grouped_at(&self, at: usize) -> Option<Number> {
        let first = self.tokens.get(at)?;
        if first.text.len() > 3 || first.text.starts_with('0') {
            return None;
        }
        let mut number = first.text.to_owned();
        let mut next = at + 1;
        let mut last = "";
        while let Some(token) = self.tokens.get(next) {
            let spaced = token.kind == Kind::Digits && token.is_spaced;
            let comma = token.is_mark(",'") && !token.is_spaced;
            let group = if spaced { next } else { next + 1 };
            let Some(digits) = self.tokens.get(group) else { break };
            let is_group =
                digits.kind == Kind::Digits && digits.text.len() == 3 && (spaced || comma && !digits.is_spaced);
            if !is_group {
                break;
            }
            number.push_str(digits.text);
            last = digits.text;
            next = group + 1;
        }
        let is_priced = at > 0 && self.tokens.get(at - 1).is_some_and(|token| token.is_mark("$€£₽"));
        let is_money = || self.unit_after(next).is_some_and(|(unit, _)| unit.kind.is_money());
        if last.is_empty() || number.len() > MAX_DIGITS || !(last.ends_with("00") || is_priced || is_money()) {
            return None;
        }
        let mut value: f64 = number.parse().ok()?;
        if let (Some(point), Some(cents)) = (self.tokens.get(next), self.tokens.get(next + 1))
            && point.is_mark(".")
            && !point.is_spaced
            && cents.kind == Kind::Digits
            && !cents.is_spaced
        {
            value = format!("{number}.{}", cents.text).parse().ok()?;
            next += 2;
        }
        Some(Number {
            value,
            next,
            is_grouped: true,
            is_money: false,
        })
    }

    /// "сорок пять", "два с половиной", "twenty-five", "half a".
    fn words_at(&self, at: usize) -> Option<Number> {
        let mut value = number_word(self.letters(at)?)?;
        let mut next = at + 1;
        let mut least = if value >= 100.0 { 100.0 } else { 10.0 };
        while value >= 20.0 && least > 1.0 {
            let dash = usize::from(self.tokens.get(next).is_some_and(|token| token.is_mark("-")));
            let Some(more) = self.letters(next + dash).and_then(number_word) else {
                break;
            };
            if more < 1.0 || more >= least || value % least != 0.0 {
                break;
            }
            value += more;
            next += dash + 1;
            least = if more >= 10.0 && more % 10.0 == 0.0 { 10.0 } else { 1.0 };
        }
        if value == 0.5 && matches!(self.letters(next), Some("a" | "an")) {
            next += 1;
        }
        let halves = [["с", "половиной", ""], ["and", "a", "half"]];
        for half in halves {
            let wanted: Vec<&str> = half.into_iter().filter(|word| !word.is_empty()).collect();
            if wanted
                .iter()
                .enumerate()
                .all(|(index, word)| self.letters(next + index) == Some(*word))
            {
                value += 0.5;
                next += wanted.len();
            }
        }
        Some(Number {
            value,
            next,
            is_grouped: false,
            is_money: false,
        })
    }

    fn multiplied(&self, number: Number, at: usize) -> Number {
        let Some(word) = self.letters(number.next) else {
            return number;
        };
        let is_joined = self.tokens.get(number.next).is_some_and(|token| !token.is_spaced);
        let is_limit = at > 0 && self.letters(at - 1).is_some_and(|before| LIMITS.contains(&before));
        let factor = match word {
            "к" | "k" if is_limit || is_joined && (number.value > MAX_SCREEN_K && number.value != 8.0) => Some(1000.0),
            _ => multiplier(word),
        };
        let Some(factor) = factor else { return number };
        Number {
            value: number.value * factor,
            next: number.next + 1,
            is_grouped: number.is_grouped,
            is_money: factor >= 1000.0,
        }
    }

    /// The unit that begins at a token, and the token after it.
    fn unit_after(&self, at: usize) -> Option<(Unit, usize)> {
        let token = self.tokens.get(at)?;
        let inches = Unit {
            kind: UnitKind::Inches,
            factor: 1.0,
        };
        if token.is_mark("\"”") && !token.is_spaced {
            return Some((inches, at + 1));
        }
        if token.is_mark("'′’") && self.text(at + 1) == Some(token.text) {
            return Some((inches, at + 2));
        }
        if token.is_mark("°") {
            let scale = self.letters(at + 1).filter(|scale| matches!(*scale, "c" | "с"));
            let celsius = Unit {
                kind: UnitKind::Celsius,
                factor: 1.0,
            };
            return Some((celsius, at + 1 + usize::from(scale.is_some())));
        }
        if token.is_mark("-.") {
            let next = self.tokens.get(at + 1)?;
            let is_unit = next.kind == Kind::Letters && (token.text == "-" && !next.is_spaced);
            return if is_unit { self.unit_after(at + 1) } else { None };
        }
        self.unit_word(at)
    }

    fn unit_word(&self, at: usize) -> Option<(Unit, usize)> {
        let token = self.tokens.get(at)?;
        let volts = Unit {
            kind: UnitKind::Voltage,
            factor: 1.0,
        };
        if token.text == "в" {
            // Joined to the number or at the end it is volts; else a preposition.
            let is_volts = !token.is_spaced || self.tokens.get(at + 1).is_none_or(|next| next.kind == Kind::Mark);
            return is_volts.then_some((volts, at + 1));
        }
        // "мА·ч", "mA h", "А*ч".
        if matches!(token.text, "ма" | "а" | "ma" | "a") {
            let dot = usize::from(self.tokens.get(at + 1).is_some_and(|next| next.is_mark("·⋅∙•*-/.")));
            if matches!(self.text(at + 1 + dot), Some("ч" | "h" | "час")) {
                let charge = unit(if token.text.chars().count() == 2 { "mah" } else { "ah" })?;
                return Some((charge, at + 2 + dot));
            }
            return None;
        }
        // "2-х литровый", "3х-литровый".
        if matches!(token.text, "х" | "x" | "ти" | "ми" | "и" | "ый") && !token.is_spaced {
            let dash = usize::from(self.tokens.get(at + 1).is_some_and(|next| next.is_mark("-")));
            let (_, found) = adjective_unit(self.letters(at + 1 + dash)?).filter(|(prefix, _)| prefix.is_empty())?;
            return Some((found, at + 2 + dash));
        }
        if let Some(found) = unit(token.text) {
            return Some((found, at + 1));
        }
        let (prefix, found) = adjective_unit(token.text)?;
        prefix.is_empty().then_some((found, at + 1))
    }
}
