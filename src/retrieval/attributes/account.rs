//! Tells in pairs that people can read what a question was taken to ask of product rows: `price` and `<= 3000`.

use crate::domain::search::Reading as Pair;
use crate::retrieval::attributes::asked::Asked;
use crate::retrieval::attributes::asked::Word;
use crate::retrieval::attributes::bound::Bound;
use crate::retrieval::attributes::facets::Facets;
use crate::retrieval::attributes::property::Direction;
use crate::retrieval::attributes::property::Property;
use crate::retrieval::attributes::reading::Reading;
use crate::retrieval::attributes::unit::Dimension;
use crate::retrieval::attributes::wishes::bound_target;

/// The kind of product first, then what is asked of it; each in the order of the question. Numbers are in base units.
pub fn account(reading: &Reading, asked: &Asked, facets: &Facets) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = asked.kind.iter().map(|word| told("kind", word)).collect();
    for bound in &reading.bounds {
        if let Some(target) = bound_target(facets, bound, &asked.hints) {
            let property = if target.is_price {
                Some(Property::Price)
            } else {
                bound.property
            };
            pairs.push(bounded(bound, property));
        }
    }
    let ends = |direction: Direction, ascending: &str, descending: &str| {
        let end = if direction.is_ascending { ascending } else { descending };
        format!("{}, {end}", property_name(direction.property))
    };
    if let Some(direction) = reading.order {
        pairs.push(pair("order", ends(direction, "least first", "most first")));
    }
    if let Some(direction) = reading.comparison {
        pairs.push(pair("comparison", ends(direction, "less", "more")));
    }
    pairs.extend(asked.values.iter().map(|word| told("value", word)));
    pairs.extend(asked.brands.iter().map(|word| told("brand", word)));
    for (number, is_negated) in &asked.named {
        let terms = facets.attribute(*number).map(|known| known.terms.join(" "));
        pairs.push(pair("attribute", negated(&terms.unwrap_or_default(), *is_negated)));
    }
    if let Some(in_stock) = reading.in_stock {
        pairs.push(pair("stock", if in_stock { "yes" } else { "no" }.to_owned()));
    }
    if reading.is_discounted {
        pairs.push(pair("discount", "yes".to_owned()));
    }
    pairs
}

fn pair(name: &'static str, value: String) -> Pair {
    Pair { name, value }
}

fn told(name: &'static str, word: &Word) -> Pair {
    pair(name, negated(&word.text, word.is_negated))
}

fn negated(text: &str, is_negated: bool) -> String {
    if is_negated {
        format!("not {text}")
    } else {
        text.to_owned()
    }
}

fn bounded(bound: &Bound, property: Option<Property>) -> Pair {
    let (name, factor, unit) = match (property, bound.unit) {
        (Some(property), None) => (property_name(property), 1.0, ""),
        // A sum of money is told in the shop's currency, whichever was named.
        (Some(Property::Price), Some(_)) => ("price", 1.0, ""),
        (property, Some((dimension, factor))) => {
            let (name, unit) = dimension_name(dimension);
            (property.map_or(name, property_name), factor, unit)
        }
        (None, None) => ("number", 1.0, ""),
    };
    let written = |number: f64| {
        // Three places are enough for a glance, and hide what the arithmetic of units adds.
        let number = (number * factor * 1000.0).round() / 1000.0;
        format!("{number} {unit}").trim_end().to_owned()
    };
    let asked = written(bound.number);
    let value = match (bound.low, bound.high) {
        _ if !bound.is_comparison => asked,
        (None, Some(high)) if high < bound.number => format!("< {asked}"),
        (None, Some(_)) => format!("<= {asked}"),
        (Some(low), None) if low > bound.number => format!("> {asked}"),
        (Some(_), None) => format!(">= {asked}"),
        (Some(low), Some(high)) => format!("{}..{}", written(low), written(high)),
        (None, None) => asked,
    };
    pair(name, value)
}

fn property_name(property: Property) -> &'static str {
    match property {
        Property::Price => "price",
        Property::Weight => "weight",
        Property::Capacity => "capacity",
        Property::Size => "size",
        Property::Length => "length",
        Property::Height => "height",
        Property::Width => "width",
        Property::Thickness => "thickness",
        Property::Light => "light",
        Property::Power => "power",
        Property::Duration => "duration",
        Property::Age => "age",
        Property::WaterResistance => "water resistance",
        Property::Magnitude => "magnitude",
    }
}

/// What a dimension measures and its base unit.
fn dimension_name(dimension: Dimension) -> (&'static str, &'static str) {
    match dimension {
        Dimension::Money => ("price", ""),
        Dimension::Volume => ("volume", "ml"),
        Dimension::Mass => ("weight", "g"),
        Dimension::Length => ("length", "mm"),
        Dimension::Charge => ("charge", "mAh"),
        Dimension::Energy => ("energy", "Wh"),
        Dimension::Storage => ("storage", "GB"),
        Dimension::Power => ("power", "W"),
        Dimension::Voltage => ("voltage", "V"),
        Dimension::Light => ("light", "lm"),
        Dimension::Duration => ("duration", "h"),
        Dimension::Age => ("age", "years"),
        Dimension::Temperature => ("temperature", "°C"),
        Dimension::Frequency => ("frequency", "Hz"),
        Dimension::Count => ("count", ""),
        Dimension::Bare => ("number", ""),
    }
}
