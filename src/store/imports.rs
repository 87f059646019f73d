//! The journal of imports.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::import::Import;
use crate::domain::import::ImportCounts;
use crate::domain::import::ImportMode;
use crate::domain::import::ImportStatus;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::optional_timestamp;
use crate::store::rows::parsed;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::params;

impl Store {
    /// Notes that an import has begun. Conflict while another import of the shop runs.
    pub async fn begin_import(&self, shop: ShopId, mode: ImportMode, now: Timestamp) -> StoreResult<ImportId> {
        let mode = match mode {
            ImportMode::Merge => "merge",
            ImportMode::Replace => "replace",
        };
        self.write(move |conn| {
            require_shop(conn, shop)?;
            let inserted = conn.execute(
                "insert into imports (shop_id, status, mode, started_at) values (?1, 'running', ?2, ?3)",
                params![shop.0, mode, stamp(now)],
            );
            match inserted.map_err(StoreError::from) {
                Ok(_) => Ok(ImportId(conn.last_insert_rowid())),
                Err(StoreError::Conflict(_)) => Err(StoreError::Conflict("import_running")),
                Err(other) => Err(other),
            }
        })
        .await
    }

    /// Fails what the journal still calls running. For a caller who knows that nothing runs.
    pub async fn abandon_imports(&self, shop: ShopId, now: Timestamp) -> StoreResult<()> {
        self.write(move |conn| {
            conn.execute(
                "update documents set state = 'retired' where shop_id = ?1 and state = 'staged'",
                [shop.0],
            )?;
            conn.execute(
                "update imports set status = 'failed', error = 'it ended without a word', finished_at = ?2
                 where shop_id = ?1 and status = 'running'",
                params![shop.0, stamp(now)],
            )?;
            Ok(())
        })
        .await
    }

    /// Ends an import that failed; what it staged is swept later and was never visible.
    pub async fn fail_import(&self, shop: ShopId, import: ImportId, error: String, now: Timestamp) -> StoreResult<()> {
        self.write(move |conn| {
            conn.execute(
                "update documents set state = 'retired' where shop_id = ?1 and state = 'staged' and import_id = ?2",
                params![shop.0, import.0],
            )?;
            conn.execute(
                "update imports set status = 'failed', error = ?3, finished_at = ?4
                 where shop_id = ?1 and id = ?2 and status = 'running'",
                params![shop.0, import.0, error, stamp(now)],
            )?;
            Ok(())
        })
        .await
    }

    /// The shop's imports, newest first, at most `limit`.
    pub async fn list_imports(&self, shop: ShopId, limit: usize) -> StoreResult<Vec<Import>> {
        self.read(move |conn| {
            require_shop(conn, shop)?;
            let mut statement = conn.prepare_cached(
                "select id, status, started_at, finished_at, added, changed, unchanged, removed, error
                 from imports where shop_id = ?1 order by id desc limit ?2",
            )?;
            let imports = statement.query_map(params![shop.0, i64::try_from(limit).unwrap_or(i64::MAX)], import)?;
            Ok(imports.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn import(row: &Row<'_>) -> rusqlite::Result<Import> {
    let statuses = [ImportStatus::Running, ImportStatus::Done, ImportStatus::Failed];
    Ok(Import {
        id: ImportId(row.get(0)?),
        status: parsed(row, 1, |name| statuses.into_iter().find(|status| status.name() == name))?,
        started_at: timestamp(row, 2)?,
        finished_at: optional_timestamp(row, 3)?,
        counts: ImportCounts {
            added: count(row, 4)?,
            changed: count(row, 5)?,
            unchanged: count(row, 6)?,
            removed: count(row, 7)?,
        },
        error: row.get(8)?,
    })
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<usize> {
    row.get::<_, u32>(column).map(|count| count as usize)
}
