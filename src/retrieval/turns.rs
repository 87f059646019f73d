//! Searches take turns at the processor. When fifty begin at once and share it, all of them end when the last one does; one after
//! the other, half of them end in half that time, and the last no later.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

/// A search that waits longer goes on beside the others: one of them may be waiting for an index that an import has made old.
const PATIENCE: Duration = Duration::from_millis(100);
/// While one waits for the embedder or a connection, another computes.
const LEAST_AT_ONCE: usize = 2;

/// Cheap to clone; all clones share the turns.
#[derive(Clone)]
pub struct Turns {
    free: Arc<Semaphore>,
    patience: Duration,
}

/// A search's turn; it ends when this is dropped.
pub struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Default for Turns {
    fn default() -> Turns {
        let cores = available_parallelism().map_or(LEAST_AT_ONCE, NonZeroUsize::get);
        Turns::new(cores.max(LEAST_AT_ONCE), PATIENCE)
    }
}

impl Turns {
    fn new(at_once: usize, patience: Duration) -> Turns {
        Turns {
            free: Arc::new(Semaphore::new(at_once)),
            patience,
        }
    }

    /// In the order of asking.
    pub async fn begin(&self) -> Turn {
        let waiting = tokio::time::timeout(self.patience, self.free.clone().acquire_owned()).await;
        Turn {
            _permit: waiting.ok().and_then(Result::ok),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;
    use std::time::Duration;

    #[tokio::test]
    async fn who_comes_late_waits_until_a_turn_ends() {
        let turns = Turns::new(1, Duration::from_secs(20));
        let first = turns.begin().await;
        let waiting = turns.begin();
        tokio::pin!(waiting);
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(first);
        assert!(waiting.await._permit.is_some());
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let turns = Turns::new(1, Duration::from_millis(1));
        let _first = turns.begin().await;
        assert!(turns.begin().await._permit.is_none());
    }
}
