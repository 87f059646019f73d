//! Feature: knowledge in. Reads what a shop brings, tells what changed, makes chunks and vectors of it and publishes it in one
//! step; and lets the owner search it.

pub mod chunking;
pub mod evaluation;
pub mod evaluation_routes;
pub mod explanation_view;
pub mod import;
pub mod item;
pub mod job_routes;
pub mod labels;
pub mod model_routes;
pub mod models;
pub mod parsing;
pub mod progress;
pub mod reindex;
pub mod routes;
pub mod search_routes;
pub mod section;

use crate::domain::chat::PastTurn;
use crate::domain::clock::Clock;
use crate::domain::id::ShopId;
use crate::domain::search::ExplainedSearch;
use crate::jobs::Jobs;
use crate::knowledge::progress::RunningImports;
use crate::retrieval::Retriever;
use crate::retrieval::models::ShopModels;
use crate::retrieval::variants::Listing;
use crate::store::Store;

/// Cheap to clone.
#[derive(Clone)]
pub struct Knowledge {
    store: Store,
    models: ShopModels,
    jobs: Jobs,
    retriever: Retriever,
    clock: Clock,
    running: RunningImports,
}

impl Knowledge {
    pub fn new(store: Store, models: ShopModels, jobs: Jobs, retriever: Retriever, clock: Clock) -> Knowledge {
        Knowledge {
            store,
            models,
            jobs,
            retriever,
            clock,
            running: RunningImports::default(),
        }
    }

    /// What the assistant would find for a question, with what led to it. Not found for an unknown shop.
    pub async fn explain(
        &self,
        shop: ShopId,
        question: &str,
        history: &[PastTurn],
        limit: usize,
    ) -> anyhow::Result<ExplainedSearch> {
        self.store.shop(shop).await?;
        let search = self.retriever.explain(shop, question, history, limit, Listing::Grouped);
        search.await
    }
}
