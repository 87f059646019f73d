//! What the widget told of visits, one by one and counted. The counts are changed in the transaction that changes the events.

use crate::domain::event::EventMetadata;
use crate::domain::event::LabelKind;
use crate::domain::event::NewEvent;
use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::json;
use crate::store::rows::optional;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use crate::store::rows::to_json;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;
use std::collections::BTreeMap;

/// Names, buttons or pages that a shop may have of one kind; whatever comes after them counts as `OTHER`.
const MAX_LABELS: i64 = 3_000;
const OTHER: &str = "(other)";

/// How often each label was met in each slot.
type LabelCounts = BTreeMap<(i64, LabelKind, String), i64>;

/// What a visit told in one slot.
#[derive(Default)]
struct VisitPart {
    language: Option<String>,
    focus_ms: i64,
}

impl Store {
    /// Stores events of a visit and counts them. Not found when the shop is gone. Events told last may be gone after a power cut.
    pub async fn insert_events(&self, shop: ShopId, session: SessionId, events: Vec<NewEvent>) -> StoreResult<()> {
        self.write_unseen(move |conn| {
            for event in &events {
                insert_event(conn, shop, session, event)?;
            }
            for ((slot, kind, value), count) in label_counts(&events) {
                let label = ensure_label(conn, shop, kind, &value)?;
                conn.prepare_cached(
                    "insert into event_counts (shop_id, slot, label_id, total) values (?1, ?2, ?3, ?4)
                     on conflict (shop_id, slot, label_id) do update set total = total + excluded.total",
                )?
                .execute(params![shop.0, slot, label, count])?;
            }
            for (slot, part) in visit_parts(events) {
                conn.prepare_cached(
                    "insert into event_visits (shop_id, slot, session_id, language, focus_ms) values (?1, ?2, ?3, ?4, ?5)
                     on conflict (shop_id, slot, session_id) do update
                     set language = coalesce(excluded.language, language), focus_ms = focus_ms + excluded.focus_ms",
                )?
                .execute(params![shop.0, slot, session.0.as_bytes(), part.language, part.focus_ms])?;
            }
            Ok(())
        })
        .await
    }

    /// Deletes what is known of a visit's events, and takes them out of the counts as far as they are still kept one by one.
    pub async fn delete_session_events(&self, shop: ShopId, session: SessionId) -> StoreResult<()> {
        self.write(move |conn| delete_session_events(conn, shop, session)).await
    }

    /// Deletes up to `limit` events of the shop that happened before `before`, and returns how many. The counts stay.
    pub async fn delete_events_before(&self, shop: ShopId, before: Timestamp, limit: u32) -> StoreResult<usize> {
        self.write_unseen(move |conn| {
            let mut statement = conn.prepare_cached(
                "delete from widget_events where id in
                 (select id from widget_events where shop_id = ?1 and created_at < ?2 order by created_at limit ?3)",
            )?;
            Ok(statement.execute(params![shop.0, stamp(before), limit])?)
        })
        .await
    }
}

fn insert_event(conn: &Connection, shop: ShopId, session: SessionId, event: &NewEvent) -> StoreResult<()> {
    let metadata = match &event.metadata {
        empty if *empty == EventMetadata::default() => None,
        metadata => Some(to_json(metadata)?),
    };
    conn.prepare_cached(
        "insert into widget_events (shop_id, session_id, event_name, metadata, created_at) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        shop.0,
        session.to_string(),
        event.name,
        metadata,
        stamp(event.at)
    ])?;
    Ok(())
}

fn label_counts(events: &[NewEvent]) -> LabelCounts {
    let mut counts = LabelCounts::new();
    for event in events {
        for (kind, value) in event.labels() {
            *counts.entry((event.slot(), kind, value.to_owned())).or_default() += 1;
        }
    }
    counts
}

fn visit_parts(events: Vec<NewEvent>) -> BTreeMap<i64, VisitPart> {
    let mut parts: BTreeMap<i64, VisitPart> = BTreeMap::new();
    for event in events {
        let part = parts.entry(event.slot()).or_default();
        part.focus_ms += i64::from(event.metadata.focus_ms.unwrap_or(0));
        part.language = event.metadata.language.or(part.language.take());
    }
    parts
}

fn find_label(conn: &Connection, shop: ShopId, kind: LabelKind, value: &str) -> StoreResult<Option<i64>> {
    let mut statement =
        conn.prepare_cached("select id from event_labels where shop_id = ?1 and kind = ?2 and value = ?3")?;
    optional(statement.query_row(params![shop.0, kind.name(), value], |row| row.get(0)))
}

/// Anybody can invent names, so that their number is bounded.
fn ensure_label(conn: &Connection, shop: ShopId, kind: LabelKind, value: &str) -> StoreResult<i64> {
    if let Some(id) = find_label(conn, shop, kind, value)? {
        return Ok(id);
    }
    let held: i64 = conn
        .prepare_cached("select count(*) from event_labels where shop_id = ?1 and kind = ?2")?
        .query_row(params![shop.0, kind.name()], |row| row.get(0))?;
    if held >= MAX_LABELS && value != OTHER {
        return ensure_label(conn, shop, kind, OTHER);
    }
    conn.prepare_cached("insert into event_labels (shop_id, kind, value) values (?1, ?2, ?3)")?
        .execute(params![shop.0, kind.name(), value])?;
    Ok(conn.last_insert_rowid())
}

/// The same inside the transaction of a larger deletion.
pub(super) fn delete_session_events(conn: &Connection, shop: ShopId, session: SessionId) -> StoreResult<()> {
    let mut statement = conn.prepare_cached(
        "select event_name, created_at, metadata from widget_events where shop_id = ?1 and session_id = ?2",
    )?;
    let events = statement.query_map(params![shop.0, session.to_string()], |row| {
        let metadata: Option<String> = row.get(2)?;
        Ok(NewEvent {
            name: row.get(0)?,
            at: timestamp(row, 1)?,
            metadata: metadata.map(|text| json(&text)).transpose()?.unwrap_or_default(),
        })
    })?;
    for ((slot, kind, value), count) in label_counts(&events.collect::<Result<Vec<_>, _>>()?) {
        let own = find_label(conn, shop, kind, &value)?;
        let label = match own {
            Some(label) => Some(label),
            None => find_label(conn, shop, kind, OTHER)?,
        };
        conn.prepare_cached(
            "update event_counts set total = max(total - ?4, 0) where shop_id = ?1 and slot = ?2 and label_id = ?3",
        )?
        .execute(params![shop.0, slot, label, count])?;
    }
    conn.prepare_cached("delete from widget_events where shop_id = ?1 and session_id = ?2")?
        .execute(params![shop.0, session.to_string()])?;
    conn.prepare_cached("delete from event_visits where shop_id = ?1 and session_id = ?2")?
        .execute(params![shop.0, session.0.as_bytes()])?;
    Ok(())
}
