//! Feature: analytics. What the widget tells of visits, cleaned and counted, and what an owner learns of it.

pub mod batch;
mod metadata;
pub mod period;
pub mod routes;
mod summary_view;

use crate::analytics::batch::Batch;
use crate::domain::clock::Clock;
use crate::domain::id::ShopId;
use crate::domain::summary::Period;
use crate::domain::summary::Summary;
use crate::store::Store;
use crate::store::error::StoreResult;
use std::time::Duration;

/// Events deleted in one transaction; few enough that a visitor's message hardly waits for them.
const DELETED_AT_ONCE: u32 = 1_000;

#[derive(Clone)]
pub struct Analytics {
    store: Store,
    clock: Clock,
    retention: Duration,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    pub accepted: usize,
    pub dropped: usize,
}

impl Analytics {
    /// Single events are kept for `retention`.
    pub fn new(store: Store, clock: Clock, retention: Duration) -> Analytics {
        Analytics {
            store,
            clock,
            retention,
        }
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Stores the batch's events.
    pub async fn record(&self, shop: ShopId, batch: Batch) -> StoreResult<Recorded> {
        let recorded = Recorded {
            accepted: batch.events.len(),
            dropped: batch.dropped,
        };
        if !batch.events.is_empty() {
            self.store.insert_events(shop, batch.session, batch.events).await?;
        }
        Ok(recorded)
    }

    pub async fn summary(&self, shop: ShopId, period: Period) -> StoreResult<Summary> {
        self.store.summarize(shop, period).await
    }

    /// Deletes the events of all shops that are older than they are kept, and returns how many. Their counts stay.
    pub async fn forget_old(&self) -> StoreResult<usize> {
        let before = self.clock.now() - self.retention;
        let mut deleted = 0;
        for shop in self.store.list_shops().await? {
            loop {
                let count = self
                    .store
                    .delete_events_before(shop.id, before, DELETED_AT_ONCE)
                    .await?;
                deleted += count;
                if count == 0 {
                    break;
                }
            }
        }
        Ok(deleted)
    }
}
