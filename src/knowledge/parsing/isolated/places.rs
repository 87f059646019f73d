//! How many reading processes there may be at once. Each may take a gigabyte, so that their number is what keeps the machine well.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// More would only take memory from answers.
const MOST: usize = 4;
const LEAST: usize = 2;

/// Cheap to clone; clones share the places.
#[derive(Debug, Clone)]
pub struct Places {
    queue: Arc<Queue>,
    places: usize,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub struct Place {
    queue: Arc<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    came: u64,
    left: u64,
}

impl Places {
    /// One for each core, at least two, so that a document that is embedded for long does not hold up all others, and at most four.
    pub fn of_this_machine() -> Places {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Places::new(cores.clamp(LEAST, MOST))
    }

    pub fn new(places: usize) -> Places {
        Places {
            queue: Arc::default(),
            places: places.max(1),
        }
    }

    /// Waits for a place. Who came first has it first.
    pub fn take(&self) -> Place {
        let places = u64::try_from(self.places).unwrap_or(u64::MAX);
        let mut state = self.queue.lock();
        let number = state.came;
        state.came += 1;
        while number >= state.left.saturating_add(places) {
            state = self.queue.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        Place {
            queue: self.queue.clone(),
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.queue.lock().left += 1;
        self.queue.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::Places;
    use std::sync::mpsc;

    #[test]
    fn who_came_first_has_a_place_first() {
        let places = Places::new(2);
        let (first, second) = (places.take(), places.take());
        let (sender, entered) = mpsc::channel();
        let waiting: Vec<_> = (0..3)
            .map(|number| {
                let (waiter, sender) = (places.clone(), sender.clone());
                let thread = std::thread::spawn(move || {
                    let place = waiter.take();
                    sender.send(number).unwrap();
                    place
                });
                while places.queue.lock().came < number + 3 {
                    std::thread::yield_now();
                }
                thread
            })
            .collect();
        assert!(entered.try_recv().is_err());
        drop(first);
        assert_eq!(entered.recv(), Ok(0));
        drop(second);
        assert_eq!(entered.recv(), Ok(1));
        assert!(entered.try_recv().is_err());
        let mut held = waiting.into_iter();
        drop(held.next().unwrap().join().unwrap());
        assert_eq!(entered.recv(), Ok(2));
        held.for_each(|thread| drop(thread.join().unwrap()));
    }
}
