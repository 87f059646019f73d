//! The optional second look at the first candidates, within a time budget.

use crate::domain::search::Hit;
use crate::embed::reranker::Reranker;
use std::time::Duration;

/// Hits that are looked at again; what fusion put below them is seldom the answer.
pub const DEPTH: usize = 20;
/// A hit with an exact identifier has this score, and keeps its place.
const CERTAIN: f64 = 1.0;

/// Cheap to clone.
#[derive(Clone)]
pub struct SecondLook {
    pub reranker: Reranker,
    /// When it takes longer, the hits stay as fusion ordered them.
    pub budget: Duration,
}

impl SecondLook {
    /// The first `DEPTH` hits in the order of their scores by the reranker, then the others; ties keep their order. Hits of an exact
    /// identifier stay first. Scores stay those of fusion, which the calibration knows.
    pub async fn reordered(&self, question: &str, hits: Vec<Hit>) -> Vec<Hit> {
        let certain = hits.iter().take_while(|hit| hit.score >= CERTAIN).count();
        let open = hits.iter().take(DEPTH).skip(certain);
        let open: Vec<String> = open.map(|hit| hit.chunk.text.clone()).collect();
        // A timer of no time still takes an answer that is ready at once.
        if open.len() < 2 || self.budget.is_zero() {
            return hits;
        }
        let scored = tokio::time::timeout(self.budget, self.reranker.score(question.to_owned(), open)).await;
        match scored {
            Ok(Ok(scores)) => by_score(hits, certain, &scores),
            Ok(Err(error)) => {
                tracing::warn!(%error, "could not rerank; keeping the order of fusion");
                hits
            }
            Err(_) => {
                tracing::debug!("reranking took too long; keeping the order of fusion");
                hits
            }
        }
    }
}

fn by_score(hits: Vec<Hit>, certain: usize, scores: &[f32]) -> Vec<Hit> {
    let places = hits.into_iter().enumerate();
    let mut ranked: Vec<(f32, usize, Hit)> = places
        .map(|(place, hit)| {
            let score = match place.checked_sub(certain) {
                Some(open) => scores.get(open).copied().unwrap_or(f32::NEG_INFINITY),
                None => f32::INFINITY,
            };
            (score, place, hit)
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.into_iter().map(|(_, _, hit)| hit).collect()
}

#[cfg(test)]
mod tests {
    use super::by_score;
    use crate::domain::id::ChunkId;
    use crate::domain::id::DocumentId;
    use crate::domain::knowledge::Chunk;
    use crate::domain::knowledge::ChunkPlace;
    use crate::domain::knowledge::Document;
    use crate::domain::knowledge::SourceKey;
    use crate::domain::knowledge::SourceType;
    use crate::domain::search::Hit;

    fn hit(id: i64, score: f64) -> Hit {
        let key = SourceKey {
            source_type: SourceType::Faq,
            source_id: id.to_string(),
        };
        let document = Document {
            id: DocumentId(id),
            key,
            title: String::new(),
            url: None,
            product: None,
        };
        let chunk = Chunk {
            id: ChunkId(id),
            document,
            text: String::new(),
            place: ChunkPlace::default(),
        };
        Hit {
            chunk,
            score,
            variants: Vec::new(),
        }
    }

    #[test]
    fn an_exact_identifier_stays_first_and_ties_keep_their_order() {
        let hits = vec![hit(1, 1.0), hit(2, 0.9), hit(3, 0.8), hit(4, 0.7)];
        let order: Vec<i64> = by_score(hits, 1, &[-2.0, 5.0, 5.0])
            .iter()
            .map(|hit| hit.chunk.id.0)
            .collect();
        assert_eq!(order, [1, 3, 4, 2]);
    }
}
