//! Finds what answers a question: identifiers, terms and vectors become candidates, fusion makes them comparable, and each
//! document is found once, by its best chunk. Knows nothing of answers.

pub mod follow_up;
pub mod fusion;
pub mod metrics;
pub mod spelling;
pub mod vocabulary;

use crate::domain::chat::PastTurn;
use crate::domain::embedding::EmbeddingSpace;
use crate::domain::id::ShopId;
use crate::domain::search::Hit;
use crate::domain::search::QueryTerm;
use crate::domain::search::SearchOutcome;
use crate::embed::Embedder;
use crate::retrieval::follow_up::standalone_questions;
use crate::retrieval::fusion::Calibration;
use crate::retrieval::fusion::Candidate;
use crate::retrieval::fusion::confidence;
use crate::retrieval::fusion::fuse;
use crate::retrieval::spelling::as_meant;
use crate::retrieval::vocabulary::Vocabularies;
use crate::store::Store;
use crate::text::identifier::identifier_candidates;
use crate::text::terms::terms;
use anyhow::Context;

/// Chunks taken from full-text search; past this rank a chunk has not been the answer on any development set.
const LEXICAL_CANDIDATES: u32 = 50;
/// Vectors taken from vector search; several of them belong to one chunk.
const VECTOR_CANDIDATES: u32 = 100;
/// Terms of a question that are looked up; more come from pasted text, not from a question.
const MAX_TERMS: usize = 32;

#[derive(Clone)]
pub struct Retriever {
    store: Store,
    embedder: Embedder,
    space: EmbeddingSpace,
    calibration: Calibration,
    vocabularies: Vocabularies,
}

impl Retriever {
    pub fn new(store: Store, embedder: Embedder, space: EmbeddingSpace) -> Retriever {
        let calibration = Calibration::for_model(&space.key.model);
        Retriever {
            store,
            embedder,
            space,
            calibration,
            vocabularies: Vocabularies::default(),
        }
    }

    /// The best `limit` documents for a question, best first; ties by document id.
    ///
    /// With `history`, oldest turn first, a question that leans on what was said before is completed from it.
    pub async fn search(
        &self,
        shop: ShopId,
        question: &str,
        history: &[PastTurn],
        limit: usize,
    ) -> anyhow::Result<SearchOutcome> {
        let mut best: Option<SearchOutcome> = None;
        for wording in standalone_questions(question, history) {
            let outcome = self.search_standalone(shop, &wording, limit).await?;
            if outcome.answerable {
                return Ok(outcome);
            }
            best.get_or_insert(outcome);
        }
        Ok(best.unwrap_or(SearchOutcome {
            hits: Vec::new(),
            answerable: false,
        }))
    }

    async fn search_standalone(&self, shop: ShopId, question: &str, limit: usize) -> anyhow::Result<SearchOutcome> {
        let (candidates, terms) = self.candidates(shop, question).await?;
        let fused = fuse(&candidates, &self.calibration, limit);
        let ids = fused.iter().map(|candidate| candidate.chunk).collect();
        let chunks = self
            .store
            .chunks(shop, ids)
            .await
            .context("could not read the chunks found")?;
        let hits: Vec<Hit> = chunks
            .into_iter()
            .filter_map(|chunk| {
                let score = fused.iter().find(|candidate| candidate.chunk == chunk.id)?.score;
                Some(Hit { chunk, score })
            })
            .collect();
        let answerable = !hits.is_empty() && confidence(&candidates, terms) >= self.calibration.answer_threshold;
        Ok(SearchOutcome { hits, answerable })
    }

    /// What speaks for each chunk, and how many terms the question has.
    async fn candidates(&self, shop: ShopId, question: &str) -> anyhow::Result<(Vec<Candidate>, usize)> {
        let vocabulary = self
            .vocabularies
            .of(&self.store, shop)
            .await
            .context("could not read the shop's words")?;
        let typed = question.to_owned();
        let meant = tokio::task::spawn_blocking(move || as_meant(&typed, &vocabulary)).await;
        let meant = meant.context("reading the question panicked")?;
        let mut question_terms = terms(&meant);
        question_terms.sort_unstable();
        question_terms.dedup();
        question_terms.truncate(MAX_TERMS);
        let term_count = question_terms.len();
        let asked: Vec<QueryTerm> = question_terms.into_iter().map(QueryTerm::plain).collect();
        let by_meaning = async {
            let query = match self.embedder.embed_query(meant).await {
                Ok(query) => query,
                Err(error) => {
                    tracing::warn!(%error, "could not embed a question; searching by words only");
                    return Ok(Vec::new());
                }
            };
            // A question of which the model knows no word has no direction to search in.
            if query.iter().all(|value| *value == 0.0) {
                return Ok(Vec::new());
            }
            let found = self
                .store
                .search_vectors(shop, self.space.id, query, VECTOR_CANDIDATES)
                .await;
            found.context("could not search by vector")
        };
        let by_terms = async {
            self.store
                .search_terms(shop, asked.clone(), LEXICAL_CANDIDATES)
                .await
                .context("could not search by terms")
        };
        let by_identifier = async {
            let identifiers = identifier_candidates(question);
            if identifiers.is_empty() {
                return Ok(Vec::new());
            }
            self.store
                .search_identifiers(shop, identifiers)
                .await
                .context("could not search by identifier")
        };
        let (vectors, lexical, exact) = tokio::try_join!(by_meaning, by_terms, by_identifier)?;
        Ok((
            fusion::candidates(&exact, &asked, &lexical, &vectors, &self.calibration),
            term_count,
        ))
    }
}
