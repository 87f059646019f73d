//! Making what searches need before somebody asks: after an import, and after a start.

use crate::domain::id::ShopId;
use crate::retrieval::Retriever;
use anyhow::Context;
use std::time::Duration;

/// Any question reads the shop's words and product rows and makes the store's indexes.
const WARMING_QUESTION: &str = "товар product";
/// Documents of all shops together that are made ready at a start; more would only push each other out of memory.
const READY_DOCUMENTS: u32 = 100_000;
/// How long making one shop ready waits for questions that are being answered.
const GIVE_WAY: Duration = Duration::from_secs(2);

impl Retriever {
    /// Makes anew what an import has made old, so that no visitor waits for it; nothing for a shop that is not being asked.
    pub async fn warm(&self, shop: ShopId) -> anyhow::Result<()> {
        if !self.vocabularies.holds(shop) {
            return Ok(());
        }
        if self.facets.holds(shop) {
            let facets = self.facets.of(&self.store, shop).await;
            facets.context("could not read the shop's product rows")?;
        }
        self.search(shop, WARMING_QUESTION, &[], 1).await?;
        self.give_back_memory().await
    }

    /// Makes shops ready to be asked, the smallest first, and one that is too large only when it is alone. A shop that is asked
    /// meanwhile does not wait for the others.
    pub async fn warm_up(&self) -> anyhow::Result<()> {
        let sizes = self.store.list_shop_sizes().await;
        let mut ready = 0;
        for (shop, documents) in sizes.context("could not count the shops' documents")? {
            if ready > 0 && ready + documents > READY_DOCUMENTS {
                break;
            }
            ready += documents;
            self.demand.until_idle(GIVE_WAY).await;
            let asked = self.search(shop, WARMING_QUESTION, &[], 1).await;
            asked.with_context(|| format!("could not make shop {shop} ready"))?;
        }
        self.give_back_memory().await
    }

    async fn give_back_memory(&self) -> anyhow::Result<()> {
        let given = self.store.give_back_memory().await;
        given.context("could not give memory back")
    }
}
