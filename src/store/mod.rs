//! The database: the only code that knows SQL. One writer with group commit, several readers, all off the async runtime.
//! Must not know of HTTP, models or configuration.

pub mod error;

mod chats;
mod connection;
mod current_products;
mod deliveries;
mod events;
mod history;
mod imports;
mod index_cache;
mod jobs;
mod journal;
mod knowledge;
mod lead_rows;
mod leads;
mod lexicons;
mod memory;
mod migrations;
mod models;
mod passages;
mod products;
mod publish;
mod readers;
mod reindex;
mod rows;
mod search;
mod shops;
mod sources;
mod spaces;
mod staleness;
mod summary;
mod survey_responses;
mod surveys;
mod term_migration;
mod terms;
pub mod titles;
mod tokens;
pub mod usage;
mod vectors;
mod versions;
mod visitors;
mod votes;
mod webhook_secrets;
mod words;
mod writer;

pub use crate::store::passages::Passage;
pub use crate::store::reindex::SwitchOutcome;
pub use crate::store::search::LexicalCandidate;
pub use crate::store::search::LexicalMatch;
pub use crate::store::search::SearchBasis;
pub use crate::store::search::VectorCandidate;
pub use crate::store::sources::API_SOURCE;
pub use crate::store::sources::SyncResult;
pub use crate::store::survey_responses::SavedResponse;

use crate::domain::id::ShopId;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::index_cache::IndexCache;
use crate::store::index_cache::MemoryIndex;
use crate::store::readers::Readers;
use crate::store::search::knowledge_version;
use crate::store::terms::TermIndex;
use crate::store::vectors::VectorIndex;
use crate::store::writer::Lasting;
use crate::store::writer::Writer;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

/// Memory for the indexes of all shops together.
const VECTOR_BYTES: usize = 140 * 1024 * 1024;
const TERM_BYTES: usize = 40 * 1024 * 1024;

/// A handle to the database, cheap to clone. One method is one transaction; a method that writes returns after its commit has
/// reached the disk, or, where it says so of what nobody can see yet, before.
#[derive(Clone)]
pub struct Store {
    writer: Arc<Writer>,
    readers: Arc<Readers>,
    vectors: Arc<IndexCache<VectorIndex>>,
    terms: Arc<IndexCache<TermIndex>>,
    deliveries_queued: Arc<Notify>,
}

impl Store {
    /// Opens the database at `path`, makes it when absent and brings it to this program's schema.
    ///
    /// Before a schema changes, a copy of the database is left beside it. A database of a newer program is refused and left
    /// as it is. What an earlier run left half-done is rolled back: staged documents go, pending turns become interrupted.
    pub async fn open(path: &Path) -> StoreResult<Store> {
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || Store::open_blocking(&path))
            .await
            .map_err(StoreError::internal)?
    }

    fn open_blocking(path: &Path) -> StoreResult<Store> {
        connection::check_sqlite_version()?;
        let mut conn = connection::open_writer(path)?;
        migrations::migrate(&mut conn, path)?;
        connection::recover(&mut conn)?;
        Ok(Store {
            writer: Arc::new(Writer::start(conn)?),
            readers: Arc::new(Readers::new(path)),
            vectors: Arc::new(IndexCache::new(VECTOR_BYTES)),
            terms: Arc::new(IndexCache::new(TERM_BYTES)),
            deliveries_queued: Arc::default(),
        })
    }

    /// The number of the database's schema.
    pub fn schema_version(&self) -> usize {
        migrations::LATEST
    }

    /// Writes waiting for the disk.
    pub fn backlog(&self) -> usize {
        self.writer.backlog()
    }

    /// Runs `change` in a transaction that commits before this returns; an error undoes all of it.
    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.writer.run(Lasting::AtOnce, change).await
    }

    /// As `write`, for a change of very many rows, whose memory must not grow with them.
    async fn write_much<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.writer.run_alone(Lasting::AtOnce, change).await
    }

    /// The same as `write`; when it returns, what `change` deleted is in none of the database's files, unless a long query still reads it: then
    /// it goes with a later change or the next start.
    async fn write_without_trace<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.writer.run(Lasting::WithoutTrace, change).await
    }

    /// As `write`, for a change that nobody can see before a later `write`: it may be gone after a power cut until then, and costs
    /// the disk less.
    async fn write_unseen<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.writer.run(Lasting::Later, change).await
    }

    /// Runs `query` on a read-only connection, in one snapshot.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.readers.run(query).await
    }

    /// Runs `search` on the index of exactly what one snapshot of the shop has.
    ///
    /// An index that is not current is brought up to date first, by one search while the others wait for it without a
    /// connection: a large shop's index takes seconds, and other shops must not wait with it.
    async fn search_index<I: MemoryIndex, T: Send + 'static>(
        &self,
        cache: &Arc<IndexCache<I>>,
        key: I::Key,
        shop: ShopId,
        search: impl Fn(&I) -> T + Send + Sync + 'static,
    ) -> StoreResult<T> {
        let search = Arc::new(search);
        let (held, with_held) = (cache.clone(), search.clone());
        let found = self
            .read(move |conn| {
                let index = held.current(key, knowledge_version(conn, shop)?);
                Ok(index.map(|index| with_held(&index)))
            })
            .await?;
        if let Some(found) = found {
            return Ok(found);
        }
        let loading = cache.loading(key).acquire_owned().await.map_err(StoreError::internal)?;
        let held = cache.clone();
        self.read(move |conn| {
            let index = held.of(conn, key, knowledge_version(conn, shop)?)?;
            // Who waits for the index needs it no longer than until it is there.
            drop(loading);
            Ok(search(&index))
        })
        .await
    }
}
