//! The schema's versions: numbered, forward-only, frozen once released.

use crate::store::connection::make_private;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::term_migration::move_terms;
use rusqlite::Connection;
use rusqlite_migration::M;
use rusqlite_migration::Migrations;
use std::path::Path;

/// The schema that this program reads and writes.
pub(super) const LATEST: usize = 9;

fn steps() -> [M<'static>; LATEST] {
    [
        M::up(include_str!("sql/0001_initial.sql")),
        M::up_with_hook(include_str!("sql/0002_terms.sql"), move_terms),
        M::up(include_str!("sql/0003_visitors.sql")),
        M::up(include_str!("sql/0004_leads.sql")),
        M::up(include_str!("sql/0005_surveys.sql")),
        M::up(include_str!("sql/0006_analytics.sql")),
        M::up(include_str!("sql/0007_sources.sql")),
        M::up(include_str!("sql/0008_exchange.sql")),
        M::up(include_str!("sql/0009_claims.sql")),
    ]
}

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
    Migrations::new(steps().into())
        .to_latest(conn)
        .map_err(StoreError::internal)
}

/// Leaves a copy of the database beside it, readable by its user only like the database itself.
fn copy_aside(conn: &Connection, path: &Path, schema: usize) -> StoreResult<()> {
    let unfinished = path.with_extension("part");
    if unfinished.exists() {
        std::fs::remove_file(&unfinished).map_err(StoreError::internal)?;
    }
    make_private(&unfinished);
    conn.execute("vacuum into ?1", [unfinished.to_string_lossy()])?;
    std::fs::rename(&unfinished, path.with_extension(format!("schema{schema}.db"))).map_err(StoreError::internal)
}

#[cfg(test)]
mod tests {
    use super::copy_aside;
    use super::steps;
    use rusqlite::Connection;
    use rusqlite_migration::Migrations;

    #[test]
    fn every_migration_applies() {
        Migrations::new(steps().into()).validate().unwrap();
    }

    #[test]
    fn the_copy_before_a_migration_holds_what_the_database_held() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("palompy.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch("create table t (x); insert into t values (7)")
            .unwrap();
        for _ in 0..2 {
            copy_aside(&conn, &path, 1).unwrap();
        }
        let copy = Connection::open(folder.path().join("palompy.schema1.db")).unwrap();
        assert_eq!(
            copy.query_row("select x from t", [], |row| row.get::<_, i64>(0))
                .unwrap(),
            7
        );
    }
}
