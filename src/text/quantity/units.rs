//! Units of measurement and how people write them.

use crate::text::quantity::UnitKind;

/// A unit: what it measures and how many base units it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    pub kind: UnitKind,
    pub factor: f64,
}

/// Units by their exact spellings.
const EXACT: &[(UnitKind, f64, &[&str])] = &[
    (UnitKind::Volume, 1.0, &["мл", "ml"]),
    (UnitKind::Volume, 1000.0, &["л", "l", "ltr"]),
    (UnitKind::Volume, 946.353, &["qt", "qts"]),
    (UnitKind::Volume, 3785.41, &["gal"]),
    (UnitKind::Mass, 0.001, &["мг", "mg"]),
    (UnitKind::Mass, 1.0, &["г", "гр", "g", "gr"]),
    (UnitKind::Mass, 1000.0, &["кг", "kg", "kgs", "кило", "kilo", "kilos"]),
    (UnitKind::Mass, 453.592, &["lb", "lbs"]),
    (UnitKind::Mass, 28.3495, &["oz"]),
    (UnitKind::Length, 1.0, &["мм", "mm"]),
    (UnitKind::Length, 10.0, &["см", "cm"]),
    (UnitKind::Length, 1000.0, &["м", "m"]),
    (UnitKind::Length, 1_000_000.0, &["км", "km"]),
    (UnitKind::Length, 304.8, &["ft", "foot", "feet"]),
    (UnitKind::Charge, 1.0, &["мач", "mah"]),
    (UnitKind::Charge, 1000.0, &["ач", "ah"]),
    (UnitKind::Storage, 1.0, &["мб", "mb"]),
    (
        UnitKind::Storage,
        1000.0,
        &["гб", "gb", "гиг", "гига", "гигов", "gig", "gigs"],
    ),
    (UnitKind::Storage, 1_000_000.0, &["тб", "tb"]),
    (UnitKind::Power, 1.0, &["вт", "w"]),
    (UnitKind::Power, 1000.0, &["квт", "kw"]),
    (UnitKind::Voltage, 1.0, &["v"]),
    (UnitKind::Light, 1.0, &["лм", "lm"]),
    (UnitKind::Frequency, 1.0, &["гц", "hz"]),
    (UnitKind::Frequency, 1e3, &["кгц", "khz"]),
    (UnitKind::Frequency, 1e6, &["мгц", "mhz"]),
    (UnitKind::Frequency, 1e9, &["ггц", "ghz"]),
    (UnitKind::Resolution, 1.0, &["мп", "mp", "мпикс"]),
    (UnitKind::Pieces, 1.0, &["шт", "pcs", "pc"]),
    (UnitKind::Duration, 1.0, &["мин", "min", "mins"]),
    (
        UnitKind::Duration,
        60.0,
        &["ч", "час", "часа", "часов", "часу", "hr", "hrs", "h"],
    ),
    (
        UnitKind::Duration,
        1440.0,
        &["день", "дня", "дней", "дню", "дн", "сутки", "суток", "day", "days"],
    ),
    (UnitKind::Duration, 43_800.0, &["мес"]),
    (
        UnitKind::Duration,
        525_600.0,
        &["год", "года", "годы", "годам", "лет", "yr", "yrs"],
    ),
    (UnitKind::Rubles, 1.0, &["₽", "р", "руб", "рэ", "rub", "rur"]),
    (UnitKind::Dollars, 1.0, &["$", "usd", "bucks", "баксов"]),
    (UnitKind::Euros, 1.0, &["€", "eur", "евро", "euro", "euros"]),
    (UnitKind::Pounds, 1.0, &["£", "gbp"]),
    (UnitKind::Percent, 1.0, &["%"]),
];

/// Units by the beginning of the word, with at most so many letters after it.
const BEGINNINGS: &[(UnitKind, f64, &[&str])] = &[
    (UnitKind::Volume, 1.0, &["миллилитр", "milliliter", "millilitre"]),
    (UnitKind::Volume, 1000.0, &["литр", "liter", "litre"]),
    (UnitKind::Volume, 946.353, &["quart"]),
    (UnitKind::Volume, 3785.41, &["gallon"]),
    (UnitKind::Volume, 473.176, &["pint"]),
    (UnitKind::Mass, 0.001, &["миллиграмм", "milligram"]),
    (UnitKind::Mass, 1.0, &["грамм", "gram"]),
    (UnitKind::Mass, 1000.0, &["килограмм", "kilogram"]),
    (UnitKind::Mass, 453.592, &["pound"]),
    (UnitKind::Mass, 28.3495, &["ounce"]),
    (UnitKind::Length, 1.0, &["миллиметр", "millimeter", "millimetre"]),
    (UnitKind::Length, 10.0, &["сантиметр", "centimeter", "centimetre"]),
    (UnitKind::Length, 1000.0, &["метр", "meter", "metre"]),
    (UnitKind::Length, 1_000_000.0, &["километр", "kilometer", "kilometre"]),
    (UnitKind::Inches, 1.0, &["дюйм", "inch"]),
    (UnitKind::Storage, 1.0, &["мегабайт", "megabyte"]),
    (UnitKind::Storage, 1000.0, &["гигабайт", "gigabyte"]),
    (UnitKind::Storage, 1_000_000.0, &["терабайт", "terabyte"]),
    (UnitKind::Power, 1000.0, &["киловатт", "kilowatt"]),
    (UnitKind::Power, 1.0, &["ватт", "watt"]),
    (UnitKind::Voltage, 1.0, &["вольт", "volt"]),
    (UnitKind::Light, 1.0, &["люмен", "lumen"]),
    (UnitKind::Frequency, 1.0, &["герц", "hertz"]),
    (UnitKind::Resolution, 1.0, &["мегапиксел", "megapixel"]),
    (UnitKind::Pieces, 1.0, &["штук", "piece"]),
    (UnitKind::Celsius, 1.0, &["градус", "degree"]),
    (UnitKind::Duration, 1.0, &["минут", "minute"]),
    (UnitKind::Duration, 60.0, &["часов", "hour"]),
    (UnitKind::Duration, 1440.0, &["дневн", "суточн"]),
    (UnitKind::Duration, 10_080.0, &["недел", "week"]),
    (UnitKind::Duration, 43_800.0, &["месяц", "месячн", "month"]),
    (UnitKind::Duration, 525_600.0, &["летн", "year"]),
    (UnitKind::Rubles, 1.0, &["рубл", "rouble", "ruble"]),
    (UnitKind::Dollars, 1.0, &["доллар", "dollar"]),
    (UnitKind::Percent, 1.0, &["процент", "percent"]),
];
/// "литр" takes at most "овыми"; longer words are other words.
const MAX_ENDING_CHARS: usize = 5;

/// Beginnings after which an adjective ends: "-литровый".
const ADJECTIVES: &[&str] = &[
    "миллилитров",
    "литров",
    "килограммов",
    "граммов",
    "миллиметров",
    "сантиметров",
    "километров",
    "метров",
    "дюймов",
    "гигабайтн",
    "терабайтн",
    "ваттн",
    "вольтов",
    "минутн",
    "часов",
    "дневн",
    "недельн",
    "месячн",
    "летн",
];
const ADJECTIVE_ENDINGS: &[&str] = &[
    "ый", "ая", "ое", "ые", "ого", "ому", "ым", "ом", "ой", "ую", "ых", "ыми", "ий", "яя", "ее", "ие", "его", "ей",
    "юю", "их",
];

/// The unit that a whole word or sign names.
pub fn unit(word: &str) -> Option<Unit> {
    let of = |(kind, factor, _): &(UnitKind, f64, &[&str])| Unit {
        kind: *kind,
        factor: *factor,
    };
    if let Some(found) = EXACT.iter().find(|(_, _, spellings)| spellings.contains(&word)) {
        return Some(of(found));
    }
    let begins = |beginning: &&str| {
        let ending = word.strip_prefix(*beginning);
        ending.is_some_and(|ending| ending.chars().count() <= MAX_ENDING_CHARS)
    };
    BEGINNINGS
        .iter()
        .find(|(_, _, beginnings)| beginnings.iter().any(begins))
        .map(of)
}

/// The unit inside a Russian compound adjective, and what stands before it: "сорокапятилитровый" is `сорокапяти` of liters.
/// The part before may be empty.
pub fn adjective_unit(word: &str) -> Option<(&str, Unit)> {
    let stem = ADJECTIVE_ENDINGS.iter().filter_map(|ending| word.strip_suffix(ending));
    let mut parts = stem.filter_map(|stem| {
        let adjective = ADJECTIVES.iter().find(|adjective| stem.ends_with(**adjective))?;
        Some((stem.strip_suffix(adjective)?, unit(adjective)?))
    });
    parts.next()
}

#[cfg(test)]
mod tests {
    use super::adjective_unit;
    use super::unit;
    use crate::text::quantity::UnitKind;

    #[test]
    fn units_are_known_in_their_forms() {
        assert_eq!(unit("литров").unwrap().kind, UnitKind::Volume);
        assert_eq!(unit("inches").unwrap().kind, UnitKind::Inches);
        assert_eq!(unit("metro"), None);
        assert_eq!(unit("литература"), None);
        let (before, found) = adjective_unit("двухметровая").unwrap();
        assert_eq!((before, found.factor), ("двух", 1000.0));
    }
}
