//! What a visitor may do with their own conversations: read them again, vote on answers, have all of it forgotten.

use crate::chat::Chat;
use crate::domain::chat::LoggedTurn;
use crate::domain::id::MessageId;
use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::id::VisitorId;
use crate::domain::vote::Vote;
use crate::http::error::Result;
use crate::http::visitor::VisitorToken;

/// Turns of one session that a page shows again; nobody scrolls further.
const HISTORY_SHOWN: u32 = 100;

impl Chat {
    /// Whose the token is; `None` for one that proves nothing.
    pub fn visitor(&self, shop: ShopId, token: &VisitorToken) -> Option<VisitorId> {
        self.visitors.visitor(shop, token, self.clock.now())
    }

    /// The session's last turns, oldest first. Not found unless it is the session of the token's visitor.
    pub async fn history(&self, shop: ShopId, session: SessionId, token: &VisitorToken) -> Result<Vec<LoggedTurn>> {
        let visitor = self.visitors.require(shop, token, self.clock.now())?;
        let turns = self.store.session_history(shop, session, visitor, HISTORY_SHOWN);
        Ok(turns.await?)
    }

    /// Deletes all that the visitor left in this shop. Calling it twice changes nothing.
    pub async fn forget(&self, shop: ShopId, token: &VisitorToken) -> Result<()> {
        let visitor = self.visitors.require(shop, token, self.clock.now())?;
        let sessions = self.store.forget_visitor(shop, visitor).await?;
        tracing::info!(shop = shop.0, sessions = sessions.len(), "forgot a visitor");
        Ok(())
    }

    /// Stores a vote in place of an earlier one; `None` takes it back. Whoever knows the ids of session and message may vote, but
    /// not with the token of another visitor.
    pub async fn vote(
        &self,
        shop: ShopId,
        session: SessionId,
        message: MessageId,
        token: &VisitorToken,
        vote: Option<Vote>,
    ) -> Result<()> {
        let visitor = self.visitor(shop, token);
        let stored = self
            .store
            .put_vote(shop, session, message, visitor, vote, self.clock.now());
        Ok(stored.await?)
    }
}
