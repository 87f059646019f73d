//! Makes wants of a question: its bounds, values, brands, attributes, stock and discount, over the rows of the asked kind.

use crate::retrieval::attributes::asked::Asked;
use crate::retrieval::attributes::asked::Word;
use crate::retrieval::attributes::bound::Bound;
use crate::retrieval::attributes::facets::Facets;
use crate::retrieval::attributes::facets::Field;
use crate::retrieval::attributes::property::Direction;
use crate::retrieval::attributes::property::Property;
use crate::retrieval::attributes::reading::Reading;
use crate::retrieval::attributes::rows::RowSet;
use crate::retrieval::attributes::scale::Scale;
use crate::retrieval::attributes::scale::Subject;
use crate::retrieval::attributes::want::Target;
use crate::retrieval::attributes::want::Want;
use crate::retrieval::attributes::want::bounded;
use crate::retrieval::attributes::want::order_key;
use crate::retrieval::attributes::want::settle;
use crate::retrieval::attributes::want::target;

/// What the question asks of rows, each as its own want. Accents come only beside something that is asked.
pub fn wants(reading: &Reading, asked: &Asked, facets: &Facets, subject: Option<Subject>, scale: &Scale) -> Vec<Want> {
    let is_asked = |row: u32| scale.has(row);
    let mut wants: Vec<Want> = Vec::new();
    for bound in &reading.bounds {
        if let Some(target) = bound_target(facets, bound, &asked.hints) {
            let mut want = bounded(facets, &target, bound.low, bound.high, &is_asked);
            want.is_firm = bound.is_comparison;
            if !bound.is_comparison {
                also_called(facets, bound, &is_asked, &mut want);
            }
            wants.push(want);
        }
    }
    if let Some((direction, subject)) = reading.comparison.zip(subject) {
        wants.extend(compared(facets, direction, subject, &asked.hints, &is_asked));
    }
    for word in &asked.values {
        wants.push(valued(facets, word, &is_asked, 1.0));
    }
    for word in &asked.brands {
        wants.push(branded(facets, word, &is_asked));
    }
    for (attribute, is_negated) in &asked.named {
        wants.extend(named(facets, *attribute, *is_negated, &is_asked));
    }
    if let Some(in_stock) = reading.in_stock {
        wants.push(stocked(facets, in_stock));
    }
    if reading.is_discounted {
        let mut want = Want {
            weight: 1.0,
            is_required: true,
            is_firm: true,
            ..Want::default()
        };
        want.satisfied = facets.discounted().iter().map(|row| (*row, 1.0)).collect();
        let mut discounted = RowSet::with_capacity(facets.len());
        facets.discounted().iter().for_each(|row| discounted.insert(*row));
        want.violated = facets.rows().filter(|row| !discounted.contains(*row)).collect();
        wants.push(want);
    }
    // Words that only accentuate ask nothing by themselves.
    if !wants.is_empty() || reading.order.is_some() {
        for word in &asked.accents {
            let mut want = valued(facets, word, &is_asked, 0.3);
            want.is_required = false;
            wants.push(want);
        }
    }
    wants
}

/// What a bound of the question is about; `None` when no row knows, or when it is a bare number that may be part of a name.
pub fn bound_target<'a>(facets: &'a Facets, bound: &Bound, hints: &[u16]) -> Option<Target<'a>> {
    let is_telling = bound.is_comparison || bound.unit.is_some() || !hints.is_empty();
    target(facets, Some(bound), bound.property, hints).filter(|_| is_telling)
}

/// A size that is asked for exactly may stand in a list without its unit: "рост 128 см" and "98, 116, 128".
fn also_called(facets: &Facets, bound: &Bound, is_asked: &dyn Fn(u32) -> bool, want: &mut Want) {
    for posting in facets.postings(&bound.number.to_string()) {
        let called = posting.rows.iter().filter(|row| is_asked(**row));
        want.satisfied.extend(called.map(|row| (*row, 1.0)));
    }
    settle(want);
}

/// More, or less, of a property than the subject has.
fn compared(
    facets: &Facets,
    direction: Direction,
    subject: Subject,
    hints: &[u16],
    is_asked: &dyn Fn(u32) -> bool,
) -> Option<Want> {
    let property = direction.property;
    let target = target(facets, None, Some(property), hints)?;
    let value = order_key(facets, &target, subject.row)?;
    let (low, high) = if direction.is_ascending {
        (None, Some(value * (1.0 - 1e-5)))
    } else {
        (Some(value * (1.0 + 1e-5)), None)
    };
    // The value is in base units already.
    let columns = target.columns.into_iter().map(|(column, _)| (column, 1.0)).collect();
    let target = Target {
        is_price: property == Property::Price,
        columns,
    };
    Some(bounded(facets, &target, low, high, is_asked))
}

fn valued(facets: &Facets, word: &Word, is_asked: &dyn Fn(u32) -> bool, weight: f64) -> Want {
    let mut present: Vec<(u32, f32)> = Vec::new();
    let mut absent: Vec<u32> = Vec::new();
    for (term, grade) in &word.standing {
        for posting in facets
            .postings(term)
            .iter()
            .filter(|posting| posting.field != Field::Brand)
        {
            let asked = posting.rows.iter().filter(|row| is_asked(**row));
            present.extend(asked.map(|row| (*row, *grade as f32)));
        }
        for posting in facets.postings(&format!("!{term}")) {
            absent.extend(posting.rows.iter().filter(|row| is_asked(**row)));
        }
    }
    keep_best(&mut present);
    absent.sort_unstable();
    absent.dedup();
    let mut want = Want {
        weight,
        is_required: true,
        ..Want::default()
    };
    if word.is_negated {
        want.satisfied = absent.into_iter().map(|row| (row, 1.0)).collect();
        if want.satisfied.is_empty() {
            // No row says that it is without: then those that do not say that they have it are.
            let has = |row: &u32| present.binary_search_by_key(row, |(known, _)| *known).is_ok();
            want.satisfied = facets
                .rows()
                .filter(|row| is_asked(*row) && !has(row))
                .map(|row| (row, 1.0))
                .collect();
        }
        want.violated = present.into_iter().map(|(row, _)| row).collect();
    } else {
        want.satisfied = present;
        want.violated = absent;
    }
    want
}

fn branded(facets: &Facets, word: &Word, is_asked: &dyn Fn(u32) -> bool) -> Want {
    let mut want = valued(facets, word, is_asked, 1.0);
    for (term, grade) in &word.standing {
        for posting in facets
            .postings(term)
            .iter()
            .filter(|posting| posting.field == Field::Brand)
        {
            want.satisfied.extend(
                posting
                    .rows
                    .iter()
                    .filter(|row| is_asked(**row))
                    .map(|row| (*row, *grade as f32)),
            );
        }
    }
    keep_best(&mut want.satisfied);
    want
}

/// Orders by row; of a row's several grades the best stays.
fn keep_best(graded: &mut Vec<(u32, f32)>) {
    graded.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    graded.dedup_by_key(|(row, _)| *row);
}

/// An attribute that some products have and others say they have not.
fn named(facets: &Facets, attribute: u16, is_negated: bool, is_asked: &dyn Fn(u32) -> bool) -> Option<Want> {
    let known = facets.attribute(attribute)?;
    let having: Vec<u32> = known
        .yes
        .iter()
        .chain(&known.other)
        .copied()
        .filter(|row| is_asked(*row))
        .collect();
    let lacking: Vec<u32> = known.no.iter().copied().filter(|row| is_asked(*row)).collect();
    let (mut satisfied, violated) = if is_negated {
        (lacking, having)
    } else {
        (having, lacking)
    };
    satisfied.sort_unstable();
    Some(Want {
        weight: 1.0,
        satisfied: satisfied.into_iter().map(|row| (row, 1.0)).collect(),
        violated,
        is_required: true,
        is_firm: false,
    })
}

/// "Нет в наличии" asks for those only; "есть в наличии?" often asks about one product, so that nothing speaks against it.
fn stocked(facets: &Facets, in_stock: bool) -> Want {
    let (satisfied, violated) = if in_stock {
        (facets.in_stock(), &[][..])
    } else {
        (facets.out_of_stock(), facets.in_stock())
    };
    Want {
        weight: if in_stock { 0.3 } else { 1.0 },
        satisfied: satisfied.iter().map(|row| (*row, 1.0)).collect(),
        violated: violated.to_vec(),
        is_required: !in_stock,
        is_firm: !in_stock,
    }
}
