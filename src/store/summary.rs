//! What happened in a shop in a period: counts of quarters of an hour, visits and turns, read in one snapshot and put into days.

use crate::domain::chat::TurnStatus;
use crate::domain::event::LabelKind;
use crate::domain::event::slot;
use crate::domain::id::ShopId;
use crate::domain::summary::Counts;
use crate::domain::summary::LanguageCounts;
use crate::domain::summary::Period;
use crate::domain::summary::Summary;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::parsed;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::params_from_iter;
use rusqlite::types::Value;
use std::collections::HashMap;
use std::collections::HashSet;
use uuid::Uuid;

/// A visit, as far as it lies in the period.
#[derive(Default)]
struct Visit {
    language: Option<String>,
    focus_ms: u64,
}

/// What is put together while the tables are read.
struct Tally<'a> {
    shop: ShopId,
    period: &'a Period,
    slots: Vec<i64>,
    stamps: Vec<String>,
    days: Vec<Counts>,
    visits: HashMap<Uuid, Visit>,
    visited_days: HashSet<(usize, Uuid)>,
    summary: Summary,
}

impl Store {
    /// The shop's counts in the period. Not found for an unknown shop.
    pub async fn summarize(&self, shop: ShopId, period: Period) -> StoreResult<Summary> {
        self.read(move |conn| {
            require_shop(conn, shop)?;
            let mut tally = Tally::new(shop, &period);
            tally.read_counts(conn)?;
            tally.read_visits(conn)?;
            tally.read_turns(conn)?;
            tally.read_votes(conn)?;
            tally.read_leads(conn)?;
            Ok(tally.finish())
        })
        .await
    }
}

impl Tally<'_> {
    fn new(shop: ShopId, period: &Period) -> Tally<'_> {
        Tally {
            shop,
            slots: period.starts().iter().map(|start| slot(*start)).collect(),
            stamps: period.starts().iter().map(|start| stamp(*start)).collect(),
            days: vec![Counts::default(); period.starts().len()],
            period,
            visits: HashMap::new(),
            visited_days: HashSet::new(),
            summary: Summary::default(),
        }
    }

    fn read_counts(&mut self, conn: &Connection) -> StoreResult<()> {
        let mut labels: HashMap<i64, (LabelKind, String, u64)> = HashMap::new();
        let mut statement = conn.prepare_cached("select id, kind, value from event_labels where shop_id = ?1")?;
        let rows = statement.query_map([self.shop.0], |row| {
            Ok((row.get(0)?, (parsed(row, 1, LabelKind::parse)?, row.get(2)?, 0)))
        })?;
        for row in rows {
            let (id, label) = row?;
            labels.insert(id, label);
        }
        let mut statement = conn.prepare_cached(
            "select slot, label_id, total from event_counts where shop_id = ?1 and slot >= ?2 and slot < ?3",
        )?;
        let mut rows = statement.query(self.slot_range())?;
        while let Some(row) = rows.next()? {
            let Some((kind, _, total)) = labels.get_mut(&row.get(1)?) else {
                return Err(StoreError::Internal("a count has no label".to_owned()));
            };
            let count = unsigned(row, 2)?;
            *total += count;
            let day = index_of(&self.slots, &row.get(0)?);
            if let Some(day) = self.days.get_mut(day).filter(|_| *kind == LabelKind::Event) {
                day.events += count;
            }
        }
        for (kind, value, total) in labels.into_values().filter(|(_, _, total)| *total > 0) {
            match kind {
                LabelKind::Event => drop(self.summary.events.insert(value, total)),
                LabelKind::Click => drop(self.summary.clicks.insert(value, total)),
                LabelKind::Page => self.summary.pages.push((value, total)),
            }
        }
        self.summary
            .pages
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(())
    }

    /// Slots come in order of time, so that the language told last is the one that stays.
    fn read_visits(&mut self, conn: &Connection) -> StoreResult<()> {
        let mut statement = conn.prepare_cached(
            "select slot, session_id, language, focus_ms from event_visits
             where shop_id = ?1 and slot >= ?2 and slot < ?3 order by slot, session_id",
        )?;
        let mut rows = statement.query(self.slot_range())?;
        while let Some(row) = rows.next()? {
            let session = Uuid::from_bytes(row.get(1)?);
            let day = index_of(&self.slots, &row.get(0)?);
            self.visited_days.insert((day, session));
            let visit = self.visits.entry(session).or_default();
            visit.focus_ms += unsigned(row, 3)?;
            if let Some(language) = row.get(2)? {
                visit.language = Some(language);
            }
        }
        Ok(())
    }

    fn read_turns(&mut self, conn: &Connection) -> StoreResult<()> {
        let mut statement = conn.prepare_cached(
            "select created_at, session_id, status, degraded, refused, language, claims_corrected + claims_dropped > 0
             from chat_logs
             where shop_id = ?1 and created_at >= ?2 and created_at < ?3 order by created_at",
        )?;
        let mut rows = statement.query(params_from_iter(self.time_range()))?;
        while let Some(row) = rows.next()? {
            let session = parsed(row, 1, |text| text.parse().ok())?;
            let day = index_of(&self.stamps, &row.get(0)?);
            let (degraded, refused): (bool, bool) = (row.get(3)?, row.get(4)?);
            let is_complete = row.get::<_, String>(2)? == TurnStatus::Complete.name();
            let language: String = row.get(5)?;
            self.visited_days.insert((day, session));
            let visit = self.visits.entry(session).or_default();
            visit.language.get_or_insert_with(|| language.clone());
            if let Some(counts) = self.days.get_mut(day) {
                counts.messages += 1;
                counts.answers += u64::from(is_complete && !refused);
                counts.refusals += u64::from(refused);
                counts.degraded += u64::from(degraded);
                counts.corrected += u64::from(row.get::<_, bool>(6)?);
            }
            self.summary.languages.entry(language).or_default().messages += 1;
        }
        Ok(())
    }

    /// A vote counts on the day on which it was cast first, as what it is now.
    fn read_votes(&mut self, conn: &Connection) -> StoreResult<()> {
        if !has_table(conn, "votes")? {
            return Ok(());
        }
        let mut statement = conn.prepare_cached(
            "select created_at, value = 'up' from votes where shop_id = ?1 and created_at >= ?2 and created_at < ?3",
        )?;
        let mut rows = statement.query(params_from_iter(self.time_range()))?;
        while let Some(row) = rows.next()? {
            let is_up: bool = row.get(1)?;
            if let Some(counts) = self.days.get_mut(index_of(&self.stamps, &row.get(0)?)) {
                counts.votes_up += u64::from(is_up);
                counts.votes_down += u64::from(!is_up);
            }
        }
        Ok(())
    }

    fn read_leads(&mut self, conn: &Connection) -> StoreResult<()> {
        if !has_table(conn, "leads")? {
            return Ok(());
        }
        let mut statement = conn.prepare_cached(
            "select created_at from leads where shop_id = ?1 and created_at >= ?2 and created_at < ?3",
        )?;
        let mut rows = statement.query(params_from_iter(self.time_range()))?;
        while let Some(row) = rows.next()? {
            if let Some(counts) = self.days.get_mut(index_of(&self.stamps, &row.get(0)?)) {
                counts.leads += 1;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Summary {
        for (day, _) in &self.visited_days {
            if let Some(counts) = self.days.get_mut(*day) {
                counts.sessions += 1;
            }
        }
        for day in &self.days {
            self.summary.total.add(*day);
        }
        self.summary.total.sessions = self.visits.len() as u64;
        for visit in self.visits.into_values() {
            if visit.focus_ms > 0 {
                self.summary.focus_ms.push(visit.focus_ms);
            }
            if let Some(language) = visit.language {
                let counts: &mut LanguageCounts = self.summary.languages.entry(language).or_default();
                counts.sessions += 1;
            }
        }
        self.summary.focus_ms.sort_unstable();
        self.summary.days = self.days;
        self.summary
    }

    fn time_range(&self) -> [Value; 3] {
        let first = self.stamps.first().cloned().unwrap_or_default();
        [self.shop.0.into(), first.into(), stamp(self.period.end()).into()]
    }

    fn slot_range(&self) -> [i64; 3] {
        let first = self.slots.first().copied().unwrap_or(i64::MAX);
        [self.shop.0, first, slot(self.period.end())]
    }
}

/// Votes and leads have tables in schemas that have these features.
fn has_table(conn: &Connection, name: &str) -> StoreResult<bool> {
    let mut statement = conn.prepare_cached("select 1 from sqlite_master where type = 'table' and name = ?1")?;
    Ok(statement.exists([name])?)
}

/// The last of the starts that `at` does not come before; the first for what comes before all.
fn index_of<T: Ord>(starts: &[T], at: &T) -> usize {
    starts.partition_point(|start| start <= at).saturating_sub(1)
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    Ok(number.unsigned_abs())
}
