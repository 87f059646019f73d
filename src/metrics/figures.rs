//! Means over a set of outcomes, with their confidence intervals.

use crate::metrics::interval::Interval;
use crate::metrics::interval::bootstrap_mean;
use crate::metrics::interval::wilson;
use crate::metrics::ranking::as_f64;
use crate::metrics::ranking::hit_at;
use crate::metrics::ranking::ndcg;
use crate::metrics::ranking::reciprocal_rank;
use crate::metrics::run::Outcome;
use serde::Deserialize;
use serde::Serialize;

/// Means over the answerable questions; all 0 when there are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub questions: usize,
    pub answerable: usize,
    pub hit_at_1: f64,
    pub hit_at_5: f64,
    pub mrr: f64,
    pub ndcg_at_10: f64,
    /// The share of answerable questions that were refused.
    pub refused_wrongly: f64,
    /// The share of all questions that were refused.
    pub refused: f64,
    pub intervals: Intervals,
}

/// The 95 % interval of each figure: Wilson's for shares, the percentile bootstrap for means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    pub hit_at_1: Interval,
    pub hit_at_5: Interval,
    pub mrr: Interval,
    pub ndcg_at_10: Interval,
    pub refused_wrongly: Interval,
    pub refused: Interval,
}

pub fn figures(outcomes: &[&Outcome]) -> Figures {
    let answerable: Vec<&Outcome> = outcomes
        .iter()
        .copied()
        .filter(|outcome| !outcome.question.expect.is_empty())
        .collect();
    let share = |among: &[&Outcome], is_part: &dyn Fn(&Outcome) -> bool| {
        let part = among.iter().filter(|outcome| is_part(outcome)).count();
        let share = if among.is_empty() {
            0.0
        } else {
            as_f64(part) / as_f64(among.len())
        };
        (share, wilson(part, among.len()))
    };
    let mean = |value: fn(&Outcome) -> f64| {
        let values: Vec<f64> = answerable.iter().map(|outcome| value(outcome)).collect();
        let mean = if values.is_empty() {
            0.0
        } else {
            values.iter().sum::<f64>() / as_f64(values.len())
        };
        (mean, bootstrap_mean(&values))
    };
    let hit_at_1 = share(&answerable, &|outcome| hit_at(outcome, 1) > 0.0);
    let hit_at_5 = share(&answerable, &|outcome| hit_at(outcome, 5) > 0.0);
    let mrr = mean(reciprocal_rank);
    let ndcg_at_10 = mean(ndcg);
    let refused_wrongly = share(&answerable, &|outcome| outcome.refused);
    let refused = share(outcomes, &|outcome| outcome.refused);
    Figures {
        questions: outcomes.len(),
        answerable: answerable.len(),
        hit_at_1: hit_at_1.0,
        hit_at_5: hit_at_5.0,
        mrr: mrr.0,
        ndcg_at_10: ndcg_at_10.0,
        refused_wrongly: refused_wrongly.0,
        refused: refused.0,
        intervals: Intervals {
            hit_at_1: hit_at_1.1,
            hit_at_5: hit_at_5.1,
            mrr: mrr.1,
            ndcg_at_10: ndcg_at_10.1,
            refused_wrongly: refused_wrongly.1,
            refused: refused.1,
        },
    }
}
