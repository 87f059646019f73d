//! The journal of imports: how one begins, goes on and ends. What it did stands in `journal`.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::import::ImportMode;
use crate::domain::import::ImportProblem;
use crate::domain::import::NewImport;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::to_json;
use crate::store::sources::api_source;
use crate::store::sources::require_source;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

impl Store {
    /// Notes that an import of what was sent to the API has begun. Conflict while another import of the shop runs.
    pub async fn begin_import(&self, shop: ShopId, mode: ImportMode, now: Timestamp) -> StoreResult<ImportId> {
        self.write(move |conn| {
            require_shop(conn, shop)?;
            let source = api_source(conn, shop, now)?;
            let import = NewImport {
                mode,
                actor: "api".to_owned(),
                origin: String::new(),
                is_preview: false,
                is_resumable: false,
            };
            insert_import(conn, shop, source, &import, "running", now)
        })
        .await
    }

    /// Notes that an import of a source is to be made. One of the source that waits for somebody's yes is cancelled: this one knows
    /// better. Conflict while another import of the source is queued or runs.
    pub async fn queue_import(
        &self,
        shop: ShopId,
        source: SourceId,
        import: NewImport,
        now: Timestamp,
    ) -> StoreResult<ImportId> {
        self.write(move |conn| {
            require_source(conn, shop, source)?;
            supersede_waiting(conn, source, now)?;
            insert_import(conn, shop, source, &import, "queued", now)
        })
        .await
    }

    /// Notes that the import's files are all on the disk: it goes on after a restart.
    pub async fn make_resumable(&self, shop: ShopId, import: ImportId) -> StoreResult<()> {
        self.move_import(shop, import, "queued", "is_resumable = 1").await
    }

    /// The import takes the shop's turn. Conflict while another import of the shop runs, or when it was cancelled.
    pub async fn start_import(&self, shop: ShopId, import: ImportId) -> StoreResult<()> {
        self.move_import(shop, import, "queued", "status = 'running'").await
    }

    /// The import waits for somebody's yes.
    pub async fn hold_import(&self, shop: ShopId, import: ImportId) -> StoreResult<()> {
        self.move_import(shop, import, "running", "status = 'waiting'").await
    }

    /// Somebody says yes: the import is queued again. Conflict unless it waits, or while another of its source is at work.
    pub async fn approve_import(&self, shop: ShopId, import: ImportId) -> StoreResult<()> {
        self.move_import(shop, import, "waiting", "status = 'queued', is_approved = 1")
            .await
    }

    /// `change` is a constant of this module.
    async fn move_import(
        &self,
        shop: ShopId,
        import: ImportId,
        from: &'static str,
        change: &'static str,
    ) -> StoreResult<()> {
        self.write(move |conn| {
            require_import(conn, shop, import)?;
            let sql = format!("update imports set {change} where shop_id = ?1 and id = ?2 and status = ?3");
            match running(conn.execute(&sql, params![shop.0, import.0, from]))? {
                0 => Err(StoreError::Conflict("import_ended")),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Ends an import that is queued, runs or waits; what it staged was never visible. One that has ended stays as it is.
    pub async fn cancel_import(&self, shop: ShopId, import: ImportId, now: Timestamp) -> StoreResult<()> {
        self.write(move |conn| {
            require_import(conn, shop, import)?;
            conn.execute(
                "update imports set status = 'cancelled', finished_at = ?3
                 where shop_id = ?1 and id = ?2 and status in ('queued', 'running', 'waiting')",
                params![shop.0, import.0, stamp(now)],
            )?;
            // Also of one that has ended: a batch may have come after the end.
            retire_staged(conn, shop, import)
        })
        .await
    }

    /// Ends an import that has nothing to change, or only tells what it would.
    pub async fn finish_import(&self, shop: ShopId, import: ImportId, now: Timestamp) -> StoreResult<()> {
        self.write(move |conn| {
            let sql = "update imports set status = 'done', finished_at = ?3
                 where shop_id = ?1 and id = ?2 and status in ('queued', 'running')";
            match conn.execute(sql, params![shop.0, import.0, stamp(now)])? {
                0 => Err(StoreError::Conflict("import_ended")),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Fails what the journal still calls running. For a caller who knows that nothing runs.
    pub async fn abandon_imports(&self, shop: ShopId, now: Timestamp) -> StoreResult<()> {
        self.write(move |conn| {
            conn.execute(
                "update imports set status = 'failed', error = 'it ended without a word', finished_at = ?2
                 where shop_id = ?1 and status = 'running'",
                params![shop.0, stamp(now)],
            )?;
            conn.execute(
                "update documents set state = 'retired' where shop_id = ?1 and state = 'staged'
                     and import_id not in (select id from imports where shop_id = ?1 and status = 'queued')",
                [shop.0],
            )?;
            Ok(())
        })
        .await
    }

    /// Ends an import that failed; what it staged is swept later and was never visible.
    pub async fn fail_import(&self, shop: ShopId, import: ImportId, error: String, now: Timestamp) -> StoreResult<()> {
        self.write(move |conn| end_badly(conn, shop, import, &error, None, now))
            .await
    }

    /// Ends an import whose files were refused; the same otherwise.
    pub async fn refuse_import(
        &self,
        shop: ShopId,
        import: ImportId,
        refusal: ImportProblem,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.write(move |conn| {
            let error = format!("refused: {}", refusal.key);
            end_badly(conn, shop, import, &error, Some(&to_json(&refusal)?), now)
        })
        .await
    }

    /// Lets go of what an import has staged: its ids are below those of documents that became visible meanwhile, and a reindex goes
    /// by ids. Returns whether that was so.
    pub async fn drop_outrun_stage(&self, shop: ShopId, import: ImportId) -> StoreResult<bool> {
        self.write(move |conn| {
            let sql = "select exists (select 1 from documents where shop_id = ?1 and state = 'live' and id >
                 (select min(id) from documents where import_id = ?2 and state = 'staged'))";
            let is_outrun: bool = conn.query_row(sql, [shop.0, import.0], |row| row.get(0))?;
            if is_outrun {
                retire_staged(conn, shop, import)?;
            }
            Ok(is_outrun)
        })
        .await
    }
}

fn insert_import(
    conn: &Connection,
    shop: ShopId,
    source: SourceId,
    import: &NewImport,
    status: &str,
    now: Timestamp,
) -> StoreResult<ImportId> {
    let inserted = conn.execute(
        "insert into imports (shop_id, source, status, mode, actor, origin, is_preview, is_resumable, started_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            shop.0,
            source.0,
            status,
            import.mode.name(),
            import.actor,
            import.origin,
            import.is_preview,
            import.is_resumable,
            stamp(now)
        ],
    );
    running(inserted)?;
    Ok(ImportId(conn.last_insert_rowid()))
}

/// A second import that is at work is the only duplicate that there can be.
fn running(result: rusqlite::Result<usize>) -> StoreResult<usize> {
    match result.map_err(StoreError::from) {
        Err(StoreError::Conflict(_)) => Err(StoreError::Conflict("import_running")),
        other => other,
    }
}

/// Cancels what waits for somebody's yes: its plan was made from what is visible no more.
pub(super) fn supersede_waiting(conn: &Connection, source: SourceId, now: Timestamp) -> StoreResult<()> {
    conn.execute(
        "update imports set status = 'cancelled', error = 'something newer came', finished_at = ?2
         where source = ?1 and status = 'waiting'",
        params![source.0, stamp(now)],
    )?;
    Ok(())
}

fn end_badly(
    conn: &Connection,
    shop: ShopId,
    import: ImportId,
    error: &str,
    refusal: Option<&str>,
    now: Timestamp,
) -> StoreResult<()> {
    retire_staged(conn, shop, import)?;
    conn.execute(
        "update imports set status = 'failed', error = ?3, refusal = ?4, finished_at = ?5
         where shop_id = ?1 and id = ?2 and status in ('queued', 'running')",
        params![shop.0, import.0, error, refusal, stamp(now)],
    )?;
    Ok(())
}

fn retire_staged(conn: &Connection, shop: ShopId, import: ImportId) -> StoreResult<()> {
    conn.execute(
        "update documents set state = 'retired' where shop_id = ?1 and state = 'staged' and import_id = ?2",
        params![shop.0, import.0],
    )?;
    Ok(())
}

fn require_import(conn: &Connection, shop: ShopId, import: ImportId) -> StoreResult<()> {
    conn.prepare_cached("select 1 from imports where shop_id = ?1 and id = ?2")?
        .query_row([shop.0, import.0], |_| Ok(()))?;
    Ok(())
}

/// The source that an import belongs to. Not found when either is gone.
pub(super) fn source_of(conn: &Connection, shop: ShopId, import: ImportId) -> StoreResult<SourceId> {
    let sql = "select source from imports where shop_id = ?1 and id = ?2 and source is not null";
    Ok(conn
        .prepare_cached(sql)?
        .query_row([shop.0, import.0], |row| row.get(0).map(SourceId))?)
}
