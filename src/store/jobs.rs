//! The table of jobs: one row for each piece of work that must survive the program's end.

use crate::domain::embedding::ModelSource;
use crate::domain::id::JobId;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::domain::job::Job;
use crate::domain::job::JobKind;
use crate::domain::job::JobStatus;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::json;
use crate::store::rows::optional;
use crate::store::rows::parsed;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use crate::store::rows::to_json;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::params;
use rusqlite::types::FromSqlError;
use serde::Deserialize;
use serde::Serialize;

const COLUMNS: &str = "id, shop_id, payload, status, done_units, total_units, attempts, error, created_at, updated_at";
/// A job that ended the program this often without getting on would end it again.
const MAX_ATTEMPTS: u32 = 5;

/// A reindex as `payload` holds it.
#[derive(Serialize, Deserialize)]
pub(super) struct ReindexRow {
    pub model: String,
    pub space: Option<i64>,
    pub cursor: i64,
}

impl Store {
    /// Queues a reindex of the shop to this model. Conflict while another job of the shop waits or runs.
    pub async fn insert_reindex_job(&self, shop: ShopId, model: ModelSource, now: Timestamp) -> StoreResult<Job> {
        self.write(move |conn| {
            require_shop(conn, shop)?;
            let busy = "select exists (select 1 from jobs where status in ('queued', 'running') and shop_id = ?1)";
            if conn.query_row(busy, [shop.0], |row| row.get(0))? {
                return Err(StoreError::Conflict("job_running"));
            }
            let payload = ReindexRow {
                model: model.to_string(),
                space: None,
                cursor: 0,
            };
            conn.execute(
                "insert into jobs (shop_id, kind, payload, status, created_at, updated_at)
                 values (?1, 'reindex', ?2, 'queued', ?3, ?3)",
                params![shop.0, to_json(&payload)?, stamp(now)],
            )?;
            job_row(conn, shop, conn.last_insert_rowid())
        })
        .await
    }

    /// Takes the oldest job that waits, or whose lease has run out, until `lease`. One that was taken too often without getting on
    /// fails instead.
    pub async fn claim_job(&self, now: Timestamp, lease: Timestamp) -> StoreResult<Option<Job>> {
        self.write(move |conn| {
            conn.execute(
                "update jobs set status = 'failed', error = 'it ended the program or its lease again and again',
                     lease_until = null, updated_at = ?1
                 where attempts >= ?2 and (status = 'queued' or status = 'running' and lease_until < ?1)",
                params![stamp(now), MAX_ATTEMPTS],
            )?;
            let oldest = "select id, shop_id from jobs
                 where status = 'queued' or status = 'running' and lease_until < ?1 order by id limit 1";
            let found = conn.query_row(oldest, [stamp(now)], |row| Ok((row.get(0)?, ShopId(row.get(1)?))));
            let Some((id, shop)) = optional(found)? else {
                return Ok(None);
            };
            conn.execute(
                "update jobs set status = 'running', attempts = attempts + 1, lease_until = ?2, updated_at = ?3
                 where id = ?1",
                params![id, stamp(lease), stamp(now)],
            )?;
            job_row(conn, shop, id).map(Some)
        })
        .await
    }

    /// Lets the job run on until `lease`. Conflict when it was cancelled.
    pub async fn renew_job(&self, job: JobId, lease: Timestamp) -> StoreResult<()> {
        self.write(move |conn| {
            let rows = conn.execute(
                "update jobs set lease_until = ?2 where id = ?1 and status = 'running'",
                params![job.0, stamp(lease)],
            )?;
            if rows == 0 {
                Err(StoreError::Conflict("job_ended"))
            } else {
                Ok(())
            }
        })
        .await
    }

    pub async fn job(&self, shop: ShopId, job: JobId) -> StoreResult<Job> {
        self.read(move |conn| job_row(conn, shop, job.0)).await
    }

    /// The shop's jobs, newest first, at most `limit`.
    pub async fn list_jobs(&self, shop: ShopId, limit: usize) -> StoreResult<Vec<Job>> {
        self.read(move |conn| {
            require_shop(conn, shop)?;
            let sql = format!("select {COLUMNS} from jobs where shop_id = ?1 order by id desc limit ?2");
            let mut statement = conn.prepare_cached(&sql)?;
            let jobs = statement.query_map(params![shop.0, i64::try_from(limit).unwrap_or(i64::MAX)], job)?;
            Ok(jobs.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Whether a job of any shop waits or runs that changes the shop to this model.
    pub async fn has_job_to(&self, model: ModelSource) -> StoreResult<bool> {
        self.read(move |conn| {
            let sql =
                "select exists (select 1 from jobs where status in ('queued', 'running') and payload ->> 'model' = ?1)";
            Ok(conn.query_row(sql, [model.to_string()], |row| row.get(0))?)
        })
        .await
    }

    /// Ends a job that waits or runs; one that has ended already stays as it is.
    pub async fn cancel_job(&self, shop: ShopId, job: JobId, now: Timestamp) -> StoreResult<Job> {
        self.write(move |conn| {
            conn.execute(
                "update jobs set status = 'cancelled', lease_until = null, updated_at = ?3
                 where shop_id = ?1 and id = ?2 and status in ('queued', 'running')",
                params![shop.0, job.0, stamp(now)],
            )?;
            job_row(conn, shop, job.0)
        })
        .await
    }

    /// Notes that a running job failed; one that was cancelled meanwhile stays cancelled.
    pub async fn fail_job(&self, job: JobId, error: String, now: Timestamp) -> StoreResult<()> {
        self.write(move |conn| {
            conn.execute(
                "update jobs set status = 'failed', error = ?2, lease_until = null, updated_at = ?3
                 where id = ?1 and status = 'running'",
                params![job.0, error, stamp(now)],
            )?;
            Ok(())
        })
        .await
    }
}

/// The reindex of a running job. Conflict when it does not run any more.
pub(super) fn running_reindex(conn: &Connection, job: JobId) -> StoreResult<ReindexRow> {
    let mut statement = conn.prepare_cached("select payload from jobs where id = ?1 and status = 'running'")?;
    let payload = statement.query_row([job.0], |row| {
        let text: String = row.get(0)?;
        json(&text)
    });
    optional(payload)?.ok_or(StoreError::Conflict("job_ended"))
}

fn job_row(conn: &Connection, shop: ShopId, id: i64) -> StoreResult<Job> {
    let sql = format!("select {COLUMNS} from jobs where shop_id = ?1 and id = ?2");
    Ok(conn.prepare_cached(&sql)?.query_row([shop.0, id], job)?)
}

/// The columns of `COLUMNS`.
fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    let payload: String = row.get(2)?;
    let payload: ReindexRow = json(&payload)?;
    let model = ModelSource::parse(&payload.model)
        .ok_or_else(|| FromSqlError::Other(format!("{:?} names no model", payload.model).into()))?;
    Ok(Job {
        id: JobId(row.get(0)?),
        shop: ShopId(row.get(1)?),
        kind: JobKind::Reindex {
            model,
            space: payload.space.map(SpaceId),
            cursor: payload.cursor,
        },
        status: parsed(row, 3, |name| {
            JobStatus::ALL.into_iter().find(|status| status.name() == name)
        })?,
        done_units: row.get::<_, u32>(4)? as usize,
        total_units: row.get::<_, Option<u32>>(5)?.map(|units| units as usize),
        attempts: row.get(6)?,
        error: row.get(7)?,
        created_at: timestamp(row, 8)?,
        updated_at: timestamp(row, 9)?,
    })
}
