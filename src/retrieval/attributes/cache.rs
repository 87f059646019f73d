//! The facets of the shops that are being asked, each read once for each import.

use crate::domain::id::ShopId;
use crate::retrieval::attributes::facets::Facets;
use crate::retrieval::shop_cache::ShopCache;
use crate::store::Store;
use anyhow::Context;
use std::sync::Arc;

/// Memory for the facets of all shops; past this, those of the shops that were not asked lately are dropped.
const BUDGET_BYTES: usize = 64 << 20;
/// Products read at a time, so that a large shop's rows are never all in memory as text.
const PAGE: u32 = 5_000;

#[derive(Clone)]
pub struct FacetCache {
    cache: Arc<ShopCache<Facets>>,
}

impl Default for FacetCache {
    fn default() -> FacetCache {
        FacetCache {
            cache: Arc::new(ShopCache::new(BUDGET_BYTES)),
        }
    }
}

impl FacetCache {
    /// The facets of what the shop has now. An import that is published while they are read changes the version, and the next
    /// question reads them again.
    pub async fn of(&self, store: &Store, shop: ShopId) -> anyhow::Result<Arc<Facets>> {
        let version = store.index_version(shop).await?;
        self.of_version(store, shop, version).await
    }

    /// The same for who knows the shop's version already.
    pub async fn of_version(&self, store: &Store, shop: ShopId, version: i64) -> anyhow::Result<Arc<Facets>> {
        self.cache.of(shop, version, read(store, shop)).await
    }

    pub fn holds(&self, shop: ShopId) -> bool {
        self.cache.holds(shop)
    }
}

async fn read(store: &Store, shop: ShopId) -> anyhow::Result<Facets> {
    let mut facets = Facets::default();
    let mut after = String::new();
    loop {
        let page = store.list_products(shop, after.clone(), PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        if let Some(last) = page.last() {
            after = last.key.source_id.clone();
        }
        let added = tokio::task::spawn_blocking(move || {
            page.iter().for_each(|product| facets.add(product));
            if is_last {
                facets.finish();
            }
            facets
        });
        facets = added.await.context("reading product rows panicked")?;
        if is_last {
            return Ok(facets);
        }
    }
}
