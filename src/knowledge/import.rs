//! The import: what changed is chunked, embedded and staged in small batches, then published in one step.

use crate::domain::embedding::Embedding;
use crate::domain::embedding::EmbeddingSpace;
use crate::domain::embedding::ModelSource;
use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::domain::import::Import;
use crate::domain::import::ImportCounts;
use crate::domain::import::ImportMode;
use crate::domain::knowledge::NewChunk;
use crate::domain::knowledge::NewDocument;
use crate::domain::knowledge::SourceKey;
use crate::domain::language::Language;
use crate::domain::settings::ShopSettings;
use crate::embed::Embedder;
use crate::embed::error::EmbedError;
use crate::knowledge::Knowledge;
use crate::knowledge::chunking::ChunkSize;
use crate::knowledge::chunking::DraftChunk;
use crate::knowledge::chunking::draft_chunks;
use crate::knowledge::item::Item;
use crate::knowledge::progress::Claim;
use crate::knowledge::progress::Progress;
use crate::store::error::StoreError;
use anyhow::Context;
use anyhow::ensure;
use std::collections::HashMap;
use std::collections::HashSet;
use std::time::Duration;

/// Items chunked, embedded and staged at a time: few enough that a question in between waits a few milliseconds only.
const BATCH_ITEMS: usize = 8;
/// Replaced documents deleted in one transaction, for the same reason.
const SWEEP_DOCUMENTS: u32 = 12;
/// How long a batch waits for questions to be answered first. Asked without a pause, an import still goes on.
pub const GIVE_WAY: Duration = Duration::from_millis(30);

/// Vectors of texts kept while an import runs: some megabytes.
const MAX_KNOWN_UNITS: usize = 4096;

/// Labels like "Наличие: в наличии" and sentences that products share come again and again.
pub type KnownUnits = HashMap<String, Embedding>;

/// What an import did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportOutcome {
    pub counts: ImportCounts,
    /// Chunks of the shop that can be found afterwards.
    pub chunks: usize,
}

/// What has to be done to get from the stored documents to the items.
struct Plan {
    changed: Vec<(Item, String)>,
    removed: Vec<SourceKey>,
    counts: ImportCounts,
}

impl Knowledge {
    /// Brings the shop's knowledge to `items`. An error leaves the earlier knowledge as it was; a caller that goes away does
    /// not stop the import. Conflict while another import of the shop runs.
    pub async fn import(&self, shop: ShopId, items: Vec<Item>, mode: ImportMode) -> anyhow::Result<ImportOutcome> {
        let knowledge = self.clone();
        tokio::spawn(async move { knowledge.run_import(shop, items, mode).await })
            .await
            .context("the import panicked")?
    }

    /// Tells what `import` would do, and changes nothing.
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
        let plan = self.plan(shop, items, mode, &settings, space.id).await?;
        let chunks = self.store.count_chunks(shop).await?;
        Ok(ImportOutcome {
            counts: plan.counts,
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

    async fn run_import(&self, shop: ShopId, items: Vec<Item>, mode: ImportMode) -> anyhow::Result<ImportOutcome> {
        let settings = self.store.shop(shop).await?.settings;
        let claim = self.running.claim(shop).ok_or(StoreError::Conflict("import_running"))?;
        // What an import left that could not even note its failure is not in the way of this one.
        self.store.abandon_imports(shop, self.clock.now()).await?;
        let import = self.store.begin_import(shop, mode, self.clock.now()).await?;
        let result = self
            .stage_and_publish(&claim, shop, import, items, mode, &settings)
            .await;
        if let Err(error) = &result {
            let failed = self
                .store
                .fail_import(shop, import, format!("{error:#}"), self.clock.now())
                .await;
            if let Err(failed) = failed {
                tracing::error!(%failed, import = import.0, "could not note that an import failed");
            }
        }
        // The next start or import sweeps what this one cannot; what was published stands.
        if let Err(error) = self.sweep(shop).await {
            tracing::warn!(import = import.0, "could not clear replaced documents: {error:#}");
        }
        let counts = result.with_context(|| format!("could not import into shop {shop}"))?;
        tracing::info!(shop = shop.0, import = import.0, ?counts, "imported");
        self.catch_up(shop).await;
        if let Err(error) = self.retriever.warm(shop).await {
            tracing::warn!(shop = shop.0, "could not read what was imported: {error:#}");
        }
        let chunks = self.store.count_chunks(shop).await?;
        Ok(ImportOutcome { counts, chunks })
    }

    async fn stage_and_publish(
        &self,
        claim: &Claim,
        shop: ShopId,
        import: ImportId,
        items: Vec<Item>,
        mode: ImportMode,
        settings: &ShopSettings,
    ) -> anyhow::Result<ImportCounts> {
        // While the import is noted as running, the shop's space stays what it is.
        let assigned = self.models.assigned(shop).await?;
        let (embedder, space) = self.import_model(&assigned.source).await?;
        let plan = self.plan(shop, items, mode, settings, space.id).await?;
        let total = plan.changed.len();
        let mut waiting = plan.changed.into_iter();
        let mut done = 0;
        let mut ready = Vec::new();
        let mut known = KnownUnits::new();
        loop {
            claim.note(Progress { done, total });
            self.retriever.demand().until_idle(GIVE_WAY).await;
            let batch: Vec<_> = waiting.by_ref().take(BATCH_ITEMS).collect();
            if batch.is_empty() && ready.is_empty() {
                break;
            }
            // The next batch is chunked and embedded while the disk has this one.
            let staged_count = ready.len();
            let (staged, next) = tokio::join!(
                self.store
                    .stage_documents(shop, import, space.id, ready, self.clock.now()),
                self.documents(batch, settings, &embedder, &mut known)
            );
            staged?;
            ready = next?;
            done += staged_count;
        }
        self.store
            .publish_import(shop, import, plan.removed, plan.counts, self.clock.now())
            .await?;
        Ok(plan.counts)
    }

    async fn plan(
        &self,
        shop: ShopId,
        items: Vec<Item>,
        mode: ImportMode,
        settings: &ShopSettings,
        space: SpaceId,
    ) -> anyhow::Result<Plan> {
        let stored = self.store.document_states(shop).await?;
        let (language, sizes) = (settings.language, size_settings(settings));
        let plan = move || {
            let mut plan = Plan {
                changed: Vec::new(),
                removed: Vec::new(),
                counts: ImportCounts::default(),
            };
            let mut mentioned = HashSet::new();
            for item in items {
                let (key, hash) = (item.key(), item.content_hash(language, &sizes));
                match stored.get(&key) {
                    Some(state) if state.content_hash == hash && state.space == space => plan.counts.unchanged += 1,
                    Some(_) => {
                        plan.counts.changed += 1;
                        plan.changed.push((item, hash));
                    }
                    None => {
                        plan.counts.added += 1;
                        plan.changed.push((item, hash));
                    }
                }
                mentioned.insert(key);
            }
            if mode == ImportMode::Replace {
                plan.removed = stored.into_keys().filter(|key| !mentioned.contains(key)).collect();
                plan.removed.sort_unstable();
            }
            plan.counts.removed = plan.removed.len();
            plan
        };
        tokio::task::spawn_blocking(plan).await.context("planning panicked")
    }

    /// Chunks and embeds a batch.
    async fn documents(
        &self,
        batch: Vec<(Item, String)>,
        settings: &ShopSettings,
        embedder: &Embedder,
        known: &mut KnownUnits,
    ) -> anyhow::Result<Vec<NewDocument>> {
        let (counter, settings) = (embedder.clone(), settings.clone());
        let draft = move || {
            let drafts = batch.into_iter().map(|(item, hash)| {
                let chunks = draft_item(&item, settings.language, &settings, &counter);
                (item, hash, chunks)
            });
            drafts.collect::<Vec<_>>()
        };
        let drafts = tokio::task::spawn_blocking(draft).await.context("chunking panicked")?;
        let units: Vec<String> = drafts
            .iter()
            .flat_map(|(_, _, chunks)| chunks.iter().flat_map(|chunk| chunk.units.clone()))
            .collect();
        let mut embeddings = embed_units(embedder, units, known).await?.into_iter();
        let documents = drafts.into_iter().map(|(item, content_hash, chunks)| NewDocument {
            key: item.key(),
            title: item.title().to_owned(),
            url: item.url().map(str::to_owned),
            content_hash,
            product: item.product().cloned(),
            identifiers: item.identifiers(),
            chunks: chunks
                .into_iter()
                .map(|chunk| NewChunk {
                    embeddings: embeddings.by_ref().take(chunk.units.len()).collect(),
                    text: chunk.text,
                    place: chunk.place,
                    terms: chunk.terms,
                })
                .collect(),
        });
        Ok(documents.collect())
    }

    /// The model that an import of the shop embeds with. Conflict when it cannot be loaded: choosing another, or putting its files
    /// back, helps.
    async fn import_model(&self, source: &ModelSource) -> anyhow::Result<(Embedder, EmbeddingSpace)> {
        match self.models.load(source).await {
            Ok(loaded) => Ok(loaded),
            Err(error) if error.is::<EmbedError>() => Err(StoreError::Conflict("model_unavailable").into()),
            Err(error) => Err(error),
        }
    }

    /// Deletes what was replaced.
    async fn sweep(&self, shop: ShopId) -> anyhow::Result<()> {
        while self.store.sweep_retired(shop, SWEEP_DOCUMENTS).await? > 0 {
            self.retriever.demand().until_idle(GIVE_WAY).await;
        }
        Ok(())
    }
}

/// The vectors of the units in order. A text that was embedded lately is not embedded again.
pub async fn embed_units(
    embedder: &Embedder,
    units: Vec<String>,
    known: &mut KnownUnits,
) -> anyhow::Result<Vec<Embedding>> {
    if known.len() > MAX_KNOWN_UNITS {
        known.clear();
    }
    let mut new: Vec<String> = units
        .iter()
        .filter(|unit| !known.contains_key(*unit))
        .cloned()
        .collect();
    new.sort_unstable();
    new.dedup();
    let embeddings = embedder.embed_passages(new.clone()).await.context("could not embed")?;
    ensure!(
        embeddings.len() == new.len(),
        "the embedder gave {} vectors for {} texts",
        embeddings.len(),
        new.len()
    );
    known.extend(new.into_iter().zip(embeddings));
    let vectors = units
        .iter()
        .map(|unit| known.get(unit).cloned().context("a text has no vector"));
    vectors.collect()
}

/// What of the settings decides how an item is chunked.
fn size_settings(settings: &ShopSettings) -> String {
    format!("{}/{}", settings.chunk_size_tokens, settings.chunk_overlap_tokens)
}

fn draft_item(item: &Item, language: Language, settings: &ShopSettings, embedder: &Embedder) -> Vec<DraftChunk> {
    let size = ChunkSize {
        tokens: embedder
            .max_tokens()
            .map_or(settings.chunk_size_tokens, |most| most.min(settings.chunk_size_tokens)),
        overlap_tokens: settings.chunk_overlap_tokens,
        count_tokens: &|text| embedder.count_tokens(text),
    };
    draft_chunks(item, language, &size)
}
