//! How good a search is, on questions with known sources. Definitions as in `data/demo`: a line without sources should be
//! refused; any one source of a line is right.

use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;

/// Ranks past this count as not found, for MRR and nDCG.
pub const DEPTH: usize = 10;

/// One line of an evaluation set.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Question {
    pub question: String,
    /// Source ids, any of which is right; empty when the shop has no answer.
    pub expect: Vec<String>,
    #[serde(default)]
    pub kind: String,
}

/// What the search did with one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub kind: String,
    pub expect: Vec<String>,
    /// Source ids, best first.
    pub found: Vec<String>,
    pub refused: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub total: Figures,
    pub kinds: BTreeMap<String, Figures>,
    /// Refused and unanswerable, of all refused; 1 when nothing was refused.
    pub refusal_precision: f64,
    /// Refused and unanswerable, of all unanswerable; 1 when nothing is.
    pub refusal_recall: f64,
}

/// Means over the answerable questions; all 0 when there are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
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
}

pub fn report(outcomes: &[Outcome]) -> Report {
    let mut kinds: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        kinds.entry(outcome.kind.clone()).or_default().push(outcome);
    }
    let refused = outcomes.iter().filter(|outcome| outcome.refused).count();
    let unanswerable = outcomes.iter().filter(|outcome| outcome.expect.is_empty()).count();
    let refused_rightly = outcomes
        .iter()
        .filter(|outcome| outcome.refused && outcome.expect.is_empty())
        .count();
    Report {
        total: figures(&outcomes.iter().collect::<Vec<_>>()),
        kinds: kinds
            .into_iter()
            .map(|(kind, outcomes)| (kind, figures(&outcomes)))
            .collect(),
        refusal_precision: share(refused_rightly, refused),
        refusal_recall: share(refused_rightly, unanswerable),
    }
}

fn figures(outcomes: &[&Outcome]) -> Figures {
    let answerable: Vec<_> = outcomes.iter().filter(|outcome| !outcome.expect.is_empty()).collect();
    let count = answerable.len();
    let mean = |value: &dyn Fn(&Outcome) -> f64| {
        if count == 0 {
            0.0
        } else {
            answerable.iter().map(|outcome| value(outcome)).sum::<f64>() / as_f64(count)
        }
    };
    let within = |outcome: &Outcome, depth: usize| first_right(outcome).is_some_and(|rank| rank <= depth);
    Figures {
        questions: outcomes.len(),
        answerable: count,
        hit_at_1: mean(&|outcome| f64::from(within(outcome, 1))),
        hit_at_5: mean(&|outcome| f64::from(within(outcome, 5))),
        mrr: mean(&|outcome| first_right(outcome).map_or(0.0, |rank| 1.0 / as_f64(rank))),
        ndcg_at_10: mean(&ndcg),
        refused_wrongly: mean(&|outcome| f64::from(outcome.refused)),
        refused: share_of(
            outcomes.iter().filter(|outcome| outcome.refused).count(),
            outcomes.len(),
        ),
    }
}

/// The place of the first right source, from 1, among the first `DEPTH`.
fn first_right(outcome: &Outcome) -> Option<usize> {
    outcome
        .found
        .iter()
        .take(DEPTH)
        .position(|id| outcome.expect.contains(id))
        .map(|index| index + 1)
}

/// Normalized discounted cumulative gain with gain 1 for each right source (Järvelin and Kekäläinen, 2002).
fn ndcg(outcome: &Outcome) -> f64 {
    let discount = |rank: usize| 1.0 / (as_f64(rank) + 1.0).log2();
    let right = |index: &usize| outcome.found.get(*index).is_some_and(|id| outcome.expect.contains(id));
    let gained: f64 = (0..outcome.found.len().min(DEPTH))
        .filter(right)
        .map(|index| discount(index + 1))
        .sum();
    let ideal: f64 = (1..=outcome.expect.len().min(DEPTH)).map(discount).sum();
    if ideal > 0.0 { gained / ideal } else { 0.0 }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { as_f64(part) / as_f64(whole) }
}

fn share_of(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { as_f64(part) / as_f64(whole) }
}

/// Counts here are far below 2^32.
fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::Outcome;
    use super::report;

    fn outcome(expect: &[&str], found: &[&str], refused: bool) -> Outcome {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        Outcome {
            kind: "plain".to_owned(),
            expect: owned(expect),
            found: owned(found),
            refused,
        }
    }

    #[test]
    fn figures_follow_their_definitions() {
        let outcomes = [
            outcome(&["a"], &["a", "b"], false),
            outcome(&["c"], &["a", "c"], false),
            outcome(&["d"], &["a"], true),
            outcome(&[], &["a"], true),
            outcome(&[], &["a"], false),
        ];
        let report = report(&outcomes);
        assert_eq!(report.total.answerable, 3);
        assert!((report.total.hit_at_1 - 1.0 / 3.0).abs() < 1e-9);
        assert!((report.total.mrr - 0.5).abs() < 1e-9);
        assert!((report.total.ndcg_at_10 - (1.0 + 1.0 / 3f64.log2()) / 3.0).abs() < 1e-9);
        assert!((report.refusal_precision - 0.5).abs() < 1e-9);
        assert!((report.refusal_recall - 0.5).abs() < 1e-9);
    }
}
