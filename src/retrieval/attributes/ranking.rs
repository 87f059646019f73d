//! How the verdict on a product's row changes its score among all candidates.

use crate::domain::id::DocumentId;
use crate::retrieval::attributes::evidence::AttributeEvidence;
use crate::retrieval::attributes::evidence::Verdict;

/// Products that satisfy all that was asked score from here on, so that no other product passes them. Rules and answers of the
/// shop that fit better still do.
const SATISFIED_FLOOR: f64 = 0.6;
const SATISFIED_SPAN: f64 = 0.25;
/// The score of the first in an asked order, what each next place loses, and how many places are told apart.
const FIRST_PLACE: f64 = 0.98;
const PLACE_STEP: f64 = 0.015;
const PLACES: usize = 24;
/// How far a fitting row lifts a product whose kind only words and vectors know.
const LEANING: f64 = 0.5;
/// How far a row that fits in part lifts a product when none fits in all.
const UNMET: f64 = 0.1;
/// A violating product keeps this share of its score.
const VIOLATING_SHARE: f64 = 0.4;

impl AttributeEvidence {
    /// The score of a candidate, `base` being that of its words and vectors, both from 0 to 1. Among products of equal verdict
    /// the order of `base` stays, unless an order was asked for.
    pub fn adjusted(&self, document: DocumentId, base: f64) -> f64 {
        let Some(verdict) = self.of(document) else {
            return base;
        };
        if !self.is_decisive {
            return match verdict {
                Verdict::Satisfies { score, .. } => base + (1.0 - base) * LEANING * self.trust() * score,
                Verdict::Silent { .. } => base,
                Verdict::Violates { .. } => base * (1.0 - (1.0 - VIOLATING_SHARE) * self.trust()),
            };
        }
        if self.is_unmet() {
            // Nothing fits, so that what was named stays, the nearest first.
            return match verdict {
                Verdict::Satisfies { score, .. } | Verdict::Silent { score } | Verdict::Violates { score } => {
                    base + (1.0 - base) * UNMET * score
                }
            };
        }
        match verdict {
            Verdict::Satisfies { place: Some(place), .. } => {
                let step = f64::from(u32::try_from(place.min(PLACES)).unwrap_or(u32::MAX));
                FIRST_PLACE - PLACE_STEP * step
            }
            Verdict::Satisfies { score, place: None } => {
                SATISFIED_FLOOR + SATISFIED_SPAN * score + (1.0 - SATISFIED_FLOOR - SATISFIED_SPAN) * base
            }
            Verdict::Silent { score } => (base + (1.0 - base) * 0.2 * score).min(SATISFIED_FLOOR - 1e-9),
            Verdict::Violates { score } => VIOLATING_SHARE * base * (0.5 + 0.5 * score),
        }
    }
}
