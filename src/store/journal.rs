//! What imports did or would do, as it is read back.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::import::Change;
use crate::domain::import::DocumentChange;
use crate::domain::import::Import;
use crate::domain::import::ImportCounts;
use crate::domain::import::ImportKind;
use crate::domain::import::ImportMode;
use crate::domain::import::ImportPlan;
use crate::domain::import::ImportProblem;
use crate::domain::import::ImportStatus;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::imports::source_of;
use crate::store::rows::json;
use crate::store::rows::optional_timestamp;
use crate::store::rows::parsed;
use crate::store::rows::require_shop;
use crate::store::rows::timestamp;
use crate::store::rows::to_json;
use crate::store::sources::require_source;
use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::params;

const COLUMNS: &str = "id, shop_id, source, kind, status, mode, actor, origin, is_preview, is_approved, is_discarded,
    restored_version, started_at, finished_at, added, changed, unchanged, removed, problem_count, refusal, error";
/// Imports of a source whose single changes and problems are kept; of older ones the counts stay.
const DETAILED_IMPORTS: u32 = 50;

impl Store {
    /// The shop's imports, newest first, at most `limit`.
    pub async fn list_imports(&self, shop: ShopId, limit: usize) -> StoreResult<Vec<Import>> {
        self.read(move |conn| {
            require_shop(conn, shop)?;
            let sql = format!("select {COLUMNS} from imports where shop_id = ?1 order by id desc limit ?2");
            let mut statement = conn.prepare_cached(&sql)?;
            let imports = statement.query_map(params![shop.0, i64::try_from(limit).unwrap_or(i64::MAX)], import)?;
            Ok(imports.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The imports of one source, newest first, at most `limit`.
    pub async fn list_source_imports(&self, shop: ShopId, source: SourceId, limit: u32) -> StoreResult<Vec<Import>> {
        self.read(move |conn| {
            require_source(conn, shop, source)?;
            let sql =
                format!("select {COLUMNS} from imports where shop_id = ?1 and source = ?2 order by id desc limit ?3");
            let mut statement = conn.prepare_cached(&sql)?;
            let imports = statement.query_map(params![shop.0, source.0, limit], import)?;
            Ok(imports.collect::<Result<_, _>>()?)
        })
        .await
    }

    pub async fn import(&self, shop: ShopId, id: ImportId) -> StoreResult<Import> {
        self.read(move |conn| {
            let sql = format!("select {COLUMNS} from imports where shop_id = ?1 and id = ?2");
            Ok(conn.prepare_cached(&sql)?.query_row([shop.0, id.0], import)?)
        })
        .await
    }

    /// Imports of all shops that are queued, oldest first, and then those that wait for somebody's yes.
    pub async fn list_open_imports(&self) -> StoreResult<Vec<Import>> {
        self.read(|conn| {
            let sql =
                format!("select {COLUMNS} from imports where status in ('queued', 'waiting') order by status, id");
            let mut statement = conn.prepare_cached(&sql)?;
            let imports = statement.query_map([], import)?;
            Ok(imports.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Notes what an import is about to do, in place of what was noted of it before.
    pub async fn record_plan(&self, shop: ShopId, import: ImportId, plan: ImportPlan) -> StoreResult<()> {
        self.write_unseen(move |conn| {
            let source = source_of(conn, shop, import)?;
            write_plan(conn, import, &plan)?;
            let old = "select id from imports where source = ?1 order by id desc limit -1 offset ?2";
            for table in ["import_changes", "import_problems"] {
                conn.execute(
                    &format!("delete from {table} where import_id in ({old})"),
                    params![source.0, DETAILED_IMPORTS],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// The first thousand changes of an import, in its order; none of one that is long past.
    pub async fn import_changes(&self, shop: ShopId, import: ImportId) -> StoreResult<Vec<DocumentChange>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select c.change, c.source_type, c.source_id, c.title, c.fields from import_changes c
                 join imports i on i.id = c.import_id where i.shop_id = ?1 and i.id = ?2 order by c.position",
            )?;
            let changes = statement.query_map([shop.0, import.0], |row| {
                let fields: String = row.get(4)?;
                Ok(DocumentChange {
                    change: parsed(row, 0, |name| {
                        Change::ALL.into_iter().find(|change| change.name() == name)
                    })?,
                    key: SourceKey {
                        source_type: parsed(row, 1, SourceType::parse)?,
                        source_id: row.get(2)?,
                    },
                    title: row.get(3)?,
                    fields: json(&fields)?,
                })
            })?;
            Ok(changes.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// What could not be read, in the order of the files, as far as it is kept.
    pub async fn import_problems(&self, shop: ShopId, import: ImportId) -> StoreResult<Vec<ImportProblem>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select p.problem from import_problems p join imports i on i.id = p.import_id
                 where i.shop_id = ?1 and i.id = ?2 order by p.position",
            )?;
            let problems = statement.query_map([shop.0, import.0], |row| {
                let text: String = row.get(0)?;
                json(&text)
            })?;
            Ok(problems.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn write_plan(conn: &Connection, import: ImportId, plan: &ImportPlan) -> StoreResult<()> {
    let [added, changed, unchanged, removed] = [
        plan.counts.added,
        plan.counts.changed,
        plan.counts.unchanged,
        plan.counts.removed,
    ]
    .map(number);
    conn.execute(
        "update imports set added = ?2, changed = ?3, unchanged = ?4, removed = ?5, problem_count = ?6 where id = ?1",
        params![import.0, added, changed, unchanged, removed, number(plan.problem_count)],
    )?;
    conn.execute("delete from import_changes where import_id = ?1", [import.0])?;
    conn.execute("delete from import_problems where import_id = ?1", [import.0])?;
    let mut statement = conn.prepare_cached(
        "insert into import_changes (import_id, position, change, source_type, source_id, title, fields)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (position, change) in plan.changes.iter().enumerate() {
        statement.execute(params![
            import.0,
            number(position),
            change.change.name(),
            change.key.source_type.name(),
            change.key.source_id,
            change.title,
            to_json(&change.fields)?
        ])?;
    }
    let mut statement =
        conn.prepare_cached("insert into import_problems (import_id, position, problem) values (?1, ?2, ?3)")?;
    for (position, problem) in plan.problems.iter().enumerate() {
        statement.execute(params![import.0, number(position), to_json(problem)?])?;
    }
    Ok(())
}

pub(super) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The columns of `COLUMNS`.
fn import(row: &Row<'_>) -> rusqlite::Result<Import> {
    let refusal: Option<String> = row.get(19)?;
    let named = |column| row.get::<_, Option<i64>>(column);
    Ok(Import {
        id: ImportId(row.get(0)?),
        shop: ShopId(row.get(1)?),
        source: named(2)?.map(SourceId),
        kind: parsed(row, 3, |name| {
            ImportKind::ALL.into_iter().find(|kind| kind.name() == name)
        })?,
        status: parsed(row, 4, |name| {
            ImportStatus::ALL.into_iter().find(|status| status.name() == name)
        })?,
        mode: parsed(row, 5, ImportMode::parse)?,
        actor: row.get(6)?,
        origin: row.get(7)?,
        is_preview: row.get(8)?,
        is_approved: row.get(9)?,
        is_discarded: row.get(10)?,
        restored_version: named(11)?.map(ImportId),
        started_at: timestamp(row, 12)?,
        finished_at: optional_timestamp(row, 13)?,
        counts: ImportCounts {
            added: count(row, 14)?,
            changed: count(row, 15)?,
            unchanged: count(row, 16)?,
            removed: count(row, 17)?,
        },
        problem_count: count(row, 18)?,
        refusal: refusal.map(|text| json(&text)).transpose()?,
        error: row.get(20)?,
    })
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<usize> {
    row.get::<_, u32>(column).map(|count| count as usize)
}
