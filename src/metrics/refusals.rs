//! How well a search tells what its shop does not know: at the threshold it has, and at every other.

use crate::metrics::interval::Interval;
use crate::metrics::interval::wilson;
use crate::metrics::ranking::as_f64;
use crate::metrics::run::Outcome;
use serde::Deserialize;
use serde::Serialize;

/// Shares of answerable questions that may be refused, at which recall is told; the second is the one that is promised.
const FALSE_REFUSALS: [f64; 5] = [0.02, 0.05, 0.1, 0.2, 0.3];
/// The share at which `recall_at_5_percent` is told.
const PROMISED: f64 = 0.05;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refusals {
    /// Refused and unanswerable, of all refused; 1 when nothing was refused.
    pub precision: f64,
    pub precision_interval: Interval,
    /// Refused and unanswerable, of all unanswerable; 1 when nothing is.
    pub recall: f64,
    pub recall_interval: Interval,
    /// The recall that a threshold would give that refuses at most 5 % of the answerable questions; absent when there are no
    /// unanswerable or no answerable ones.
    pub recall_at_5_percent: Option<f64>,
    /// Wilson's, for the threshold found on these lines.
    pub recall_at_5_percent_interval: Option<Interval>,
    /// How often a random answerable question is surer than a random unanswerable one, a tie counting half: the area under the
    /// receiver operating characteristic (Hanley and McNeil, 1982).
    pub area_under_curve: Option<f64>,
    pub curve: Vec<RefusalPoint>,
}

/// What a threshold does: everything less sure than it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RefusalPoint {
    /// The share of answerable questions that may be refused.
    pub false_refusals: f64,
    /// The highest threshold that keeps to it.
    pub threshold: f64,
    pub recall: f64,
}

pub fn refusals(outcomes: &[&Outcome]) -> Refusals {
    let is_unanswerable = |outcome: &&&Outcome| outcome.question.expect.is_empty();
    let refused = outcomes.iter().filter(|outcome| outcome.refused).count();
    let unanswerable: Vec<f64> = sorted(outcomes.iter().filter(is_unanswerable));
    let answerable: Vec<f64> = sorted(outcomes.iter().filter(|outcome| !is_unanswerable(outcome)));
    let refused_rightly = outcomes
        .iter()
        .filter(is_unanswerable)
        .filter(|outcome| outcome.refused)
        .count();
    let promised = point(&answerable, &unanswerable, PROMISED);
    let curve = FALSE_REFUSALS
        .into_iter()
        .filter_map(|share| Some(point(&answerable, &unanswerable, share)?.0));
    Refusals {
        precision: share(refused_rightly, refused),
        precision_interval: wilson(refused_rightly, refused),
        recall: share(refused_rightly, unanswerable.len()),
        recall_interval: wilson(refused_rightly, unanswerable.len()),
        recall_at_5_percent: promised.map(|(point, _)| point.recall),
        recall_at_5_percent_interval: promised.map(|(_, part)| wilson(part, unanswerable.len())),
        area_under_curve: area(&answerable, &unanswerable),
        curve: curve.collect(),
    }
}

/// Least sure first.
fn sorted<'a>(outcomes: impl Iterator<Item = &'a &'a Outcome>) -> Vec<f64> {
    let mut sureness: Vec<f64> = outcomes.map(|outcome| outcome.confidence).collect();
    sureness.sort_by(f64::total_cmp);
    sureness
}

/// The point of the curve at a share of false refusals, and how many unanswerable questions are refused there.
fn point(answerable: &[f64], unanswerable: &[f64], false_refusals: f64) -> Option<(RefusalPoint, usize)> {
    if unanswerable.is_empty() {
        return None;
    }
    // Questions as sure as the threshold are answered, so that the one after those that may be refused is the highest threshold.
    let allowed = (0..answerable.len())
        .take_while(|count| as_f64(*count) <= false_refusals * as_f64(answerable.len()))
        .last()?;
    let threshold = *answerable.get(allowed)?;
    let part = unanswerable.partition_point(|sureness| *sureness < threshold);
    let point = RefusalPoint {
        false_refusals,
        threshold,
        recall: share(part, unanswerable.len()),
    };
    Some((point, part))
}

fn area(answerable: &[f64], unanswerable: &[f64]) -> Option<f64> {
    let pairs = as_f64(answerable.len()) * as_f64(unanswerable.len());
    let below = |sureness: &f64| {
        let less = unanswerable.partition_point(|other| other < sureness);
        let not_more = unanswerable.partition_point(|other| other <= sureness);
        (as_f64(less) + as_f64(not_more)) / 2.0
    };
    (pairs > 0.0).then(|| answerable.iter().map(below).sum::<f64>() / pairs)
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { as_f64(part) / as_f64(whole) }
}

#[cfg(test)]
mod tests {
    use super::Refusals;
    use super::refusals;
    use crate::metrics::ranking::tests::outcome;
    use crate::metrics::run::Outcome;

    /// Answerable and unanswerable questions by how sure the search was of each; refused below 0.3.
    fn told(answerable: &[f64], unanswerable: &[f64]) -> Refusals {
        let judged = |expect: &[&str], confidence: f64| {
            let mut outcome = outcome(expect, &[("a", 0.5)]);
            outcome.confidence = confidence;
            outcome.refused = confidence < 0.3;
            outcome
        };
        let outcomes: Vec<Outcome> = answerable
            .iter()
            .map(|confidence| judged(&["a"], *confidence))
            .chain(unanswerable.iter().map(|confidence| judged(&[], *confidence)))
            .collect();
        refusals(&outcomes.iter().collect::<Vec<_>>())
    }

    #[test]
    fn precision_and_recall_follow_their_definitions() {
        let told = told(&[0.1, 0.9, 0.9], &[0.2, 0.2, 0.5]);
        assert!((told.precision - 2.0 / 3.0).abs() < 1e-12);
        assert!((told.recall - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn one_of_twenty_answerable_questions_may_be_refused_for_the_recall_at_five_percent() {
        let mut answerable = vec![0.9; 18];
        answerable.extend([0.2, 0.4]);
        // Below 0.4 stand one answerable question of twenty and two of three unanswerable ones.
        let found = told(&answerable, &[0.1, 0.3, 0.8]);
        assert!((found.recall_at_5_percent.unwrap() - 2.0 / 3.0).abs() < 1e-12);
        answerable.push(0.3);
        answerable.remove(0);
        // Two are now below 0.4, so that the threshold falls to 0.3, and what is as sure as it is answered.
        let found = told(&answerable, &[0.1, 0.3, 0.8]);
        assert!((found.recall_at_5_percent.unwrap() - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_search_that_is_always_equally_sure_tells_nothing_apart() {
        let found = told(&[0.5; 10], &[0.5; 10]);
        assert_eq!(
            (found.recall_at_5_percent, found.area_under_curve),
            (Some(0.0), Some(0.5))
        );
        assert_eq!(told(&[0.5], &[]).recall_at_5_percent, None);
    }
}
