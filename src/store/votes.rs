//! Votes on answers.

use crate::domain::id::MessageId;
use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::id::VisitorId;
use crate::domain::vote::Vote;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::stamp;
use crate::store::rows::to_json;
use crate::store::visitors::owner_of;
use jiff::Timestamp;
use rusqlite::params;

impl Store {
    /// Stores what a visitor thinks of an answer in place of what they thought before; `None` takes it back.
    ///
    /// Not found unless the message is of this shop and session, and the session is of no other visitor than the proven one.
    pub async fn put_vote(
        &self,
        shop: ShopId,
        session: SessionId,
        message: MessageId,
        visitor: Option<VisitorId>,
        vote: Option<Vote>,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.write(move |conn| {
            let sql = "select 1 from chat_logs where shop_id = ?1 and session_id = ?2 and message_id = ?3";
            let key = params![shop.0, session.to_string(), message.to_string()];
            conn.prepare_cached(sql)?.query_row(key, |_| Ok(()))?;
            let owner = owner_of(conn, shop, session)?;
            if visitor.is_some_and(|visitor| owner.is_some_and(|owner| owner != visitor)) {
                return Err(StoreError::NotFound);
            }
            let sql = "delete from votes where shop_id = ?1 and message_id = ?2 returning created_at";
            let mut earlier = conn.prepare_cached(sql)?;
            let earlier = earlier.query_map(params![shop.0, message.to_string()], |row| row.get::<_, String>(0))?;
            let first = earlier.collect::<Result<Vec<_>, _>>()?.pop();
            let Some(vote) = vote else {
                return Ok(());
            };
            // A row made anew, not one that grows: growing would move its neighbors and leave old copies of them in the file.
            conn.prepare_cached(
                "insert into votes (shop_id, session_id, message_id, value, reasons, comment, created_at, updated_at)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                shop.0,
                session.to_string(),
                message.to_string(),
                vote.value.name(),
                to_json(&vote.reasons)?,
                vote.comment,
                first.unwrap_or_else(|| stamp(now)),
                stamp(now)
            ])?;
            Ok(())
        })
        .await
    }
}
