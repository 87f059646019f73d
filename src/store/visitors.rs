//! Visitors: whose a session is, and forgetting all that one left.

use crate::domain::chat::Claim;
use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::id::VisitorId;
use crate::domain::secret::Secret;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::events::delete_session_events;
use crate::store::rows::optional;
use crate::store::rows::stamp;
use crate::store::rows::uuid;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

/// Every table with rows of one session but those of events, which are counted and have a way of their own. A test holds it to the
/// schema. In an order that keeps references whole.
const SESSION_TABLES: [&str; 5] = ["votes", "leads", "survey_responses", "chat_logs", "chat_sessions"];

impl Store {
    /// The program's secret of this name. The first call stores `new` and returns it; every later one returns that again.
    pub async fn ensure_secret(&self, name: &'static str, new: Secret<String>) -> StoreResult<Secret<String>> {
        self.write(move |conn| {
            conn.execute(
                "insert or ignore into settings (shop_id, key, value) values (0, ?1, ?2)",
                params![name, new.expose()],
            )?;
            let sql = "select value from settings where shop_id = 0 and key = ?1";
            Ok(Secret::new(conn.query_row(sql, [name], |row| row.get(0))?))
        })
        .await
    }

    /// Deletes what the visitor's sessions left (messages, answers, votes, leads, events, survey responses) and the sessions themselves,
    /// so that no file of the database holds it any more. Returns the sessions, in order of their ids.
    pub async fn forget_visitor(&self, shop: ShopId, visitor: VisitorId) -> StoreResult<Vec<SessionId>> {
        self.write_without_trace(move |conn| {
            let key = params![shop.0, visitor.to_string()];
            let sql = "select session_id from chat_sessions where shop_id = ?1 and visitor_id = ?2 order by session_id";
            let mut statement = conn.prepare_cached(sql)?;
            let sessions = statement
                .query_map(key, |row| Ok(SessionId(uuid(row, 0)?)))?
                .collect::<Result<Vec<_>, _>>()?;
            for table in SESSION_TABLES {
                let sql = format!("delete from {table} where shop_id = ?1 and session_id = ?2");
                let mut statement = conn.prepare_cached(&sql)?;
                for session in &sessions {
                    statement.execute(params![shop.0, session.to_string()])?;
                }
            }
            for session in &sessions {
                delete_session_events(conn, shop, *session)?;
            }
            Ok(sessions)
        })
        .await
    }
}

/// Whose the session is; `None` before anybody is.
pub(super) fn owner_of(conn: &Connection, shop: ShopId, session: SessionId) -> StoreResult<Option<VisitorId>> {
    let mut statement =
        conn.prepare_cached("select visitor_id from chat_sessions where shop_id = ?1 and session_id = ?2")?;
    let owner = statement.query_row(params![shop.0, session.to_string()], |row| uuid(row, 0));
    Ok(optional(owner)?.map(VisitorId))
}

/// Refuses a proven visitor a session of another: conflict `session_taken`.
pub(super) fn require_open(owner: Option<VisitorId>, claim: Claim) -> StoreResult<()> {
    match (owner, claim) {
        (Some(owner), Claim::Proven(visitor)) if owner != visitor => Err(StoreError::Conflict("session_taken")),
        _ => Ok(()),
    }
}

/// Gives a session without an owner to the visitor. Returns whose it is; conflict `session_taken` as `require_open`.
pub(super) fn claim_session(
    conn: &Connection,
    shop: ShopId,
    session: SessionId,
    claim: Claim,
    now: Timestamp,
) -> StoreResult<VisitorId> {
    if let Some(owner) = owner_of(conn, shop, session)? {
        return require_open(Some(owner), claim).map(|()| owner);
    }
    conn.prepare_cached(
        "insert into chat_sessions (shop_id, session_id, visitor_id, created_at) values (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        shop.0,
        session.to_string(),
        claim.visitor().to_string(),
        stamp(now)
    ])?;
    Ok(claim.visitor())
}
