//! How connections are opened, and what every start puts right.

use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use rusqlite::Connection;
use rusqlite::OpenFlags;
use std::path::Path;
use std::time::Duration;

/// SQLite 3.7.0 to 3.51.2 can corrupt a database when a WAL is reset while another connection checkpoints.
const OLDEST_SAFE_SQLITE: i32 = 3_051_003;
/// Our own writer never waits; this is for a foreign tool that holds the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn check_sqlite_version() -> StoreResult<()> {
    if rusqlite::version_number() < OLDEST_SAFE_SQLITE {
        let message = format!(
            "this build carries SQLite {}; 3.51.3 or later is needed",
            rusqlite::version()
        );
        return Err(StoreError::Unusable(message));
    }
    Ok(())
}

/// `synchronous=FULL`: with NORMAL, a power cut loses rows that were acknowledged.
pub(super) fn open_writer(path: &Path) -> StoreResult<Connection> {
    make_private(path);
    let conn = Connection::open(path)
        .map_err(|error| StoreError::Unusable(format!("could not open the database {}: {error}", path.display())))?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    let damaged = |error: rusqlite::Error| {
        StoreError::Unusable(format!(
            "could not read the database {}: {error}; put a backup in its place or move it away to start empty",
            path.display()
        ))
    };
    conn.pragma_update(None, "journal_mode", "wal").map_err(damaged)?;
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "temp_store", "memory")?;
    conn.pragma_update(None, "cache_size", -16_384)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}

/// Conversations are for the owner's eyes: a new database, and with it its WAL, can be read by its user only. When the file
/// cannot be made, opening it tells why.
pub(super) fn make_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

pub(super) fn open_reader(path: &Path) -> StoreResult<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.pragma_update(None, "query_only", true)?;
    // Full-text search of a large shop goes back and forth over some megabytes of pages.
    conn.pragma_update(None, "cache_size", -8_192)?;
    conn.pragma_update(None, "temp_store", "memory")?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}

/// Ends what a killed program left: staged documents of imports that cannot go on never became visible and go; messages keep what answer they had; jobs
/// wait to be taken up again.
pub(super) fn recover(conn: &mut Connection) -> StoreResult<()> {
    let tx = conn.transaction()?;
    // What has its files on the disk goes on from what it has staged.
    tx.execute(
        "update imports set status = 'queued' where status = 'running' and is_resumable",
        [],
    )?;
    tx.execute(
        "update imports set status = 'failed', error = 'the program ended before the import did',
             finished_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
         where status = 'running' or status = 'queued' and not is_resumable",
        [],
    )?;
    tx.execute(
        "update documents set state = 'retired' where state = 'staged'
             and import_id not in (select id from imports where status = 'queued')",
        [],
    )?;
    tx.execute(
        "update chat_logs set status = 'interrupted' where status = 'pending'",
        [],
    )?;
    // One process has the folder: what is called running was running in one that ended.
    tx.execute(
        "update jobs set status = 'queued', lease_until = null where status = 'running'",
        [],
    )?;
    // Whether the receiver has it is not known; it hears of it again, under the same id.
    tx.execute(
        "update deliveries set status = 'waiting', next_at = updated_at where status = 'sending'",
        [],
    )?;
    tx.commit()?;
    // Nobody reads yet, so that the log of the earlier run can go, with what was deleted in it.
    conn.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    Ok(())
}
