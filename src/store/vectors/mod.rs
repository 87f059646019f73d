//! The vectors of shops in memory, for search. SQLite has the truth: what is here is made from it when it is first asked for
//! and brought up to date when the asking snapshot knows of a newer import, so that a search sees exactly its snapshot.

pub mod quantized;
mod segment;

use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::store::error::StoreResult;
use crate::store::spaces::UNITS_PER_CHUNK;
use crate::store::spaces::vector_table;
use crate::store::vectors::quantized::Query;
use crate::store::vectors::segment::Builder;
use crate::store::vectors::segment::Segment;
use crate::store::vectors::segment::Unit;
use rusqlite::Connection;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Indexes of shops that were not searched lately go when all together are larger. One shop may be larger by itself.
const MEMORY_BYTES: usize = 160 * 1024 * 1024;
/// Small additions make small segments; when there are more, or a quarter of all has changed, they become one again.
const MAX_SEGMENTS: usize = 8;

type Key = (ShopId, SpaceId);

/// The indexes that are in memory.
#[derive(Default)]
pub struct VectorIndexes {
    held: Mutex<HashMap<Key, Held>>,
}

#[derive(Default)]
struct Held {
    index: Arc<Mutex<Arc<Index>>>,
    size_bytes: usize,
    last_use: u64,
}

/// The vectors of one shop in one space as of one import.
#[derive(Default)]
pub struct Index {
    /// The last import that it knows of; `None` before it was first loaded.
    version: Option<i64>,
    parts: Vec<Part>,
}

struct Part {
    segment: Arc<Segment>,
    is_alive: Vec<bool>,
}

impl VectorIndexes {
    /// The index as the connection's snapshot has it. `None` when a later one is in memory already: the snapshot is about to
    /// be the past, and is answered from SQLite.
    pub fn of(&self, conn: &Connection, key: Key, version: i64, dimensions: usize) -> StoreResult<Option<Arc<Index>>> {
        let slot = self.touch(key);
        // Held while loading, so that those who need the same index wait for it instead of loading it too.
        let mut current = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if current.version > Some(version) {
            return Ok(None);
        }
        if current.version < Some(version) {
            let index = Arc::new(current.updated(conn, key, version, dimensions)?);
            *current = index.clone();
            self.note_size(key, index.size_bytes());
        }
        Ok(Some(current.clone()))
    }

    /// Frees what a deleted shop had.
    pub fn forget(&self, shop: ShopId) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|key, _| key.0 != shop);
    }

    fn touch(&self, key: Key) -> Arc<Mutex<Arc<Index>>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = held.values().map(|held| held.last_use).max().unwrap_or(0) + 1;
        let entry = held.entry(key).or_default();
        entry.last_use = now;
        entry.index.clone()
    }

    fn note_size(&self, key: Key, size_bytes: usize) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = held.get_mut(&key) {
            entry.size_bytes = size_bytes;
        }
        while held.values().map(|held| held.size_bytes).sum::<usize>() > MEMORY_BYTES {
            let others = held
                .iter()
                .filter(|(other, entry)| **other != key && entry.size_bytes > 0);
            let Some(oldest) = others.min_by_key(|(_, entry)| entry.last_use).map(|(other, _)| *other) else {
                return;
            };
            held.remove(&oldest);
        }
    }
}

impl Index {
    /// The `limit` units nearest to the query as chunk, document and similarity; best first, ties by chunk.
    pub fn nearest(&self, query: &Query, limit: usize) -> Vec<(i64, i64, f64)> {
        let parts = self.parts.iter();
        let mut units: Vec<Unit> = parts
            .flat_map(|part| part.segment.nearest(query, limit, &part.is_alive))
            .collect();
        units.sort_unstable_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.chunk.cmp(&b.chunk)));
        units.truncate(limit);
        units
            .into_iter()
            .map(|unit| (unit.chunk, unit.document, f64::from(unit.similarity)))
            .collect()
    }

    fn size_bytes(&self) -> usize {
        self.parts
            .iter()
            .map(|part| part.segment.size_bytes() + part.is_alive.len())
            .sum()
    }

    /// A document never changes: one that is not live any more is passed over, one that is new goes into a new segment.
    fn updated(&self, conn: &Connection, key: Key, version: i64, dimensions: usize) -> StoreResult<Index> {
        let live = live_documents(conn, key)?;
        let mut parts = Vec::new();
        let mut known = HashSet::new();
        let mut dead = 0;
        for part in &self.parts {
            let is_alive: Vec<bool> = part
                .segment
                .documents()
                .map(|document| live.binary_search(&document).is_ok())
                .collect();
            dead += is_alive.iter().filter(|alive| !**alive).count();
            known.extend(part.segment.documents());
            parts.push(Part {
                segment: part.segment.clone(),
                is_alive,
            });
        }
        let new: Vec<i64> = live
            .iter()
            .copied()
            .filter(|document| !known.contains(document))
            .collect();
        if parts.len() >= MAX_SEGMENTS || 4 * (dead + new.len()) > live.len() {
            parts = vec![load(conn, key, dimensions, &live)?];
        } else if !new.is_empty() {
            parts.push(load(conn, key, dimensions, &new)?);
        }
        Ok(Index {
            version: Some(version),
            parts,
        })
    }
}

/// In order of their ids.
fn live_documents(conn: &Connection, (shop, space): Key) -> StoreResult<Vec<i64>> {
    let sql = "select id from documents where shop_id = ?1 and state = 'live' and space_id = ?2 order by id";
    let mut statement = conn.prepare_cached(sql)?;
    let ids = statement.query_map([shop.0, space.0], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn load(conn: &Connection, (_, space): Key, dimensions: usize, documents: &[i64]) -> StoreResult<Part> {
    let mut statement = conn.prepare_cached(&format!(
        "select c.id, v.embedding from knowledge_chunks c
         cross join {} v on v.id >= c.id * {UNITS_PER_CHUNK} and v.id < (c.id + 1) * {UNITS_PER_CHUNK}
         where c.document_id = ?1 order by c.position, v.id",
        vector_table(space)
    ))?;
    let mut builder = Builder::new(dimensions);
    for document in documents {
        let mut rows = statement.query([document])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            builder.push(row.get(0)?, *document, bytes);
        }
    }
    let segment = builder.build();
    let is_alive = segment.documents().map(|_| true).collect();
    Ok(Part {
        segment: Arc::new(segment),
        is_alive,
    })
}
