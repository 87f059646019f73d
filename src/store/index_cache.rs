//! Indexes in memory that are made from SQLite's rows: which are held, how long, and how one becomes current.

use crate::store::error::StoreResult;
use rusqlite::Connection;
use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use tokio::sync::Semaphore;

/// Small additions make small parts; when there are more, or a quarter of all has changed, they become one again.
const MAX_PARTS: usize = 8;

/// An index of what is visible at one version of a shop's knowledge.
pub trait MemoryIndex: Default + Send + Sync + 'static {
    type Key: Copy + Eq + Hash + Send + 'static;

    /// `None` before it was first loaded.
    fn version(&self) -> Option<i64>;

    fn size_bytes(&self) -> usize;

    /// The index as the connection's snapshot has it, which is of `version`.
    fn updated(&self, conn: &Connection, key: Self::Key, version: i64) -> StoreResult<Self>;
}

/// The indexes that are in memory.
pub struct IndexCache<I: MemoryIndex> {
    /// Indexes of shops that were not searched lately go when all together are larger. One may be larger by itself.
    budget_bytes: usize,
    held: Mutex<HashMap<I::Key, Held<I>>>,
    uses: AtomicU64,
}

struct Held<I> {
    slot: Arc<Slot<I>>,
    size_bytes: usize,
    last_use: u64,
}

struct Slot<I> {
    current: Mutex<Arc<I>>,
    loading: Arc<Semaphore>,
}

impl<I: MemoryIndex> IndexCache<I> {
    pub fn new(budget_bytes: usize) -> IndexCache<I> {
        IndexCache {
            budget_bytes,
            held: Mutex::default(),
            uses: AtomicU64::new(0),
        }
    }

    /// The index if it is exactly of this version.
    pub fn current(&self, key: I::Key, version: i64) -> Option<Arc<I>> {
        let current = self.touch(key).current();
        (current.version() == Some(version)).then_some(current)
    }

    /// Room for one loader of this index; who waits for it holds no connection.
    pub fn loading(&self, key: I::Key) -> Arc<Semaphore> {
        self.touch(key).loading.clone()
    }

    /// The index as the connection's snapshot has it, made or brought up to date. A snapshot that is the past already gets an
    /// index of its own.
    pub fn of(&self, conn: &Connection, key: I::Key, version: i64) -> StoreResult<Arc<I>> {
        let slot = self.touch(key);
        let held = slot.current();
        if held.version() == Some(version) {
            return Ok(held);
        }
        if held.version() > Some(version) {
            return Ok(Arc::new(I::default().updated(conn, key, version)?));
        }
        let index = Arc::new(held.updated(conn, key, version)?);
        let size_bytes = index.size_bytes();
        slot.replace(index.clone());
        self.note_size(key, size_bytes);
        Ok(index)
    }

    /// Frees what has one of these keys.
    pub fn forget(&self, is_gone: impl Fn(&I::Key) -> bool) {
        self.lock().retain(|key, _| !is_gone(key));
    }

    fn touch(&self, key: I::Key) -> Arc<Slot<I>> {
        let mut held = self.lock();
        let entry = held.entry(key).or_insert_with(|| Held {
            slot: Arc::new(Slot {
                current: Mutex::default(),
                loading: Arc::new(Semaphore::new(1)),
            }),
            size_bytes: 0,
            last_use: 0,
        });
        entry.last_use = self.uses.fetch_add(1, Ordering::Relaxed);
        entry.slot.clone()
    }

    fn note_size(&self, key: I::Key, size_bytes: usize) {
        let mut held = self.lock();
        if let Some(entry) = held.get_mut(&key) {
            entry.size_bytes = size_bytes;
        }
        while held.values().map(|held| held.size_bytes).sum::<usize>() > self.budget_bytes {
            let others = held
                .iter()
                .filter(|(other, entry)| **other != key && entry.size_bytes > 0);
            let Some(oldest) = others.min_by_key(|(_, entry)| entry.last_use).map(|(other, _)| *other) else {
                return;
            };
            held.remove(&oldest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<I::Key, Held<I>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<I: MemoryIndex> Slot<I> {
    fn current(&self) -> Arc<I> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Two loaders of one index may end in any order: the newer stays.
    fn replace(&self, index: Arc<I>) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.version() <= index.version() {
            *current = index;
        }
    }
}

/// How an index becomes current. A document never changes: one that is not live any more is passed over, one that is new goes into
/// a new part.
pub enum PartPlan {
    Anew,
    Keep {
        /// For each part and each of its chunks whether it is live.
        alive: Vec<Vec<bool>>,
        /// Live documents in no part, in order.
        missing: Vec<i64>,
    },
}

/// From the documents of the parts' chunks and the live ones, in order of their ids.
pub fn plan_parts(parts: &[Vec<i64>], live: &[i64]) -> PartPlan {
    let is_live: HashSet<i64> = live.iter().copied().collect();
    let known: HashSet<i64> = parts.iter().flatten().copied().collect();
    let alive: Vec<Vec<bool>> = parts
        .iter()
        .map(|part| part.iter().map(|document| is_live.contains(document)).collect())
        .collect();
    let missing: Vec<i64> = live
        .iter()
        .copied()
        .filter(|document| !known.contains(document))
        .collect();
    let dead = known.iter().filter(|document| !is_live.contains(document)).count();
    if parts.len() >= MAX_PARTS || 4 * (dead + missing.len()) > live.len() {
        return PartPlan::Anew;
    }
    PartPlan::Keep { alive, missing }
}
