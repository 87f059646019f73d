//! Filling a shop's new embedding space beside the one that answers, and switching to it in one transaction.
//!
//! Visible documents are done, and those of versions that can be restored: a version may be restored meanwhile or later.
//! Documents are done in order of their ids. An import stages documents with ids above all that are visible, so that what it
//! publishes meanwhile lies ahead of the cursor.

use crate::domain::embedding::AssignedModel;
use crate::domain::id::ChunkId;
use crate::domain::id::JobId;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::domain::knowledge::Chunk;
use crate::domain::knowledge::ChunkEmbeddings;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::jobs::ReindexRow;
use crate::store::jobs::running_reindex;
use crate::store::models::assignment;
use crate::store::models::write_assignment;
use crate::store::publish::delete_vectors;
use crate::store::publish::note_change;
use crate::store::rows::document;
use crate::store::rows::document_columns;
use crate::store::rows::place;
use crate::store::rows::stamp;
use crate::store::rows::to_json;
use crate::store::spaces::UNITS_PER_CHUNK;
use crate::store::spaces::insert_vectors;
use crate::store::spaces::vector_table;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

/// What became of an attempt to switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchOutcome {
    /// The new space answers, and the job is done.
    Switched,
    /// An import runs that began with the old space; try again when it has ended.
    ImportRunning,
    /// Documents became visible that have no vectors in the new space yet.
    DocumentsLeft,
}

impl Store {
    /// Counts what the job has to do and notes the space that it fills. A job that filled another space before, because the
    /// model's files have changed, begins anew. Returns the cursor: the id up to which all documents are done.
    pub async fn begin_reindex(&self, job: JobId, shop: ShopId, space: SpaceId, now: Timestamp) -> StoreResult<i64> {
        self.write(move |conn| {
            let mut row = running_reindex(conn, job)?;
            if row.space != Some(space.0) {
                row.space = Some(space.0);
                row.cursor = 0;
            }
            let counted = "select count(*), coalesce(sum(id <= ?3), 0) from documents
                 where shop_id = ?1 and (state = 'live' or kept) and space_id <> ?2";
            let (total, done): (i64, i64) = conn.query_row(counted, params![shop.0, space.0, row.cursor], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
            conn.execute(
                "update jobs set payload = ?2, total_units = ?3, done_units = ?4, updated_at = ?5 where id = ?1",
                params![job.0, to_json(&row)?, total, done, stamp(now)],
            )?;
            if let Some(mut assigned) = assignment(conn, shop)? {
                assigned.has_strays = true;
                write_assignment(conn, shop, &assigned)?;
            }
            Ok(row.cursor)
        })
        .await
    }

    /// The chunks of the next `limit` visible or restorable documents after `cursor` that are not in `space`, by document and position.
    pub async fn chunks_to_embed(
        &self,
        shop: ShopId,
        space: SpaceId,
        cursor: i64,
        limit: u32,
    ) -> StoreResult<Vec<(Chunk, usize)>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(concat!(
                "select ",
                document_columns!(),
                ", c.id, c.text, c.position, c.place from (
                     select * from documents
                     where shop_id = ?1 and (state = 'live' or kept) and space_id <> ?2 and id > ?3
                     order by id limit ?4) d
                 join knowledge_chunks c on c.document_id = d.id order by d.id, c.position"
            ))?;
            let chunks = statement.query_map(params![shop.0, space.0, cursor, limit], |row| {
                let chunk = Chunk {
                    document: document(row, 0)?,
                    id: ChunkId(row.get(6)?),
                    text: row.get(7)?,
                    place: place(row, 9)?,
                };
                Ok((chunk, row.get::<_, u32>(8)? as usize))
            })?;
            Ok(chunks.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Stores the vectors of `documents` documents in the job's space, in place of what an earlier attempt left there, and moves
    /// its cursor to `cursor`; all or nothing. Chunks that are gone are passed over. Conflict when the job was cancelled.
    pub async fn store_reindexed(
        &self,
        job: JobId,
        shop: ShopId,
        chunks: Vec<ChunkEmbeddings>,
        (cursor, documents): (i64, usize),
        (now, lease): (Timestamp, Timestamp),
    ) -> StoreResult<()> {
        self.write(move |conn| {
            let row = running_reindex(conn, job)?;
            let space = SpaceId(row.space.ok_or_else(|| StoreError::internal("the job has no space"))?);
            for chunk in &chunks {
                if has_chunk(conn, shop, chunk.chunk)? {
                    delete_vectors(conn, chunk.chunk.0, space)?;
                    insert_vectors(conn, shop, space, chunk.chunk, &chunk.embeddings)?;
                }
            }
            let documents = i64::try_from(documents).map_err(StoreError::internal)?;
            let payload = ReindexRow { cursor, ..row };
            conn.prepare_cached(
                "update jobs set payload = ?2, done_units = done_units + ?3,
                     total_units = max(total_units, done_units + ?3), attempts = 0,
                     lease_until = ?4, updated_at = ?5 where id = ?1",
            )?
            .execute(params![job.0, to_json(&payload)?, documents, stamp(lease), stamp(now)])?;
            Ok(())
        })
        .await
    }

    /// Makes the filled space the one that answers and closes the job, in one transaction, unless something is in the way.
    pub async fn switch_space(
        &self,
        job: JobId,
        shop: ShopId,
        model: AssignedModel,
        now: Timestamp,
    ) -> StoreResult<SwitchOutcome> {
        let outcome = self
            .write(move |conn| {
                let row = running_reindex(conn, job)?;
                let exists = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> StoreResult<bool> {
                    Ok(conn.query_row(&format!("select exists ({sql})"), values, |row| row.get(0))?)
                };
                if exists(
                    "select 1 from imports where shop_id = ?1 and status = 'running'",
                    params![shop.0],
                )? {
                    return Ok(SwitchOutcome::ImportRunning);
                }
                let space = model.space.id;
                if exists(
                    "select 1 from documents
                     where shop_id = ?1 and (state = 'live' or kept) and space_id <> ?2 and id > ?3",
                    params![shop.0, space.0, row.cursor],
                )? {
                    return Ok(SwitchOutcome::DocumentsLeft);
                }
                conn.execute(
                    "update documents set space_id = ?2
                     where shop_id = ?1 and (state = 'live' or kept) and space_id <> ?2",
                    params![shop.0, space.0],
                )?;
                let mut assigned = assignment(conn, shop)?.ok_or(StoreError::NotFound)?;
                assigned.model = model.source.to_string();
                assigned.space = space.0;
                assigned.has_strays = true;
                write_assignment(conn, shop, &assigned)?;
                note_change(conn, shop)?;
                conn.execute(
                    "update jobs set status = 'done', total_units = done_units, error = null, lease_until = null,
                         updated_at = ?2 where id = ?1",
                    params![job.0, stamp(now)],
                )?;
                Ok(SwitchOutcome::Switched)
            })
            .await?;
        if outcome == SwitchOutcome::Switched {
            // The old space's index is of no use any more.
            self.vectors.forget(|key| key.shop == shop);
        }
        Ok(outcome)
    }

    /// Deletes the vectors that the next `limit` chunks after `cursor` have outside of the shop's own space: what a switch left
    /// behind, or a reindex that ended midway. Returns the new cursor; `None` when all is clean or a job of the shop is at work.
    pub async fn sweep_stray_vectors(&self, shop: ShopId, cursor: i64, limit: u32) -> StoreResult<Option<i64>> {
        self.write(move |conn| {
            let Some(mut assigned) = assignment(conn, shop)?.filter(|row| row.has_strays) else {
                return Ok(None);
            };
            let busy = "select exists (select 1 from jobs where shop_id = ?1 and status in ('queued', 'running'))";
            if conn.query_row(busy, [shop.0], |row| row.get(0))? {
                return Ok(None);
            }
            let mut statement = conn.prepare_cached(
                "select c.id, d.space_id from knowledge_chunks c join documents d on d.id = c.document_id
                 where c.shop_id = ?1 and c.id > ?2 order by c.id limit ?3",
            )?;
            let chunks = statement
                .query_map(params![shop.0, cursor, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<Vec<(i64, i64)>, _>>()?;
            for (chunk, own) in &chunks {
                for space in spaces(conn)? {
                    if space.0 != *own {
                        delete_vectors(conn, *chunk, space)?;
                    }
                }
                note_embedding_count(conn, *chunk, SpaceId(*own))?;
            }
            let Some((last, _)) = chunks.last() else {
                assigned.has_strays = false;
                write_assignment(conn, shop, &assigned)?;
                return Ok(None);
            };
            Ok(Some(*last))
        })
        .await
    }
}

fn has_chunk(conn: &Connection, shop: ShopId, chunk: ChunkId) -> StoreResult<bool> {
    let sql = "select exists (select 1 from knowledge_chunks where id = ?1 and shop_id = ?2)";
    Ok(conn
        .prepare_cached(sql)?
        .query_row([chunk.0, shop.0], |row| row.get(0))?)
}

/// By id.
pub(super) fn spaces(conn: &Connection) -> StoreResult<Vec<SpaceId>> {
    let mut statement = conn.prepare_cached("select id from embedding_spaces order by id")?;
    let ids = statement.query_map([], |row| row.get(0).map(SpaceId))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn note_embedding_count(conn: &Connection, chunk: i64, space: SpaceId) -> StoreResult<()> {
    let first = chunk * UNITS_PER_CHUNK;
    conn.prepare_cached(&format!(
        "update knowledge_chunks set embedding_count =
             (select count(*) from {} where id >= ?2 and id < ?3) where id = ?1",
        vector_table(space)
    ))?
    .execute([chunk, first, first + UNITS_PER_CHUNK])?;
    Ok(())
}
