//! The import: a feed is read and compared, what is new is staged, and all of it becomes visible in one step. Here is what an import of
//! items that were sent and one of a source's files have in common, and the former; `sync` has the latter.

use crate::domain::embedding::EmbeddingSpace;
use crate::domain::embedding::ModelSource;
use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::import::Import;
use crate::domain::import::ImportCounts;
use crate::domain::import::ImportMode;
use crate::domain::settings::ShopSettings;
use crate::embed::Embedder;
use crate::embed::error::EmbedError;
use crate::knowledge::Knowledge;
use crate::knowledge::comparison::Run;
use crate::knowledge::feed::Feed;
use crate::knowledge::item::Item;
use crate::knowledge::progress::Progress;
use crate::knowledge::progress::Tracked;
use crate::store::error::StoreError;
use anyhow::Context;
use std::sync::Arc;
use std::time::Duration;

/// Replaced documents deleted in one transaction, for the same reason as batches of an import are small.
const SWEEP_DOCUMENTS: u32 = 12;
/// How long a batch waits for questions to be answered first. Asked without a pause, an import still goes on.
pub const GIVE_WAY: Duration = Duration::from_millis(30);

/// What an import did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportOutcome {
    pub counts: ImportCounts,
    /// Chunks of the shop that can be found afterwards.
    pub chunks: usize,
}

/// Somebody asked the import to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the import was cancelled")]
pub struct Cancelled;

impl Knowledge {
    /// Brings the shop's knowledge to `items`. An error leaves the earlier knowledge as it was; a caller that goes away does
    /// not stop the import. Conflict while another import of the shop runs.
    pub async fn import(&self, shop: ShopId, items: Vec<Item>, mode: ImportMode) -> anyhow::Result<ImportOutcome> {
        let knowledge = self.clone();
        tokio::spawn(async move { knowledge.import_items(shop, items, mode).await })
            .await
            .context("the import panicked")?
    }

    /// Tells what `import` would do, and changes nothing of the shop's knowledge.
    pub async fn preview_import(
        &self,
        shop: ShopId,
        items: Vec<Item>,
        mode: ImportMode,
    ) -> anyhow::Result<ImportOutcome> {
        let settings = self.store.shop(shop).await?.settings;
        let assigned = self.store.shop_model(shop).await?;
        let assigned = assigned.unwrap_or_else(|| self.models.fallback().clone());
        let (_, space) = self.import_model(&assigned.source).await?;
        let run = Run {
            shop,
            source: self.store.api_source(shop, self.clock.now()).await?,
            import: None,
            mode,
            settings,
            space: space.id,
        };
        let comparison = self.compare(&run, &Feed::Items(Arc::new(items)), None).await?;
        let chunks = self.store.count_chunks(shop).await?;
        Ok(ImportOutcome {
            counts: comparison.plan.counts,
            chunks,
        })
    }

    /// The shop's imports, newest first, and how far the running one is.
    pub async fn imports(&self, shop: ShopId, limit: usize) -> anyhow::Result<(Vec<Import>, Option<Progress>)> {
        let imports = self.store.list_imports(shop, limit).await?;
        Ok((imports, self.running.progress(shop)))
    }

    /// Deletes what earlier imports and reindexes replaced and a stopped program left.
    pub async fn sweep_all(&self) -> anyhow::Result<()> {
        for shop in self.store.list_shops().await? {
            self.sweep(shop.id).await?;
            self.sweep_strays(shop.id).await?;
        }
        Ok(())
    }

    async fn import_items(&self, shop: ShopId, items: Vec<Item>, mode: ImportMode) -> anyhow::Result<ImportOutcome> {
        let settings = self.store.shop(shop).await?.settings;
        let turn = self
            .running
            .try_turn(shop)
            .ok_or(StoreError::Conflict("import_running"))?;
        // What an import left that could not even note its failure is not in the way of this one.
        self.store.abandon_imports(shop, self.clock.now()).await?;
        let import = self.store.begin_import(shop, mode, self.clock.now()).await?;
        let tracked = self
            .running
            .track(shop, import, self.clock.now())
            .context("an import began twice")?;
        let result = self
            .stage_and_publish(shop, import, Feed::Items(Arc::new(items)), mode, settings, &tracked)
            .await;
        if let Err(error) = &result {
            self.note_failure(shop, import, error).await;
        }
        drop((turn, tracked));
        self.settle(shop).await;
        let counts = result.with_context(|| format!("could not import into shop {shop}"))?;
        tracing::info!(shop = shop.0, import = import.0, ?counts, "imported");
        let chunks = self.store.count_chunks(shop).await?;
        Ok(ImportOutcome { counts, chunks })
    }

    async fn stage_and_publish(
        &self,
        shop: ShopId,
        import: ImportId,
        feed: Feed,
        mode: ImportMode,
        settings: ShopSettings,
        tracked: &Tracked,
    ) -> anyhow::Result<ImportCounts> {
        // While the import is noted as running, the shop's space stays what it is.
        let assigned = self.models.assigned(shop).await?;
        let (embedder, space) = self.import_model(&assigned.source).await?;
        let run = Run {
            shop,
            source: self.store.api_source(shop, self.clock.now()).await?,
            import: Some(import),
            mode,
            settings,
            space: space.id,
        };
        let comparison = self.compare(&run, &feed, Some(tracked)).await?;
        self.store.record_plan(shop, import, comparison.plan.clone()).await?;
        self.stage(&run, &feed, &comparison, &embedder, tracked).await?;
        let counts = comparison.plan.counts;
        self.store
            .publish_import(shop, import, comparison.removed, counts, self.clock.now())
            .await?;
        Ok(counts)
    }

    /// Clears up and makes ready what the next question needs; what fails here is for the next start or import.
    pub async fn settle(&self, shop: ShopId) {
        if let Err(error) = self.sweep(shop).await {
            tracing::warn!(shop = shop.0, "could not clear replaced documents: {error:#}");
        }
        self.catch_up(shop).await;
        if let Err(error) = self.retriever.warm(shop).await {
            tracing::warn!(shop = shop.0, "could not read what was imported: {error:#}");
        }
    }

    /// The model that an import of the shop embeds with. Conflict when it cannot be loaded: choosing another, or putting its files
    /// back, helps.
    pub async fn import_model(&self, source: &ModelSource) -> anyhow::Result<(Embedder, EmbeddingSpace)> {
        match self.models.load(source).await {
            Ok(loaded) => Ok(loaded),
            Err(error) if error.is::<EmbedError>() => Err(StoreError::Conflict("model_unavailable").into()),
            Err(error) => Err(error),
        }
    }

    /// Deletes what was replaced and no version keeps.
    async fn sweep(&self, shop: ShopId) -> anyhow::Result<()> {
        while self.store.sweep_retired(shop, SWEEP_DOCUMENTS).await? > 0 {
            self.retriever.demand().until_idle(GIVE_WAY).await;
        }
        Ok(())
    }
}
