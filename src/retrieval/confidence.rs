//! How sure it is that the shop's knowledge answers a question at all.

use crate::retrieval::evidence::Candidate;

/// How sure it is that the shop's knowledge answers a question of `terms` terms, from 0 to 1.
///
/// A logistic model of three signs, fitted on the development sets by leave-one-out (area under the curve 0.83; the fused score
/// alone 0.77): the best vector score, the lexical score of the document that has it, and the length of the question, because
/// a long question never shares all its words with its answer. A question in another language shares no word at all, so that
/// its vector score stands alone. A named identifier is certain.
pub fn confidence(candidates: &[Candidate], terms: usize) -> f64 {
    if candidates.iter().any(|candidate| candidate.evidence.identifier == 1.0) {
        return 1.0;
    }
    let order = |a: &&Candidate, b: &&Candidate| {
        let by_vector = a.evidence.vector.total_cmp(&b.evidence.vector);
        by_vector.then(b.document.cmp(&a.document))
    };
    let Some(nearest) = candidates.iter().max_by(order) else {
        return 0.0;
    };
    let vector = nearest.evidence.vector;
    if candidates.iter().all(|candidate| candidate.evidence.lexical == 0.0) {
        return logistic(-6.9 + 12.0 * vector);
    }
    let same_document = candidates
        .iter()
        .filter(|candidate| candidate.document == nearest.document);
    let lexical = same_document
        .map(|candidate| candidate.evidence.lexical)
        .fold(0.0, f64::max);
    let length = f64::from(u32::try_from(terms.min(8)).unwrap_or(8)) / 8.0;
    logistic(-4.77 + 3.08 * vector + 5.63 * lexical + 3.92 * length)
}

fn logistic(evidence: f64) -> f64 {
    1.0 / (1.0 + (-evidence).exp())
}
