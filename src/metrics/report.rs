//! The figures of one run, in total and by kind of question.

use crate::metrics::figures::Figures;
use crate::metrics::figures::figures;
use crate::metrics::refusals::Refusals;
use crate::metrics::refusals::refusals;
use crate::metrics::run::Outcome;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub total: Figures,
    pub kinds: BTreeMap<String, Figures>,
    /// Also in `refusals`; kept here for programs that read them here.
    pub refusal_precision: f64,
    pub refusal_recall: f64,
    pub refusals: Refusals,
}

/// Resamples each mean thousands of times: call it off the async runtime.
pub fn report(outcomes: &[Outcome]) -> Report {
    let all: Vec<&Outcome> = outcomes.iter().collect();
    let refusals = refusals(&all);
    Report {
        total: figures(&all),
        kinds: by_kind(outcomes)
            .into_iter()
            .map(|(kind, outcomes)| (kind.to_owned(), figures(&outcomes)))
            .collect(),
        refusal_precision: refusals.precision,
        refusal_recall: refusals.recall,
        refusals,
    }
}

/// In the order of the kinds' names.
pub fn by_kind(outcomes: &[Outcome]) -> BTreeMap<&str, Vec<&Outcome>> {
    let mut kinds: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        kinds.entry(&outcome.question.kind).or_default().push(outcome);
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::report;
    use crate::metrics::ranking::tests::outcome;

    #[test]
    fn figures_follow_their_definitions() {
        let mut outcomes = [
            outcome(&["a"], &[("a", 0.9), ("b", 0.8)]),
            outcome(&["c"], &[("a", 0.9), ("c", 0.8)]),
            outcome(&["d"], &[("a", 0.9)]),
            outcome(&[], &[("a", 0.9)]),
            outcome(&[], &[("a", 0.9)]),
        ];
        outcomes[2].refused = true;
        outcomes[3].refused = true;
        outcomes[4].question.kind = "unanswerable".to_owned();
        let report = report(&outcomes);
        assert_eq!(report.total.answerable, 3);
        assert!((report.total.hit_at_1 - 1.0 / 3.0).abs() < 1e-9);
        assert!((report.total.mrr - 0.5).abs() < 1e-9);
        assert!((report.total.ndcg_at_10 - (1.0 + 1.0 / 3f64.log2()) / 3.0).abs() < 1e-9);
        assert!((report.total.refused_wrongly - 1.0 / 3.0).abs() < 1e-9);
        assert!((report.refusal_precision - 0.5).abs() < 1e-9);
        assert!((report.refusal_recall - 0.5).abs() < 1e-9);
        assert_eq!(report.kinds["plain"].questions, 4);
        assert_eq!(report.kinds["unanswerable"].answerable, 0);
    }
}
