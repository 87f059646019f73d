//! The imports that run now. One process owns the data folder, so that what is here is what runs.

use crate::domain::id::ShopId;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// How far the running import of a shop is, in source items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub total: usize,
}

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct RunningImports {
    shops: Arc<Mutex<HashMap<ShopId, Progress>>>,
}

/// The right to import into a shop; it ends when this is dropped, however the import ends.
pub struct Claim {
    imports: RunningImports,
    shop: ShopId,
}

impl RunningImports {
    /// `None` while another import of the shop runs.
    pub fn claim(&self, shop: ShopId) -> Option<Claim> {
        let mut shops = self.lock();
        if shops.contains_key(&shop) {
            return None;
        }
        shops.insert(shop, Progress::default());
        Some(Claim {
            imports: self.clone(),
            shop,
        })
    }

    pub fn progress(&self, shop: ShopId) -> Option<Progress> {
        self.lock().get(&shop).copied()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ShopId, Progress>> {
        self.shops.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claim {
    pub fn note(&self, progress: Progress) {
        self.imports.lock().insert(self.shop, progress);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.imports.lock().remove(&self.shop);
    }
}

#[cfg(test)]
mod tests {
    use super::RunningImports;
    use crate::domain::id::ShopId;

    #[test]
    fn a_shop_is_free_again_when_its_import_ends() {
        let imports = RunningImports::default();
        let claim = imports.claim(ShopId(1));
        assert!(claim.is_some() && imports.claim(ShopId(1)).is_none() && imports.claim(ShopId(2)).is_some());
        drop(claim);
        assert!(imports.claim(ShopId(1)).is_some());
    }
}
