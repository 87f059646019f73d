//! Turns of conversations.

use crate::domain::chat::Claim;
use crate::domain::chat::NewTurn;
use crate::domain::chat::PastTurn;
use crate::domain::chat::TurnOutcome;
use crate::domain::id::MessageId;
use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::id::VisitorId;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::json;
use crate::store::rows::language;
use crate::store::rows::stamp;
use crate::store::rows::to_json;
use crate::store::shops::changed_one;
use crate::store::visitors::claim_session;
use crate::store::visitors::owner_of;
use crate::store::visitors::require_open;
use jiff::Timestamp;
use rusqlite::params;

impl Store {
    /// Stores a visitor's message before anything is done about it. Returns whose the session is: the claim's visitor when it had
    /// none. Not found when the shop is gone; conflict `session_taken` when the claim is proven and the session another's.
    pub async fn insert_turn(&self, shop: ShopId, turn: NewTurn) -> StoreResult<VisitorId> {
        self.write(move |conn| {
            let owner = claim_session(conn, shop, turn.session_id, turn.claim, turn.created_at)?;
            conn.prepare_cached(
                "insert into chat_logs (shop_id, session_id, message_id, status, user_message, language, metadata, created_at)
                 values (?1, ?2, ?3, 'pending', ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                shop.0,
                turn.session_id.to_string(),
                turn.message_id.to_string(),
                turn.user_message,
                turn.language.code(),
                turn.metadata,
                stamp(turn.created_at)
            ])?;
            Ok(owner)
        })
        .await
    }

    /// Stores how a turn ended. A turn ends once: a second call is not found.
    pub async fn finish_turn(&self, shop: ShopId, message: MessageId, outcome: TurnOutcome) -> StoreResult<()> {
        self.write(move |conn| {
            let rows = conn
                .prepare_cached(include_str!("sql/turn_finish.sql"))?
                .execute(params![
                    shop.0,
                    message.to_string(),
                    outcome.status.name(),
                    outcome.assistant_answer,
                    outcome.context_used,
                    to_json(&outcome.citations)?,
                    outcome.collected_data,
                    outcome.model,
                    outcome.prompt_tokens,
                    outcome.completion_tokens,
                    outcome.first_delta_ms.map(saturated),
                    saturated(outcome.total_ms),
                    outcome.degraded,
                    outcome.refused,
                    outcome.checked.claims,
                    outcome.checked.corrected,
                    outcome.checked.dropped
                ])?;
            changed_one(rows)
        })
        .await
    }

    /// Replaces what is stored of the visitor's contacts with a turn, as JSON. Not found in another shop.
    pub async fn update_collected_data(&self, shop: ShopId, message: MessageId, data: String) -> StoreResult<()> {
        self.write(move |conn| {
            changed_one(conn.execute(
                "update chat_logs set collected_data = ?3 where shop_id = ?1 and message_id = ?2",
                params![shop.0, message.to_string(), data],
            )?)
        })
        .await
    }

    /// The session's last `limit` answered turns since `since`, oldest first. Conflict `session_taken` when the claim is proven and
    /// the session another's.
    pub async fn list_recent_turns(
        &self,
        shop: ShopId,
        session: SessionId,
        claim: Claim,
        since: Timestamp,
        limit: u32,
    ) -> StoreResult<Vec<PastTurn>> {
        self.read(move |conn| {
            require_open(owner_of(conn, shop, session)?, claim)?;
            let mut statement = conn.prepare_cached(
                "select user_message, assistant_answer, language, refused, citations from chat_logs
                 where shop_id = ?1 and session_id = ?2 and status <> 'pending' and created_at >= ?3
                 order by id desc limit ?4",
            )?;
            let turns = statement.query_map(params![shop.0, session.to_string(), stamp(since), limit], |row| {
                Ok(PastTurn {
                    user_message: row.get(0)?,
                    assistant_answer: row.get(1)?,
                    language: language(row, 2)?,
                    refused: row.get(3)?,
                    citations: json(&row.get::<_, String>(4)?)?,
                })
            })?;
            let mut turns = turns.collect::<Result<Vec<_>, _>>()?;
            turns.reverse();
            Ok(turns)
        })
        .await
    }
}

fn saturated(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds).unwrap_or(i64::MAX)
}
