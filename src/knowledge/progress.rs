//! The imports that are at work now. One process owns the data folder, so that what is here is what runs.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use tokio::sync::OwnedMutexGuard;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Phase {
    /// Its files are fetched, or it waits for another import of the shop.
    #[default]
    Fetching,
    /// What is read is compared with what the shop has.
    Reading,
    /// What has changed is embedded.
    Embedding,
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Phase::Fetching => "fetching",
            Phase::Reading => "reading",
            Phase::Embedding => "embedding",
        }
    }
}

/// How far an import is, in documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub phase: Phase,
    pub done: usize,
    /// 0 before it is known.
    pub total: usize,
    /// At the speed of this phase so far.
    pub seconds_left: Option<u64>,
}

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct RunningImports {
    state: Arc<Mutex<State>>,
    queueing: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    imports: BTreeMap<ImportId, Entry>,
    turns: HashMap<ShopId, Arc<tokio::sync::Mutex<()>>>,
}

struct Entry {
    shop: ShopId,
    progress: Progress,
    phase_began: Timestamp,
    is_cancelled: bool,
}

/// The right to change a shop's knowledge; it ends when this is dropped, however the import ends.
pub struct Turn(#[expect(dead_code, reason = "it is held, not read")] OwnedMutexGuard<()>);

/// The right to queue imports, of one at a time.
pub struct Queueing(#[expect(dead_code, reason = "it is held, not read")] OwnedMutexGuard<()>);

/// An import at work; it is none any more when this is dropped.
pub struct Tracked {
    imports: RunningImports,
    import: ImportId,
}

impl RunningImports {
    /// `None` while another import of the shop has its turn.
    pub fn try_turn(&self, shop: ShopId) -> Option<Turn> {
        self.turn_of(shop).try_lock_owned().ok().map(Turn)
    }

    /// Waits for the imports of the shop that came before.
    pub async fn turn(&self, shop: ShopId) -> Turn {
        let turn = self.turn_of(shop);
        Turn(turn.lock_owned().await)
    }

    /// Held between noting an import in the journal and noting it here.
    pub async fn queueing(&self) -> Queueing {
        Queueing(self.queueing.clone().lock_owned().await)
    }

    /// `None` while the import is at work already.
    pub fn track(&self, shop: ShopId, import: ImportId, now: Timestamp) -> Option<Tracked> {
        let mut state = self.lock();
        if state.imports.contains_key(&import) {
            return None;
        }
        let entry = Entry {
            shop,
            progress: Progress::default(),
            phase_began: now,
            is_cancelled: false,
        };
        state.imports.insert(import, entry);
        Some(Tracked {
            imports: self.clone(),
            import,
        })
    }

    /// Of the shop's imports the one that is furthest; ties go to the oldest.
    pub fn progress(&self, shop: ShopId) -> Option<Progress> {
        let state = self.lock();
        let own = state.imports.values().filter(|entry| entry.shop == shop);
        own.map(|entry| entry.progress).reduce(|best, next| {
            if next.phase as u8 > best.phase as u8 {
                next
            } else {
                best
            }
        })
    }

    pub fn progress_of(&self, import: ImportId) -> Option<Progress> {
        self.lock().imports.get(&import).map(|entry| entry.progress)
    }

    /// Asks an import to end; it does so after its present batch.
    pub fn cancel(&self, import: ImportId) {
        if let Some(entry) = self.lock().imports.get_mut(&import) {
            entry.is_cancelled = true;
        }
    }

    fn turn_of(&self, shop: ShopId) -> Arc<tokio::sync::Mutex<()>> {
        self.lock().turns.entry(shop).or_default().clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tracked {
    /// Whether somebody asked it to end.
    pub fn is_cancelled(&self) -> bool {
        let state = self.imports.lock();
        state.imports.get(&self.import).is_some_and(|entry| entry.is_cancelled)
    }

    pub fn note(&self, phase: Phase, done: usize, total: usize, now: Timestamp) {
        let mut state = self.imports.lock();
        let Some(entry) = state.imports.get_mut(&self.import) else {
            return;
        };
        if entry.progress.phase != phase {
            entry.phase_began = now;
        }
        entry.progress = Progress {
            phase,
            done,
            total,
            seconds_left: seconds_left(done, total, entry.phase_began, now),
        };
    }
}

fn seconds_left(done: usize, total: usize, began: Timestamp, now: Timestamp) -> Option<u64> {
    let elapsed = now.duration_since(began).as_secs_f64();
    let left = total.saturating_sub(done) as f64;
    (done > 0 && total > 0 && elapsed > 0.0).then(|| (left * elapsed / done as f64).ceil() as u64)
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.imports.lock().imports.remove(&self.import);
    }
}

#[cfg(test)]
mod tests {
    use super::Phase;
    use super::RunningImports;
    use crate::domain::id::ImportId;
    use crate::domain::id::ShopId;
    use jiff::Timestamp;

    #[test]
    fn a_shop_is_free_again_when_its_import_ends() {
        let imports = RunningImports::default();
        let turn = imports.try_turn(ShopId(1));
        assert!(turn.is_some() && imports.try_turn(ShopId(1)).is_none() && imports.try_turn(ShopId(2)).is_some());
        drop(turn);
        assert!(imports.try_turn(ShopId(1)).is_some());
    }

    #[test]
    fn the_time_left_is_that_of_the_phase() {
        let imports = RunningImports::default();
        let second = |second| Timestamp::from_second(second).unwrap();
        let tracked = imports.track(ShopId(1), ImportId(7), second(0)).unwrap();
        tracked.note(Phase::Reading, 5, 0, second(3));
        tracked.note(Phase::Embedding, 0, 100, second(10));
        assert_eq!(imports.progress_of(ImportId(7)).unwrap().seconds_left, None);
        tracked.note(Phase::Embedding, 25, 100, second(20));
        assert_eq!(imports.progress(ShopId(1)).unwrap().seconds_left, Some(30));
        drop(tracked);
        assert_eq!(imports.progress(ShopId(1)), None);
    }
}
