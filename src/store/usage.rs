//! Tokens of the language model that shops use, by day of UTC.

use crate::domain::id::ShopId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

/// Whether tokens could be set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reservation {
    Granted,
    /// They would go over the day's limit. `is_first` once in a day.
    Refused {
        is_first: bool,
    },
}

/// One day's tokens, those of answers that are being made included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayUsage {
    /// As `2026-01-02`, in UTC.
    pub day: String,
    pub tokens: u64,
}

impl Store {
    /// Sets tokens aside for a call that is about to begin, if the day of `at` stays within `limit` with them. However many ask
    /// at once, the limit holds. What is never settled, because the program was killed, counts as used.
    ///
    /// Not synchronized to the disk: a power cut may lose it, which costs less than a wait before each answer.
    pub async fn reserve_tokens(
        &self,
        shop: ShopId,
        at: Timestamp,
        tokens: u64,
        limit: u64,
    ) -> StoreResult<Reservation> {
        let (tokens, limit) = (signed(tokens)?, signed(limit)?);
        self.write_unseen(move |conn| {
            let key = (shop.0, day(at));
            ensure_day(conn, &key)?;
            let sql = "update llm_usage set tokens = tokens + ?3 where shop_id = ?1 and day = ?2 and tokens + ?3 <= ?4";
            if conn
                .prepare_cached(sql)?
                .execute(params![key.0, key.1, tokens, limit])?
                == 1
            {
                return Ok(Reservation::Granted);
            }
            let sql = "update llm_usage set is_told = 1 where shop_id = ?1 and day = ?2 and is_told = 0";
            let told = conn.prepare_cached(sql)?.execute(params![key.0, key.1])?;
            Ok(Reservation::Refused { is_first: told == 1 })
        })
        .await
    }

    /// Puts what a call used in the place of what was set aside for it; nothing was where there is no limit. `at` is the moment of
    /// the reservation.
    pub async fn settle_tokens(&self, shop: ShopId, at: Timestamp, reserved: u64, used: u64) -> StoreResult<()> {
        let (reserved, used) = (signed(reserved)?, signed(used)?);
        self.write(move |conn| {
            let key = (shop.0, day(at));
            ensure_day(conn, &key)?;
            let sql = "update llm_usage set tokens = max(0, tokens - ?3 + ?4) where shop_id = ?1 and day = ?2";
            conn.prepare_cached(sql)?
                .execute(params![key.0, key.1, reserved, used])?;
            Ok(())
        })
        .await
    }

    /// The last `limit` days on which there was any use, latest first. Not found when the shop is gone.
    pub async fn list_usage(&self, shop: ShopId, limit: u32) -> StoreResult<Vec<DayUsage>> {
        self.read(move |conn| {
            require_shop(conn, shop)?;
            let sql = "select day, tokens from llm_usage where shop_id = ?1 order by day desc limit ?2";
            let mut statement = conn.prepare_cached(sql)?;
            let days = statement.query_map(params![shop.0, limit], |row| {
                Ok(DayUsage {
                    day: row.get(0)?,
                    tokens: row.get::<_, i64>(1)?.unsigned_abs(),
                })
            })?;
            Ok(days.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn ensure_day(conn: &Connection, (shop, day): &(i64, String)) -> StoreResult<()> {
    let sql = "insert into llm_usage (shop_id, day, tokens) values (?1, ?2, 0) on conflict do nothing";
    conn.prepare_cached(sql)?.execute(params![shop, day])?;
    Ok(())
}

fn day(at: Timestamp) -> String {
    stamp(at).chars().take(10).collect()
}

fn signed(tokens: u64) -> StoreResult<i64> {
    i64::try_from(tokens).map_err(StoreError::internal)
}
