//! Makes scores of different kinds comparable and joins them.
//!
//! Measured on public sets: equal-weight reciprocal rank fusion with a weak vector model falls below BM25 alone; a convex
//! combination of calibrated scores does not. So lexical and vector scores are brought to 0..1 and mixed by weight.

use crate::domain::id::ChunkId;
use crate::domain::id::DocumentId;
use crate::domain::search::QueryTerm;
use crate::store::LexicalMatch;
use crate::store::VectorCandidate;
use std::collections::BTreeMap;
use std::collections::HashSet;

/// The constants of one embedding model, learned on the development sets (`palompy eval` prints what they give).
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// A cosine similarity that unrelated texts reach; it counts as 0.
    pub similarity_floor: f64,
    /// A cosine similarity that near-equal texts reach; it counts as 1.
    pub similarity_ceiling: f64,
    /// The share of the vector score, from 0 to 1; the rest is lexical.
    pub vector_weight: f64,
    /// How sure an answer must be; see `confidence`.
    pub answer_threshold: f64,
}

impl Calibration {
    pub fn for_model(model: &str) -> Calibration {
        match model {
            "builtin" => Calibration {
                similarity_floor: 0.1,
                similarity_ceiling: 0.9,
                vector_weight: 0.4,
                answer_threshold: 0.33,
            },
            // Learned with all-MiniLM-L6-v2; sentence models of its kind spread their similarities alike.
            _ => Calibration {
                similarity_floor: 0.1,
                similarity_ceiling: 0.9,
                vector_weight: 0.5,
                answer_threshold: 0.33,
            },
        }
    }
}

/// A chunk with its evidence, each kind from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub chunk: ChunkId,
    pub document: DocumentId,
    pub is_exact: bool,
    pub lexical: f64,
    pub vector: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FusedCandidate {
    pub chunk: ChunkId,
    pub document: DocumentId,
    /// From 0 to 1; 1 for an exact identifier.
    pub score: f64,
}

/// BM25's saturation limit: a term's score never exceeds its weight times k1 + 1, with k1 = 1.2 as in FTS5.
const BM25_TERM_LIMIT: f64 = 2.2;
/// FTS5 gives a term that stands in more than half of all rows this weight instead of a negative one.
const LEAST_TERM_WEIGHT: f64 = 1e-6;

/// Joins the three kinds of evidence by chunk, in order of chunk id.
pub fn candidates(
    exact: &[(ChunkId, DocumentId)],
    words: &[QueryTerm],
    lexical: &LexicalMatch,
    vectors: &[VectorCandidate],
    calibration: &Calibration,
) -> Vec<Candidate> {
    let mut found: BTreeMap<ChunkId, Candidate> = BTreeMap::new();
    let mut entry = |chunk: ChunkId, document: DocumentId, change: &dyn Fn(&mut Candidate)| {
        let empty = Candidate {
            chunk,
            document,
            is_exact: false,
            lexical: 0.0,
            vector: 0.0,
        };
        change(found.entry(chunk).or_insert(empty));
    };
    for (chunk, document) in exact {
        entry(*chunk, *document, &|candidate| candidate.is_exact = true);
    }
    let full_score = full_lexical_score(words, lexical);
    for hit in &lexical.candidates {
        let share = if full_score > 0.0 {
            (hit.bm25 / full_score).clamp(0.0, 1.0)
        } else {
            0.0
        };
        entry(hit.chunk, hit.document, &|candidate| candidate.lexical = share);
    }
    let span = calibration.similarity_ceiling - calibration.similarity_floor;
    for hit in vectors {
        let share = ((hit.similarity - calibration.similarity_floor) / span).clamp(0.0, 1.0);
        entry(hit.chunk, hit.document, &|candidate| candidate.vector = share);
    }
    found.into_values().collect()
}

/// The best chunk of each document, best document first; ties by document id.
pub fn fuse(candidates: &[Candidate], calibration: &Calibration, limit: usize) -> Vec<FusedCandidate> {
    let weight = calibration.vector_weight;
    let mut fused: Vec<FusedCandidate> = candidates
        .iter()
        .map(|candidate| {
            let mixed = (1.0 - weight) * candidate.lexical + weight * candidate.vector;
            let score = if candidate.is_exact { 1.0 } else { mixed };
            FusedCandidate {
                chunk: candidate.chunk,
                document: candidate.document,
                score,
            }
        })
        .collect();
    fused.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.document.cmp(&b.document))
            .then(a.chunk.cmp(&b.chunk))
    });
    let mut seen = HashSet::new();
    fused.retain(|candidate| seen.insert(candidate.document));
    fused.truncate(limit);
    fused
}

/// How sure it is that the shop's knowledge answers a question of `terms` terms, from 0 to 1.
///
/// A logistic model of three signs, fitted on the development sets by leave-one-out (area under the curve 0.83; the fused score
/// alone 0.77): the best vector score, the lexical score of the document that has it, and the length of the question, because
/// a long question never shares all its words with its answer. A question in another language shares no word at all, so that
/// its vector score stands alone. An exact identifier is certain.
pub fn confidence(candidates: &[Candidate], terms: usize) -> f64 {
    if candidates.iter().any(|candidate| candidate.is_exact) {
        return 1.0;
    }
    let order = |a: &&Candidate, b: &&Candidate| a.vector.total_cmp(&b.vector).then(b.document.cmp(&a.document));
    let Some(nearest) = candidates.iter().max_by(order) else {
        return 0.0;
    };
    if candidates.iter().all(|candidate| candidate.lexical == 0.0) {
        return logistic(-6.9 + 12.0 * nearest.vector);
    }
    let same_document = candidates
        .iter()
        .filter(|candidate| candidate.document == nearest.document);
    let lexical = same_document.map(|candidate| candidate.lexical).fold(0.0, f64::max);
    let length = f64::from(u32::try_from(terms.min(8)).unwrap_or(8)) / 8.0;
    logistic(-4.77 + 3.08 * nearest.vector + 5.63 * lexical + 3.92 * length)
}

fn logistic(evidence: f64) -> f64 {
    1.0 / (1.0 + (-evidence).exp())
}

/// What a chunk would score if it held every asked word over and over, each by the best of its known alternatives. A word that the
/// shop knows in no form counts with the highest weight, so that a question about something else scores low.
fn full_lexical_score(words: &[QueryTerm], lexical: &LexicalMatch) -> f64 {
    let chunks = f64::from(lexical.chunk_count);
    let rarity = |count: u32| {
        let count = f64::from(count);
        ((chunks - count + 0.5) / (count + 0.5)).ln().max(LEAST_TERM_WEIGHT)
    };
    let scored = words.iter().zip(&lexical.term_counts).map(|(word, counts)| {
        let known = word.alternatives.iter().zip(counts).filter(|(_, count)| **count > 0);
        let scores = known.map(|(alternative, count)| alternative.weight * rarity(*count));
        scores.max_by(f64::total_cmp).unwrap_or_else(|| rarity(0)) * BM25_TERM_LIMIT
    });
    scored.sum()
}

#[cfg(test)]
mod tests {
    use super::Calibration;
    use super::Candidate;
    use super::fuse;
    use crate::domain::id::ChunkId;
    use crate::domain::id::DocumentId;
    use proptest::prelude::*;

    fn candidate(chunk: i64, document: i64, lexical: f64, vector: f64) -> Candidate {
        Candidate {
            chunk: ChunkId(chunk),
            document: DocumentId(document),
            is_exact: false,
            lexical,
            vector,
        }
    }

    #[test]
    fn an_exact_identifier_is_first_whatever_else_scores() {
        let mut exact = candidate(9, 9, 0.0, 0.0);
        exact.is_exact = true;
        let fused = fuse(
            &[candidate(1, 1, 1.0, 0.9), exact],
            &Calibration::for_model("builtin"),
            5,
        );
        assert_eq!(fused.first().unwrap().document, DocumentId(9));
    }

    proptest! {
        #[test]
        fn each_document_is_found_once_and_order_is_total(rows in prop::collection::vec((0..9i64, 0..4i64, 0.0..1.0f64, 0.0..1.0f64), 0..40)) {
            let mut rows: Vec<_> = rows.into_iter().map(|(c, d, l, v)| candidate(c, d, l, v)).collect();
            let calibration = Calibration::for_model("builtin");
            let fused = fuse(&rows, &calibration, 3);
            rows.reverse();
            prop_assert_eq!(&fused, &fuse(&rows, &calibration, 3));
            prop_assert!(fused.len() <= 3);
            prop_assert!(fused.windows(2).all(|pair| pair[0].score >= pair[1].score && pair[0].document != pair[1].document));
        }
    }
}
