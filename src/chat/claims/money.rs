//! Amounts of money and shares as they stand in a text, with their places, so that one can be put right where it stands.

use regex::Captures;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Currency {
    Ruble,
    Dollar,
    Euro,
    Pound,
    Yuan,
    Tenge,
}

/// A number as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    pub value: f64,
    /// `None` when none is said.
    pub currency: Option<Currency>,
    /// Whether it is said in thousands: "2 тыс.".
    pub is_in_thousands: bool,
    /// Bytes of the digits with their separators and of the word for thousands.
    pub digits: Range<usize>,
    /// The same with the currency.
    pub whole: Range<usize>,
}

const NUMBER: &str = r"(?:[0-9]{1,3}(?:[ \u{a0}\u{202f}\u{2009}'’][0-9]{3})+(?:[.,][0-9]{1,2})?|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?|[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]{1,2})?|[0-9]+(?:[.,][0-9]{1,2})?)";

static WRITTEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)(?P<before>[$€£¥₽₸]|(?:usd|eur|gbp|rub|cny|kzt)(?-u:\b))?[ \u{{a0}}]?\**(?P<number>{NUMBER})(?P<thousands>[ \u{{a0}}]?(?:тысяч[аиу]?|тыс\.?|[kк](?-i:\b)))?\**[ \u{{a0}}\u{{202f}}]?(?P<after>₽|\$|€|£|¥|₸|рубл[а-яё]*|руб\.?|р\.|р\b|rub\b|rur\b|roubles?|rubles?|usd\b|доллар[а-яё]*|dollars?|eur\b|euros?|евро|gbp\b|тенге|kzt\b|юан[а-яё]*|cny\b)?"
    ))
    .ok()
});

/// The numbers of a text, in order.
pub fn numbers(text: &str) -> Vec<Number> {
    let Some(written) = WRITTEN.as_ref() else {
        return Vec::new();
    };
    let mut found: Vec<Number> = written
        .captures_iter(text)
        .filter_map(|captures| number(text, &captures))
        .collect();
    share_currencies(text, &mut found);
    found
}

fn number(text: &str, captures: &Captures<'_>) -> Option<Number> {
    let (all, digits) = (captures.get(0)?, captures.name("number")?);
    let (before, after) = (captures.name("before"), captures.name("after"));
    let thousands = captures.name("thousands");
    let previous = text.get(..digits.start())?.chars().next_back();
    if before.is_none() && previous.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ',' | '/' | '_' | '#')) {
        return None;
    }
    let end = after.or(thousands).map_or(digits.end(), |part| part.end());
    let mut rest = text.get(end..)?.chars();
    if after.is_none() && rest.next().is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let value = value(digits.as_str())?;
    let currency = before.or(after).and_then(|part| currency_of(part.as_str()));
    let start = before.map_or(digits.start(), |part| part.start());
    Some(Number {
        value: if thousands.is_some() { value * 1000.0 } else { value },
        currency,
        is_in_thousands: thousands.is_some(),
        digits: digits.start()..thousands.map_or(digits.end(), |part| part.end()),
        whole: start..if after.is_some() { all.end() } else { end },
    })
}

/// "от 990 до 1990 ₽", "990–1990 ₽": the first has the currency of the second.
fn share_currencies(text: &str, found: &mut [Number]) {
    for index in (1..found.len()).rev() {
        let Some([first, second]) = found.get_mut(index - 1..=index) else {
            continue;
        };
        let between = text.get(first.whole.end..second.whole.start).unwrap_or_default();
        if first.currency.is_none() && matches!(between.trim(), "-" | "–" | "—" | "до" | "to") {
            first.currency = second.currency;
        }
    }
}

/// What digits with separators say.
fn value(written: &str) -> Option<f64> {
    let mark = written
        .rfind(['.', ','])
        .filter(|at| (1..=2).contains(&(written.len() - at - 1)));
    let (whole, fraction) = match mark {
        Some(at) => (written.get(..at)?, written.get(at + 1..)?),
        None => (written, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    format!("{whole}.{fraction}0").parse().ok()
}

/// By code, sign or word.
pub fn currency_of(written: &str) -> Option<Currency> {
    let word = written.trim().to_lowercase();
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| word.starts_with(beginning));
    Some(match () {
        () if begins(&["₽", "р", "rub", "rur", "roub"]) => Currency::Ruble,
        () if begins(&["$", "usd", "доллар", "dollar"]) => Currency::Dollar,
        () if begins(&["€", "eur", "евро"]) => Currency::Euro,
        () if begins(&["£", "gbp"]) => Currency::Pound,
        () if begins(&["¥", "cny", "юан"]) => Currency::Yuan,
        () if begins(&["₸", "kzt", "тенге"]) => Currency::Tenge,
        () => return None,
    })
}

/// The value in the manner of another number: its separators, its place of the currency.
pub fn rewritten(text: &str, number: &Number, value: f64, currency: Option<&str>) -> Option<String> {
    let written = text.get(number.digits.clone())?;
    let cents = format!("{:03}", (value * 100.0).round());
    let (whole, fraction) = cents.split_at_checked(cents.len().checked_sub(2)?)?;
    let separator = written
        .char_indices()
        .filter(|(_, c)| !c.is_ascii_digit() && !c.is_alphabetic())
        .find(|(at, c)| {
            let digits = written.get(at + c.len_utf8()..).unwrap_or_default();
            digits.chars().take_while(char::is_ascii_digit).count() == 3
        })
        .map(|(_, c)| c);
    let mut shown = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let is_group = index > 0 && (whole.len() - index).is_multiple_of(3);
        shown.extend(separator.filter(|_| is_group));
        shown.push(digit);
    }
    if fraction != "00" {
        let has_dots = number.whole.start < number.digits.start || separator == Some(',');
        shown.push(if has_dots { '.' } else { ',' });
        shown.push_str(fraction);
    }
    let before = text.get(number.whole.start..number.digits.start)?;
    let after = text.get(number.digits.end..number.whole.end)?;
    Some(match currency {
        None => format!("{before}{shown}{after}"),
        Some(currency) => format!("{shown} {currency}"),
    })
}

static PERCENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"([0-9]{1,3}(?:[.,][0-9]+)?)[ \u{a0}]?(?:%|процент|percent)").ok());

/// The shares of a text, in percent.
pub fn percents(text: &str) -> Vec<(f64, Range<usize>)> {
    let found = PERCENT.as_ref().map(|percent| percent.captures_iter(text));
    let read = |captures: Captures<'_>| {
        let written = captures.get(1)?;
        Some((written.as_str().replace(',', ".").parse().ok()?, written.range()))
    };
    found.into_iter().flatten().filter_map(read).collect()
}

/// Makes the patterns ready.
pub fn prepare() {
    for pattern in [&WRITTEN, &PERCENT] {
        LazyLock::force(pattern);
    }
}

#[cfg(test)]
mod tests {
    use super::Currency;
    use super::numbers;
    use super::rewritten;

    #[test]
    fn an_amount_is_read_however_it_is_written() {
        let ruble = Some(Currency::Ruble);
        for (text, value, currency) in [
            ("1 990 ₽", 1990.0, ruble),
            ("1\u{a0}990\u{a0}₽", 1990.0, ruble),
            ("1990 руб.", 1990.0, ruble),
            ("1990р.", 1990.0, ruble),
            ("1,990.50 RUB", 1990.5, ruble),
            ("1.990,50 руб", 1990.5, ruble),
            ("₽1990", 1990.0, ruble),
            ("**4 990** ₽", 4990.0, ruble),
            ("2 тыс. рублей", 2000.0, ruble),
            ("$19.99", 19.99, Some(Currency::Dollar)),
            ("19,99 €", 19.99, Some(Currency::Euro)),
            ("USD 5", 5.0, Some(Currency::Dollar)),
            ("£1,299", 1299.0, Some(Currency::Pound)),
        ] {
            let found = numbers(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!((found[0].value, found[0].currency), (value, currency), "{text}");
        }
        let found = numbers("от 990 до 1 990 ₽");
        assert_eq!(found.iter().map(|n| n.currency).collect::<Vec<_>>(), [ruble, ruble]);
        assert!(
            numbers("PL-BP101, 2x5кг")
                .iter()
                .all(|number| number.currency.is_none())
        );
    }

    #[test]
    fn a_corrected_amount_is_written_as_the_wrong_one_was() {
        for (text, expected) in [
            ("1 990 ₽", "6 490 ₽"),
            ("1990 руб.", "6490 руб."),
            ("1,990.00 RUB", "6,490 RUB"),
            ("$19.99", "$6490"),
            ("2 тыс. ₽", "6490 ₽"),
        ] {
            let found = numbers(text);
            assert_eq!(rewritten(text, &found[0], 6490.0, None).as_deref(), Some(expected));
        }
    }
}
