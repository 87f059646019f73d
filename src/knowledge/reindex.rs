//! The reindex: a durable job that embeds a shop's chunks with another model beside the vectors that answer, batch by batch,
//! and then switches. The chunks stay as the import made them.

use crate::domain::embedding::AssignedModel;
use crate::domain::embedding::ModelSource;
use crate::domain::id::ShopId;
use crate::domain::job::Job;
use crate::domain::job::JobKind;
use crate::domain::knowledge::Chunk;
use crate::domain::knowledge::ChunkEmbeddings;
use crate::embed::Embedder;
use crate::knowledge::Knowledge;
use crate::knowledge::chunking::chunk_units;
use crate::knowledge::import::GIVE_WAY;
use crate::knowledge::staging::KnownUnits;
use crate::knowledge::staging::embed_units;
use crate::store::SwitchOutcome;
use crate::store::error::StoreError;
use anyhow::Context;
use std::time::Duration;

/// Documents embedded and stored together: few enough that a chat's write behind them waits some milliseconds only.
const BATCH_DOCUMENTS: u32 = 16;
/// Chunks swept in one transaction, for the same reason.
const SWEEP_CHUNKS: u32 = 100;
/// How often a job looks whether an import that it waits for has ended.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Knowledge {
    /// Queues a reindex of the shop to `model`, by default the one it has, and starts to work on it in the background. Conflict
    /// while another job of the shop waits or runs, or when the model cannot be loaded.
    pub async fn queue_reindex(&self, shop: ShopId, model: Option<ModelSource>) -> anyhow::Result<Job> {
        let assigned = self.models.assigned(shop).await?;
        let model = model.unwrap_or(assigned.source);
        if let Err(error) = self.models.load(&model).await {
            tracing::warn!(%model, "a reindex was refused: {error:#}");
            return Err(StoreError::Conflict("model_unavailable").into());
        }
        let job = self.jobs.queue_reindex(shop, model).await?;
        self.work_in_background();
        Ok(job)
    }

    /// Queues a reindex of every shop whose model gives other vectors than it did, and takes up all jobs that wait.
    pub async fn resume_jobs(&self) -> anyhow::Result<()> {
        for (shop, model) in self.models.outdated_shops().await? {
            match self.jobs.queue_reindex(shop, model).await {
                Ok(_) => tracing::info!(shop = shop.0, "the shop's model has changed; it is embedded anew"),
                Err(StoreError::Conflict(_) | StoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.work_in_background();
        Ok(())
    }

    /// Works on waiting jobs until none is left, beside the caller.
    fn work_in_background(&self) {
        let knowledge = self.clone();
        tokio::spawn(async move {
            if let Err(error) = knowledge.work().await {
                tracing::error!("could not work on jobs: {error:#}");
            }
        });
    }

    async fn work(&self) -> anyhow::Result<()> {
        let turn = self.jobs.turn().await;
        while let Some(job) = self.jobs.next(&turn).await? {
            if let Err(error) = self.reindex(&job).await {
                self.jobs.fail(&job, &error).await?;
            }
            self.sweep_strays(job.shop).await?;
            self.models.free_unused().await?;
        }
        Ok(())
    }

    /// Queues what is left to do after an import into a shop whose model has changed; a failure is for the next start.
    pub async fn catch_up(&self, shop: ShopId) {
        let outcome = async {
            let assigned = self.models.assigned(shop).await?;
            let (_, space) = self.models.load(&assigned.source).await?;
            if space.id != assigned.space.id {
                self.jobs.queue_reindex(shop, assigned.source).await?;
                self.work_in_background();
            }
            anyhow::Ok(())
        };
        if let Err(error) = outcome.await {
            tracing::debug!(shop = shop.0, "no reindex after the import: {error:#}");
        }
    }

    /// Does the job from where it stands to the switch. An error that says `job_ended` means that it was cancelled.
    async fn reindex(&self, job: &Job) -> anyhow::Result<()> {
        let JobKind::Reindex { model, .. } = &job.kind;
        let (embedder, space) = self.models.load(model).await.context("could not load the model")?;
        let mut cursor = self
            .store
            .begin_reindex(job.id, job.shop, space.id, self.clock.now())
            .await?;
        let mut known = KnownUnits::new();
        loop {
            self.retriever.demand().until_idle(GIVE_WAY).await;
            let chunks = self
                .store
                .chunks_to_embed(job.shop, space.id, cursor, BATCH_DOCUMENTS)
                .await?;
            if let Some((last, _)) = chunks.last() {
                let last = last.document.id.0;
                let documents = count_documents(&chunks);
                let embedded = embed_chunks(&embedder, chunks, &mut known).await?;
                let batch = (last, documents);
                self.store
                    .store_reindexed(job.id, job.shop, embedded, batch, self.jobs.lease())
                    .await?;
                cursor = last;
                continue;
            }
            let target = AssignedModel {
                source: model.clone(),
                space: space.clone(),
            };
            match self
                .store
                .switch_space(job.id, job.shop, target, self.clock.now())
                .await?
            {
                SwitchOutcome::Switched => break,
                SwitchOutcome::DocumentsLeft => {}
                SwitchOutcome::ImportRunning => {
                    self.jobs.renew(job.id).await?;
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
        tracing::info!(job = job.id.0, shop = job.shop.0, %model, "the shop has changed its embedding space");
        Ok(())
    }

    /// Deletes the shop's vectors outside of its own space, unless a job is about to use them.
    pub async fn sweep_strays(&self, shop: ShopId) -> anyhow::Result<()> {
        let mut cursor = 0;
        while let Some(next) = self.store.sweep_stray_vectors(shop, cursor, SWEEP_CHUNKS).await? {
            cursor = next;
            self.retriever.demand().until_idle(GIVE_WAY).await;
        }
        Ok(())
    }
}

/// The chunks come by document.
fn count_documents(chunks: &[(Chunk, usize)]) -> usize {
    let mut ids: Vec<_> = chunks.iter().map(|(chunk, _)| chunk.document.id).collect();
    ids.dedup();
    ids.len()
}

async fn embed_chunks(
    embedder: &Embedder,
    chunks: Vec<(Chunk, usize)>,
    known: &mut KnownUnits,
) -> anyhow::Result<Vec<ChunkEmbeddings>> {
    let units = move || {
        let units = chunks.into_iter().map(|(chunk, position)| {
            let document = &chunk.document;
            let units = chunk_units(&document.title, document.product.as_ref(), position == 0, &chunk.text);
            (chunk.id, units)
        });
        units.collect::<Vec<_>>()
    };
    let units = tokio::task::spawn_blocking(units)
        .await
        .context("cutting chunks into sentences panicked")?;
    let texts = units.iter().flat_map(|(_, units)| units.clone()).collect();
    let mut embeddings = embed_units(embedder, texts, known).await?.into_iter();
    let chunks = units.into_iter().map(|(chunk, units)| ChunkEmbeddings {
        chunk,
        embeddings: embeddings.by_ref().take(units.len()).collect(),
    });
    Ok(chunks.collect())
}
