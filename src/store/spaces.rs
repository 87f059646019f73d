//! Embedding spaces, each with a vector table of its own that is made when the space is first used.

use crate::domain::embedding::Embedding;
use crate::domain::embedding::EmbeddingSpace;
use crate::domain::embedding::SpaceKey;
use crate::domain::id::ChunkId;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::optional;
use crate::store::rows::stamp;
use crate::store::vectors::quantized::quantized;
use crate::store::vectors::quantized::to_bytes;
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

/// Adds a chunk's vectors to the space and returns how many there are. A vector of zeros has no direction: its distance would be
/// null for every question, so that it is left out.
pub(super) fn insert_vectors(
    conn: &Connection,
    shop: ShopId,
    space: SpaceId,
    chunk: ChunkId,
    embeddings: &[Embedding],
) -> StoreResult<i64> {
    let has_direction = |embedding: &&Embedding| embedding.iter().any(|value| *value != 0.0);
    let embeddings: Vec<&Embedding> = embeddings.iter().filter(has_direction).collect();
    let units = i64::try_from(embeddings.len()).map_err(StoreError::internal)?;
    if units > UNITS_PER_CHUNK {
        return Err(StoreError::Internal(format!(
            "a chunk has {units} embeddings; at most {UNITS_PER_CHUNK} fit"
        )));
    }
    let mut insert = conn.prepare_cached(&format!(
        "insert into {} (id, shop_id, embedding) values (?1, ?2, ?3)",
        vector_table(space)
    ))?;
    for (unit, embedding) in (0..).zip(embeddings) {
        insert.execute(params![
            chunk.0 * UNITS_PER_CHUNK + unit,
            shop.0,
            to_bytes(&quantized(embedding))
        ])?;
    }
    Ok(units)
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
