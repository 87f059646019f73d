//! The terms of shops in memory, for search. SQLite has the truth, one row for each chunk: what is here is made from it when it is
//! first asked for and brought up to date when the asking snapshot is of a newer version.

mod ranking;
mod segment;

use crate::domain::id::ShopId;
use crate::domain::knowledge::ChunkTerms;
use crate::domain::search::WeightedTerm;
use crate::store::error::StoreResult;
use crate::store::index_cache::MemoryIndex;
use crate::store::index_cache::PartPlan;
use crate::store::index_cache::plan_parts;
use crate::store::terms::ranking::Alive;
use crate::store::terms::ranking::Alternative;
use crate::store::terms::ranking::LengthNorm;
use crate::store::terms::ranking::best_slots;
use crate::store::terms::segment::Builder;
use crate::store::terms::segment::Segment;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a term counts in the fields of `ChunkTerms`: name, category, attributes, question, body.
pub const FIELD_WEIGHTS: [f32; 5] = [3.0, 1.5, 1.5, 3.0, 1.0];
/// A term that stands in more than half of all chunks is this rare, as in FTS5, instead of negatively so.
const LEAST_RARITY: f64 = 1e-6;

/// A term with the number of chunks that hold it, as `TermIndex::count` tells it.
pub type CountedTerm<'a> = (&'a WeightedTerm, u32);

/// A chunk with its score.
pub struct RankedChunk {
    pub chunk: i64,
    pub document: i64,
    pub bm25: f64,
}

/// The terms of one shop's visible chunks at one version.
#[derive(Default)]
pub struct TermIndex {
    version: Option<i64>,
    parts: Vec<Part>,
    chunk_count: u32,
    mean_length: f64,
}

struct Part {
    segment: Arc<Segment>,
    /// By slot; `None` when all are.
    is_alive: Option<Vec<bool>>,
    /// By term, how many living chunks hold it; `None` when all are alive.
    counts: Option<Vec<u32>>,
}

/// The row of a chunk: a line for each field.
pub fn fields(terms: &ChunkTerms) -> String {
    [
        &terms.name,
        &terms.category,
        &terms.attributes,
        &terms.question,
        &terms.body,
    ]
    .map(String::as_str)
    .join("\n")
}

/// The fields of a chunk's row; those that it lacks are empty.
pub fn split_fields(row: &str) -> ChunkTerms {
    let mut lines = row.split('\n').map(str::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    ChunkTerms {
        name: next(),
        category: next(),
        attributes: next(),
        question: next(),
        body: next(),
    }
}

impl MemoryIndex for TermIndex {
    type Key = ShopId;

    fn version(&self) -> Option<i64> {
        self.version
    }

    fn size_bytes(&self) -> usize {
        let sizes = self.parts.iter().map(|part| {
            let alive = part.is_alive.as_ref().map_or(0, Vec::len);
            part.segment.size_bytes() + alive + 4 * part.counts.as_ref().map_or(0, Vec::len)
        });
        sizes.sum()
    }

    fn updated(&self, conn: &Connection, shop: ShopId, version: i64) -> StoreResult<TermIndex> {
        let live = live_documents(conn, shop)?;
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
                parts.extend(kept.map(|(part, alive)| Part::new(part.segment.clone(), alive)));
                missing
            }
        };
        for segment in load(conn, &missing)? {
            let alive = vec![true; segment.chunk_count()];
            parts.push(Part::new(Arc::new(segment), alive));
        }
        Ok(TermIndex::new(version, parts))
    }
}

impl TermIndex {
    fn new(version: i64, parts: Vec<Part>) -> TermIndex {
        let lengths = parts.iter().map(Part::lengths);
        let (count, sum) = lengths.fold((0_u32, 0_u64), |(count, sum), (chunks, terms)| {
            (count + chunks, sum + terms)
        });
        TermIndex {
            version: Some(version),
            parts,
            chunk_count: count,
            mean_length: sum as f64 / f64::from(count.max(1)),
        }
    }

    pub fn chunk_count(&self) -> u32 {
        self.chunk_count
    }

    /// How many chunks hold the term.
    pub fn count(&self, term: &str) -> u32 {
        let counts = self.parts.iter().filter_map(|part| {
            let number = part.segment.find_term(term)?;
            Some(part.count(number))
        });
        counts.sum()
    }

    /// All terms with the number of chunks that hold them, in the order of the alphabet.
    pub fn terms(&self) -> Vec<(String, u32)> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for part in &self.parts {
            for number in 0..part.segment.term_count() {
                let count = part.count(number);
                if count > 0 {
                    *counts.entry(part.segment.term(number)).or_default() += count;
                }
            }
        }
        counts
            .into_iter()
            .map(|(term, count)| (term.to_owned(), count))
            .collect()
    }

    /// The best `limit` chunks by BM25, best first, ties by chunk id. A chunk earns the best alternative of each word.
    ///
    /// The score is that of FTS5's `bm25()`: Robertson, Zaragoza and Taylor 2004, "Simple BM25 extension to multiple weighted
    /// fields", the term's frequencies in the fields summed by their weights, with the chunk's unweighted length; k1 = 1.2, b = 0.75.
    pub fn search(&self, words: &[Vec<CountedTerm<'_>>], limit: usize) -> Vec<RankedChunk> {
        let rarities: Vec<Vec<f64>> = words
            .iter()
            .map(|word| {
                word.iter()
                    .map(|(term, count)| term.weight * self.rarity(*count))
                    .collect()
            })
            .collect();
        let norm = LengthNorm::new(self.mean_length);
        let mut found = Vec::new();
        for part in &self.parts {
            let segment = &part.segment;
            let alternatives = words.iter().zip(&rarities).map(|(word, rarities)| {
                let known = word.iter().zip(rarities).filter_map(|((term, _), factor)| {
                    let postings = segment.postings(segment.find_term(&term.term)?);
                    Some(Alternative {
                        postings,
                        factor: *factor,
                    })
                });
                known.collect::<Vec<_>>()
            });
            let alternatives: Vec<_> = alternatives.filter(|word| !word.is_empty()).collect();
            let alive = Alive {
                slots: part.is_alive.as_deref(),
            };
            let best = best_slots(segment, &alternatives, norm, &alive, limit);
            found.extend(best.into_iter().filter_map(|(slot, bm25)| {
                let (chunk, document) = segment.chunk(slot)?;
                Some(RankedChunk { chunk, document, bm25 })
            }));
        }
        found.sort_unstable_by(|a, b| b.bm25.total_cmp(&a.bm25).then(a.chunk.cmp(&b.chunk)));
        found.truncate(limit);
        found
    }

    fn rarity(&self, count: u32) -> f64 {
        let (chunks, holding) = (f64::from(self.chunk_count), f64::from(count));
        ((chunks - holding + 0.5) / (holding + 0.5)).ln().max(LEAST_RARITY)
    }
}

impl Part {
    fn new(segment: Arc<Segment>, is_alive: Vec<bool>) -> Part {
        if is_alive.iter().all(|alive| *alive) {
            return Part {
                segment,
                is_alive: None,
                counts: None,
            };
        }
        let living = |number| {
            let slots = segment.postings(number).iter().map(|(slot, _, _)| slot);
            slots.filter(|slot| is_alive.get(*slot) == Some(&true)).count() as u32
        };
        let counts = (0..segment.term_count()).map(living).collect();
        Part {
            segment,
            is_alive: Some(is_alive),
            counts: Some(counts),
        }
    }

    fn count(&self, term: usize) -> u32 {
        let counted = self.counts.as_ref().and_then(|counts| counts.get(term)).copied();
        counted.unwrap_or_else(|| self.segment.postings(term).len() as u32)
    }

    /// How many chunks are alive, and how many terms they have.
    fn lengths(&self) -> (u32, u64) {
        let lengths = self.segment.lengths();
        let is_alive = |slot: usize| {
            self.is_alive
                .as_ref()
                .is_none_or(|alive| alive.get(slot) == Some(&true))
        };
        let alive = lengths.iter().enumerate().filter(|(slot, _)| is_alive(*slot));
        alive.fold((0, 0), |(count, sum), (_, length)| {
            (count + 1, sum + u64::from(*length))
        })
    }
}

/// In order of their ids.
fn live_documents(conn: &Connection, shop: ShopId) -> StoreResult<Vec<i64>> {
    let sql = "select id from documents where shop_id = ?1 and state = 'live' order by id";
    let mut statement = conn.prepare_cached(sql)?;
    let ids = statement.query_map([shop.0], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// One segment as a rule; more when it would be too large, none when there is no chunk.
fn load(conn: &Connection, documents: &[i64]) -> StoreResult<Vec<Segment>> {
    let mut statement = conn.prepare_cached(
        "select c.id, t.fields from knowledge_chunks c join chunk_terms t on t.chunk_id = c.id
         where c.document_id = ?1 order by c.id",
    )?;
    let mut segments = Vec::new();
    let mut builder = Builder::default();
    for document in documents {
        let mut rows = statement.query([document])?;
        while let Some(row) = rows.next()? {
            if builder.is_full() {
                segments.push(std::mem::take(&mut builder).build());
            }
            let fields = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            builder.push(row.get(0)?, *document, fields);
        }
    }
    let last = builder.build();
    if last.chunk_count() > 0 {
        segments.push(last);
    }
    Ok(segments)
}

#[cfg(test)]
mod tests;
