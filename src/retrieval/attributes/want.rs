//! One thing that a question asks of a product, as the rows that satisfy it and those that do not.

use crate::retrieval::attributes::bound::Bound;
use crate::retrieval::attributes::facets::Column;
use crate::retrieval::attributes::facets::Facets;
use crate::retrieval::attributes::property::Property;
use crate::retrieval::attributes::unit::Dimension;
use crate::retrieval::attributes::unit::FLUID_OUNCE;
use crate::retrieval::attributes::unit::Unit;
use crate::retrieval::attributes::unit::is_ounce;

/// Stored numbers are rounded to `f32`; bounds give way by this share, which is less than a strict bound leaves out.
const ROUNDING: f64 = 2e-7;
/// A bare number bounds the price when it is within this factor of the shop's prices.
const PLAUSIBLE: f64 = 5.0;

/// What a row says to a want. A row in neither list says nothing about it.
#[derive(Debug, Clone, Default)]
pub struct Want {
    pub weight: f64,
    /// Rows with how well they satisfy it, above 0 and up to 1.
    pub satisfied: Vec<(u32, f32)>,
    pub violated: Vec<u32>,
    /// Whether what does not satisfy it spoils a row's claim to fit: it was asked for in so many words.
    pub is_required: bool,
    /// Whether its words can mean nothing else: a bound, missing stock, a discount.
    pub is_firm: bool,
}

/// The attributes and dimensions that a number is compared in, with the factor to the column's base unit.
pub struct Target<'a> {
    pub is_price: bool,
    pub columns: Vec<(&'a Column, f64)>,
}

impl<'a> Target<'a> {
    fn price() -> Target<'a> {
        Target {
            is_price: true,
            columns: Vec::new(),
        }
    }

    /// The columns that `is_chosen` lets through; `None` when it lets none.
    fn among(facets: &'a Facets, unit: Option<Unit>, is_chosen: &dyn Fn(u16, Dimension) -> bool) -> Option<Target<'a>> {
        let factor = |dimension: Dimension, column: &Column| match unit {
            Some(unit) if unit.0 == dimension => unit.1,
            Some(unit) if is_ounce(unit) && dimension == Dimension::Volume => FLUID_OUNCE.1,
            _ => column.factor,
        };
        let chosen = facets
            .columns()
            .filter(|(attribute, dimension, _)| is_chosen(*attribute, *dimension));
        let columns: Vec<_> = chosen
            .map(|(_, dimension, column)| (column, factor(dimension, column)))
            .collect();
        (!columns.is_empty()).then_some(Target {
            is_price: false,
            columns,
        })
    }
}

/// What a number or an order is about. `hints` are attributes that the question names.
pub fn target<'a>(
    facets: &'a Facets,
    bound: Option<&Bound>,
    property: Option<Property>,
    hints: &[u16],
) -> Option<Target<'a>> {
    let unit = bound.and_then(|bound| bound.unit);
    if property == Some(Property::Price) || unit.is_some_and(|unit| unit.0 == Dimension::Money) {
        return Some(Target::price());
    }
    let dimensions = dimensions(unit, property);
    let is_counted = unit.is_some_and(|unit| unit.0 == Dimension::Count);
    let is_any = dimensions.is_empty() || property == Some(Property::Magnitude);
    let hinted = Target::among(facets, unit, &|attribute, dimension| {
        let fits = is_any || dimensions.contains(&dimension) || is_counted && dimension == Dimension::Bare;
        fits && hints.contains(&attribute)
    });
    if hinted.is_some() || property == Some(Property::Magnitude) {
        return hinted;
    }
    let by_unit = (dimensions.as_slice() == [Dimension::Mass]).then_some(Property::Weight);
    let names = property.or(by_unit).map_or(&[][..], Property::name_terms);
    let is_named = |attribute: u16| {
        let known = facets.attribute(attribute);
        known.is_some_and(|known| known.terms.iter().any(|term| names.contains(term)))
    };
    let named = Target::among(facets, unit, &|attribute, dimension| {
        dimensions.contains(&dimension) && is_named(attribute)
    });
    // How large a thing is can be told by several properties, the first dimension being the most telling.
    if named.is_some() && property != Some(Property::Size) {
        return named;
    }
    let is_ambiguous = unit.is_some_and(is_ounce);
    for wanted in &dimensions {
        let found = Target::among(facets, unit, &|_, dimension| {
            dimension == *wanted || is_ambiguous && dimensions.contains(&dimension)
        });
        if found.is_some() {
            return found;
        }
    }
    let bound = bound?;
    let is_bare = unit.is_none() && property.is_none() && bound.is_comparison;
    (is_bare && is_plausible_price(facets, bound)).then(Target::price)
}

/// The dimensions of a unit or a property, most telling first.
fn dimensions(unit: Option<Unit>, property: Option<Property>) -> Vec<Dimension> {
    match (unit, property) {
        (Some(unit), _) if is_ounce(unit) => vec![Dimension::Mass, Dimension::Volume],
        (Some(unit), _) => vec![unit.0],
        (None, Some(property)) => property.dimensions().to_vec(),
        (None, None) => Vec::new(),
    }
}

fn is_plausible_price(facets: &Facets, bound: &Bound) -> bool {
    let Some((least, most)) = facets.price_range() else {
        return false;
    };
    let number = bound.high.or(bound.low).unwrap_or_default();
    number >= least / PLAUSIBLE && number <= most * PLAUSIBLE
}

/// The want of a bound, over the rows that `is_asked` lets through.
pub fn bounded(
    facets: &Facets,
    target: &Target<'_>,
    low: Option<f64>,
    high: Option<f64>,
    is_asked: &dyn Fn(u32) -> bool,
) -> Want {
    let mut want = Want {
        weight: 1.0,
        is_required: true,
        is_firm: true,
        ..Want::default()
    };
    let least = |factor: f64| low.map_or(f64::NEG_INFINITY, |low| low * factor * (1.0 - ROUNDING));
    let most = |factor: f64| high.map_or(f64::INFINITY, |high| high * factor * (1.0 + ROUNDING));
    if target.is_price {
        for row in facets.rows().filter(|row| is_asked(*row)) {
            match facets.price(row) {
                Some(price) if price >= least(1.0) && price <= most(1.0) => want.satisfied.push((row, 1.0)),
                Some(_) => want.violated.push(row),
                None => {}
            }
        }
        return want;
    }
    for (column, factor) in &target.columns {
        for entry in column.entries.iter().filter(|entry| is_asked(entry.row)) {
            let fits = f64::from(entry.high) >= least(*factor) && f64::from(entry.low) <= most(*factor);
            if fits {
                want.satisfied.push((entry.row, 1.0));
            } else {
                want.violated.push(entry.row);
            }
        }
    }
    settle(&mut want);
    want
}

/// One of several numbers is enough: a row that is satisfied anywhere is not violated.
pub fn settle(want: &mut Want) {
    want.satisfied.sort_unstable_by_key(|(row, _)| *row);
    want.satisfied.dedup_by_key(|(row, _)| *row);
    let satisfied = &want.satisfied;
    want.violated
        .retain(|row| satisfied.binary_search_by_key(row, |(known, _)| *known).is_err());
    want.violated.sort_unstable();
    want.violated.dedup();
}

/// The number by which a row is ordered; the upper end of an interval unless that is open.
pub fn order_key(facets: &Facets, target: &Target<'_>, row: u32) -> Option<f64> {
    if target.is_price {
        return facets.price(row);
    }
    let found = target.columns.iter().filter_map(|(column, _)| {
        let at = column.entries.binary_search_by_key(&row, |entry| entry.row).ok()?;
        let entry = column.entries.get(at)?;
        Some(f64::from(if entry.high.is_finite() { entry.high } else { entry.low }))
    });
    found.fold(None, |best: Option<f64>, value| {
        Some(best.map_or(value, |best| best.max(value)))
    })
}
