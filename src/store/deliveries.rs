//! The queue of notifications: rows that are taken, sent at least once and kept as a record.

use crate::domain::delivery::AttemptOutcome;
use crate::domain::delivery::Channel;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::delivery::Event;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Subject;
use crate::domain::delivery::pause_after;
use crate::domain::id::DeliveryId;
use crate::domain::id::LeadId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::optional;
use crate::store::rows::parsed;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use crate::store::rows::uuid;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::params;

const SELECT_DELIVERY: &str =
    "select d.delivery_id, d.shop_id, l.lead_id, d.channel, d.event, d.status, d.attempts, d.next_at,
    d.response_status, d.error, d.created_at, d.updated_at, d.source_id
    from deliveries d left join leads l on l.id = d.lead_id";

impl Store {
    /// Takes the notification that has been due longest, until `lease`. A shop's notifications go one after the other, so that a
    /// slow receiver holds up no other shop. `None` when nothing is due.
    pub async fn claim_delivery(&self, now: Timestamp, lease: Timestamp) -> StoreResult<Option<Delivery>> {
        self.write(move |conn| {
            let due = "select d.id from deliveries d
                 where d.status in ('waiting', 'sending') and d.next_at <= ?1 and not exists (
                     select 1 from deliveries s where s.shop_id = d.shop_id and s.status = 'sending' and s.next_at > ?1
                 )
                 order by d.next_at, d.id limit 1";
            let found = conn.prepare_cached(due)?.query_row([stamp(now)], |row| row.get(0));
            let Some(id): Option<i64> = optional(found)? else {
                return Ok(None);
            };
            conn.execute(
                "update deliveries set status = 'sending', attempts = attempts + 1, next_at = ?2, updated_at = ?3
                 where id = ?1",
                params![id, stamp(lease), stamp(now)],
            )?;
            let sql = format!("{SELECT_DELIVERY} where d.id = ?1");
            Ok(Some(conn.prepare_cached(&sql)?.query_row([id], delivery)?))
        })
        .await
    }

    /// When the next notification is due, or counts as lost while it is being sent; `None` when none is open.
    pub async fn next_delivery_at(&self) -> StoreResult<Option<Timestamp>> {
        self.read(|conn| {
            let sql = "select next_at from deliveries where status in ('waiting', 'sending') order by next_at limit 1";
            optional(conn.prepare_cached(sql)?.query_row([], |row| timestamp(row, 0)))
        })
        .await
    }

    /// Waits until a notification is queued, sent again or finished; comes back at once when that happened since the last time.
    pub async fn delivery_queued(&self) {
        self.deliveries_queued.notified().await;
    }

    /// Notes how an attempt ended: delivered, waiting for the next one, or failed when none is left. Nothing happens when what
    /// it was about was deleted meanwhile.
    pub async fn finish_delivery(
        &self,
        shop: ShopId,
        id: DeliveryId,
        outcome: AttemptOutcome,
        now: Timestamp,
    ) -> StoreResult<()> {
        let finished = self.write(move |conn| {
            let attempts = conn
                .prepare_cached("select attempts from deliveries where shop_id = ?1 and delivery_id = ?2")?
                .query_row(params![shop.0, id.to_string()], |row| row.get(0));
            let Some(attempts) = optional(attempts)? else {
                return Ok(());
            };
            let (status, next_at) = match &outcome.failure {
                None => (DeliveryStatus::Delivered, now),
                Some(failure) => match pause_after(attempts, failure) {
                    None => (DeliveryStatus::Failed, now),
                    Some(pause) => (
                        DeliveryStatus::Waiting,
                        now.checked_add(pause).map_err(StoreError::internal)?,
                    ),
                },
            };
            conn.execute(
                "update deliveries set status = ?3, next_at = ?4, response_status = ?5, error = ?6, updated_at = ?7
                 where shop_id = ?1 and delivery_id = ?2 and status = 'sending'",
                params![
                    shop.0,
                    id.to_string(),
                    status.name(),
                    stamp(next_at),
                    outcome.response_status,
                    outcome.failure.map(|failure| failure.error),
                    stamp(now)
                ],
            )?;
            Ok(())
        });
        finished.await?;
        // The shop's next one may go.
        self.deliveries_queued.notify_one();
        Ok(())
    }

    /// The shop's notifications, newest first, at most `limit`, of one status when one is given.
    pub async fn list_deliveries(
        &self,
        shop: ShopId,
        status: Option<DeliveryStatus>,
        limit: u32,
    ) -> StoreResult<Vec<Delivery>> {
        self.read(move |conn| {
            require_shop(conn, shop)?;
            let sql = format!(
                "{SELECT_DELIVERY} where d.shop_id = ?1 and (?2 is null or d.status = ?2) order by d.id desc limit ?3"
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let found = statement.query_map(params![shop.0, status.map(DeliveryStatus::name), limit], delivery)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Sends a notification again, from the first attempt on, whatever became of it. Its id stays. Conflict while it is being
    /// sent; not found in another shop.
    pub async fn resend_delivery(&self, shop: ShopId, id: DeliveryId, now: Timestamp) -> StoreResult<Delivery> {
        let queued = self
            .write(move |conn| {
                let rows = conn.execute(
                    "update deliveries set status = 'waiting', attempts = 0, next_at = ?3, updated_at = ?3
                     where shop_id = ?1 and delivery_id = ?2 and status <> 'sending'",
                    params![shop.0, id.to_string(), stamp(now)],
                )?;
                let sql = format!("{SELECT_DELIVERY} where d.shop_id = ?1 and d.delivery_id = ?2");
                let found = conn
                    .prepare_cached(&sql)?
                    .query_row(params![shop.0, id.to_string()], delivery)?;
                if rows == 0 {
                    return Err(StoreError::Conflict("delivery_running"));
                }
                Ok(found)
            })
            .await?;
        self.deliveries_queued.notify_one();
        Ok(queued)
    }
}

/// Queues a notification about a lead for each channel. One that waits for the same lead already will tell the lead as it stands then, so
/// that no second one is needed.
pub(super) fn queue(
    conn: &Connection,
    shop: ShopId,
    lead: LeadId,
    event: Event,
    deliveries: &[NewDelivery],
    now: Timestamp,
) -> StoreResult<()> {
    for new in deliveries {
        conn.prepare_cached(include_str!("sql/delivery_queue.sql"))?
            .execute(params![
                shop.0,
                lead.to_string(),
                new.id.to_string(),
                new.channel.name(),
                event.name(),
                stamp(now)
            ])?;
    }
    Ok(())
}

/// The columns of `SELECT_DELIVERY`.
fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: DeliveryId(uuid(row, 0)?),
        shop: ShopId(row.get(1)?),
        subject: match row.get::<_, Option<i64>>(12)? {
            Some(source) => Subject::Source(SourceId(source)),
            None => Subject::Lead(LeadId(uuid(row, 2)?)),
        },
        channel: parsed(row, 3, |name| {
            Channel::ALL.into_iter().find(|channel| channel.name() == name)
        })?,
        event: parsed(row, 4, |name| Event::ALL.into_iter().find(|event| event.name() == name))?,
        status: parsed(row, 5, DeliveryStatus::parse)?,
        attempts: row.get(6)?,
        next_at: timestamp(row, 7)?,
        response_status: row.get(8)?,
        error: row.get(9)?,
        created_at: timestamp(row, 10)?,
        updated_at: timestamp(row, 11)?,
    })
}
