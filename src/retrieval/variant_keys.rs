//! Which of the documents found may be variants of one product, remembered so that a search reads few of them. A document never
//! changes, so that what its title says stays true.

use crate::domain::id::DocumentId;
use crate::domain::id::ShopId;
use crate::domain::knowledge::Document;
use crate::retrieval::variant_words::read_title;
use crate::store::Store;
use anyhow::Context;
use std::collections::HashMap;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// Documents remembered, about 2 MB; past this, all are forgotten and read again when they are found.
const DOCUMENTS_KEPT: usize = 50_000;

/// What variants of one product have in common, as a hash; `None` for a document that has no variants.
pub type VariantKey = Option<u64>;

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct VariantKeys {
    kept: Arc<Mutex<HashMap<DocumentId, VariantKey>>>,
}

impl VariantKeys {
    /// The keys of the shop's documents, in their order; `None` for one that is gone.
    pub async fn of(&self, store: &Store, shop: ShopId, documents: &[DocumentId]) -> anyhow::Result<Vec<VariantKey>> {
        let mut keys: HashMap<DocumentId, VariantKey> = {
            let kept = self.lock();
            let known = documents
                .iter()
                .filter_map(|document| Some((*document, *kept.get(document)?)));
            known.collect()
        };
        let unknown = documents.iter().filter(|document| !keys.contains_key(document));
        let unknown: Vec<DocumentId> = unknown.copied().collect();
        if !unknown.is_empty() {
            let read = read(store, shop, unknown).await?;
            let mut kept = self.lock();
            if kept.len() + read.len() > DOCUMENTS_KEPT {
                kept.clear();
            }
            kept.extend(&read);
            keys.extend(read);
        }
        let key = |document| keys.get(document).copied().flatten();
        Ok(documents.iter().map(key).collect())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DocumentId, VariantKey>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(
    store: &Store,
    shop: ShopId,
    documents: Vec<DocumentId>,
) -> anyhow::Result<HashMap<DocumentId, VariantKey>> {
    let found = store.documents(shop, documents).await;
    let found = found.context("could not read the documents found")?;
    let keyed = tokio::task::spawn_blocking(move || {
        let keyed = found.iter().map(|document| (document.id, variant_key(document)));
        keyed.collect()
    });
    keyed.await.context("reading titles panicked")
}

fn variant_key(document: &Document) -> VariantKey {
    let key = read_title(&document.title, document.product.as_ref()?).key;
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    (!key.is_empty()).then(|| hasher.finish())
}

/// The places, in order, of what a list of `limit` products can show: whatever may be a variant, and as many others.
pub fn worth_reading(keys: &[VariantKey], limit: usize) -> Vec<usize> {
    let mut uses: HashMap<u64, usize> = HashMap::new();
    for key in keys.iter().flatten() {
        *uses.entry(*key).or_default() += 1;
    }
    let mut singles = 0;
    let mut places = Vec::new();
    for (place, key) in keys.iter().enumerate() {
        let is_shared = key.is_some_and(|key| uses.get(&key).is_some_and(|uses| *uses > 1));
        if is_shared || singles < limit {
            places.push(place);
        }
        singles += usize::from(!is_shared);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::worth_reading;

    #[test]
    fn what_may_be_a_variant_is_read_and_as_many_others_as_are_shown() {
        let keys = [Some(1), None, Some(2), Some(3), None, Some(2), Some(4), Some(1)];
        assert_eq!(worth_reading(&keys, 2), [0, 1, 2, 3, 5, 7]);
        assert_eq!(worth_reading(&keys, 0), [0, 2, 5, 7]);
        assert_eq!(worth_reading(&keys, 9), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(worth_reading(&[], 5).is_empty());
    }
}
