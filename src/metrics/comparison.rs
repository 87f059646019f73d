//! What changed between two runs over the same questions, of two versions or two models.

use crate::metrics::interval::Interval;
use crate::metrics::interval::bootstrap_mean;
use crate::metrics::ranking::as_f64;
use crate::metrics::ranking::first_right;
use crate::metrics::ranking::hit_at;
use crate::metrics::ranking::is_judged_rightly;
use crate::metrics::ranking::reciprocal_rank;
use crate::metrics::run::Outcome;
use crate::metrics::run::Run;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::HashMap;

/// Questions that only one run has are counted and otherwise left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    pub only_in_old: usize,
    pub only_in_new: usize,
    pub total: Changes,
    pub kinds: BTreeMap<String, Changes>,
    /// The first right source stands higher, in the order of the new run; so in the lists below.
    pub won: Vec<Move>,
    pub lost: Vec<Move>,
    /// Wrongly answered or refused before, rightly now.
    pub judged_rightly: Vec<Move>,
    pub judged_wrongly: Vec<Move>,
}

/// hit@k and MRR over the answerable questions, `judged_rightly` over all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changes {
    pub questions: usize,
    pub hit_at_1: Change,
    pub hit_at_5: Change,
    pub mrr: Change,
    /// The share of questions that are answered or refused as they should be.
    pub judged_rightly: Change,
}

/// A mean before and after, with the paired bootstrap's 95 % interval of the difference: an interval that holds 0 proves nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Change {
    pub old: f64,
    pub new: f64,
    pub interval: Interval,
}

/// One question in both runs; a rank is absent when no right source was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Move {
    pub question: String,
    pub kind: String,
    pub old_rank: Option<usize>,
    pub new_rank: Option<usize>,
    pub refused_before: bool,
    pub refused: bool,
}

type Pair<'a> = (&'a Outcome, &'a Outcome);

/// Resamples each mean thousands of times.
pub fn compare(old: &Run, new: &Run) -> Comparison {
    let mut before: HashMap<(&str, &[String]), &Outcome> = HashMap::new();
    for outcome in &old.outcomes {
        before.entry(asked(outcome)).or_insert(outcome);
    }
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    let mut only_in_new = 0;
    for outcome in &new.outcomes {
        match before.remove(&asked(outcome)) {
            Some(earlier) => pairs.push((earlier, outcome)),
            None => only_in_new += 1,
        }
    }
    let mut kinds: BTreeMap<String, Vec<Pair<'_>>> = BTreeMap::new();
    for pair in &pairs {
        kinds.entry(pair.1.question.kind.clone()).or_default().push(*pair);
    }
    Comparison {
        only_in_old: before.len(),
        only_in_new,
        total: changes(&pairs),
        kinds: kinds.into_iter().map(|(kind, pairs)| (kind, changes(&pairs))).collect(),
        won: moves(&pairs, |old, new| reciprocal_rank(new) > reciprocal_rank(old)),
        lost: moves(&pairs, |old, new| reciprocal_rank(new) < reciprocal_rank(old)),
        judged_rightly: moves(&pairs, |old, new| is_judged_rightly(new) && !is_judged_rightly(old)),
        judged_wrongly: moves(&pairs, |old, new| !is_judged_rightly(new) && is_judged_rightly(old)),
    }
}

/// What makes two lines the same question.
fn asked(outcome: &Outcome) -> (&str, &[String]) {
    (&outcome.question.question, &outcome.question.history)
}

fn changes(pairs: &[Pair<'_>]) -> Changes {
    let answerable: Vec<Pair<'_>> = pairs
        .iter()
        .copied()
        .filter(|(_, new)| !new.question.expect.is_empty())
        .collect();
    Changes {
        questions: pairs.len(),
        hit_at_1: change(&answerable, |outcome| hit_at(outcome, 1)),
        hit_at_5: change(&answerable, |outcome| hit_at(outcome, 5)),
        mrr: change(&answerable, reciprocal_rank),
        judged_rightly: change(pairs, |outcome| f64::from(is_judged_rightly(outcome))),
    }
}

fn change(pairs: &[Pair<'_>], value: fn(&Outcome) -> f64) -> Change {
    if pairs.is_empty() {
        return Change::default();
    }
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / as_f64(pairs.len());
    let differences: Vec<f64> = pairs.iter().map(|(old, new)| value(new) - value(old)).collect();
    Change {
        old: mean(&mut pairs.iter().map(|(old, _)| value(old))),
        new: mean(&mut pairs.iter().map(|(_, new)| value(new))),
        interval: bootstrap_mean(&differences),
    }
}

fn moves(pairs: &[Pair<'_>], is_one: fn(&Outcome, &Outcome) -> bool) -> Vec<Move> {
    let moved = pairs.iter().filter(|(old, new)| is_one(old, new));
    moved
        .map(|(old, new)| Move {
            question: new.question.question.clone(),
            kind: new.question.kind.clone(),
            old_rank: first_right(old),
            new_rank: first_right(new),
            refused_before: old.refused,
            refused: new.refused,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::compare;
    use crate::metrics::interval::Interval;
    use crate::metrics::ranking::tests::outcome;
    use crate::metrics::run::Outcome;
    use crate::metrics::run::Run;
    use crate::metrics::run::Space;

    fn run(outcomes: &[Outcome]) -> Run {
        let named = outcomes.iter().enumerate().map(|(index, outcome)| {
            let mut outcome = outcome.clone();
            outcome.question.question = format!("question {index}");
            outcome
        });
        Run {
            space: Space {
                model: "builtin".to_owned(),
                revision: "1".to_owned(),
                dimensions: 256,
            },
            outcomes: named.collect(),
        }
    }

    #[test]
    fn questions_won_and_lost_are_told_with_their_ranks() {
        let first = outcome(&["a"], &[("a", 0.9), ("b", 0.8)]);
        let second = outcome(&["a"], &[("b", 0.9), ("a", 0.8)]);
        let mut refused = outcome(&[], &[("a", 0.9)]);
        refused.refused = true;
        let answered = outcome(&[], &[("a", 0.9)]);
        let old = run(&[second.clone(), first.clone(), answered, first.clone()]);
        let new = run(&[first, second, refused]);
        let comparison = compare(&old, &new);
        assert_eq!((comparison.only_in_old, comparison.only_in_new), (1, 0));
        assert_eq!(comparison.won.len(), 1);
        assert_eq!(
            (comparison.won[0].old_rank, comparison.won[0].new_rank),
            (Some(2), Some(1))
        );
        assert_eq!(comparison.lost[0].question, "question 1");
        assert_eq!(comparison.judged_rightly[0].question, "question 2");
        assert!(comparison.judged_wrongly.is_empty());
        assert_eq!(comparison.total.questions, 3);
        assert_eq!(
            (comparison.total.hit_at_1.old, comparison.total.hit_at_1.new),
            (0.5, 0.5)
        );
    }

    #[test]
    fn a_run_does_not_differ_from_itself() {
        let same = run(&[outcome(&["a"], &[("a", 0.9)]), outcome(&["a"], &[])]);
        let comparison = compare(&same, &same);
        assert!(comparison.won.is_empty() && comparison.lost.is_empty());
        assert_eq!(comparison.total.mrr.interval, Interval::default());
    }
}
