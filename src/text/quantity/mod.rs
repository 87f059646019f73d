//! Numbers with units, however they are written: "0,75 л", "750мл", "45-литровый", "полтора кило", "$1,299", "5 тыс".
//!
//! A quantity is brought to one base unit for its kind, so that equal ones are equal. Documents and questions are read alike.

mod number_words;
mod reader;
mod tokens;
mod units;

use crate::text::quantity::reader::Reader;
use crate::text::quantity::tokens::tokens;
use std::ops::Range;

/// What a unit measures, and the base unit that values are given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UnitKind {
    /// Milliliters.
    Volume,
    /// Grams.
    Mass,
    /// Millimeters.
    Length,
    /// Inches: screens, wheels, pipes. Not converted to millimeters, because nobody asks for them so.
    Inches,
    /// Milliampere hours.
    Charge,
    /// Megabytes, 1000 to a gigabyte as shops count.
    Storage,
    /// Watts.
    Power,
    /// Volts.
    Voltage,
    /// Lumens.
    Light,
    /// Hertz.
    Frequency,
    /// Megapixels.
    Resolution,
    /// Degrees Celsius; may be below zero.
    Celsius,
    /// Minutes; a month is a twelfth of a year of 365 days.
    Duration,
    Pieces,
    Percent,
    Rubles,
    Dollars,
    Euros,
    Pounds,
    /// Money without a currency: "5 тыс", "10k".
    Money,
    /// A bare number; only `quantity_terms` uses it, for "10 000".
    Number,
}

/// A number with its unit as it stands in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// In the base unit of its kind.
    pub value: f64,
    pub kind: UnitKind,
    /// Bytes of the normalized text, number and unit. Of two numbers with one unit ("5-10 кг") the first has its number only.
    pub range: Range<usize>,
}

impl UnitKind {
    pub fn is_money(self) -> bool {
        matches!(
            self,
            UnitKind::Rubles | UnitKind::Dollars | UnitKind::Euros | UnitKind::Pounds | UnitKind::Money
        )
    }

    fn code(self) -> &'static str {
        match self {
            UnitKind::Volume => "ml",
            UnitKind::Mass => "g",
            UnitKind::Length => "mm",
            UnitKind::Inches => "inch",
            UnitKind::Charge => "mah",
            UnitKind::Storage => "mb",
            UnitKind::Power => "watt",
            UnitKind::Voltage => "volt",
            UnitKind::Light => "lumen",
            UnitKind::Frequency => "hz",
            UnitKind::Resolution => "mpix",
            UnitKind::Celsius => "celsius",
            UnitKind::Duration => "minutes",
            UnitKind::Pieces => "pieces",
            UnitKind::Percent => "percent",
            // A price is indexed as a number: its currency is the shop's and often not said.
            UnitKind::Rubles
            | UnitKind::Dollars
            | UnitKind::Euros
            | UnitKind::Pounds
            | UnitKind::Money
            | UnitKind::Number => "",
        }
    }
}

impl Quantity {
    /// One term for all spellings: `750ml`. A fraction is written with `d`, a value below zero with `minus`, so that the term
    /// consists of letters and digits and is read as itself.
    pub fn term(&self) -> String {
        let thousandths = (self.value.abs() * 1000.0).round();
        let mut number = format!("{}", thousandths / 1000.0).replace('.', "d");
        if self.value < 0.0 {
            number.insert_str(0, "minus");
        }
        number + self.kind.code()
    }
}

/// The quantities of a text as `normalize` gives it, in order. Numbers without a unit are none.
pub fn quantities(normalized: &str) -> Vec<Quantity> {
    let mut found = read(normalized);
    found.retain(|quantity| quantity.kind != UnitKind::Number);
    found
}

/// Terms that a text's quantities add to its words, in order: `750ml` for each spelling of it, `10000` for "10 000".
pub fn quantity_terms(normalized: &str) -> Vec<String> {
    read(normalized).iter().map(Quantity::term).collect()
}

fn read(normalized: &str) -> Vec<Quantity> {
    Reader::new(tokens(normalized)).read()
}

#[cfg(test)]
mod tests {
    use super::UnitKind;
    use super::quantities;
    use super::quantity_terms;
    use crate::text::normalize::normalize;
    use proptest::prelude::*;

    fn terms(text: &str) -> Vec<String> {
        quantity_terms(&normalize(text))
    }

    #[test]
    fn spellings_of_one_quantity_are_one_term() {
        for (spellings, term) in [
            (
                &["0.75л", "0,75 л", "750 мл", "750мл", "0.75L", "750 миллилитров"][..],
                "750ml",
            ),
            (
                &["1,5кг", "1500 г", "полтора килограмма", "1.5 kg", "полтора кило"],
                "1500g",
            ),
            (
                &["2 м", "200 см", "двухметровый", "2-метровый", "два метра", "2 metres"],
                "2000mm",
            ),
            (
                &["20000mAh", "20 000 мА·ч", "20000 мАч", "20,000 mAh", "20 ач"],
                "20000mah",
            ),
            (&["64 гб", "64GB", "64 гига", "64-гигабайтный"], "64000mb"),
            (
                &["45 л", "45 литров", "45-литровый", "сорокапятилитровый", "45л."],
                "45000ml",
            ),
            (&["15.6\"", "15,6 дюймов", "15,6″", "15.6-inch", "15.6''"], "15d6inch"),
            (&["на литр", "литровый", "1 л", "one litre"], "1000ml"),
            (
                &["пол-литра", "поллитра", "пол литра", "0,5 л", "half a liter"],
                "500ml",
            ),
            (&["2-х литровая", "2х литровая", "двухлитровая", "two litre"], "2000ml"),
            (&["до -15 °C", "минус 15 градусов", "−15°C"], "minus15celsius"),
            (&["14 дней", "2 недели", "две недели", "14-дневный"], "20160minutes"),
            (&["12 месяцев", "1 год"], "525600minutes"),
            (&["220в", "220 В", "220 вольт", "220V"], "220volt"),
        ] {
            for spelling in spellings {
                assert_eq!(terms(spelling), [term], "{spelling}");
            }
        }
    }

    #[test]
    fn prices_are_numbers_in_every_spelling() {
        for price in [
            "5000 руб.",
            "5 000 ₽",
            "5 тыс",
            "5к рублей",
            "пять тысяч рублей",
            "$5,000",
            "5k",
            "5000р",
        ] {
            assert_eq!(terms(price), ["5000"], "{price}");
        }
        assert_eq!(quantities("$12.50").first().unwrap().kind, UnitKind::Dollars);
        assert_eq!(quantities("до 3к").first().unwrap().value, 3000.0);
    }

    #[test]
    fn numbers_joined_by_a_dash_or_a_cross_share_the_unit() {
        assert_eq!(terms("10-15 л"), ["10000ml", "15000ml"]);
        assert_eq!(terms("от 5 до 10 кг"), ["5000g", "10000g"]);
        assert_eq!(terms("30x40х50 см"), ["300mm", "400mm", "500mm"]);
        assert_eq!(terms("between 2 and 3 kg"), ["2000g", "3000g"]);
    }

    #[test]
    fn numbers_that_measure_nothing_are_left_alone() {
        for text in [
            "iPhone 15 Pro",
            "bp101",
            "5 в наличии",
            "4k",
            "модель 2024 г.",
            "15 256",
            "лето",
            "размер 42",
            "в пути",
        ] {
            assert!(terms(text).is_empty(), "{text}: {:?}", terms(text));
        }
        assert_eq!(terms("10 000"), ["10000"]);
        assert_eq!(terms("iphone 15 256 гб"), ["256000mb"]);
    }

    proptest! {
        #[test]
        fn a_term_is_read_as_no_other_quantity(value in 1..100_000u32, unit in prop::sample::select(vec!["мл", "г", "mm", "мач", "gb"])) {
            // "2024 г" is a year.
            prop_assume!(unit != "г" || !(1900..2100).contains(&value));
            let text = format!("{value} {unit}");
            let first = terms(&text);
            prop_assert_eq!(first.len(), 1);
            prop_assert_eq!(&terms(&format!("{value}{unit}")), &first);
            prop_assert_eq!(&terms(&first[0]), &first);
        }

        #[test]
        fn any_text_is_read_and_ranges_lie_in_it(text in "[0-9a-zа-я ,.$€\"°·-]{0,40}") {
            for quantity in quantities(&text) {
                prop_assert!(text.get(quantity.range.clone()).is_some());
                prop_assert!(quantity.value.is_finite());
            }
        }
    }
}
