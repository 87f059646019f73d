//! Embedding spaces, each with a vector table of its own that is made when the space is first used.

use crate::domain::embedding::EmbeddingSpace;
use crate::domain::embedding::SpaceKey;
use crate::domain::id::SpaceId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::optional;
use crate::store::rows::stamp;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

/// A vector is visible when its document is; it is stored as `vectors::quantized` writes it.
/// A chunk owns this many consecutive rows of a vector table: row = chunk id * this + unit. Embeddings beyond it are refused.
pub(super) const UNITS_PER_CHUNK: i64 = 256;

impl Store {
    /// The space of this model, made with its vector table when it is new.
    pub async fn ensure_space(&self, key: SpaceKey, now: Timestamp) -> StoreResult<EmbeddingSpace> {
        self.write(move |conn| {
            if let Some(id) = find_space(conn, &key)? {
                return Ok(EmbeddingSpace { id, key });
            }
            conn.execute(
                "insert into embedding_spaces (model, revision, dimensions, created_at) values (?1, ?2, ?3, ?4)",
                params![key.model, key.revision, dimensions(&key)?, stamp(now)],
            )?;
            let id = SpaceId(conn.last_insert_rowid());
            conn.execute_batch(&format!(
                "create table {} (id integer primary key, shop_id integer not null, embedding blob not null) strict",
                vector_table(id)
            ))?;
            Ok(EmbeddingSpace { id, key })
        })
        .await
    }
}

/// Names are made from numbers only, never from outside text.
pub(super) fn vector_table(space: SpaceId) -> String {
    format!("chunk_vectors_{}", space.0)
}

fn find_space(conn: &Connection, key: &SpaceKey) -> StoreResult<Option<SpaceId>> {
    optional(conn.query_row(
        "select id from embedding_spaces where model = ?1 and revision = ?2 and dimensions = ?3",
        params![key.model, key.revision, dimensions(key)?],
        |row| row.get(0).map(SpaceId),
    ))
}

fn dimensions(key: &SpaceKey) -> StoreResult<i64> {
    i64::try_from(key.dimensions).map_err(StoreError::internal)
}
