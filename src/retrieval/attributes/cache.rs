//! The facets of the shops that are being asked, each read once for each import.

use crate::domain::id::ShopId;
use crate::retrieval::attributes::facets::Facets;
use crate::store::Store;
use anyhow::Context;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Shops whose facets are kept; past this, all are dropped and read again when asked for.
const SHOPS_KEPT: usize = 200;
/// Products read at a time, so that a large shop's rows are never all in memory as text.
const PAGE: u32 = 5_000;

/// By shop: the version of its knowledge, and its facets.
type Kept = HashMap<ShopId, (i64, Arc<Facets>)>;

#[derive(Clone, Default)]
pub struct FacetCache {
    kept: Arc<Mutex<Kept>>,
}

impl FacetCache {
    /// The facets of what the shop has now. An import that is published while they are read changes the version, and the next
    /// question reads them again.
    pub async fn of(&self, store: &Store, shop: ShopId) -> anyhow::Result<Arc<Facets>> {
        let version = store.index_version(shop).await?;
        if let Some((kept_version, kept)) = self.lock().get(&shop)
            && *kept_version == version
        {
            return Ok(kept.clone());
        }
        let facets = Arc::new(read(store, shop).await?);
        let mut kept = self.lock();
        if kept.len() >= SHOPS_KEPT {
            kept.clear();
        }
        kept.insert(shop, (version, facets.clone()));
        Ok(facets)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
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
