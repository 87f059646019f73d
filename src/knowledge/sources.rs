//! Sources and their versions: what an owner makes of them.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::import::DocumentChange;
use crate::domain::import::Import;
use crate::domain::import::ImportKind;
use crate::domain::import::ImportProblem;
use crate::domain::language::Language;
use crate::domain::source::Location;
use crate::domain::source::Source;
use crate::domain::source::SourceDraft;
use crate::knowledge::Knowledge;
use crate::knowledge::progress::Progress;
use crate::knowledge::schedule::next_time;
use crate::knowledge::schedule::zone_of;
use crate::store::error::StoreError;
use anyhow::Context;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Entries of a source's journal that are listed.
const LISTED: u32 = 100;

/// A source's journal, and where undo and redo would lead.
#[derive(Debug, Clone)]
pub struct Versions {
    /// Newest first.
    pub imports: Vec<Import>,
    pub current: Option<ImportId>,
    /// 0 stands for the empty knowledge before the first import.
    pub undo: Option<ImportId>,
    pub redo: Option<ImportId>,
}

/// An import with all that the journal has of it.
#[derive(Debug, Clone)]
pub struct ImportDetails {
    pub import: Import,
    pub progress: Option<Progress>,
    pub changes: Vec<DocumentChange>,
    pub problems: Vec<ImportProblem>,
}

impl Knowledge {
    /// Conflict when a source of the shop has the name.
    pub async fn create_source(&self, shop: ShopId, draft: SourceDraft) -> anyhow::Result<Source> {
        let next = self.next_sync(shop, &draft).await?;
        Ok(self.store.insert_source(shop, draft, next, self.clock.now()).await?)
    }

    pub async fn list_sources(&self, shop: ShopId) -> anyhow::Result<Vec<Source>> {
        Ok(self.store.list_sources(shop).await?)
    }

    pub async fn source(&self, shop: ShopId, source: SourceId) -> anyhow::Result<Source> {
        Ok(self.store.source(shop, source).await?)
    }

    /// Conflict for the source of the API, and when another has the name.
    pub async fn update_source(&self, shop: ShopId, source: SourceId, draft: SourceDraft) -> anyhow::Result<Source> {
        self.own_source(shop, source).await?;
        let next = self.next_sync(shop, &draft).await?;
        Ok(self.store.update_source(shop, source, draft, next).await?)
    }

    /// Deletes a source with its documents. Conflict for the source of the API, and while an import of it is at work.
    pub async fn delete_source(&self, shop: ShopId, source: SourceId) -> anyhow::Result<()> {
        self.own_source(shop, source).await?;
        self.store.delete_source(shop, source, self.clock.now()).await?;
        if let Err(error) = self.clear_gone_sources().await {
            tracing::warn!(
                source = source.0,
                "could not clear what a deleted source left: {error:#}"
            );
        }
        self.settle_in_background(shop);
        Ok(())
    }

    /// Removes what the disk keeps for sources that are gone, with their shops too: copies of pages, files of exchanges.
    pub async fn clear_gone_sources(&self) -> anyhow::Result<()> {
        let (folder, exchanges) = (self.import_folder.clone(), self.exchanges.clone());
        let list = move || [folder.sources_with_copies(), exchanges.sources()].concat();
        let mut gone = tokio::task::spawn_blocking(list)
            .await
            .context("looking at folders panicked")?;
        if gone.is_empty() {
            return Ok(());
        }
        // Listed after the folders: what is made meanwhile is not taken for gone.
        let known = self.store.list_source_ids().await?;
        gone.retain(|source| !known.contains(source));
        let (folder, exchanges) = (self.import_folder.clone(), self.exchanges.clone());
        let remove = move || {
            for source in gone {
                folder.copies_of(source).remove_all();
                exchanges.remove_source(source);
            }
        };
        tokio::task::spawn_blocking(remove)
            .await
            .context("clearing folders panicked")
    }

    pub async fn versions(&self, shop: ShopId, source: SourceId) -> anyhow::Result<Versions> {
        let imports = self.store.list_source_imports(shop, source, LISTED).await?;
        let (undo, redo) = self.store.restorable_versions(shop, source).await?;
        let current = self.store.source(shop, source).await?.current_version;
        Ok(Versions {
            imports,
            current,
            undo,
            redo,
        })
    }

    /// Makes the version before the visible one visible again, or the one after it. Conflict when there is none or an import of the
    /// source is at work.
    pub async fn restore(
        &self,
        shop: ShopId,
        source: SourceId,
        kind: ImportKind,
        actor: String,
    ) -> anyhow::Result<Import> {
        let import = self
            .store
            .restore_version(shop, source, kind, actor, self.clock.now())
            .await?;
        tracing::info!(
            shop = shop.0,
            source = source.0,
            kind = kind.name(),
            "a version was restored"
        );
        self.settle_in_background(shop);
        Ok(self.store.import(shop, import).await?)
    }

    pub async fn import_details(&self, shop: ShopId, import: ImportId) -> anyhow::Result<ImportDetails> {
        Ok(ImportDetails {
            import: self.store.import(shop, import).await?,
            progress: self.running.progress_of(import),
            changes: self.store.import_changes(shop, import).await?,
            problems: self.store.import_problems(shop, import).await?,
        })
    }

    /// An import with how far it is.
    pub async fn import_progress(&self, shop: ShopId, import: ImportId) -> anyhow::Result<(Import, Option<Progress>)> {
        let progress = self.running.progress_of(import);
        Ok((self.store.import(shop, import).await?, progress))
    }

    async fn next_sync(&self, shop: ShopId, draft: &SourceDraft) -> anyhow::Result<Option<Timestamp>> {
        let Some(schedule) = &draft.schedule else {
            return Ok(None);
        };
        let zone = self.zone(shop).await?;
        Ok(next_time(schedule, &zone, self.clock.now()))
    }

    pub async fn language(&self, shop: ShopId) -> anyhow::Result<Language> {
        Ok(self.store.shop(shop).await?.settings.language)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The shop's clock; one that this program does not know any more is UTC.
    pub async fn zone(&self, shop: ShopId) -> anyhow::Result<TimeZone> {
        let name = self.store.shop(shop).await?.settings.time_zone;
        Ok(zone_of(&name).unwrap_or(TimeZone::UTC))
    }

    /// A source that an owner may change.
    async fn own_source(&self, shop: ShopId, source: SourceId) -> anyhow::Result<()> {
        match self.store.source(shop, source).await?.draft.location {
            Location::Api {} => Err(StoreError::Conflict("source_of_api").into()),
            _ => Ok(()),
        }
    }

    fn settle_in_background(&self, shop: ShopId) {
        let knowledge = self.clone();
        tokio::spawn(async move { knowledge.settle(shop).await });
    }
}
