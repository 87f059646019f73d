//! What product rows say to a question: who satisfies all that was asked, who violates it, and in which order.

use crate::domain::id::DocumentId;
use crate::domain::search::Reading as Pair;
use crate::retrieval::attributes::account::account;
use crate::retrieval::attributes::asked::Asked;
use crate::retrieval::attributes::concept::is_color_term;
use crate::retrieval::attributes::concept::size_of;
use crate::retrieval::attributes::facets::Facets;
use crate::retrieval::attributes::facets::Field;
use crate::retrieval::attributes::property::Direction;
use crate::retrieval::attributes::reading::AskedWord;
use crate::retrieval::attributes::reading::Reading;
use crate::retrieval::attributes::rows::RowSet;
use crate::retrieval::attributes::scale::Scale;
use crate::retrieval::attributes::scale::Subject;
use crate::retrieval::attributes::want::Want;
use crate::retrieval::attributes::want::order_key;
use crate::retrieval::attributes::want::target;
use crate::retrieval::attributes::wishes::wants;
use std::sync::Arc;

/// Products that the evidence itself brings into the search.
const MAX_CANDIDATES: usize = 50;
/// For an order ("самый дешёвый") only rows that are clearly of the kind count.
const ORDERED_KIND_SHARE: f64 = 0.75;
/// A value fits from this grade on; a shade of the asked color does, another shade does not.
const FITTING_GRADE: f32 = 0.5;

/// With less of the question understood, rows only lean on what words and vectors found.
const LEAST_TRUST: f64 = 0.5;
/// How much an unknown word counts beside a bound or an order that is understood.
const FIRM_DOUBT: f64 = 0.3;

/// What the row of one product says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// It is of the kind and satisfies all. `place` is its place from 0 in an asked order; all after
    /// the first fifty share one.
    Satisfies { score: f64, place: Option<usize> },
    /// It is of the kind, and its row is silent on something that was asked. `score` is what it satisfies, from 0 to 1.
    Silent { score: f64 },
    /// Its row says otherwise.
    Violates { score: f64 },
}

/// The evidence of a question; none exists for a question that asks nothing of rows.
#[derive(Debug, Clone)]
pub struct AttributeEvidence {
    facets: Arc<Facets>,
    /// How much each row is of the kind, from 0 to 1.
    kind: Vec<f32>,
    /// The share of wants that each row satisfies, by weight.
    earned: Vec<f32>,
    satisfied: RowSet,
    violated: RowSet,
    /// The first rows in an asked order.
    first_places: Option<Vec<u32>>,
    /// Rows to bring into the search, best first.
    best: Vec<u32>,
    /// Whether the kind of product is known; else the evidence only leans on what words and vectors found.
    pub is_decisive: bool,
    /// Whether every content word was understood, so that what satisfies the wants is what was asked for.
    pub is_certain: bool,
    /// Whether a bound, an order, missing stock or a discount was asked for.
    pub is_firm: bool,
    /// Whether a bound, missing stock, a discount, a color or a size is among what was asked.
    has_conditions: bool,
    /// The share of what was asked that rows know of, from 0 to 1.
    trust: f64,
    /// What the question was taken to ask.
    pub account: Vec<Pair>,
}

impl AttributeEvidence {
    /// Whether products of the kind exist and none satisfies what was asked.
    pub fn is_unmet(&self) -> bool {
        self.is_decisive && self.satisfied.is_empty()
    }

    /// The same where the words of the question leave no doubt, so that the visitor can be told.
    pub fn is_plainly_unmet(&self) -> bool {
        self.is_unmet() && self.has_conditions
    }

    pub fn is_product(&self, document: DocumentId) -> bool {
        self.facets.row_of(document).is_some()
    }

    pub fn trust(&self) -> f64 {
        self.trust
    }

    /// Documents to bring into the search, best first.
    pub fn candidates(&self) -> Vec<DocumentId> {
        self.best.iter().filter_map(|row| self.facets.document(*row)).collect()
    }

    /// The place in an asked order; all after the first few share one.
    fn place(&self, row: u32) -> Option<usize> {
        let first = self.first_places.as_ref()?;
        Some(first.iter().position(|known| *known == row).unwrap_or(MAX_CANDIDATES))
    }

    /// What the document's row says; `None` for what is no product or not of the kind.
    pub fn of(&self, document: DocumentId) -> Option<Verdict> {
        let row = self.facets.row_of(document)?;
        let kind = f64::from(self.kind.get(row as usize).copied()?);
        let earned = f64::from(self.earned.get(row as usize).copied()?);
        if kind <= 0.0 {
            return None;
        }
        Some(if self.satisfied.contains(row) {
            Verdict::Satisfies {
                score: kind * earned,
                place: self.place(row),
            }
        } else if self.violated.contains(row) {
            Verdict::Violates { score: kind * earned }
        } else {
            Verdict::Silent { score: kind * earned }
        })
    }
}

/// Reads the facets for a question. `None` when it asks nothing that rows decide, or is about the shop's rules.
pub fn evidence(reading: &Reading, facets: &Arc<Facets>, subject: Option<Subject>) -> Option<AttributeEvidence> {
    if facets.is_empty() || reading.asks_how || is_about_service(reading, facets) {
        return None;
    }
    let asked = Asked::of(reading, facets);
    let scale = Scale::new(reading, &asked, facets, subject);
    let wants = wants(reading, &asked, facets, subject, &scale);
    let order = order(reading, subject);
    let wants_others = subject.is_some_and(|subject| subject.wants_others);
    if wants.is_empty() && order.is_none() && !wants_others {
        return None;
    }
    let order_target = order.and_then(|direction| target(facets, None, Some(direction.property), &asked.hints));
    if wants.is_empty() && order_target.is_none() && !wants_others {
        return None;
    }
    let mut evidence = weigh(facets, &scale, &wants, subject);
    // Bounds, orders, stock and discount are meant as they are said; a mere value may be a word among many.
    let is_about_goods = subject.is_some() || reading.is_generic || !asked.kind.is_empty();
    let is_ordered = order_target.is_some() && (reading.order.is_some() || is_about_goods);
    let is_firm = is_ordered || wants.iter().any(|want| want.is_firm);
    let known = (asked.kind.len() + wants.len() + usize::from(is_ordered)) as f64;
    let doubt = if is_firm && !asked.kind.is_empty() {
        FIRM_DOUBT
    } else {
        1.0
    };
    evidence.trust = known / (known + doubt * asked.unexplained as f64);
    evidence.is_firm = is_firm;
    evidence.has_conditions = has_conditions(reading, &wants);
    evidence.account = account(reading, &asked, facets);
    evidence.is_decisive = scale.is_known && evidence.trust >= LEAST_TRUST && known > 0.0;
    evidence.is_certain = evidence.is_decisive && asked.unexplained == 0;
    if let Some((direction, target)) = order.zip(order_target) {
        let share = scale.most * ORDERED_KIND_SHARE;
        let keyed: Vec<(f64, u32)> = evidence
            .satisfied
            .iter()
            .filter(|row| f64::from(evidence.kind.get(*row as usize).copied().unwrap_or_default()) >= share)
            .filter_map(|row| Some((order_key(facets, &target, row)?, row)))
            .collect();
        // A row without a value cannot be the cheapest or the lightest.
        let mut placed = RowSet::with_capacity(facets.len());
        keyed.iter().for_each(|(_, row)| placed.insert(*row));
        evidence.satisfied = placed;
        evidence.first_places = Some(first_places(keyed, direction));
    }
    evidence.best = best(&evidence);
    Some(evidence)
}

/// An order asks for the most there is, which is no condition; other values may be words among many.
fn has_conditions(reading: &Reading, wants: &[Want]) -> bool {
    let is_condition = |word: &AskedWord| is_color_term(&word.stem) || size_of(&word.text).is_some();
    wants.iter().any(|want| want.is_firm) || reading.words.iter().any(is_condition)
}

/// The first rows in the asked order; ties by row.
fn first_places(mut keyed: Vec<(f64, u32)>, direction: Direction) -> Vec<u32> {
    let order = |a: &(f64, u32), b: &(f64, u32)| {
        let by_key = if direction.is_ascending {
            a.0.total_cmp(&b.0)
        } else {
            b.0.total_cmp(&a.0)
        };
        by_key.then(a.1.cmp(&b.1))
    };
    if keyed.len() > MAX_CANDIDATES {
        keyed.select_nth_unstable_by(MAX_CANDIDATES - 1, order);
        keyed.truncate(MAX_CANDIDATES);
    }
    keyed.sort_unstable_by(order);
    keyed.into_iter().map(|(_, row)| row).collect()
}

fn is_about_service(reading: &Reading, facets: &Facets) -> bool {
    let is_sold = |term: &String| {
        facets
            .postings(term)
            .iter()
            .any(|posting| matches!(posting.field, Field::Name | Field::Category | Field::MixedCategory))
    };
    reading.service_terms.iter().any(|term| !is_sold(term))
}

/// An order that was asked for; a comparison without anything to compare with is one too.
fn order(reading: &Reading, subject: Option<Subject>) -> Option<Direction> {
    let comparison = reading.comparison.map(|direction| {
        // "Побольше" than the subject: nearest first.
        let is_ascending = if subject.is_some() {
            !direction.is_ascending
        } else {
            direction.is_ascending
        };
        Direction {
            is_ascending,
            ..direction
        }
    });
    reading.order.or(comparison)
}

fn weigh(facets: &Arc<Facets>, scale: &Scale, wants: &[Want], subject: Option<Subject>) -> AttributeEvidence {
    let total: f64 = wants.iter().map(|want| want.weight).sum();
    let required = wants.iter().filter(|want| want.is_required).count();
    let mut earned = vec![0.0f32; facets.len()];
    let mut fitting = vec![0u16; facets.len()];
    let mut violated = RowSet::with_capacity(facets.len());
    for want in wants {
        let share = if total > 0.0 { (want.weight / total) as f32 } else { 0.0 };
        for (row, grade) in &want.satisfied {
            if let (Some(earned), Some(fitting)) = (earned.get_mut(*row as usize), fitting.get_mut(*row as usize)) {
                *earned += share * grade;
                *fitting += u16::from(want.is_required && *grade >= FITTING_GRADE);
            }
        }
        for row in want.violated.iter().filter(|row| !scale.called.contains(**row)) {
            violated.insert(*row);
        }
    }
    let mut satisfied = RowSet::with_capacity(facets.len());
    for (row, fitting) in (0u32..).zip(&fitting) {
        let is_subject = subject.is_some_and(|subject| subject.wants_others && subject.row == row);
        if scale.has(row) && usize::from(*fitting) >= required && !violated.contains(row) && !is_subject {
            satisfied.insert(row);
        }
    }
    if wants.is_empty() {
        earned.fill(1.0);
    }
    AttributeEvidence {
        facets: facets.clone(),
        kind: scale.kind.clone(),
        earned,
        satisfied,
        violated,
        first_places: None,
        best: Vec::new(),
        is_decisive: false,
        is_certain: false,
        is_firm: false,
        has_conditions: false,
        trust: 0.0,
        account: Vec::new(),
    }
}

/// The rows to bring into the search: those that satisfy all; when there are none, those that come nearest.
fn best(evidence: &AttributeEvidence) -> Vec<u32> {
    if !evidence.is_decisive {
        return Vec::new();
    }
    let score = |row: u32| {
        let at = row as usize;
        evidence.kind.get(at).copied().unwrap_or_default()
            * (0.01 + evidence.earned.get(at).copied().unwrap_or_default())
    };
    if let Some(first) = evidence.first_places.as_ref().filter(|first| !first.is_empty()) {
        return first.clone();
    }
    let mut rows: Vec<u32> = if evidence.satisfied.is_empty() {
        evidence.facets.rows().filter(|row| score(*row) > 0.0).collect()
    } else {
        evidence.satisfied.iter().collect()
    };
    let order = |a: &u32, b: &u32| score(*b).total_cmp(&score(*a)).then(a.cmp(b));
    if rows.len() > MAX_CANDIDATES {
        rows.select_nth_unstable_by(MAX_CANDIDATES - 1, order);
        rows.truncate(MAX_CANDIDATES);
    }
    rows.sort_unstable_by(order);
    rows
}
