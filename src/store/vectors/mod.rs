//! The vectors of shops in memory, for search. SQLite has the truth: what is here is made from it when it is first asked for
//! and brought up to date when the asking snapshot is of a newer version, so that a search sees exactly its snapshot.

mod cells;
pub mod quantized;
mod scan;
mod segment;

use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::store::error::StoreResult;
use crate::store::index_cache::MemoryIndex;
use crate::store::index_cache::PartPlan;
use crate::store::index_cache::plan_parts;
use crate::store::spaces::UNITS_PER_CHUNK;
use crate::store::spaces::vector_table;
use crate::store::vectors::quantized::Query;
use crate::store::vectors::segment::Builder;
use crate::store::vectors::segment::Segment;
use crate::store::vectors::segment::Unit;
use rusqlite::Connection;
use std::sync::Arc;

/// Which vectors an index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VectorKey {
    pub shop: ShopId,
    pub space: SpaceId,
    pub dimensions: usize,
}

/// The vectors of one shop in one space at one version.
#[derive(Default)]
pub struct VectorIndex {
    version: Option<i64>,
    parts: Vec<Part>,
}

struct Part {
    segment: Arc<Segment>,
    is_alive: Vec<bool>,
}

impl MemoryIndex for VectorIndex {
    type Key = VectorKey;

    fn version(&self) -> Option<i64> {
        self.version
    }

    fn size_bytes(&self) -> usize {
        let sizes = self
            .parts
            .iter()
            .map(|part| part.segment.size_bytes() + part.is_alive.len());
        sizes.sum()
    }

    fn updated(&self, conn: &Connection, key: VectorKey, version: i64) -> StoreResult<VectorIndex> {
        let live = live_documents(conn, key)?;
        let segments: Vec<Vec<i64>> = self
            .parts
            .iter()
            .map(|part| part.segment.documents().collect())
            .collect();
        let mut parts = Vec::new();
        let missing = match plan_parts(&segments, &live) {
            PartPlan::Anew => live,
            PartPlan::Keep { alive, missing } => {
                let kept = self.parts.iter().zip(alive);
                parts.extend(kept.map(|(part, is_alive)| Part {
                    segment: part.segment.clone(),
                    is_alive,
                }));
                missing
            }
        };
        if !missing.is_empty() {
            parts.push(load(conn, key, &missing)?);
        }
        Ok(VectorIndex {
            version: Some(version),
            parts,
        })
    }
}

impl VectorIndex {
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

    /// The cosine similarities of a chunk's units to the query, in their order; `None` when the chunk is not here.
    pub fn similarities(&self, query: &Query, chunk: i64) -> Option<Vec<f64>> {
        self.parts
            .iter()
            .find_map(|part| part.segment.similarities(query, chunk))
    }
}

/// In order of their ids.
fn live_documents(conn: &Connection, key: VectorKey) -> StoreResult<Vec<i64>> {
    let sql = "select id from documents where shop_id = ?1 and state = 'live' and space_id = ?2 order by id";
    let mut statement = conn.prepare_cached(sql)?;
    let ids = statement.query_map([key.shop.0, key.space.0], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn load(conn: &Connection, key: VectorKey, documents: &[i64]) -> StoreResult<Part> {
    let mut statement = conn.prepare_cached(&format!(
        "select c.id, v.embedding from knowledge_chunks c
         cross join {} v on v.id >= c.id * {UNITS_PER_CHUNK} and v.id < (c.id + 1) * {UNITS_PER_CHUNK}
         where c.document_id = ?1 order by c.position, v.id",
        vector_table(key.space)
    ))?;
    let mut builder = Builder::new(key.dimensions);
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

#[cfg(test)]
mod tests;
