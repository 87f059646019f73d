//! Making an import visible in one step, and sweeping what it replaced.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::id::SpaceId;
use crate::domain::import::ImportCounts;
use crate::domain::knowledge::SourceKey;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::imports::source_of;
use crate::store::reindex::spaces;
use crate::store::rows::stamp;
use crate::store::shops::changed_one;
use crate::store::spaces::UNITS_PER_CHUNK;
use crate::store::spaces::vector_table;
use crate::store::versions::note_version;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

impl Store {
    /// Makes all that the import staged visible, retires what it replaces and what `removed` names among the documents of its
    /// source, and closes the import: all in one transaction, so that a search finds the old knowledge or the new, never a
    /// mixture. What is retired is kept as long as a version that can be restored has it.
    pub async fn publish_import(
        &self,
        shop: ShopId,
        import: ImportId,
        removed: Vec<SourceKey>,
        counts: ImportCounts,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.write_much(move |conn| {
            let source = source_of(conn, shop, import)?;
            let replaced = retire_replaced(conn, source, import)?;
            let gone = retire_removed(conn, source, import, &removed)?;
            let new = show_staged(conn, shop, import)?;
            close_import(conn, shop, import, counts, now)?;
            if replaced + gone + new > 0 {
                note_version(conn, shop, source, import)?;
            }
            note_change(conn, shop)
        })
        .await
    }

    /// Deletes up to `limit` retired documents of the shop that no version keeps, with all their rows. Returns how many there
    /// were.
    pub async fn sweep_retired(&self, shop: ShopId, limit: u32) -> StoreResult<usize> {
        self.write_unseen(move |conn| {
            let mut statement = conn.prepare_cached(
                "select id from documents where shop_id = ?1 and state = 'retired' and not kept order by id limit ?2",
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

/// Visible documents of the source that the import has staged anew.
fn retire_replaced(conn: &Connection, source: SourceId, import: ImportId) -> StoreResult<usize> {
    let replaced = ids(
        conn,
        "select id from documents where source = ?1 and state = 'live' and exists (
             select 1 from documents n where n.import_id = ?2 and n.state = 'staged'
                 and n.source_type = documents.source_type and n.source_id = documents.source_id) order by id",
        [source.0, import.0],
    )?;
    let mut retire =
        conn.prepare("update documents set state = 'retired', kept = 1, ended_version = ?2 where id = ?1")?;
    for id in &replaced {
        retire.execute([*id, import.0])?;
    }
    Ok(replaced.len())
}

fn show_staged(conn: &Connection, shop: ShopId, import: ImportId) -> StoreResult<usize> {
    let sql = "select id from documents where shop_id = ?1 and import_id = ?2 and state = 'staged' order by id";
    let staged = ids(conn, sql, [shop.0, import.0])?;
    let mut show = conn.prepare("update documents set state = 'live' where id = ?1")?;
    for id in &staged {
        show.execute([*id])?;
    }
    Ok(staged.len())
}

/// Documents that are changed one by one: a statement that changes many keeps the pages of all in memory until its end, so that it
/// can take back what it did, and half a million documents are 330 MB of pages.
fn ids(conn: &Connection, sql: &str, values: [i64; 2]) -> StoreResult<Vec<i64>> {
    let mut statement = conn.prepare(sql)?;
    let ids = statement.query_map(values, |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn retire_removed(conn: &Connection, source: SourceId, import: ImportId, removed: &[SourceKey]) -> StoreResult<usize> {
    let mut retire = conn.prepare(
        "update documents set state = 'retired', kept = 1, ended_version = ?2
         where source = ?1 and state = 'live' and source_type = ?3 and source_id = ?4",
    )?;
    let mut count = 0;
    for key in removed {
        count += retire.execute(params![source.0, import.0, key.source_type.name(), key.source_id])?;
    }
    Ok(count)
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
