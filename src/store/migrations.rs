//! The schema's versions: numbered, forward-only, frozen once released.

use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use rusqlite::Connection;
use rusqlite_migration::M;
use rusqlite_migration::Migrations;
use std::path::Path;

const STEPS: &[M<'static>] = &[M::up(include_str!("sql/0001_initial.sql"))];

/// The schema that this program reads and writes.
pub(super) const LATEST: usize = STEPS.len();

/// Brings the database to `LATEST` in one transaction, after a copy of it when it held anything.
pub(super) fn migrate(conn: &mut Connection, path: &Path) -> StoreResult<()> {
    let current: u32 = conn.query_row("select user_version from pragma_user_version", [], |row| row.get(0))?;
    let current = current as usize;
    if current > LATEST {
        return Err(StoreError::Unusable(format!(
            "{} was written by a newer palompy (schema {current}; this program knows {LATEST}): update the program",
            path.display()
        )));
    }
    if current > 0 && current < LATEST {
        copy_aside(conn, path, current)?;
    }
    Migrations::from_slice(STEPS)
        .to_latest(conn)
        .map_err(StoreError::internal)
}

fn copy_aside(conn: &Connection, path: &Path, schema: usize) -> StoreResult<()> {
    let copy = path.with_extension(format!("schema{schema}.db"));
    // A copy from an attempt that did not finish is as old as the data: keep it.
    if copy.exists() {
        return Ok(());
    }
    let unfinished = copy.with_extension("part");
    if unfinished.exists() {
        std::fs::remove_file(&unfinished).map_err(StoreError::internal)?;
    }
    conn.execute("vacuum into ?1", [unfinished.to_string_lossy()])?;
    std::fs::rename(&unfinished, &copy).map_err(StoreError::internal)
}

#[cfg(test)]
mod tests {
    use super::STEPS;
    use rusqlite_migration::Migrations;

    #[test]
    fn every_migration_applies() {
        Migrations::from_slice(STEPS).validate().unwrap();
    }
}
