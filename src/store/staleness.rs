//! Sources that could not be read for long: which ones the shop's owner has to be told of, and that he was told.

use crate::domain::delivery::Event;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::UntoldSource;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::optional_timestamp;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use crate::store::shops::settings_of;
use jiff::SignedDuration;
use jiff::Timestamp;
use rusqlite::params;

impl Store {
    /// Sources of all shops that have become stale or are not any more, and whose owner was not told so; by id.
    pub async fn list_untold_sources(&self, now: Timestamp) -> StoreResult<Vec<UntoldSource>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select shop_id, id, name, failures > 0, checked_at, created_at from sources
                 where (failures > 0) <> (stale_told_at is not null) order by id",
            )?;
            let rows = statement.query_map([], |row| {
                let is_failing: bool = row.get(3)?;
                Ok(UntoldSource {
                    shop: ShopId(row.get(0)?),
                    source: SourceId(row.get(1)?),
                    name: row.get(2)?,
                    event: if is_failing {
                        Event::SourceStale
                    } else {
                        Event::SourceRecovered
                    },
                    since: optional_timestamp(row, 4)?.map_or_else(|| timestamp(row, 5), Ok)?,
                })
            })?;
            let mut untold = Vec::new();
            for source in rows.collect::<Result<Vec<_>, _>>()? {
                let hours = settings_of(conn, source.shop)?.stale_after_hours;
                let limit = SignedDuration::from_hours(i64::from(hours));
                if source.event == Event::SourceRecovered || now.duration_since(source.since) >= limit {
                    untold.push(source);
                }
            }
            Ok(untold)
        })
        .await
    }

    /// Notes that the owner is told, and queues the notifications in the same transaction. Nothing happens when he was told already or
    /// the source is otherwise by now; returns whether something did.
    pub async fn tell_source(
        &self,
        untold: UntoldSource,
        deliveries: Vec<NewDelivery>,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let told = self.write(move |conn| {
            let is_stale = untold.event == Event::SourceStale;
            let rows = conn.execute(
                "update sources set stale_told_at = iif(?3, ?4, null)
                 where shop_id = ?1 and id = ?2 and (failures > 0) = ?3 and (stale_told_at is null) = ?3",
                params![untold.shop.0, untold.source.0, is_stale, stamp(now)],
            )?;
            if rows == 0 {
                return Ok(false);
            }
            for new in &deliveries {
                conn.execute(
                    "insert into deliveries (shop_id, source_id, delivery_id, channel, event, status, next_at, created_at, updated_at)
                     values (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?6, ?6)",
                    params![
                        untold.shop.0,
                        untold.source.0,
                        new.id.to_string(),
                        new.channel.name(),
                        untold.event.name(),
                        stamp(now)
                    ],
                )?;
            }
            Ok(true)
        });
        let told = told.await?;
        if told {
            self.deliveries_queued.notify_one();
        }
        Ok(told)
    }

    /// Sources of all shops that are stale for longer than their shops allow.
    pub async fn count_stale_sources(&self) -> StoreResult<usize> {
        self.read(|conn| {
            let sql = "select count(*) from sources where stale_told_at is not null and failures > 0";
            let count: u32 = conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(count as usize)
        })
        .await
    }
}
