//! Feature: knowledge in. Reads what a shop brings, tells what changed, makes chunks and vectors of it and publishes it in one
//! step; and lets the owner search it.

pub mod chunking;
pub mod evaluation_routes;
pub mod fields;
pub mod import;
pub mod item;
pub mod payload;
pub mod progress;
pub mod routes;
pub mod search_routes;

use crate::domain::chat::PastTurn;
use crate::domain::clock::Clock;
use crate::domain::embedding::EmbeddingSpace;
use crate::domain::id::ShopId;
use crate::domain::search::SearchOutcome;
use crate::embed::Embedder;
use crate::knowledge::progress::RunningImports;
use crate::retrieval::Retriever;
use crate::retrieval::metrics;
use crate::retrieval::metrics::Outcome;
use crate::retrieval::metrics::Question;
use crate::retrieval::metrics::Report;
use crate::store::Store;

/// Cheap to clone.
#[derive(Clone)]
pub struct Knowledge {
    store: Store,
    embedder: Embedder,
    space: EmbeddingSpace,
    retriever: Retriever,
    clock: Clock,
    running: RunningImports,
}

impl Knowledge {
    pub fn new(
        store: Store,
        embedder: Embedder,
        space: EmbeddingSpace,
        retriever: Retriever,
        clock: Clock,
    ) -> Knowledge {
        Knowledge {
            store,
            embedder,
            space,
            retriever,
            clock,
            running: RunningImports::default(),
        }
    }

    /// What the assistant would find for a question. Not found for an unknown shop.
    pub async fn search(
        &self,
        shop: ShopId,
        question: &str,
        history: &[PastTurn],
        limit: usize,
    ) -> anyhow::Result<SearchOutcome> {
        self.store.shop(shop).await?;
        self.retriever.search(shop, question, history, limit).await
    }

    /// Asks every question and measures what is found.
    pub async fn evaluate(&self, shop: ShopId, questions: Vec<Question>) -> anyhow::Result<Report> {
        self.store.shop(shop).await?;
        let mut outcomes = Vec::with_capacity(questions.len());
        for question in questions {
            let found = self.search(shop, &question.question, &[], metrics::DEPTH).await?;
            outcomes.push(Outcome {
                kind: question.kind,
                expect: question.expect,
                found: found
                    .hits
                    .into_iter()
                    .map(|hit| hit.chunk.document.key.source_id)
                    .collect(),
                refused: !found.answerable,
            });
        }
        Ok(metrics::report(&outcomes))
    }
}
