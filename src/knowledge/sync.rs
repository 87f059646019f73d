//! Imports of a source's files: queued as journal entries, made one after the other for each shop, taken up again after the program
//! ended however it ended.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::import::Import;
use crate::domain::import::ImportMode;
use crate::domain::import::ImportStatus;
use crate::domain::import::NewImport;
use crate::domain::source::Fingerprint;
use crate::domain::source::Location;
use crate::domain::source::Source;
use crate::knowledge::Knowledge;
use crate::knowledge::comparison::Run;
use crate::knowledge::feed::Feed;
use crate::knowledge::feed::Files;
use crate::knowledge::feed::Refused;
use crate::knowledge::fetching::Fetched;
use crate::knowledge::import::Cancelled;
use crate::knowledge::parsing::Limits;
use crate::knowledge::progress::Tracked;
use crate::knowledge::schedule::next_time;
use crate::knowledge::schedule::retry_time;
use crate::knowledge::snapshot::Snapshot;
use crate::store::SyncResult;
use crate::store::error::StoreError;
use anyhow::Context;
use std::sync::Arc;

/// Sources that are queued together; the rest is for the next look.
const DUE_AT_ONCE: u32 = 20;
/// Who asks when nobody does.
const SCHEDULE_ACTOR: &str = "schedule";

/// What somebody asks of a source.
#[derive(Debug, Clone)]
pub struct SyncRequest {
    /// Who or what, as people read it.
    pub actor: String,
    /// Tells what would change, and changes nothing.
    pub is_preview: bool,
    /// Reads files again that are the same as last time.
    pub is_forced: bool,
    /// Documents that are not mentioned stay.
    pub mode: ImportMode,
    /// Files that came with the request, in place of those that the source names.
    pub files: Option<(Snapshot, String)>,
}

/// How the work on an import ended.
#[derive(Debug, Clone, PartialEq)]
enum Ending {
    /// The shop knows what the source says.
    Current(Option<Fingerprint>),
    /// It only told what it would do.
    Previewed,
    /// It waits for somebody's yes.
    Waiting,
}

impl Knowledge {
    /// Queues an import of the source and starts to work on it beside the caller. Conflict while one of the source is at work, and for
    /// a source whose files have to be sent when none came with the request.
    pub async fn queue_sync(&self, shop: ShopId, source: SourceId, request: SyncRequest) -> anyhow::Result<Import> {
        let known = self.store.source(shop, source).await?;
        let origin = match (&request.files, origin(&known.draft.location)) {
            (Some((_, name)), _) => name.clone(),
            (None, Some(origin)) => origin,
            (None, None) => return Err(StoreError::Conflict("source_needs_files").into()),
        };
        if known.draft.location == (Location::Api {}) {
            return Err(StoreError::Conflict("source_needs_files").into());
        }
        let new = NewImport {
            mode: request.mode,
            actor: request.actor,
            origin,
            is_preview: request.is_preview,
            is_resumable: request.files.is_none(),
        };
        let _queueing = self.running.queueing().await;
        self.drop_orphan(shop, source).await?;
        let import = self.store.queue_import(shop, source, new, self.clock.now()).await?;
        if let Some((snapshot, _)) = request.files {
            let folder = self.import_folder.clone();
            let adopted = tokio::task::spawn_blocking(move || folder.adopt(snapshot, import))
                .await
                .context("keeping the files panicked")?;
            if let Err(error) = adopted {
                self.note_failure(shop, import, &error).await;
                return Err(error);
            }
            self.store.make_resumable(shop, import).await?;
        }
        self.work_on_in_background(shop, import, request.is_forced);
        Ok(self.store.import(shop, import).await?)
    }

    /// Queues imports of the sources of all shops whose time has come.
    pub async fn sync_due(&self) -> anyhow::Result<()> {
        let now = self.clock.now();
        for (shop, source) in self.store.due_sources(now, DUE_AT_ONCE).await? {
            // Whatever becomes of it, the source is not due again at once.
            self.store.set_next_sync(shop, source, retry_time(1, now)).await?;
            let request = SyncRequest {
                actor: SCHEDULE_ACTOR.to_owned(),
                is_preview: false,
                is_forced: false,
                mode: ImportMode::Replace,
                files: None,
            };
            match self.queue_sync(shop, source, request).await {
                Ok(import) => tracing::info!(
                    shop = shop.0,
                    source = source.0,
                    import = import.id.0,
                    "a source is due"
                ),
                Err(error) => {
                    tracing::warn!(
                        shop = shop.0,
                        source = source.0,
                        "a source could not be read: {error:#}"
                    );
                    if matches!(error.downcast_ref(), Some(StoreError::Conflict("source_needs_files"))) {
                        // Whoever sends its files was expected to have done so by now.
                        let next = retry_time(self.store.source(shop, source).await?.failures + 1, now);
                        self.store
                            .note_sync(shop, source, SyncResult::Failed, next, now)
                            .await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes up the imports that an earlier run of the program left, and clears the files of all others.
    pub async fn resume_imports(&self) -> anyhow::Result<()> {
        let open = self.store.list_open_imports().await?;
        let ids: Vec<ImportId> = open.iter().map(|import| import.id).collect();
        let folder = self.import_folder.clone();
        tokio::task::spawn_blocking(move || folder.keep_only(&ids))
            .await
            .context("clearing files panicked")?;
        for import in open {
            if import.status == ImportStatus::Queued {
                tracing::info!(shop = import.shop.0, import = import.id.0, "an import goes on");
                self.work_on_in_background(import.shop, import.id, true);
            }
        }
        Ok(())
    }

    /// Says yes to an import that waits for it. Conflict unless it does.
    pub async fn approve_import(&self, shop: ShopId, import: ImportId) -> anyhow::Result<Import> {
        self.store.approve_import(shop, import).await?;
        self.work_on_in_background(shop, import, true);
        Ok(self.store.import(shop, import).await?)
    }

    /// Ends an import that waits, is queued or runs; the shop's knowledge stays. One that has ended stays as it is.
    pub async fn cancel_import(&self, shop: ShopId, import: ImportId) -> anyhow::Result<Import> {
        self.store.cancel_import(shop, import, self.clock.now()).await?;
        self.running.cancel(import);
        if self.running.progress_of(import).is_none() {
            self.clear_files(import).await;
        }
        Ok(self.store.import(shop, import).await?)
    }

    /// Cancels a queued import of the source that nobody works on: a command was killed, and nothing resumes in commands.
    async fn drop_orphan(&self, shop: ShopId, source: SourceId) -> anyhow::Result<()> {
        for import in self.store.list_open_imports().await? {
            let is_queued = import.source == Some(source) && import.status == ImportStatus::Queued;
            if is_queued && self.running.progress_of(import.id).is_none() {
                self.cancel_import(shop, import.id).await?;
            }
        }
        Ok(())
    }

    fn work_on_in_background(&self, shop: ShopId, import: ImportId, is_forced: bool) {
        // Noted before anybody else can look: what is queued and not noted is nobody's.
        let Some(tracked) = self.running.track(shop, import, self.clock.now()) else {
            return;
        };
        let knowledge = self.clone();
        tokio::spawn(async move { knowledge.work_on(shop, import, is_forced, tracked).await });
    }

    async fn work_on(&self, shop: ShopId, import: ImportId, is_forced: bool, tracked: Tracked) {
        let result = self.advance(shop, import, is_forced, &tracked).await;
        if let Err(error) = &result {
            self.note_failure(shop, import, error).await;
        }
        if !matches!(result, Ok(Ending::Waiting)) {
            self.clear_files(import).await;
        }
        if let Err(error) = self.note_sync(shop, import, &result).await {
            tracing::debug!(shop = shop.0, import = import.0, "could not note a sync: {error:#}");
        }
        drop(tracked);
        match result {
            Ok(Ending::Current(_)) | Err(_) => self.settle(shop).await,
            Ok(Ending::Previewed) => {}
            // A yes that came before the work on it had ended found it still noted.
            Ok(Ending::Waiting) => {
                let entry = self.store.import(shop, import).await;
                if entry.is_ok_and(|entry| entry.status == ImportStatus::Queued) {
                    self.work_on_in_background(shop, import, true);
                }
            }
        }
    }

    async fn advance(
        &self,
        shop: ShopId,
        import: ImportId,
        is_forced: bool,
        tracked: &Tracked,
    ) -> anyhow::Result<Ending> {
        let entry = self.store.import(shop, import).await?;
        let source_id = entry.source.ok_or(StoreError::NotFound)?;
        let source = self.store.source(shop, source_id).await?;
        let known = if is_forced {
            Fingerprint::default()
        } else {
            source.fingerprint.clone()
        };
        let snapshot = match self.fetch(&entry, &source, &known, tracked).await? {
            Fetched::Files(snapshot) if known.digest.is_some() && snapshot.fingerprint.digest == known.digest => {
                self.store.finish_import(shop, import, self.clock.now()).await?;
                return Ok(Ending::Current(Some(snapshot.fingerprint)));
            }
            Fetched::Files(snapshot) => snapshot,
            Fetched::Unchanged => {
                self.store.finish_import(shop, import, self.clock.now()).await?;
                return Ok(Ending::Current(None));
            }
        };
        let fingerprint = snapshot.fingerprint.clone();
        let turn = self.running.turn(shop).await;
        // Whoever has the turn knows that no other import of the shop runs.
        self.store.abandon_imports(shop, self.clock.now()).await?;
        self.store.start_import(shop, import).await?;
        let ending = self.bring_in(&entry, &source, snapshot, tracked).await?;
        drop(turn);
        Ok(match ending {
            Ending::Current(_) => Ending::Current(Some(fingerprint)),
            other => other,
        })
    }

    /// Compares, and publishes unless that only was asked for or somebody has to agree first.
    async fn bring_in(
        &self,
        entry: &Import,
        source: &Source,
        snapshot: Snapshot,
        tracked: &Tracked,
    ) -> anyhow::Result<Ending> {
        let (shop, import) = (entry.shop, entry.id);
        let settings = self.store.shop(shop).await?.settings;
        // While the import is noted as running, the shop's space stays what it is.
        let assigned = self.models.assigned(shop).await?;
        let (embedder, space) = self.import_model(&assigned.source).await?;
        let feed = Feed::Files(Arc::new(Files {
            snapshot,
            format: source.draft.format,
            mapping: source.draft.mapping.clone(),
            language: settings.language,
            limits: Limits::default(),
            parser: self.parser.clone(),
        }));
        let run = Run {
            shop,
            source: source.id,
            import: Some(import),
            mode: entry.mode,
            settings,
            space: space.id,
        };
        self.store.drop_outrun_stage(shop, import).await?;
        let comparison = self.compare(&run, &feed, Some(tracked)).await?;
        self.store.record_plan(shop, import, comparison.plan.clone()).await?;
        if entry.is_preview {
            self.store.finish_import(shop, import, self.clock.now()).await?;
            return Ok(Ending::Previewed);
        }
        if comparison.is_alarming() && !entry.is_approved {
            self.store.hold_import(shop, import).await?;
            let counts = comparison.plan.counts;
            tracing::warn!(
                shop = shop.0,
                import = import.0,
                ?counts,
                "an import would remove most; it waits for a yes"
            );
            return Ok(Ending::Waiting);
        }
        if comparison.changes_nothing() {
            self.store.finish_import(shop, import, self.clock.now()).await?;
            return Ok(Ending::Current(None));
        }
        self.stage(&run, &feed, &comparison, &embedder, tracked).await?;
        let counts = comparison.plan.counts;
        self.store
            .publish_import(shop, import, comparison.removed, counts, self.clock.now())
            .await?;
        tracing::info!(
            shop = shop.0,
            source = source.id.0,
            import = import.0,
            ?counts,
            "imported"
        );
        Ok(Ending::Current(None))
    }

    /// Ends the journal's entry as the error says.
    pub async fn note_failure(&self, shop: ShopId, import: ImportId, error: &anyhow::Error) {
        let now = self.clock.now();
        let noted = if error.is::<Cancelled>() {
            self.store.cancel_import(shop, import, now).await
        } else if let Some(Refused(problem)) = error.downcast_ref() {
            self.store.refuse_import(shop, import, problem.clone(), now).await
        } else {
            tracing::warn!(shop = shop.0, import = import.0, "an import failed: {error:#}");
            self.store.fail_import(shop, import, format!("{error:#}"), now).await
        };
        if let Err(failed) = noted {
            tracing::error!(%failed, import = import.0, "could not note that an import failed");
        }
    }

    /// Notes at the source what came of it, unless it only was a preview or was cancelled.
    async fn note_sync(&self, shop: ShopId, import: ImportId, result: &anyhow::Result<Ending>) -> anyhow::Result<()> {
        let entry = self.store.import(shop, import).await?;
        let Some(source) = entry.source else {
            return Ok(());
        };
        let outcome = match result {
            Ok(Ending::Previewed) => return Ok(()),
            Ok(Ending::Waiting) => return self.set_next(shop, source).await,
            Ok(Ending::Current(fingerprint)) => SyncResult::Current(fingerprint.clone()),
            Err(_) if entry.status == ImportStatus::Cancelled => return Ok(()),
            Err(_) => SyncResult::Failed,
        };
        let source = self.store.source(shop, source).await?;
        let now = self.clock.now();
        let next = match (&source.draft.schedule, &outcome) {
            (None, _) => None,
            (Some(_), SyncResult::Failed) => retry_time(source.failures + 1, now),
            (Some(schedule), SyncResult::Current(_)) => next_time(schedule, &self.zone(shop).await?, now),
        };
        self.store.note_sync(shop, source.id, outcome, next, now).await?;
        Ok(())
    }

    /// While an import waits for a yes, its source is looked at as ever: it may say something better by then.
    async fn set_next(&self, shop: ShopId, source: SourceId) -> anyhow::Result<()> {
        if let Some(schedule) = self.store.source(shop, source).await?.draft.schedule {
            let next = next_time(&schedule, &self.zone(shop).await?, self.clock.now());
            self.store.set_next_sync(shop, source, next).await?;
        }
        Ok(())
    }

    async fn clear_files(&self, import: ImportId) {
        let folder = self.import_folder.clone();
        if tokio::task::spawn_blocking(move || folder.remove(import))
            .await
            .is_err()
        {
            tracing::error!(import = import.0, "clearing an import's files panicked");
        }
    }
}

/// From where files of this location are, as people read it; `None` when they have to be sent.
fn origin(location: &Location) -> Option<String> {
    match location {
        Location::Api {} | Location::Upload {} => None,
        Location::File { path } | Location::Folder { path } => Some(path.display().to_string()),
        Location::Url { url } | Location::Site { url, .. } => Some(url.clone()),
    }
}
