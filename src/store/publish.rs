//! Making an import visible in one step, and sweeping what it replaced.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::domain::import::ImportCounts;
use crate::domain::knowledge::SourceKey;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::reindex::spaces;
use crate::store::rows::stamp;
use crate::store::shops::changed_one;
use crate::store::spaces::UNITS_PER_CHUNK;
use crate::store::spaces::vector_table;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

impl Store {
    /// Makes all that the import staged visible, retires what it replaces and what `removed` names, and closes the import:
    /// all in one transaction, so that a search finds the old knowledge or the new, never a mixture.
    pub async fn publish_import(
        &self,
        shop: ShopId,
        import: ImportId,
        removed: Vec<SourceKey>,
        counts: ImportCounts,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.write(move |conn| {
            let mut retire = conn.prepare(
                "update documents set state = 'retired'
                 where shop_id = ?1 and source_type = ?2 and source_id = ?3 and state = 'live'",
            )?;
            let mut staged = conn.prepare(
                "select id, source_type, source_id from documents
                 where shop_id = ?1 and state = 'staged' and import_id = ?2 order by id",
            )?;
            let staged = staged
                .query_map([shop.0, import.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<Result<Vec<(i64, String, String)>, _>>()?;
            let removed = removed
                .iter()
                .map(|key| (key.source_type.name(), key.source_id.as_str()));
            let replaced = staged
                .iter()
                .map(|(_, source_type, source_id)| (source_type.as_str(), source_id.as_str()));
            for (source_type, source_id) in removed.chain(replaced) {
                retire.execute(params![shop.0, source_type, source_id])?;
            }
            for (document_id, _, _) in &staged {
                conn.prepare_cached("update documents set state = 'live' where id = ?1")?
                    .execute([document_id])?;
            }
            note_change(conn, shop)?;
            close_import(conn, shop, import, counts, now)
        })
        .await
    }

    /// Deletes up to `limit` retired documents of the shop with all their rows. Returns how many there were.
    pub async fn sweep_retired(&self, shop: ShopId, limit: u32) -> StoreResult<usize> {
        self.write_unseen(move |conn| {
            let mut statement = conn.prepare_cached(
                "select id from documents where shop_id = ?1 and state = 'retired' order by id limit ?2",
            )?;
            let ids = statement.query_map(params![shop.0, limit], |row| row.get::<_, i64>(0))?;
            let ids = ids.collect::<Result<Vec<_>, _>>()?;
            for id in &ids {
                delete_document(conn, *id)?;
            }
            Ok(ids.len())
        })
        .await
    }
}

/// Whatever changes what searches find, notes it in the same transaction: indexes in memory go by it.
pub(super) fn note_change(conn: &Connection, shop: ShopId) -> StoreResult<()> {
    let sql = "update shops set knowledge_version = knowledge_version + 1 where id = ?1";
    changed_one(conn.prepare_cached(sql)?.execute([shop.0])?)
}

fn close_import(
    conn: &Connection,
    shop: ShopId,
    import: ImportId,
    counts: ImportCounts,
    now: Timestamp,
) -> StoreResult<()> {
    let [added, changed, unchanged, removed] = [counts.added, counts.changed, counts.unchanged, counts.removed]
        .map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    changed_one(conn.execute(
        "update imports set status = 'done', finished_at = ?3, added = ?4, changed = ?5, unchanged = ?6, removed = ?7
         where shop_id = ?1 and id = ?2 and status = 'running'",
        params![shop.0, import.0, stamp(now), added, changed, unchanged, removed],
    )?)
}

fn delete_document(conn: &Connection, id: i64) -> StoreResult<()> {
    let mut statement = conn.prepare_cached("select id from knowledge_chunks where document_id = ?1")?;
    let chunks = statement.query_map([id], |row| row.get(0))?;
    for chunk in chunks.collect::<Result<Vec<_>, _>>()? {
        delete_all_vectors(conn, chunk)?;
    }
    conn.prepare_cached("delete from documents where id = ?1")?
        .execute([id])?;
    Ok(())
}

/// The chunk's vectors in every space: a reindex fills one beside another.
pub(super) fn delete_all_vectors(conn: &Connection, chunk: i64) -> StoreResult<()> {
    spaces(conn)?
        .into_iter()
        .try_for_each(|space| delete_vectors(conn, chunk, space))
}

/// The chunk's vectors in one space, which lie in one run.
pub(super) fn delete_vectors(conn: &Connection, chunk: i64, space: SpaceId) -> StoreResult<()> {
    let first = chunk * UNITS_PER_CHUNK;
    let table = vector_table(space);
    conn.prepare_cached(&format!("delete from {table} where id >= ?1 and id < ?2"))?
        .execute([first, first + UNITS_PER_CHUNK])?;
    Ok(())
}
