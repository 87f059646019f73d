//! Where the right sources stand. A source that is first by chance is not found: of equal scores, the wrong ones count as first.

use crate::metrics::run::Outcome;

/// Ranks past this count as not found, for MRR and nDCG.
pub const DEPTH: usize = 10;

/// Whether each place holds a right source, best place first, with ties broken against the search.
fn judged(outcome: &Outcome) -> Vec<bool> {
    let mut places: Vec<(f64, bool)> = outcome
        .found
        .iter()
        .map(|found| (found.score, outcome.question.expect.contains(&found.source_id)))
        .collect();
    places.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    places.into_iter().map(|(_, is_right)| is_right).collect()
}

/// The place of the first right source, from 1, among all that were found.
pub fn first_right(outcome: &Outcome) -> Option<usize> {
    judged(outcome)
        .iter()
        .position(|is_right| *is_right)
        .map(|index| index + 1)
}

/// 1 when a right source stands among the first `depth`, else 0.
pub fn hit_at(outcome: &Outcome, depth: usize) -> f64 {
    f64::from(first_right(outcome).is_some_and(|rank| rank <= depth))
}

/// One divided by the first right source's place, 0 past `DEPTH`.
pub fn reciprocal_rank(outcome: &Outcome) -> f64 {
    first_right(outcome)
        .filter(|rank| *rank <= DEPTH)
        .map_or(0.0, |rank| 1.0 / as_f64(rank))
}

/// Normalized discounted cumulative gain at `DEPTH` with gain 1 for each right source (Järvelin and Kekäläinen, 2002).
pub fn ndcg(outcome: &Outcome) -> f64 {
    let discount = |index: usize| 1.0 / (as_f64(index) + 2.0).log2();
    let gained: f64 = judged(outcome)
        .into_iter()
        .take(DEPTH)
        .enumerate()
        .filter(|(_, is_right)| *is_right)
        .map(|(index, _)| discount(index))
        .sum();
    let ideal: f64 = (0..outcome.question.expect.len().min(DEPTH)).map(discount).sum();
    if ideal > 0.0 { gained / ideal } else { 0.0 }
}

/// Whether it was right to answer, or to refuse.
pub fn is_judged_rightly(outcome: &Outcome) -> bool {
    outcome.refused == outcome.question.expect.is_empty()
}

/// Counts here are far below 2^32.
pub fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
pub mod tests {
    use super::first_right;
    use super::ndcg;
    use super::reciprocal_rank;
    use crate::metrics::run::FoundSource;
    use crate::metrics::run::Outcome;
    use crate::metrics::run::Question;

    /// Sources and scores, in the order in which they were found.
    pub fn outcome(expect: &[&str], found: &[(&str, f64)]) -> Outcome {
        Outcome {
            question: Question {
                question: "question".to_owned(),
                expect: expect.iter().map(|id| (*id).to_owned()).collect(),
                kind: "plain".to_owned(),
                history: Vec::new(),
            },
            found: found
                .iter()
                .map(|(id, score)| FoundSource {
                    source_id: (*id).to_owned(),
                    score: *score,
                })
                .collect(),
            refused: false,
            confidence: 0.5,
        }
    }

    #[test]
    fn a_right_source_that_ties_with_a_wrong_one_counts_as_below_it() {
        assert_eq!(
            first_right(&outcome(&["a"], &[("a", 0.5), ("b", 0.5), ("c", 0.5)])),
            Some(3)
        );
        assert_eq!(first_right(&outcome(&["a"], &[("a", 0.6), ("b", 0.5)])), Some(1));
        assert_eq!(first_right(&outcome(&["c"], &[("a", 0.6), ("b", 0.5)])), None);
        assert!((ndcg(&outcome(&["a"], &[("a", 0.5), ("b", 0.5)])) - 1.0 / 3f64.log2()).abs() < 1e-12);
    }

    #[test]
    fn two_right_sources_may_tie() {
        let both = outcome(&["a", "b"], &[("b", 0.5), ("a", 0.5), ("c", 0.4)]);
        assert_eq!(first_right(&both), Some(1));
        assert!((ndcg(&both) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn past_the_tenth_place_nothing_counts() {
        let wrong: Vec<(String, f64)> = (0..10).map(|n| (format!("w{n}"), 0.9)).collect();
        let mut found: Vec<(&str, f64)> = wrong.iter().map(|(id, score)| (id.as_str(), *score)).collect();
        found.push(("a", 0.1));
        let late = outcome(&["a"], &found);
        assert_eq!(first_right(&late), Some(11));
        assert!(reciprocal_rank(&late) == 0.0 && ndcg(&late) == 0.0);
    }
}
