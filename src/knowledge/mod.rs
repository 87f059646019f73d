//! Feature: knowledge in. Reads what a shop brings, tells what changed, makes chunks and vectors of it and publishes it in one
//! step; and lets the owner search it.

pub mod changes;
pub mod chunking;
pub mod comparison;
pub mod completion;
pub mod crawling;
pub mod evaluation;
pub mod evaluation_routes;
pub mod exchange;
pub mod explanation_view;
pub mod feed;
pub mod fetching;
pub mod import;
pub mod import_routes;
pub mod import_view;
pub mod item;
pub mod job_routes;
pub mod labels;
pub mod model_routes;
pub mod models;
pub mod parsing;
pub mod preview;
pub mod preview_routes;
pub mod progress;
pub mod reindex;
pub mod routes;
pub mod schedule;
pub mod search_routes;
pub mod section;
pub mod site_draft;
pub mod snapshot;
pub mod source_draft;
pub mod source_routes;
pub mod sources;
pub mod staging;
pub mod staleness;
pub mod sync;
pub mod upload_routes;

use crate::domain::chat::PastTurn;
use crate::domain::clock::Clock;
use crate::domain::id::ShopId;
use crate::domain::search::ExplainedSearch;
use crate::jobs::Jobs;
use crate::knowledge::exchange::Exchanges;
use crate::knowledge::parsing::isolated::IsolatedParser;
use crate::knowledge::progress::RunningImports;
use crate::knowledge::snapshot::ImportFolder;
use crate::net::Fetcher;
use crate::retrieval::Retriever;
use crate::retrieval::models::ShopModels;
use crate::retrieval::variants::Listing;
use crate::store::Store;
use std::path::Path;

/// Cheap to clone.
#[derive(Clone)]
pub struct Knowledge {
    store: Store,
    models: ShopModels,
    jobs: Jobs,
    retriever: Retriever,
    clock: Clock,
    running: RunningImports,
    import_folder: ImportFolder,
    fetcher: Fetcher,
    parser: IsolatedParser,
    exchanges: Exchanges,
}

impl Knowledge {
    /// Imports keep their files in `data_dir`.
    pub fn new(
        store: Store,
        models: ShopModels,
        jobs: Jobs,
        retriever: Retriever,
        clock: Clock,
        data_dir: &Path,
        fetcher: Fetcher,
    ) -> Knowledge {
        Knowledge {
            store,
            models,
            jobs,
            retriever,
            clock,
            running: RunningImports::default(),
            import_folder: ImportFolder::new(data_dir),
            fetcher,
            parser: IsolatedParser::in_process(),
            exchanges: Exchanges::new(data_dir),
        }
    }

    /// The same, with documents read in processes of their own.
    pub fn with_parser(self, parser: IsolatedParser) -> Knowledge {
        Knowledge { parser, ..self }
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
