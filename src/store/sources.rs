//! Sources: where a shop's knowledge comes from.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::source::Fingerprint;
use crate::domain::source::Format;
use crate::domain::source::Location;
use crate::domain::source::Source;
use crate::domain::source::SourceDraft;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::publish::note_change;
use crate::store::rows::json;
use crate::store::rows::optional;
use crate::store::rows::optional_timestamp;
use crate::store::rows::parsed;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use crate::store::rows::to_json;
use crate::store::shops::changed_one;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::params;
use std::collections::BTreeSet;

const COLUMNS: &str = "s.id, s.name, s.kind, s.location, s.mapping, s.schedule, s.current_version, s.fingerprint,
    s.checked_at, s.next_sync_at, s.failures, s.created_at,
    (select count(*) from documents d where d.source = s.id and d.state = 'live')";
/// The name of the source that each shop has by itself.
pub const API_SOURCE: &str = "api";

/// What an attempt to read a source led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncResult {
    /// The shop knows what the source says; `None` keeps the fingerprint.
    Current(Option<Fingerprint>),
    Failed,
}

impl Store {
    /// Conflict when a source of the shop has this name.
    pub async fn insert_source(
        &self,
        shop: ShopId,
        draft: SourceDraft,
        next_sync_at: Option<Timestamp>,
        now: Timestamp,
    ) -> StoreResult<Source> {
        self.write(move |conn| {
            require_shop(conn, shop)?;
            let id = insert(conn, shop, &draft, next_sync_at, now)?;
            source_row(conn, shop, id)
        })
        .await
    }

    /// Of all shops.
    pub async fn list_source_ids(&self) -> StoreResult<BTreeSet<SourceId>> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("select id from sources")?;
            let ids = statement.query_map([], |row| Ok(SourceId(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// By id. Each shop that ever imported has one for what is sent to the API.
    pub async fn list_sources(&self, shop: ShopId) -> StoreResult<Vec<Source>> {
        self.read(move |conn| {
            require_shop(conn, shop)?;
            let sql = format!("select {COLUMNS} from sources s where s.shop_id = ?1 order by s.id");
            let mut statement = conn.prepare_cached(&sql)?;
            let sources = statement.query_map([shop.0], source)?;
            Ok(sources.collect::<Result<_, _>>()?)
        })
        .await
    }

    pub async fn source(&self, shop: ShopId, id: SourceId) -> StoreResult<Source> {
        self.read(move |conn| source_row(conn, shop, id)).await
    }

    /// The source that stands for what is sent to the API, made when absent.
    pub async fn api_source(&self, shop: ShopId, now: Timestamp) -> StoreResult<SourceId> {
        self.write(move |conn| {
            require_shop(conn, shop)?;
            api_source(conn, shop, now)
        })
        .await
    }

    /// Replaces what an owner said of the source; a file is read again even if it is the same. Conflict when another has the name.
    pub async fn update_source(
        &self,
        shop: ShopId,
        id: SourceId,
        draft: SourceDraft,
        next_sync_at: Option<Timestamp>,
    ) -> StoreResult<Source> {
        self.write(move |conn| {
            changed_one(conn.execute(
                "update sources set name = ?3, kind = ?4, location = ?5, mapping = ?6, schedule = ?7, next_sync_at = ?8,
                     fingerprint = '{}' where shop_id = ?1 and id = ?2",
                params![
                    shop.0,
                    id.0,
                    draft.name,
                    kind_name(draft.format),
                    to_json(&draft.location)?,
                    to_json(&draft.mapping)?,
                    draft.schedule.as_ref().map(to_json).transpose()?,
                    next_sync_at.map(stamp)
                ],
            )?)?;
            source_row(conn, shop, id)
        })
        .await
    }

    /// Deletes a source with its documents and versions; they are swept later. Conflict while an import of it is at work.
    pub async fn delete_source(&self, shop: ShopId, id: SourceId, now: Timestamp) -> StoreResult<()> {
        self.write(move |conn| {
            require_source(conn, shop, id)?;
            let busy = "select exists (select 1 from imports where source = ?1 and status in ('queued', 'running'))";
            if conn.query_row(busy, [id.0], |row| row.get(0))? {
                return Err(StoreError::Conflict("import_running"));
            }
            conn.execute(
                "update imports set status = 'cancelled', finished_at = ?2 where source = ?1 and status = 'waiting'",
                params![id.0, stamp(now)],
            )?;
            conn.execute(
                "update documents set state = 'retired', kept = 0 where source = ?1",
                [id.0],
            )?;
            conn.execute("delete from sources where shop_id = ?1 and id = ?2", [shop.0, id.0])?;
            note_change(conn, shop)
        })
        .await
    }

    /// Sources of all shops whose time has come, the longest overdue first.
    pub async fn due_sources(&self, now: Timestamp, limit: u32) -> StoreResult<Vec<(ShopId, SourceId)>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select shop_id, id from sources where next_sync_at <= ?1 order by next_sync_at, id limit ?2",
            )?;
            let due = statement.query_map(params![stamp(now), limit], |row| {
                Ok((ShopId(row.get(0)?), SourceId(row.get(1)?)))
            })?;
            Ok(due.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Notes what became of an attempt to read the source and when the next one is due.
    pub async fn note_sync(
        &self,
        shop: ShopId,
        id: SourceId,
        result: SyncResult,
        next_sync_at: Option<Timestamp>,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.write(move |conn| {
            let next = next_sync_at.map(stamp);
            let rows = match result {
                SyncResult::Current(fingerprint) => {
                    let fingerprint = fingerprint.as_ref().map(to_json).transpose()?;
                    conn.execute(
                        "update sources set checked_at = ?3, failures = 0, next_sync_at = ?4,
                             fingerprint = coalesce(?5, fingerprint) where shop_id = ?1 and id = ?2",
                        params![shop.0, id.0, stamp(now), next, fingerprint],
                    )?
                }
                SyncResult::Failed => conn.execute(
                    "update sources set failures = failures + 1, next_sync_at = ?3 where shop_id = ?1 and id = ?2",
                    params![shop.0, id.0, next],
                )?,
            };
            changed_one(rows)
        })
        .await
    }

    /// Moves the next look at the source, and nothing else.
    pub async fn set_next_sync(&self, shop: ShopId, id: SourceId, next: Option<Timestamp>) -> StoreResult<()> {
        self.write(move |conn| {
            let sql = "update sources set next_sync_at = ?3 where shop_id = ?1 and id = ?2";
            changed_one(conn.execute(sql, params![shop.0, id.0, next.map(stamp)])?)
        })
        .await
    }
}

/// The source of what is sent to the API, made when absent.
pub(super) fn api_source(conn: &Connection, shop: ShopId, now: Timestamp) -> StoreResult<SourceId> {
    let sql = "select id from sources where shop_id = ?1 and location ->> 'type' = 'api'";
    let found = conn
        .prepare_cached(sql)?
        .query_row([shop.0], |row| row.get(0).map(SourceId));
    if let Some(id) = optional(found)? {
        return Ok(id);
    }
    let draft = SourceDraft {
        name: API_SOURCE.to_owned(),
        format: Some(Format::Json),
        location: Location::Api {},
        mapping: Default::default(),
        schedule: None,
    };
    insert(conn, shop, &draft, None, now)
}

fn insert(
    conn: &Connection,
    shop: ShopId,
    draft: &SourceDraft,
    next_sync_at: Option<Timestamp>,
    now: Timestamp,
) -> StoreResult<SourceId> {
    conn.execute(
        "insert into sources (shop_id, name, kind, location, mapping, schedule, next_sync_at, created_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            shop.0,
            draft.name,
            kind_name(draft.format),
            to_json(&draft.location)?,
            to_json(&draft.mapping)?,
            draft.schedule.as_ref().map(to_json).transpose()?,
            next_sync_at.map(stamp),
            stamp(now)
        ],
    )?;
    Ok(SourceId(conn.last_insert_rowid()))
}

/// Fails with not found unless the shop has the source.
pub(super) fn require_source(conn: &Connection, shop: ShopId, source: SourceId) -> StoreResult<()> {
    conn.prepare_cached("select 1 from sources where shop_id = ?1 and id = ?2")?
        .query_row([shop.0, source.0], |_| Ok(()))?;
    Ok(())
}

fn source_row(conn: &Connection, shop: ShopId, id: SourceId) -> StoreResult<Source> {
    let sql = format!("select {COLUMNS} from sources s where s.shop_id = ?1 and s.id = ?2");
    Ok(conn.prepare_cached(&sql)?.query_row([shop.0, id.0], source)?)
}

fn kind_name(format: Option<Format>) -> &'static str {
    format.map_or("auto", Format::name)
}

/// The columns of `COLUMNS`.
fn source(row: &Row<'_>) -> rusqlite::Result<Source> {
    let text = |column: usize| row.get::<_, String>(column);
    let schedule: Option<String> = row.get(5)?;
    let version: i64 = row.get(6)?;
    Ok(Source {
        id: SourceId(row.get(0)?),
        draft: SourceDraft {
            name: row.get(1)?,
            format: parsed(row, 2, |name| match name {
                "auto" => Some(None),
                name => Format::parse(name).map(Some),
            })?,
            location: json(&text(3)?)?,
            mapping: json(&text(4)?)?,
            schedule: schedule.map(|text| json(&text)).transpose()?,
        },
        current_version: (version > 0).then_some(ImportId(version)),
        fingerprint: json(&text(7)?)?,
        checked_at: optional_timestamp(row, 8)?,
        next_sync_at: optional_timestamp(row, 9)?,
        failures: row.get(10)?,
        created_at: timestamp(row, 11)?,
        documents: row.get::<_, u32>(12)? as usize,
    })
}
