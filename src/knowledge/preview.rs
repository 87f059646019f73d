//! What files would become: their documents and chunks, made as an import makes them, and kept nowhere.

use crate::domain::id::ShopId;
use crate::domain::import::ImportProblem;
use crate::domain::settings::ShopSettings;
use crate::domain::source::Format;
use crate::domain::source::Mapping;
use crate::embed::Embedder;
use crate::knowledge::Knowledge;
use crate::knowledge::chunking::DraftChunk;
use crate::knowledge::feed::Feed;
use crate::knowledge::feed::FeedReport;
use crate::knowledge::feed::Files;
use crate::knowledge::feed::Refused;
use crate::knowledge::import::GIVE_WAY;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::recognition::recognize;
use crate::knowledge::parsing::sink::ParsedItem;
use crate::knowledge::snapshot::Snapshot;
use crate::knowledge::staging::draft_item;
use anyhow::Context;
use std::sync::Arc;

/// Chunks of one document that are shown; all are counted.
const SHOWN_CHUNKS: usize = 200;

/// How files are to be read, and which of their documents to show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PreviewRequest {
    /// Of all of them; each is recognized by itself when absent.
    pub format: Option<Format>,
    pub mapping: Mapping,
    /// Documents passed over, in the order of the files.
    pub offset: usize,
    pub limit: usize,
}

#[derive(Debug)]
pub struct Preview {
    /// Names with what they are; `None` for one that is not recognized.
    pub files: Vec<(String, Option<Format>)>,
    /// All of them.
    pub documents: usize,
    /// Those of the wanted page.
    pub shown: Vec<PreviewDocument>,
    pub report: FeedReport,
    /// Why the only file cannot be used; nothing else is told then.
    pub refusal: Option<ImportProblem>,
    /// What chunks are measured in, and the most of it that one may have.
    pub size_unit: &'static str,
    pub chunk_size: usize,
}

#[derive(Debug)]
pub struct PreviewDocument {
    pub parsed: ParsedItem,
    pub chunk_count: usize,
    /// The first of them.
    pub chunks: Vec<PreviewChunk>,
}

#[derive(Debug)]
pub struct PreviewChunk {
    pub draft: DraftChunk,
    /// In the preview's unit.
    pub size: usize,
}

impl Knowledge {
    /// Reads the files of the snapshot as an import into the shop would, to their end, and keeps nothing. Not found for an unknown
    /// shop, conflict when its model cannot be loaded.
    pub async fn preview_files(
        &self,
        shop: ShopId,
        snapshot: Snapshot,
        request: PreviewRequest,
    ) -> anyhow::Result<Preview> {
        let settings = self.store.shop(shop).await?.settings;
        let assigned = self.store.shop_model(shop).await?;
        let assigned = assigned.unwrap_or_else(|| self.models.fallback().clone());
        let (embedder, _) = self.import_model(&assigned.source).await?;
        let chunk_size = settings.chunk_size_tokens;
        let mut preview = Preview {
            files: recognized(&snapshot, request.format).await?,
            documents: 0,
            shown: Vec::new(),
            report: FeedReport::default(),
            refusal: None,
            size_unit: embedder.size_unit(),
            chunk_size: embedder.max_tokens().map_or(chunk_size, |most| most.min(chunk_size)),
        };
        let feed = Feed::Files(Arc::new(Files {
            snapshot,
            format: request.format,
            mapping: request.mapping,
            language: settings.language,
            limits: Limits::default(),
            parser: self.parser.clone(),
        }));
        let wanted = request.offset..request.offset.saturating_add(request.limit);
        let mut reading = feed.read();
        while let Some(batch) = reading.next().await {
            self.retriever.demand().until_idle(GIVE_WAY).await;
            let first = preview.documents;
            preview.documents += batch.len();
            let numbered = batch.into_iter().enumerate();
            let shown = numbered.filter(|(at, _)| wanted.contains(&(first + at)));
            let shown: Vec<_> = shown.map(|(_, parsed)| parsed).collect();
            if !shown.is_empty() {
                let drafted = drafted(shown, settings.clone(), embedder.clone()).await?;
                preview.shown.extend(drafted);
            }
        }
        match reading.finish().await {
            Ok(report) => preview.report = report,
            Err(error) => match error.downcast::<Refused>() {
                // What was read before the refusal would not be used.
                Ok(Refused(problem)) => {
                    preview.shown.clear();
                    preview.documents = 0;
                    preview.refusal = Some(problem);
                }
                Err(error) => return Err(error),
            },
        }
        Ok(preview)
    }
}

async fn recognized(snapshot: &Snapshot, given: Option<Format>) -> anyhow::Result<Vec<(String, Option<Format>)>> {
    let snapshot = snapshot.clone();
    let work = move || {
        let files = snapshot.files.iter().map(|file| {
            let format = match given {
                Some(format) => Some(format),
                None => recognize(&snapshot.path(file), &file.name)
                    .with_context(|| format!("could not read {}", file.name))?,
            };
            Ok((file.name.clone(), format))
        });
        files.collect()
    };
    tokio::task::spawn_blocking(work)
        .await
        .context("recognizing files panicked")?
}

async fn drafted(
    items: Vec<ParsedItem>,
    settings: ShopSettings,
    embedder: Embedder,
) -> anyhow::Result<Vec<PreviewDocument>> {
    let work = move || {
        let documents = items.into_iter().map(|parsed| {
            let drafts = draft_item(&parsed.item, &settings, &embedder);
            let chunk_count = drafts.len();
            let shown = drafts.into_iter().take(SHOWN_CHUNKS).map(|draft| PreviewChunk {
                size: embedder.count_tokens(&draft.text),
                draft,
            });
            PreviewDocument {
                chunks: shown.collect(),
                parsed,
                chunk_count,
            }
        });
        documents.collect()
    };
    tokio::task::spawn_blocking(work).await.context("chunking panicked")
}
