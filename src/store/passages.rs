//! What a few chunks hold, for a closer look than an index allows: all their terms, and how near each unit is to a question.

use crate::domain::embedding::Embedding;
use crate::domain::id::ChunkId;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::domain::knowledge::ChunkTerms;
use crate::domain::knowledge::SourceType;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::optional;
use crate::store::rows::parsed;
use crate::store::search::knowledge_version;
use crate::store::spaces::UNITS_PER_CHUNK;
use crate::store::spaces::vector_table;
use crate::store::terms::split_fields;
use crate::store::vectors::VectorKey;
use crate::store::vectors::quantized::Query;
use crate::store::vectors::quantized::length;
use rusqlite::Connection;
use rusqlite::params;

/// A chunk to be compared with a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    pub chunk: ChunkId,
    /// Of its document.
    pub title: String,
    pub source_type: SourceType,
    pub terms: ChunkTerms,
    /// Cosine similarities of the chunk's units to the question, in the units' order; none without vectors in the space.
    pub similarities: Vec<f64>,
}

impl Passage {
    pub fn is_product(&self) -> bool {
        self.source_type == SourceType::Product
    }
}

impl Store {
    /// The shop's chunks in the order asked; one that is gone is left out. Looks at every vector of theirs, so ask for tens.
    pub async fn passages(
        &self,
        shop: ShopId,
        space: SpaceId,
        query: Option<Embedding>,
        chunks: Vec<ChunkId>,
    ) -> StoreResult<Vec<Passage>> {
        let vectors = self.vectors.clone();
        self.read(move |conn| {
            let query = query.map(|query| Query::new(&query)).filter(Query::has_direction);
            let index = match &query {
                Some(query) => {
                    let dimensions = query.coarse.len();
                    let key = VectorKey {
                        shop,
                        space,
                        dimensions,
                    };
                    vectors.current(key, knowledge_version(conn, shop)?)
                }
                None => None,
            };
            let mut fields = conn.prepare_cached(
                "select t.fields, d.title, d.source_type from chunk_terms t
                 join knowledge_chunks c on c.id = t.chunk_id join documents d on d.id = c.document_id
                 where t.chunk_id = ?1 and c.shop_id = ?2",
            )?;
            let mut passages = Vec::with_capacity(chunks.len());
            for chunk in chunks {
                let row = fields.query_row(params![chunk.0, shop.0], |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get(1)?,
                        parsed(row, 2, SourceType::parse)?,
                    ))
                });
                let Some((fields, title, source_type)) = optional(row)? else {
                    continue;
                };
                let similarities = match &query {
                    Some(query) => match index.as_ref().and_then(|index| index.similarities(query, chunk.0)) {
                        Some(similarities) => similarities,
                        None => unit_similarities(conn, space, chunk, query)?,
                    },
                    None => Vec::new(),
                };
                passages.push(Passage {
                    chunk,
                    title,
                    source_type,
                    terms: split_fields(&fields),
                    similarities,
                });
            }
            Ok(passages)
        })
        .await
    }
}

/// From the rows: when the index in memory is of another version, or this is no chunk of it any more.
fn unit_similarities(conn: &Connection, space: SpaceId, chunk: ChunkId, query: &Query) -> StoreResult<Vec<f64>> {
    let mut statement = conn.prepare_cached(&format!(
        "select embedding from {} where id >= ?1 and id < ?2 order by id",
        vector_table(space)
    ))?;
    let first = chunk.0 * UNITS_PER_CHUNK;
    let mut rows = statement.query(params![first, first + UNITS_PER_CHUNK])?;
    let mut similarities = Vec::new();
    let mut values: Vec<i8> = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        values.clear();
        values.extend(bytes.iter().map(|byte| byte.cast_signed()));
        let length = length(&values);
        if length > 0.0 {
            similarities.push(f64::from(query.similarity(&values, length)));
        }
    }
    Ok(similarities)
}
