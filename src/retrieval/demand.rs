//! How many questions are being answered now, so that work that can wait gives way to them.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Notify;

/// Cheap to clone; all clones count together.
#[derive(Clone, Default)]
pub struct Demand {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    asked: AtomicUsize,
    answered: Notify,
}

/// A question that is being answered; it ends when this is dropped.
pub struct Asked {
    state: Arc<State>,
}

impl Demand {
    pub fn begin(&self) -> Asked {
        self.state.asked.fetch_add(1, Ordering::AcqRel);
        Asked {
            state: self.state.clone(),
        }
    }

    /// Returns when no question is being answered, and at the latest after `most`, so that what waits goes on however many ask.
    pub async fn until_idle(&self, most: Duration) {
        let idle = async {
            loop {
                let answered = self.state.answered.notified();
                if self.state.asked.load(Ordering::Acquire) == 0 {
                    return;
                }
                answered.await;
            }
        };
        // Running out of time is no failure.
        let _ = tokio::time::timeout(most, idle).await;
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if self.state.asked.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.state.answered.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Demand;
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn what_can_wait_goes_on_when_the_last_question_is_answered() {
        let demand = Demand::default();
        demand.until_idle(PATIENCE).await;
        let (first, second) = (demand.begin(), demand.clone().begin());
        let waits = demand.until_idle(PATIENCE);
        tokio::pin!(waits);
        assert!(futures::poll!(&mut waits).is_pending());
        drop(first);
        assert!(futures::poll!(&mut waits).is_pending());
        drop(second);
        waits.await;
    }

    #[tokio::test]
    async fn what_can_wait_goes_on_after_its_time() {
        let demand = Demand::default();
        let _asked = demand.begin();
        demand.until_idle(Duration::from_millis(1)).await;
    }
}
