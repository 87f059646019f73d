//! What is made of a shop's texts once for each import and kept in memory: one makes it, whoever asks meanwhile waits for that one.

use crate::domain::id::ShopId;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

pub trait Kept: Send + Sync + 'static {
    /// About how much memory it takes.
    fn size_bytes(&self) -> usize;
}

/// Values by shop, each of one version of the shop's knowledge.
pub struct ShopCache<T> {
    /// Values of the shops that were not asked lately go when all together are larger. One may be larger by itself.
    budget_bytes: usize,
    held: Mutex<Held<T>>,
}

struct Held<T> {
    shops: HashMap<ShopId, Entry<T>>,
    uses: u64,
}

struct Entry<T> {
    slot: Arc<Slot<T>>,
    size_bytes: usize,
    last_use: u64,
}

struct Slot<T> {
    current: Mutex<Option<(i64, Arc<T>)>>,
    making: tokio::sync::Mutex<()>,
}

impl<T: Kept> ShopCache<T> {
    pub fn new(budget_bytes: usize) -> ShopCache<T> {
        ShopCache {
            budget_bytes,
            held: Mutex::new(Held {
                shops: HashMap::new(),
                uses: 0,
            }),
        }
    }

    /// The shop's value of this version or a later one, made with `make` when there is none. An error is the caller's alone: the
    /// next in line makes it again.
    pub async fn of(
        &self,
        shop: ShopId,
        version: i64,
        make: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<Arc<T>> {
        let slot = self.touch(shop);
        if let Some(current) = slot.current(version) {
            return Ok(current);
        }
        let _making = slot.making.lock().await;
        if let Some(current) = slot.current(version) {
            return Ok(current);
        }
        let made = Arc::new(make.await?);
        *slot.current.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, made.clone()));
        self.note_size(shop, made.size_bytes());
        Ok(made)
    }

    /// Whether the shop was asked lately enough that a value of some version is kept.
    pub fn holds(&self, shop: ShopId) -> bool {
        self.lock().shops.get(&shop).is_some_and(|entry| entry.size_bytes > 0)
    }

    fn touch(&self, shop: ShopId) -> Arc<Slot<T>> {
        let mut held = self.lock();
        held.uses += 1;
        let now = held.uses;
        let entry = held.shops.entry(shop).or_insert_with(|| Entry {
            slot: Arc::new(Slot {
                current: Mutex::new(None),
                making: tokio::sync::Mutex::new(()),
            }),
            size_bytes: 0,
            last_use: now,
        });
        entry.last_use = now;
        entry.slot.clone()
    }

    fn note_size(&self, shop: ShopId, size_bytes: usize) {
        let mut held = self.lock();
        if let Some(entry) = held.shops.get_mut(&shop) {
            // Nothing at all still has its place.
            entry.size_bytes = size_bytes.max(1);
        }
        while held.shops.values().map(|entry| entry.size_bytes).sum::<usize>() > self.budget_bytes {
            let others = held
                .shops
                .iter()
                .filter(|(other, entry)| **other != shop && entry.size_bytes > 0);
            let Some(oldest) = others.min_by_key(|(_, entry)| entry.last_use).map(|(other, _)| *other) else {
                return;
            };
            held.shops.remove(&oldest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held<T>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Slot<T> {
    fn current(&self, version: i64) -> Option<Arc<T>> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let (held, value) = current.as_ref()?;
        (*held >= version).then(|| value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;
    use super::ShopCache;
    use crate::domain::id::ShopId;
    use futures::future::join_all;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering;

    struct Bytes(usize);

    impl Kept for Bytes {
        fn size_bytes(&self) -> usize {
            self.0
        }
    }

    #[tokio::test]
    async fn questions_at_the_same_time_make_a_value_once() {
        let cache = ShopCache::new(100);
        let made = AtomicUsize::new(0);
        let make = || async {
            made.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(Bytes(1))
        };
        let asked = join_all((0..8).map(|_| cache.of(ShopId(1), 1, make()))).await;
        assert!(asked.iter().all(Result::is_ok));
        assert_eq!(made.load(Ordering::Relaxed), 1);
        cache.of(ShopId(1), 2, make()).await.unwrap();
        cache.of(ShopId(1), 1, make()).await.unwrap();
        assert_eq!(made.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_failure_leaves_the_next_question_to_try_again() {
        let cache = ShopCache::new(100);
        let failing = cache.of(ShopId(1), 1, async { Err(anyhow::anyhow!("no connection")) });
        assert!(failing.await.is_err());
        assert!(!cache.holds(ShopId(1)));
        assert!(cache.of(ShopId(1), 1, async { Ok(Bytes(1)) }).await.is_ok());
    }

    #[tokio::test]
    async fn the_shop_that_was_not_asked_longest_goes_first() {
        let cache = ShopCache::new(100);
        for (shop, bytes) in [(1, 40), (2, 40), (1, 40), (3, 40)] {
            cache
                .of(ShopId(shop), 1, async move { Ok(Bytes(bytes)) })
                .await
                .unwrap();
        }
        let holds = [1, 2, 3].map(|shop| cache.holds(ShopId(shop)));
        assert_eq!(holds, [true, false, true]);
        cache.of(ShopId(4), 1, async { Ok(Bytes(1000)) }).await.unwrap();
        assert!(cache.holds(ShopId(4)));
    }
}
