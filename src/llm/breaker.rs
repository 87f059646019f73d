//! A circuit breaker: after repeated failures nobody waits for a dead service until a single probe succeeds.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

const FAILURES_TO_OPEN: u32 = 5;
const OPEN_FOR: Duration = Duration::from_secs(30);

#[derive(Default)]
pub struct Breaker {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    consecutive_failures: u32,
    /// Set while open; probes are let in from then on.
    probe_from: Option<Instant>,
    is_probing: bool,
}

/// The permission to make one call. Dropped without a verdict (the visitor left), it counts neither way.
pub struct Pass {
    breaker: Arc<Breaker>,
    is_probe: bool,
}

impl Breaker {
    /// `None` while the breaker is open, or while another call is the probe.
    pub fn admit(self: &Arc<Breaker>, now: Instant) -> Option<Pass> {
        let mut state = self.lock();
        let is_probe = match state.probe_from {
            None => false,
            Some(probe_from) if now >= probe_from && !state.is_probing => true,
            Some(_) => return None,
        };
        state.is_probing |= is_probe;
        Some(Pass {
            breaker: Arc::clone(self),
            is_probe,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is plain numbers, valid after any panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    pub fn succeeded(self) {
        let mut state = self.breaker.lock();
        state.consecutive_failures = 0;
        state.probe_from = None;
    }

    pub fn failed(self, now: Instant) {
        let mut state = self.breaker.lock();
        state.consecutive_failures = state.consecutive_failures.saturating_add(1);
        // Calls that were under way when the breaker opened must not prolong it.
        let may_open = self.is_probe || state.probe_from.is_none();
        if may_open && state.consecutive_failures >= FAILURES_TO_OPEN {
            state.probe_from = Some(now + OPEN_FOR);
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.is_probe {
            self.breaker.lock().is_probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Breaker;
    use super::FAILURES_TO_OPEN;
    use super::OPEN_FOR;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    fn broken_at(now: Instant) -> Arc<Breaker> {
        let breaker = Arc::new(Breaker::default());
        for _ in 0..FAILURES_TO_OPEN {
            breaker.admit(now).unwrap().failed(now);
        }
        breaker
    }

    #[test]
    fn a_dead_service_is_asked_once_in_a_while() {
        let now = Instant::now();
        let breaker = broken_at(now);
        assert!(breaker.admit(now + OPEN_FOR - Duration::from_millis(1)).is_none());

        let later = now + OPEN_FOR;
        let probe = breaker.admit(later).unwrap();
        assert!(breaker.admit(later).is_none(), "one probe at a time");
        probe.failed(later);
        assert!(breaker.admit(later + OPEN_FOR / 2).is_none());
        breaker.admit(later + OPEN_FOR).unwrap().succeeded();
        assert!(breaker.admit(later + OPEN_FOR).is_some());
    }

    #[test]
    fn a_success_forgets_earlier_failures() {
        let now = Instant::now();
        let breaker = Arc::new(Breaker::default());
        for _ in 0..3 * FAILURES_TO_OPEN {
            breaker.admit(now).unwrap().failed(now);
            breaker.admit(now).unwrap().succeeded();
        }
        assert!(breaker.admit(now).is_some());
    }

    #[test]
    fn a_probe_whose_visitor_left_makes_room_for_the_next() {
        let now = Instant::now();
        let breaker = broken_at(now);
        drop(breaker.admit(now + OPEN_FOR).unwrap());
        assert!(breaker.admit(now + OPEN_FOR).is_some());
    }
}
