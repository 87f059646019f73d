//! Versions of a source: each import that changed something is one. A document lives from the import that brought it until before
//! the one that replaced or removed it, so that the knowledge of a version is a range of ids and can be made visible again without
//! reading or embedding anything.
//!
//! History is a line. What was undone can be redone until another import comes; then it is discarded.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::import::ImportCounts;
use crate::domain::import::ImportKind;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::imports::supersede_waiting;
use crate::store::journal::number;
use crate::store::publish::note_change;
use crate::store::rows::optional;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::shops::settings_of;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

/// What undo and redo move between.
struct History {
    current: i64,
    oldest: i64,
}

impl Store {
    /// Makes the version before the visible one visible again, or the one after it, in one transaction, and notes it in the
    /// journal. Conflict when there is none, or while an import of the source is at work.
    pub async fn restore_version(
        &self,
        shop: ShopId,
        source: SourceId,
        kind: ImportKind,
        actor: String,
        now: Timestamp,
    ) -> StoreResult<ImportId> {
        self.write_much(move |conn| {
            require_shop(conn, shop)?;
            let history = history(conn, shop, source)?;
            let busy = "select exists (select 1 from imports where source = ?1 and status in ('queued', 'running'))";
            if conn.query_row(busy, [source.0], |row| row.get(0))? {
                return Err(StoreError::Conflict("import_running"));
            }
            let target = match kind {
                ImportKind::Undo => earlier(conn, source, &history)?.ok_or(StoreError::Conflict("nothing_to_undo"))?,
                ImportKind::Redo => later(conn, source, &history)?.ok_or(StoreError::Conflict("nothing_to_redo"))?,
                ImportKind::Import => return Err(StoreError::internal("an import restores nothing")),
            };
            supersede_waiting(conn, source, now)?;
            let counts = make_visible(conn, source, target)?;
            conn.execute("update sources set current_version = ?2 where id = ?1", [source.0, target])?;
            note_change(conn, shop)?;
            let [added, changed, unchanged, removed] =
                [counts.added, counts.changed, counts.unchanged, counts.removed].map(number);
            conn.execute(
                "insert into imports (shop_id, source, kind, status, mode, actor, restored_version, started_at, finished_at,
                     added, changed, unchanged, removed)
                 values (?1, ?2, ?3, 'done', 'replace', ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10)",
                params![
                    shop.0,
                    source.0,
                    kind.name(),
                    actor,
                    target,
                    stamp(now),
                    added,
                    changed,
                    unchanged,
                    removed
                ],
            )?;
            Ok(ImportId(conn.last_insert_rowid()))
        })
        .await
    }

    /// Which versions undo and redo would restore; 0 stands for the empty knowledge before the first.
    pub async fn restorable_versions(
        &self,
        shop: ShopId,
        source: SourceId,
    ) -> StoreResult<(Option<ImportId>, Option<ImportId>)> {
        self.read(move |conn| {
            let history = history(conn, shop, source)?;
            let undo = earlier(conn, source, &history)?.map(ImportId);
            let redo = later(conn, source, &history)?.map(ImportId);
            Ok((undo, redo))
        })
        .await
    }
}

/// Makes an import that has just become visible the source's version: what was undone before it is discarded, and what is older
/// than the shop keeps is let go.
pub(super) fn note_version(conn: &Connection, shop: ShopId, source: SourceId, import: ImportId) -> StoreResult<()> {
    let history = history(conn, shop, source)?;
    discard_after(conn, source, history.current, import)?;
    conn.execute("update imports set is_version = 1 where id = ?1", [import.0])?;
    conn.execute(
        "update sources set current_version = ?2 where id = ?1",
        [source.0, import.0],
    )?;
    let kept = settings_of(conn, shop)?.kept_versions;
    let sql = "select id from imports where source = ?1 and is_version and not is_discarded order by id desc limit 1 offset ?2";
    let nth = conn.query_row(sql, params![source.0, number(kept)], |row| row.get::<_, i64>(0));
    let oldest = optional(nth)?.unwrap_or(0).max(history.oldest);
    conn.execute(
        "update sources set oldest_version = ?2 where id = ?1",
        [source.0, oldest],
    )?;
    conn.execute(
        "update documents set kept = 0 where source = ?1 and state = 'retired' and kept and ended_version <= ?2",
        [source.0, oldest],
    )?;
    Ok(())
}

/// Versions after `current` were undone, and `new` takes their place.
fn discard_after(conn: &Connection, source: SourceId, current: i64, new: ImportId) -> StoreResult<()> {
    conn.execute(
        "update imports set is_discarded = 1 where source = ?1 and is_version and id > ?2 and id < ?3",
        params![source.0, current, new.0],
    )?;
    conn.execute(
        "update documents set kept = 0 where source = ?1 and state = 'retired' and import_id > ?2 and import_id < ?3",
        params![source.0, current, new.0],
    )?;
    // What a discarded version had ended lives on.
    conn.execute(
        "update documents set ended_version = null
         where source = ?1 and state = 'live' and ended_version > ?2 and ended_version < ?3",
        params![source.0, current, new.0],
    )?;
    Ok(())
}

fn history(conn: &Connection, shop: ShopId, source: SourceId) -> StoreResult<History> {
    let sql = "select current_version, oldest_version from sources where shop_id = ?1 and id = ?2";
    Ok(conn.prepare_cached(sql)?.query_row([shop.0, source.0], |row| {
        Ok(History {
            current: row.get(0)?,
            oldest: row.get(1)?,
        })
    })?)
}

fn earlier(conn: &Connection, source: SourceId, history: &History) -> StoreResult<Option<i64>> {
    if history.current <= history.oldest {
        return Ok(None);
    }
    let sql =
        "select max(id) from imports where source = ?1 and is_version and not is_discarded and id < ?2 and id >= ?3";
    let version: Option<i64> = conn
        .prepare_cached(sql)?
        .query_row([source.0, history.current, history.oldest], |row| row.get(0))?;
    Ok(version.or((history.oldest == 0).then_some(0)))
}

fn later(conn: &Connection, source: SourceId, history: &History) -> StoreResult<Option<i64>> {
    let sql = "select min(id) from imports where source = ?1 and is_version and not is_discarded and id > ?2";
    Ok(conn
        .prepare_cached(sql)?
        .query_row([source.0, history.current], |row| row.get(0))?)
}

/// The documents of `version` become visible and all others of the source do not. Counted against what was visible.
fn make_visible(conn: &Connection, source: SourceId, version: i64) -> StoreResult<ImportCounts> {
    let is_in =
        |name: &str| format!("{name}.import_id <= ?2 and ({name}.ended_version is null or {name}.ended_version > ?2)");
    let count = |sql: &str| -> StoreResult<usize> {
        let count: i64 = conn.query_row(sql, [source.0, version], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    };
    let changed = count(&format!(
        "select count(*) from documents h join documents r on r.source = h.source and r.state = 'retired' and r.kept
             and r.source_type = h.source_type and r.source_id = h.source_id and {}
         where h.source = ?1 and h.state = 'live' and not ({})",
        is_in("r"),
        is_in("h")
    ))?;
    let hidden = conn.execute(
        &format!(
            "update documents as h set state = 'retired', kept = 1 where h.source = ?1 and h.state = 'live' and not ({})",
            is_in("h")
        ),
        [source.0, version],
    )?;
    let returned = conn.execute(
        &format!(
            "update documents as r set state = 'live', kept = 0
             where r.source = ?1 and r.state = 'retired' and r.kept and {}",
            is_in("r")
        ),
        [source.0, version],
    )?;
    let visible = count("select count(*) from documents where source = ?1 and state = 'live' and ?2 = ?2")?;
    Ok(ImportCounts {
        added: returned.saturating_sub(changed),
        changed,
        unchanged: visible.saturating_sub(returned),
        removed: hidden.saturating_sub(changed),
    })
}
