//! The few candidates that are worth reading: what is found out about them takes their text and all their vectors.

use crate::domain::id::ChunkId;
use crate::retrieval::calibration::Calibration;
use crate::retrieval::evidence::Candidate;
use crate::retrieval::passage::Comparison;
use crate::store::Passage;
use std::collections::HashMap;
use std::collections::HashSet;

/// Taken of each kind of evidence.
const OF_EACH_KIND: usize = 24;

/// The chunks that some kind of evidence puts first, in order of their ids.
pub fn shortlist(candidates: &[Candidate]) -> Vec<ChunkId> {
    let kinds: [fn(&Candidate) -> f64; 3] = [
        |candidate| candidate.evidence.identifier,
        |candidate| candidate.evidence.lexical,
        |candidate| candidate.evidence.vector,
    ];
    let mut chosen = HashSet::new();
    for kind in kinds {
        let mut found: Vec<&Candidate> = candidates.iter().filter(|candidate| kind(candidate) > 0.0).collect();
        found.sort_by(|a, b| kind(b).total_cmp(&kind(a)).then(a.chunk.cmp(&b.chunk)));
        chosen.extend(found.iter().take(OF_EACH_KIND).map(|candidate| candidate.chunk));
    }
    let mut chunks: Vec<ChunkId> = chosen.into_iter().collect();
    chunks.sort_unstable();
    chunks
}

/// Adds to the evidence of the candidates what reading their passages tells. It takes up to a millisecond, so call it off the async
/// runtime.
pub fn read_closely<'a>(
    candidates: &mut [Candidate],
    passages: &'a [Passage],
    comparison: &mut Comparison<'a>,
    calibration: &Calibration,
) {
    let passages: HashMap<ChunkId, &Passage> = passages.iter().map(|passage| (passage.chunk, passage)).collect();
    for candidate in candidates {
        let Some(passage) = passages.get(&candidate.chunk) else {
            continue;
        };
        let overlap = comparison.overlap(&passage.terms);
        candidate.evidence.coverage = overlap.coverage;
        candidate.evidence.name_coverage = overlap.name_coverage;
        candidate.evidence.name_precision = overlap.name_precision;
        candidate.evidence.kinship = overlap.kinship;
        let (best, second) = best_two(&passage.similarities);
        // Vector search looks at the best units only, so that a chunk that words found may lack a similarity that it has.
        let best = calibration.calibrated_similarity(best);
        candidate.evidence.vector = candidate.evidence.vector.max(best);
        candidate.evidence.second_vector = calibration.calibrated_similarity(second);
        // The whole text is the last unit of a chunk.
        let whole = passage.similarities.last().copied().unwrap_or(-1.0);
        candidate.evidence.whole_vector = calibration.calibrated_similarity(whole);
    }
}

/// The two largest; the only one twice, and -1 where there is none.
fn best_two(similarities: &[f64]) -> (f64, f64) {
    let mut ordered = similarities.to_vec();
    ordered.sort_unstable_by(|a, b| b.total_cmp(a));
    let best = ordered.first().copied().unwrap_or(-1.0);
    (best, ordered.get(1).copied().unwrap_or(best))
}
