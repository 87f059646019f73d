//! Properties that people compare products by, in words: "легче", "самый вместительный", "brightest". General language; what a
//! shop itself calls its attributes comes from its facets.

use crate::retrieval::attributes::token::term_of;
use crate::retrieval::attributes::unit::Dimension;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    Price,
    Weight,
    /// How much it holds: liters, milliampere-hours or gigabytes, whichever the products have.
    Capacity,
    /// How large it is; what it holds when that is known, else its longest side.
    Size,
    Length,
    Height,
    Width,
    Thickness,
    Light,
    Power,
    Duration,
    Age,
    /// Against water, as fabrics state it in millimeters.
    WaterResistance,
    /// "больше", "maximum": of what, only the words around it or the unit tell.
    Magnitude,
}

impl Property {
    /// What its values are measured in, most telling first.
    pub fn dimensions(self) -> &'static [Dimension] {
        match self {
            Property::Price => &[Dimension::Money],
            Property::Weight => &[Dimension::Mass],
            Property::Capacity => &[
                Dimension::Volume,
                Dimension::Charge,
                Dimension::Storage,
                Dimension::Energy,
            ],
            Property::Size | Property::Magnitude => &[
                Dimension::Volume,
                Dimension::Length,
                Dimension::Storage,
                Dimension::Charge,
                Dimension::Mass,
                Dimension::Count,
            ],
            Property::WaterResistance | Property::Length | Property::Height | Property::Width | Property::Thickness => {
                &[Dimension::Length]
            }
            Property::Light => &[Dimension::Light, Dimension::Power],
            Property::Power => &[Dimension::Power, Dimension::Light, Dimension::Voltage],
            Property::Duration => &[Dimension::Duration],
            Property::Age => &[Dimension::Age],
        }
    }

    /// Terms of attribute names that are this property.
    pub fn name_terms(self) -> &'static [String] {
        static TERMS: LazyLock<Vec<(Property, Vec<String>)>> = LazyLock::new(|| {
            let names = NAMES.iter();
            names
                .map(|(property, words)| (*property, words.split(' ').map(term_of).collect()))
                .collect()
        });
        let found = TERMS.iter().find(|(property, _)| *property == self);
        found.map_or(&[], |(_, terms)| terms)
    }
}

const NAMES: &[(Property, &str)] = &[
    (Property::Weight, "вес масса weight"),
    (
        Property::Capacity,
        "объем емкость вместимость литраж память capacity volume storage memory",
    ),
    (
        Property::Size,
        "объем размер габариты диагональ volume size dimensions diagonal capacity",
    ),
    (Property::Length, "длина length"),
    (Property::Height, "высота height"),
    (Property::Width, "ширина width"),
    (Property::Thickness, "толщина thickness"),
    (Property::Light, "яркость brightness lumens"),
    (Property::Power, "мощность power wattage"),
    (Property::Duration, "время автономность runtime battery держит"),
    (Property::Age, "возраст age"),
    (
        Property::WaterResistance,
        "водостойкость водонепроницаемость waterproof waterproofness hydrostatic",
    ),
];

/// A direction along a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direction {
    pub property: Property,
    pub is_ascending: bool,
}

const fn up(property: Property) -> Direction {
    Direction {
        property,
        is_ascending: false,
    }
}

const fn down(property: Property) -> Direction {
    Direction {
        property,
        is_ascending: true,
    }
}

/// Adjectives that "самый" and "most" make a superlative of; by stem.
const ADJECTIVES: &[(Direction, &str)] = &[
    (
        down(Property::Price),
        "дешевый недорогой бюджетный доступный экономичный inexpensive affordable cheap",
    ),
    (up(Property::Price), "дорогой премиальный expensive costly"),
    (down(Property::Weight), "легкий легонький light lightweight"),
    (up(Property::Weight), "тяжелый heavy"),
    (
        up(Property::Capacity),
        "вместительный объемный емкий capacious spacious roomy",
    ),
    (up(Property::Size), "большой крупный огромный big large huge"),
    (
        down(Property::Size),
        "маленький малый компактный мелкий миниатюрный small compact tiny little",
    ),
    (up(Property::Length), "длинный long"),
    (down(Property::Length), "короткий short"),
    (up(Property::Height), "высокий tall"),
    (down(Property::Height), "низкий low"),
    (up(Property::Width), "широкий wide"),
    (down(Property::Width), "узкий narrow"),
    (up(Property::Thickness), "толстый thick"),
    (down(Property::Thickness), "тонкий thin slim"),
    (up(Property::Light), "яркий bright"),
    (up(Property::Power), "мощный powerful"),
    (up(Property::Duration), "долгоиграющий автономный"),
    (
        up(Property::WaterResistance),
        "непромокаемый водостойкий водонепроницаемый waterproof",
    ),
];

/// Whole words that are superlatives by themselves.
const SUPERLATIVES: &[(Direction, &str)] = &[
    (down(Property::Price), "cheapest наидешевейший дешевейший"),
    (up(Property::Price), "priciest дорогущий"),
    (down(Property::Weight), "lightest легчайший"),
    (up(Property::Weight), "heaviest"),
    (up(Property::Capacity), "roomiest"),
    (up(Property::Size), "biggest largest крупнейший"),
    (down(Property::Size), "smallest tiniest мельчайший"),
    (up(Property::Length), "longest"),
    (down(Property::Length), "shortest"),
    (up(Property::Height), "tallest"),
    (up(Property::Width), "widest"),
    (down(Property::Width), "narrowest"),
    (up(Property::Thickness), "thickest"),
    (down(Property::Thickness), "thinnest slimmest"),
    (up(Property::Light), "brightest"),
    (
        up(Property::Magnitude),
        "наибольший максимальный highest greatest maximum max",
    ),
    (
        down(Property::Magnitude),
        "наименьший минимальный lowest least fewest minimum min",
    ),
];

/// Comparatives: with a number a bound ("легче 300 г"), without one a wish ("полегче", "lighter").
const COMPARATIVES: &[(Direction, &str)] = &[
    (
        down(Property::Price),
        "дешевле подешевле недороже бюджетнее доступнее cheaper",
    ),
    (up(Property::Price), "дороже подороже pricier"),
    (down(Property::Weight), "легче полегче lighter"),
    (up(Property::Weight), "тяжелее потяжелее heavier"),
    (
        up(Property::Capacity),
        "вместительнее повместительнее вместительней объемнее roomier",
    ),
    (up(Property::Size), "побольше крупнее покрупнее bigger larger"),
    (down(Property::Size), "поменьше компактнее покомпактнее мельче smaller"),
    (up(Property::Length), "длиннее подлиннее longer"),
    (down(Property::Length), "короче покороче shorter"),
    (up(Property::Height), "повыше taller"),
    (down(Property::Height), "пониже"),
    (up(Property::Width), "шире пошире wider"),
    (down(Property::Width), "поуже narrower"),
    (up(Property::Thickness), "толще потолще thicker"),
    (down(Property::Thickness), "тоньше потоньше thinner slimmer"),
    (up(Property::Light), "ярче поярче brighter"),
    (up(Property::Power), "мощнее помощнее"),
    (up(Property::Age), "старше постарше older"),
    (down(Property::Age), "младше помладше younger"),
];

type Table = HashMap<String, Direction>;

fn table(rows: &[(Direction, &str)], key: fn(&str) -> String) -> Table {
    let words = rows
        .iter()
        .flat_map(|(direction, words)| words.split(' ').map(|word| (key(word), *direction)));
    words.collect()
}

/// What an adjective orders by, given its stem: "вместительн" from the fullest.
pub fn adjective(stem: &str) -> Option<Direction> {
    static TABLE: LazyLock<Table> = LazyLock::new(|| table(ADJECTIVES, term_of));
    TABLE.get(stem).copied()
}

/// What a superlative of one word orders by.
pub fn superlative(word: &str, stem: &str) -> Option<Direction> {
    static WORDS: LazyLock<Table> = LazyLock::new(|| table(SUPERLATIVES, str::to_owned));
    static STEMS: LazyLock<Table> = LazyLock::new(|| table(SUPERLATIVES, term_of));
    let is_russian = !word.is_ascii();
    WORDS
        .get(word)
        .or_else(|| STEMS.get(stem).filter(|_| is_russian))
        .copied()
}

/// What a comparative compares.
pub fn comparative(word: &str) -> Option<Direction> {
    static TABLE: LazyLock<Table> = LazyLock::new(|| table(COMPARATIVES, str::to_owned));
    TABLE.get(word).copied()
}

/// Whether the word makes a superlative of the adjective after it.
pub fn is_most(word: &str) -> bool {
    matches!(
        word,
        "самый"
            | "самая"
            | "самое"
            | "самые"
            | "самого"
            | "самой"
            | "самую"
            | "самым"
            | "самых"
            | "самыми"
            | "самом"
            | "наиболее"
            | "most"
    )
}

/// Whether the word makes the reverse superlative: "least expensive".
pub fn is_least(word: &str) -> bool {
    matches!(word, "наименее" | "least")
}
