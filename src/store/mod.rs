//! The database: the only code that knows SQL. One writer with group commit, several readers, all off the async runtime.
//! Must not know of HTTP, models or configuration.

pub mod error;

mod chats;
mod chunk_counts;
mod connection;
mod imports;
mod knowledge;
mod migrations;
mod publish;
mod readers;
mod rows;
mod search;
mod shops;
mod spaces;
mod tokens;
mod vector_extension;
mod vectors;
mod writer;

pub use crate::store::publish::MergeStep;
pub use crate::store::search::LexicalCandidate;
pub use crate::store::search::LexicalMatch;
pub use crate::store::search::VectorCandidate;

use crate::store::chunk_counts::ChunkCounts;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::readers::Readers;
use crate::store::vectors::VectorIndexes;
use crate::store::writer::Writer;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;

/// A handle to the database, cheap to clone. One method is one transaction; a method that writes returns after its commit
/// has reached the disk.
#[derive(Clone)]
pub struct Store {
    writer: Arc<Writer>,
    readers: Arc<Readers>,
    vectors: Arc<VectorIndexes>,
    chunk_counts: Arc<ChunkCounts>,
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
        vector_extension::register();
        let mut conn = connection::open_writer(path)?;
        migrations::migrate(&mut conn, path)?;
        connection::recover(&mut conn)?;
        Ok(Store {
            writer: Arc::new(Writer::start(conn)?),
            readers: Arc::new(Readers::new(path)),
            vectors: Arc::default(),
            chunk_counts: Arc::default(),
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
        self.writer.run(change).await
    }

    /// Runs `query` on a read-only connection, in one snapshot.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.readers.run(query).await
    }
}
