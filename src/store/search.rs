//! Candidates for a question: by identifier, by terms, by vector. Always within one shop, only what is visible.

use crate::domain::embedding::AssignedModel;
use crate::domain::embedding::Embedding;
use crate::domain::embedding::EmbeddingSpace;
use crate::domain::id::ChunkId;
use crate::domain::id::DocumentId;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::domain::knowledge::Chunk;
use crate::domain::lexicon::LexiconEntry;
use crate::domain::search::QueryTerm;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::lexicons::lexicon_entries;
use crate::store::models::assigned_model;
use crate::store::rows::document;
use crate::store::rows::document_columns;
use crate::store::rows::place;
use crate::store::terms::CountedTerm;
use crate::store::terms::TermIndex;
use crate::store::vectors::VectorIndex;
use crate::store::vectors::VectorKey;
use crate::store::vectors::quantized::Query;
use rusqlite::Connection;
use rusqlite::params;
use std::collections::HashSet;

/// What a search has to know of a shop before it begins, of one snapshot.
#[derive(Debug, Clone)]
pub struct SearchBasis {
    /// As `index_version` tells it.
    pub version: i64,
    /// As `shop_model` tells it.
    pub model: Option<AssignedModel>,
    /// As `list_lexicon_entries` tells them.
    pub lexicon: Vec<LexiconEntry>,
}

/// A chunk that shares terms with the question.
#[derive(Debug, Clone, PartialEq)]
pub struct LexicalCandidate {
    pub chunk: ChunkId,
    pub document: DocumentId,
    /// BM25 as `store::terms` computes it (k1 = 1.2, b = 0.75), positive, higher is better.
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
        let search = move |index: &TermIndex| {
            let chunk_count = index.chunk_count();
            let counted = |word: &QueryTerm| word.alternatives.iter().map(|term| index.count(&term.term)).collect();
            let term_counts: Vec<Vec<u32>> = words.iter().map(counted).collect();
            let telling = telling_terms(&words, &term_counts, chunk_count);
            let ranked = index.search(&telling, limit as usize).into_iter();
            let candidates = ranked.map(|found| LexicalCandidate {
                chunk: ChunkId(found.chunk),
                document: DocumentId(found.document),
                bm25: found.bm25,
            });
            LexicalMatch {
                candidates: candidates.collect(),
                term_counts,
                chunk_count,
            }
        };
        self.search_index(&self.terms, shop, shop, search).await
    }

    /// Grows with each change of what searches of the shop may find.
    pub async fn index_version(&self, shop: ShopId) -> StoreResult<i64> {
        self.read(move |conn| knowledge_version(conn, shop)).await
    }

    /// Gives back to the system what making indexes needed and keeps no longer. Searches go on meanwhile.
    pub async fn give_back_memory(&self) -> StoreResult<()> {
        self.readers.shrink().await
    }

    /// All that a search begins with, in one read.
    pub async fn search_basis(&self, shop: ShopId) -> StoreResult<SearchBasis> {
        self.read(move |conn| {
            Ok(SearchBasis {
                version: knowledge_version(conn, shop)?,
                model: assigned_model(conn, shop)?,
                lexicon: lexicon_entries(conn, shop)?,
            })
        })
        .await
    }

    /// The terms of the shop's visible chunks with the number of chunks that hold them, in the order of the alphabet.
    pub async fn list_terms(&self, shop: ShopId) -> StoreResult<Vec<(String, u32)>> {
        self.search_index(&self.terms, shop, shop, TermIndex::terms).await
    }

    /// The chunks of the `limit` units nearest to `query`, best first, each chunk once; ties by chunk id.
    pub async fn search_vectors(
        &self,
        shop: ShopId,
        space: SpaceId,
        query: Embedding,
        limit: u32,
    ) -> StoreResult<Vec<VectorCandidate>> {
        let key = VectorKey {
            shop,
            space,
            dimensions: query.len(),
        };
        let query = Query::new(&query);
        let search = move |index: &VectorIndex| {
            let mut seen = HashSet::new();
            let units = index.nearest(&query, limit as usize).into_iter();
            let best_units = units.filter(|(chunk, _, _)| seen.insert(*chunk));
            let found = best_units.map(|(chunk, document, similarity)| VectorCandidate {
                chunk: ChunkId(chunk),
                document: DocumentId(document),
                similarity,
            });
            found.collect()
        };
        self.search_index(&self.vectors, key, shop, search).await
    }

    /// Makes the index of the shop's vectors unless the one of this version is there, so that it is ready when a search needs it.
    pub async fn prepare_vectors(&self, shop: ShopId, space: &EmbeddingSpace, version: i64) -> StoreResult<()> {
        let key = VectorKey {
            shop,
            space: space.id,
            dimensions: space.key.dimensions,
        };
        if self.vectors.current(key, version).is_some() {
            return Ok(());
        }
        self.search_index(&self.vectors, key, shop, |_| ()).await
    }

    /// The chunks with their documents, in the order asked; one that is gone or not visible any more is left out.
    pub async fn chunks(&self, shop: ShopId, ids: Vec<ChunkId>) -> StoreResult<Vec<Chunk>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(concat!(
                "select ",
                document_columns!(),
                ", c.id, c.text, c.place from knowledge_chunks c
                 join documents d on d.id = c.document_id where c.shop_id = ?1 and c.id = ?2 and d.state = 'live'"
            ))?;
            let mut chunks = Vec::with_capacity(ids.len());
            for id in ids {
                let rows = statement.query_map([shop.0, id.0], |row| {
                    Ok(Chunk {
                        document: document(row, 0)?,
                        id: ChunkId(row.get(6)?),
                        text: row.get(7)?,
                        place: place(row, 8)?,
                    })
                })?;
                chunks.extend(rows.collect::<Result<Vec<_>, _>>()?);
            }
            Ok(chunks)
        })
        .await
    }
}

/// As the snapshot knows it; 0 for a shop that is gone.
pub(super) fn knowledge_version(conn: &Connection, shop: ShopId) -> StoreResult<i64> {
    let sql = "select coalesce(max(knowledge_version), 0) from shops where id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([shop.0], |row| row.get(0))?)
}

/// The terms worth looking up, by word. Scoring every chunk for a label that all have ("Артикул") takes most of the time.
fn telling_terms<'a>(words: &'a [QueryTerm], counts: &[Vec<u32>], chunk_count: u32) -> Vec<Vec<CountedTerm<'a>>> {
    let known = |most: u32| -> Vec<Vec<CountedTerm<'_>>> {
        let counted = words.iter().zip(counts).map(|(word, counts)| {
            let terms = word.alternatives.iter().zip(counts.iter().copied());
            terms
                .filter(|(_, count)| (1..=most).contains(count))
                .collect::<Vec<_>>()
        });
        counted.filter(|terms| !terms.is_empty()).collect()
    };
    let rare = known(chunk_count / 2);
    if rare.is_empty() { known(u32::MAX) } else { rare }
}
