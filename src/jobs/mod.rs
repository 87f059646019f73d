//! Durable jobs: queued as rows, taken one after the other with a lease, resumed after the program ended however it ended.
//! Knows nothing of what a job does.

use crate::domain::clock::Clock;
use crate::domain::embedding::ModelSource;
use crate::domain::id::JobId;
use crate::domain::id::ShopId;
use crate::domain::job::Job;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::sync::OwnedMutexGuard;

/// A job that neither gets on nor ends for this long is taken up anew.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    store: Store,
    clock: Clock,
    turn: Arc<Mutex<()>>,
}

/// Held by the one that works on jobs.
pub struct Turn(#[expect(dead_code, reason = "it is held, not read")] OwnedMutexGuard<()>);

impl Jobs {
    pub fn new(store: Store, clock: Clock) -> Jobs {
        Jobs {
            store,
            clock,
            turn: Arc::default(),
        }
    }

    /// Queues a reindex of the shop to this model; nothing works on it by itself. Conflict while another job of the shop
    /// waits or runs.
    pub async fn queue_reindex(&self, shop: ShopId, model: ModelSource) -> StoreResult<Job> {
        self.store.insert_reindex_job(shop, model, self.clock.now()).await
    }

    /// Not found for a job of another shop.
    pub async fn find(&self, shop: ShopId, job: JobId) -> StoreResult<Job> {
        self.store.job(shop, job).await
    }

    /// The shop's jobs, newest first.
    pub async fn list(&self, shop: ShopId, limit: usize) -> StoreResult<Vec<Job>> {
        self.store.list_jobs(shop, limit).await
    }

    /// Ends a job that waits or runs, after its present batch; one that has ended stays as it is.
    pub async fn cancel(&self, shop: ShopId, job: JobId) -> StoreResult<Job> {
        self.store.cancel_job(shop, job, self.clock.now()).await
    }

    /// Now, and until when a job may be silent from now.
    pub fn lease(&self) -> (Timestamp, Timestamp) {
        let now = self.clock.now();
        (now, now.checked_add(LEASE).unwrap_or(Timestamp::MAX))
    }

    /// Says that a job which waits for something is alive. Conflict when it was cancelled.
    pub async fn renew(&self, job: JobId) -> StoreResult<()> {
        self.store.renew_job(job, self.lease().1).await
    }

    /// The right to work on jobs, of one at a time; waits for the one that has it.
    pub async fn turn(&self) -> Turn {
        Turn(self.turn.clone().lock_owned().await)
    }

    /// The oldest job that waits, taken with a lease. Whoever holds the turn works on it and then asks again.
    pub async fn next(&self, _turn: &Turn) -> StoreResult<Option<Job>> {
        let (now, lease) = self.lease();
        self.store.claim_job(now, lease).await
    }

    /// Marks a job as failed whose work ended with this error; one that was cancelled stays cancelled.
    pub async fn fail(&self, job: &Job, error: &anyhow::Error) -> StoreResult<()> {
        if matches!(error.downcast_ref(), Some(StoreError::Conflict("job_ended"))) {
            tracing::info!(job = job.id.0, shop = job.shop.0, "the job was cancelled");
            return Ok(());
        }
        tracing::error!(job = job.id.0, shop = job.shop.0, "the job failed: {error:#}");
        self.store
            .fail_job(job.id, format!("{error:#}"), self.clock.now())
            .await
    }
}
