//! What a visitor may do with their own conversations: read them again, vote on answers, have all of it forgotten.

use crate::chat::Chat;
use crate::chat::cards::Card;
use crate::chat::cards::cards;
use crate::domain::chat::Citation;
use crate::domain::chat::LoggedTurn;
use crate::domain::id::MessageId;
use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::id::VisitorId;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::domain::shop::Shop;
use crate::domain::vote::Vote;
use crate::http::error::Result;
use crate::http::visitor::VisitorToken;
use std::collections::BTreeSet;

/// Turns of one session that a page shows again; nobody scrolls further.
const HISTORY_SHOWN: u32 = 100;

impl Chat {
    /// Whose the token is; `None` for one that proves nothing.
    pub fn visitor(&self, shop: ShopId, token: &VisitorToken) -> Option<VisitorId> {
        self.visitors.visitor(shop, token, self.clock.now())
    }

    /// The session's last turns, oldest first, each with cards of the products that it cites, as those are now; one that the shop
    /// has no more has none. Not found unless it is the session of the token's visitor.
    pub async fn history(
        &self,
        shop: ShopId,
        session: SessionId,
        token: &VisitorToken,
    ) -> Result<Vec<(LoggedTurn, Vec<Card>)>> {
        let visitor = self.visitors.require(shop, token, self.clock.now())?;
        let turns = self.store.session_history(shop, session, visitor, HISTORY_SHOWN);
        let turns = turns.await?;
        let citations = turns.iter().flat_map(|turn| &turn.citations);
        let cited: BTreeSet<String> = citations
            .filter(|citation| citation.source_type == SourceType::Product)
            .map(|citation| citation.source_id.clone())
            .collect();
        let products = self.store.products(shop, cited.into_iter().collect()).await?;
        let all = cards(&products);
        let of_turn = |turn: &LoggedTurn| {
            let cited = turn.citations.iter();
            let cited = cited.filter(|citation| citation.source_type == SourceType::Product);
            let card = |citation: &Citation| all.iter().find(|card| card.source_id == citation.source_id).cloned();
            cited.filter_map(card).collect()
        };
        Ok(turns
            .into_iter()
            .map(|turn| {
                let cards = of_turn(&turn);
                (turn, cards)
            })
            .collect())
    }

    /// What the page of a product offers to ask; nothing for an unknown product. `language` is the page's wish.
    pub async fn page_prompts(&self, shop: &Shop, product: &str, language: Option<Language>) -> Result<Vec<String>> {
        let language = language.unwrap_or(shop.settings.language);
        let prompts = self
            .suggestions
            .of_page(&self.store, &self.retriever, shop.id, product, language);
        Ok(prompts.await?)
    }

    /// Deletes all that the visitor left in this shop. Calling it twice changes nothing.
    pub async fn forget(&self, shop: ShopId, token: &VisitorToken) -> Result<()> {
        let visitor = self.visitors.require(shop, token, self.clock.now())?;
        let sessions = self.store.forget_visitor(shop, visitor).await?;
        self.repeats.forget(shop, &sessions);
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
