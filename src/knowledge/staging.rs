//! The second reading of an import: what is new is chunked, embedded and staged in small batches, where no search sees it yet.

use crate::domain::embedding::Embedding;
use crate::domain::knowledge::NewChunk;
use crate::domain::knowledge::NewDocument;
use crate::domain::settings::ShopSettings;
use crate::embed::Embedder;
use crate::knowledge::Knowledge;
use crate::knowledge::chunking::ChunkSize;
use crate::knowledge::chunking::DraftChunk;
use crate::knowledge::chunking::draft_chunks;
use crate::knowledge::comparison::Comparison;
use crate::knowledge::comparison::Run;
use crate::knowledge::comparison::size_settings;
use crate::knowledge::feed::Feed;
use crate::knowledge::import::Cancelled;
use crate::knowledge::import::GIVE_WAY;
use crate::knowledge::item::Item;
use crate::knowledge::progress::Phase;
use crate::knowledge::progress::Tracked;
use crate::store::error::StoreError;
use anyhow::Context;
use anyhow::ensure;
use std::collections::HashMap;

/// Items chunked, embedded and staged at a time: few enough that a question in between waits a few milliseconds only.
const BATCH_ITEMS: usize = 8;
/// Vectors of texts kept while an import runs: some megabytes.
const MAX_KNOWN_UNITS: usize = 4096;

/// Labels like "Наличие: в наличии" and sentences that products share come again and again.
pub type KnownUnits = HashMap<String, Embedding>;

/// An item to be staged, with its content hash.
type Hashed = (Item, String);

impl Knowledge {
    /// Stages everything that the comparison found to be new. What an earlier run of the same import staged is not made again.
    pub async fn stage(
        &self,
        run: &Run,
        feed: &Feed,
        comparison: &Comparison,
        embedder: &Embedder,
        tracked: &Tracked,
    ) -> anyhow::Result<()> {
        let import = run.import.context("a preview stages nothing")?;
        let total = comparison.plan.counts.added + comparison.plan.counts.changed;
        let mut is_new = comparison.is_new.iter();
        let mut reading = feed.read();
        let mut waiting: Vec<Hashed> = Vec::new();
        let (mut done, mut is_at_end) = (0, false);
        let mut ready = Vec::new();
        let mut known = KnownUnits::new();
        loop {
            ensure!(!tracked.is_cancelled(), Cancelled);
            tracked.note(Phase::Embedding, done, total, self.clock.now());
            self.retriever.demand().until_idle(GIVE_WAY).await;
            while waiting.len() < BATCH_ITEMS && !is_at_end {
                match reading.next().await {
                    None => is_at_end = true,
                    Some(batch) => {
                        let batch = self.complete(run.shop, run.source, batch).await?.items;
                        let new = batch.into_iter().zip(is_new.by_ref()).filter(|(_, is_new)| **is_new);
                        let items = new.map(|(parsed, _)| parsed.item).collect();
                        let left = self.not_staged(run, items).await?;
                        done += left.done;
                        waiting.extend(left.items);
                    }
                }
            }
            let batch: Vec<_> = waiting.drain(..BATCH_ITEMS.min(waiting.len())).collect();
            if batch.is_empty() && ready.is_empty() {
                break;
            }
            // The next batch is chunked and embedded while the disk has this one.
            let staged_count = ready.len();
            let (staged, next) = tokio::join!(
                self.store
                    .stage_documents(run.shop, import, run.space, ready, self.clock.now()),
                self.documents(batch, &run.settings, embedder, &mut known)
            );
            staged?;
            ready = next?;
            done += staged_count;
        }
        reading.finish().await?;
        ensure!(
            done == total,
            StoreError::Internal(format!(
                "{done} documents were staged of {total}: the feed was read differently"
            ))
        );
        Ok(())
    }

    /// What of these is left to do, with the hashes.
    async fn not_staged(&self, run: &Run, items: Vec<Item>) -> anyhow::Result<Left> {
        let import = run.import.context("a preview stages nothing")?;
        let keys = items.iter().map(Item::key).collect();
        let staged = self.store.staged_hashes(import, run.space, keys).await?;
        let settings = run.settings.clone();
        let work = move || {
            let mut left = Left::default();
            for (item, staged) in items.into_iter().zip(staged) {
                let hash = item.content_hash(settings.language, &size_settings(&settings));
                if staged.as_ref() == Some(&hash) {
                    left.done += 1;
                } else {
                    left.items.push((item, hash));
                }
            }
            left
        };
        tokio::task::spawn_blocking(work).await.context("hashing panicked")
    }

    /// Chunks and embeds a batch.
    async fn documents(
        &self,
        batch: Vec<Hashed>,
        settings: &ShopSettings,
        embedder: &Embedder,
        known: &mut KnownUnits,
    ) -> anyhow::Result<Vec<NewDocument>> {
        let (counter, settings) = (embedder.clone(), settings.clone());
        let draft = move || {
            let drafts = batch.into_iter().map(|(item, hash)| {
                let chunks = draft_item(&item, &settings, &counter);
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
            text_hash: item.text_hash(),
            product: item.product().cloned(),
            description: item.description().map(str::to_owned),
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
}

#[derive(Default)]
struct Left {
    items: Vec<Hashed>,
    /// Staged already.
    done: usize,
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

/// The chunks of an item as an import into a shop with these settings makes them.
pub fn draft_item(item: &Item, settings: &ShopSettings, embedder: &Embedder) -> Vec<DraftChunk> {
    let size = ChunkSize {
        tokens: embedder
            .max_tokens()
            .map_or(settings.chunk_size_tokens, |most| most.min(settings.chunk_size_tokens)),
        overlap_tokens: settings.chunk_overlap_tokens,
        count_tokens: &|text| embedder.count_tokens(text),
    };
    draft_chunks(item, settings.language, &size)
}
