//! A session's turns as its visitor sees them again.

use crate::domain::chat::LoggedTurn;
use crate::domain::chat::TurnStatus;
use crate::domain::id::MessageId;
use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::id::VisitorId;
use crate::domain::vote::Vote;
use crate::domain::vote::VoteValue;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::json;
use crate::store::rows::language;
use crate::store::rows::parsed;
use crate::store::rows::timestamp;
use crate::store::rows::uuid;
use crate::store::visitors::owner_of;
use rusqlite::Row;
use rusqlite::params;

impl Store {
    /// The session's last `limit` turns, oldest first. Not found unless the session is the visitor's.
    pub async fn session_history(
        &self,
        shop: ShopId,
        session: SessionId,
        visitor: VisitorId,
        limit: u32,
    ) -> StoreResult<Vec<LoggedTurn>> {
        self.read(move |conn| {
            if owner_of(conn, shop, session)? != Some(visitor) {
                return Err(StoreError::NotFound);
            }
            let mut statement = conn.prepare_cached(
                "select c.message_id, c.user_message, c.assistant_answer, c.status, c.language, c.refused, c.degraded,
                     c.citations, c.created_at, v.value, v.reasons, v.comment
                 from chat_logs c left join votes v on v.message_id = c.message_id and v.shop_id = c.shop_id
                 where c.shop_id = ?1 and c.session_id = ?2 order by c.id desc limit ?3",
            )?;
            let turns = statement.query_map(params![shop.0, session.to_string(), limit], logged_turn)?;
            let mut turns = turns.collect::<Result<Vec<_>, _>>()?;
            turns.reverse();
            Ok(turns)
        })
        .await
    }
}

fn logged_turn(row: &Row<'_>) -> rusqlite::Result<LoggedTurn> {
    Ok(LoggedTurn {
        message_id: MessageId(uuid(row, 0)?),
        user_message: row.get(1)?,
        assistant_answer: row.get(2)?,
        status: parsed(row, 3, TurnStatus::parse)?,
        language: language(row, 4)?,
        refused: row.get(5)?,
        degraded: row.get(6)?,
        citations: json(&row.get::<_, String>(7)?)?,
        created_at: timestamp(row, 8)?,
        vote: vote(row, 9)?,
    })
}

/// The vote in three columns, all null without one.
fn vote(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Vote>> {
    if row.get::<_, Option<String>>(first)?.is_none() {
        return Ok(None);
    }
    Ok(Some(Vote {
        value: parsed(row, first, VoteValue::parse)?,
        reasons: json(&row.get::<_, String>(first + 1)?)?,
        comment: row.get(first + 2)?,
    }))
}
