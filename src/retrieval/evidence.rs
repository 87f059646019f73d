//! What speaks for each chunk, by kind, each kind on a scale of its own that does not depend on the question.

use crate::domain::id::ChunkId;
use crate::domain::id::DocumentId;
use crate::domain::search::QueryTerm;
use crate::retrieval::calibration::Calibration;
use crate::retrieval::models::Nearest;
use crate::store::LexicalMatch;
use std::collections::BTreeMap;

/// BM25's saturation limit: a term's score never exceeds its weight times k1 + 1, with k1 = 1.2 as in FTS5.
const BM25_TERM_LIMIT: f64 = 2.2;
/// FTS5 gives a term that stands in more than half of all rows this weight instead of a negative one.
const LEAST_TERM_WEIGHT: f64 = 1e-6;

/// Named scores, each from 0, nothing, to 1; what was not looked for is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Evidence {
    /// 1 when an identifier of the document was named.
    pub identifier: f64,
    /// BM25 as a share of what a chunk that holds every asked word would score.
    pub lexical: f64,
    /// The calibrated similarity of the chunk's best unit.
    pub vector: f64,
    /// The calibrated similarity of the unit after the best; of the best where there is only one.
    pub second_vector: f64,
    /// The calibrated similarity of the chunk as a whole.
    pub whole_vector: f64,
    /// The share of what was asked, by rarity, that the chunk has, as it is or alike in writing.
    pub coverage: f64,
    /// The same for the document's title, category, brand and attributes.
    pub name_coverage: f64,
    /// The share of the document's title that was asked for.
    pub name_precision: f64,
    /// The share of what was asked, by rarity, to which the chunk has a word near in meaning.
    pub kinship: f64,
}

/// A chunk with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub chunk: ChunkId,
    pub document: DocumentId,
    pub evidence: Evidence,
}

/// What each kind of search found.
#[derive(Debug, Clone)]
pub struct Found {
    pub identifiers: Vec<(ChunkId, DocumentId)>,
    pub lexical: LexicalMatch,
    pub nearest: Nearest,
    /// Chunks of products whose rows fit the question; they may share no word with it.
    pub fitting: Vec<(ChunkId, DocumentId)>,
}

/// Joins what was found by chunk, in order of chunk id.
pub fn candidates(words: &[QueryTerm], found: &Found, calibration: &Calibration) -> Vec<Candidate> {
    let mut joined: BTreeMap<ChunkId, Candidate> = BTreeMap::new();
    let mut add = |chunk: ChunkId, document: DocumentId, note: &dyn Fn(&mut Evidence)| {
        let candidate = joined.entry(chunk).or_insert(Candidate {
            chunk,
            document,
            evidence: Evidence::default(),
        });
        note(&mut candidate.evidence);
    };
    for (chunk, document) in &found.identifiers {
        add(*chunk, *document, &|evidence| evidence.identifier = 1.0);
    }
    let full_score = full_lexical_score(words, &found.lexical);
    for hit in &found.lexical.candidates {
        let share = if full_score > 0.0 {
            (hit.bm25 / full_score).clamp(0.0, 1.0)
        } else {
            0.0
        };
        add(hit.chunk, hit.document, &|evidence| evidence.lexical = share);
    }
    for hit in &found.nearest.vectors {
        let share = calibration.calibrated_similarity(hit.similarity);
        add(hit.chunk, hit.document, &|evidence| evidence.vector = share);
    }
    for (chunk, document) in &found.fitting {
        add(*chunk, *document, &|_| {});
    }
    joined.into_values().collect()
}

/// What a chunk would score if it held every asked word over and over, each by the best of its known alternatives. A word that the
/// shop knows in no form counts with the highest weight, so that a question about something else scores low.
fn full_lexical_score(words: &[QueryTerm], lexical: &LexicalMatch) -> f64 {
    let scored = words.iter().zip(&lexical.term_counts).map(|(word, counts)| {
        let known = word.alternatives.iter().zip(counts).filter(|(_, count)| **count > 0);
        let scores = known.map(|(alternative, count)| alternative.weight * rarity(lexical.chunk_count, *count));
        scores
            .max_by(f64::total_cmp)
            .unwrap_or_else(|| rarity(lexical.chunk_count, 0))
            * BM25_TERM_LIMIT
    });
    scored.sum()
}

/// The inverse document frequency of BM25, as FTS5 computes it.
fn rarity(chunks: u32, count: u32) -> f64 {
    let (chunks, count) = (f64::from(chunks), f64::from(count));
    ((chunks - count + 0.5) / (count + 0.5)).ln().max(LEAST_TERM_WEIGHT)
}
