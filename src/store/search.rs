//! Candidates for a question: by identifier, by terms, by vector. Always within one shop, only what is visible.

use crate::domain::embedding::Embedding;
use crate::domain::id::ChunkId;
use crate::domain::id::DocumentId;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::domain::knowledge::Chunk;
use crate::domain::search::QueryTerm;
use crate::domain::search::WeightedTerm;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::document;
use crate::store::rows::document_columns;
use crate::store::rows::optional;
use crate::store::shops::term_count_table;
use crate::store::shops::term_table;
use crate::store::spaces::UNITS_PER_CHUNK;
use crate::store::spaces::vector_table;
use crate::store::vectors::quantized::Query;
use crate::store::vectors::quantized::to_bytes;
use rusqlite::Connection;
use rusqlite::params;
use std::collections::BTreeMap;
use std::collections::HashSet;

/// Weights of the fields title, keywords and body in BM25.
const FIELD_WEIGHTS: &str = "3.0, 1.5, 1.0";

/// A chunk that shares terms with the question.
#[derive(Debug, Clone, PartialEq)]
pub struct LexicalCandidate {
    pub chunk: ChunkId,
    pub document: DocumentId,
    /// BM25 as FTS5 computes it (k1 = 1.2, b = 0.75), positive, higher is better.
    pub bm25: f64,
}

/// The chunks that share terms with the question, and how common those terms are.
#[derive(Debug, Clone, PartialEq)]
pub struct LexicalMatch {
    /// Best first; ties by chunk id.
    pub candidates: Vec<LexicalCandidate>,
    /// How many chunks have each alternative of each asked word, in their order.
    pub term_counts: Vec<Vec<u32>>,
    /// How many chunks of the shop can be found.
    pub chunk_count: u32,
}

/// A chunk near the question in meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorCandidate {
    pub chunk: ChunkId,
    pub document: DocumentId,
    /// Cosine similarity of the chunk's best unit, from -1 to 1.
    pub similarity: f64,
}

impl Store {
    /// Visible chunks of documents that carry one of the identifiers; by document, then position.
    pub async fn search_identifiers(
        &self,
        shop: ShopId,
        identifiers: Vec<String>,
    ) -> StoreResult<Vec<(ChunkId, DocumentId)>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select c.id, d.id from document_identifiers i
                 join documents d on d.id = i.document_id and d.state = 'live'
                 join knowledge_chunks c on c.document_id = d.id
                 where i.shop_id = ?1 and i.identifier = ?2 order by d.id, c.position",
            )?;
            let mut found = Vec::new();
            for identifier in &identifiers {
                let rows = statement.query_map(params![shop.0, identifier], |row| {
                    Ok((ChunkId(row.get(0)?), DocumentId(row.get(1)?)))
                })?;
                found.extend(rows.collect::<Result<Vec<_>, _>>()?);
            }
            Ok(found)
        })
        .await
    }

    /// The best `limit` chunks by BM25; of a word's alternatives the one that scores best in a chunk counts there. A term that
    /// stands in more than half of the chunks weighs next to nothing and alone finds none, unless all known terms are such.
    pub async fn search_terms(&self, shop: ShopId, words: Vec<QueryTerm>, limit: u32) -> StoreResult<LexicalMatch> {
        let chunk_counts = self.chunk_counts.clone();
        self.read(move |conn| {
            let chunk_count = chunk_counts.of(conn, shop, last_import(conn, shop)?)?;
            let counted = words.iter().map(|word| count_terms(conn, shop, &word.alternatives));
            let term_counts = counted.collect::<StoreResult<Vec<_>>>()?;
            let telling = telling_terms(&words, &term_counts, chunk_count);
            let candidates = lexical_candidates(conn, shop, &telling, limit)?;
            Ok(LexicalMatch {
                candidates,
                term_counts,
                chunk_count,
            })
        })
        .await
    }

    /// Changes whenever an import changes what the shop's index holds, and once more when what it replaced is swept.
    pub async fn index_version(&self, shop: ShopId) -> StoreResult<i64> {
        self.read(move |conn| Ok(2 * last_import(conn, shop)? + i64::from(has_hidden_documents(conn, shop)?)))
            .await
    }

    /// The terms of the shop's index with the number of chunks that hold them, in the order of the alphabet.
    pub async fn list_terms(&self, shop: ShopId) -> StoreResult<Vec<(String, u32)>> {
        self.read(move |conn| {
            let mut statement = conn.prepare(&format!("select term, doc from {}", term_count_table(shop)))?;
            let terms = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(terms.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The chunks of the `limit` units nearest to `query`, best first, each chunk once; ties by chunk id.
    pub async fn search_vectors(
        &self,
        shop: ShopId,
        space: SpaceId,
        query: Embedding,
        limit: u32,
    ) -> StoreResult<Vec<VectorCandidate>> {
        let indexes = self.vectors.clone();
        self.read(move |conn| {
            let query = Query::new(&query);
            let version = last_import(conn, shop)?;
            let units = match indexes.of(conn, (shop, space), version, query.coarse.len())? {
                Some(index) => index.nearest(&query, limit as usize),
                None => exact_nearest(conn, shop, space, &query.coarse, limit)?,
            };
            let mut seen = HashSet::new();
            let best_units = units.into_iter().filter(|(chunk, _, _)| seen.insert(*chunk));
            let found = best_units.map(|(chunk, document, similarity)| VectorCandidate {
                chunk: ChunkId(chunk),
                document: DocumentId(document),
                similarity,
            });
            Ok(found.collect())
        })
        .await
    }

    /// The chunks with their documents, in the order asked; one that is gone or not visible any more is left out.
    pub async fn chunks(&self, shop: ShopId, ids: Vec<ChunkId>) -> StoreResult<Vec<Chunk>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(concat!(
                "select ",
                document_columns!(),
                ", c.id, c.text from knowledge_chunks c
                 join documents d on d.id = c.document_id where c.shop_id = ?1 and c.id = ?2 and d.state = 'live'"
            ))?;
            let mut chunks = Vec::with_capacity(ids.len());
            for id in ids {
                let rows = statement.query_map([shop.0, id.0], |row| {
                    Ok(Chunk {
                        document: document(row, 0)?,
                        id: ChunkId(row.get(6)?),
                        text: row.get(7)?,
                    })
                })?;
                chunks.extend(rows.collect::<Result<Vec<_>, _>>()?);
            }
            Ok(chunks)
        })
        .await
    }
}

fn last_import(conn: &Connection, shop: ShopId) -> StoreResult<i64> {
    let sql = "select coalesce(max(id), 0) from imports where shop_id = ?1 and status = 'done'";
    Ok(conn.prepare_cached(sql)?.query_row([shop.0], |row| row.get(0))?)
}

/// By comparing all vectors in SQLite: chunk, document and similarity of the `limit` nearest units.
fn exact_nearest(
    conn: &Connection,
    shop: ShopId,
    space: SpaceId,
    query: &[i8],
    limit: u32,
) -> StoreResult<Vec<(i64, i64, f64)>> {
    // `cross join` keeps the order; otherwise SQLite may read all vectors for each document.
    let mut statement = conn.prepare_cached(&format!(
        "select c.id, d.id, 1.0 - vec_distance_cosine(vec_int8(v.embedding), vec_int8(?3)) as similarity
         from documents d cross join knowledge_chunks c on c.document_id = d.id
         cross join {} v on v.id >= c.id * {UNITS_PER_CHUNK} and v.id < (c.id + 1) * {UNITS_PER_CHUNK}
         where d.shop_id = ?1 and d.state = 'live' and d.space_id = ?2 and similarity is not null
         order by similarity desc, c.id limit ?4",
        vector_table(space)
    ))?;
    let units = statement.query_map(params![shop.0, space.0, to_bytes(query), limit], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    Ok(units.collect::<Result<_, _>>()?)
}

fn count_terms(conn: &Connection, shop: ShopId, terms: &[WeightedTerm]) -> StoreResult<Vec<u32>> {
    let mut statement = conn.prepare_cached(&format!("select doc from {} where term = ?1", term_count_table(shop)))?;
    let mut counts = Vec::with_capacity(terms.len());
    for WeightedTerm { term, .. } in terms {
        counts.push(optional(statement.query_row([term], |row| row.get(0)))?.unwrap_or(0));
    }
    Ok(counts)
}

/// The terms worth looking up, by word. Scoring every chunk for a label that all have ("Артикул") takes most of the time.
fn telling_terms<'a>(words: &'a [QueryTerm], counts: &[Vec<u32>], chunk_count: u32) -> Vec<Vec<&'a WeightedTerm>> {
    let known = |most: u32| -> Vec<Vec<&WeightedTerm>> {
        let counted = words.iter().zip(counts).map(|(word, counts)| {
            let terms = word.alternatives.iter().zip(counts);
            let chosen = terms.filter(|(_, count)| (1..=most).contains(*count));
            chosen.map(|(term, _)| term).collect::<Vec<_>>()
        });
        counted.filter(|terms| !terms.is_empty()).collect()
    };
    let rare = known(chunk_count / 2);
    if rare.is_empty() { known(u32::MAX) } else { rare }
}

fn lexical_candidates(
    conn: &Connection,
    shop: ShopId,
    words: &[Vec<&WeightedTerm>],
    limit: u32,
) -> StoreResult<Vec<LexicalCandidate>> {
    let mut total: BTreeMap<i64, f64> = BTreeMap::new();
    for terms in words {
        let mut best: BTreeMap<i64, f64> = BTreeMap::new();
        for term in terms {
            for (chunk, bm25) in scored_rows(conn, shop, &term.term)? {
                let score = best.entry(chunk).or_default();
                *score = score.max(term.weight * bm25);
            }
        }
        for (chunk, score) in best {
            *total.entry(chunk).or_default() += score;
        }
    }
    let mut rows: Vec<(i64, f64)> = total.into_iter().collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    visible_candidates(conn, rows, limit)
}

fn has_hidden_documents(conn: &Connection, shop: ShopId) -> StoreResult<bool> {
    let sql = "select exists (select 1 from documents where shop_id = ?1 and state <> 'live')";
    Ok(conn.prepare_cached(sql)?.query_row([shop.0], |row| row.get(0))?)
}

/// Rows of the shop's full-text table that hold a term, with its BM25.
fn scored_rows(conn: &Connection, shop: ShopId, term: &str) -> StoreResult<Vec<(i64, f64)>> {
    let table = term_table(shop);
    let mut statement = conn.prepare_cached(&format!(
        "select rowid, -bm25({table}, {FIELD_WEIGHTS}) from {table} where {table} match ?1"
    ))?;
    // A quoted string, so that nothing in it is an operator.
    let quoted = format!("\"{}\"", term.replace('"', ""));
    let rows = statement.query_map([quoted], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The first `limit` rows that are visible: what an import staged or retired stands in the index too.
fn visible_candidates(conn: &Connection, rows: Vec<(i64, f64)>, limit: u32) -> StoreResult<Vec<LexicalCandidate>> {
    let mut document = conn.prepare_cached(
        "select d.id from knowledge_chunks c join documents d on d.id = c.document_id
         where c.id = ?1 and d.state = 'live'",
    )?;
    let mut visible = Vec::new();
    for (chunk, bm25) in rows {
        if visible.len() >= limit as usize {
            break;
        }
        if let Some(document) = optional(document.query_row([chunk], |row| row.get(0)))? {
            visible.push(LexicalCandidate {
                chunk: ChunkId(chunk),
                document: DocumentId(document),
                bm25,
            });
        }
    }
    Ok(visible)
}

#[cfg(test)]
mod tests {
    use super::exact_nearest;
    use crate::domain::id::ShopId;
    use crate::domain::id::SpaceId;
    use crate::store::vector_extension;
    use crate::store::vectors::VectorIndexes;
    use crate::store::vectors::quantized::Query;
    use crate::store::vectors::quantized::quantized;
    use crate::store::vectors::quantized::to_bytes;
    use rusqlite::Connection;
    use rusqlite::params;

    /// Numbers without pattern, the same each time.
    fn noise(seed: usize) -> Vec<f32> {
        let mut state = (seed as u32).wrapping_mul(2_654_435_761).wrapping_add(1);
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..192).map(|_| next()).collect()
    }

    #[test]
    fn the_index_agrees_with_exact_search() {
        vector_extension::register();
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "create table documents (id integer primary key, shop_id integer, space_id integer, state text);
             create table knowledge_chunks (id integer primary key, document_id integer, position integer);
             create index chunks_by_document on knowledge_chunks (document_id);
             create table chunk_vectors_1 (id integer primary key, shop_id integer, embedding blob);",
        )
        .unwrap();
        for id in 1..=6000_usize {
            let row = id as i64;
            conn.execute("insert into documents values (?1, 1, 1, 'live')", [row])
                .unwrap();
            conn.execute("insert into knowledge_chunks values (?1, ?1, 0)", [row])
                .unwrap();
            let vector = to_bytes(&quantized(&noise(id)));
            conn.execute(
                "insert into chunk_vectors_1 values (?1 * 256, 1, ?2)",
                params![row, vector],
            )
            .unwrap();
        }
        let indexes = VectorIndexes::default();
        let key = (ShopId(1), SpaceId(1));
        let index = indexes.of(&conn, key, 1, 192).unwrap().unwrap();
        let (mut found, mut wanted) = (0, 0);
        for seed in 10_000..10_020 {
            let query = Query::new(&noise(seed));
            let exact = exact_nearest(&conn, key.0, key.1, &query.coarse, 10).unwrap();
            let near: Vec<_> = index.nearest(&query, 20).into_iter().map(|unit| unit.0).collect();
            wanted += exact.len();
            found += exact.iter().filter(|unit| near.contains(&unit.0)).count();
        }
        assert!(100 * found >= 99 * wanted, "{found} of {wanted}");
        assert!(
            indexes.of(&conn, key, 0, 192).unwrap().is_none(),
            "an older snapshot is answered from SQLite"
        );
    }
}
