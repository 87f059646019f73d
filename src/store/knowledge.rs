//! Documents and chunks: what is there, and staging what an import brings.

use crate::domain::id::ChunkId;
use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::domain::knowledge::NewChunk;
use crate::domain::knowledge::NewDocument;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::parsed;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::to_json;
use crate::store::spaces::insert_vectors;
use crate::store::terms::fields;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;
use std::collections::HashMap;

/// What decides whether a document has to be made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentState {
    pub content_hash: String,
    pub space: SpaceId,
}

impl Store {
    /// The shop's visible documents by their source.
    pub async fn document_states(&self, shop: ShopId) -> StoreResult<HashMap<SourceKey, DocumentState>> {
        self.read(move |conn| {
            require_shop(conn, shop)?;
            let mut statement = conn.prepare_cached(
                "select source_type, source_id, content_hash, space_id from documents where shop_id = ?1 and state = 'live'",
            )?;
            let states = statement.query_map([shop.0], |row| {
                let key = SourceKey { source_type: parsed(row, 0, SourceType::parse)?, source_id: row.get(1)? };
                Ok((key, DocumentState { content_hash: row.get(2)?, space: SpaceId(row.get(3)?) }))
            })?;
            Ok(states.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The shops that have visible documents, with how many; fewest first, ties by id.
    pub async fn list_shop_sizes(&self) -> StoreResult<Vec<(ShopId, u32)>> {
        self.read(|conn| {
            let mut statement = conn.prepare(
                "select shop_id, count(*) from documents where state = 'live' group by shop_id order by count(*), shop_id",
            )?;
            let sizes = statement.query_map([], |row| Ok((ShopId(row.get(0)?), row.get(1)?)))?;
            Ok(sizes.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many chunks of the shop can be found.
    pub async fn count_chunks(&self, shop: ShopId) -> StoreResult<usize> {
        self.read(move |conn| {
            let sql = "select count(*) from knowledge_chunks c join documents d on d.id = c.document_id
                 where c.shop_id = ?1 and d.state = 'live'";
            let count: u32 = conn.prepare_cached(sql)?.query_row([shop.0], |row| row.get(0))?;
            Ok(count as usize)
        })
        .await
    }

    /// Stores documents that stay invisible until `publish_import`. Not found when the shop is gone.
    pub async fn stage_documents(
        &self,
        shop: ShopId,
        import: ImportId,
        space: SpaceId,
        documents: Vec<NewDocument>,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.write_unseen(move |conn| {
            require_shop(conn, shop)?;
            let stage = Stage {
                conn,
                shop,
                import,
                space,
                now: stamp(now),
            };
            documents
                .iter()
                .try_for_each(|document| stage.insert_document(document))
        })
        .await
    }
}

struct Stage<'a> {
    conn: &'a Connection,
    shop: ShopId,
    import: ImportId,
    space: SpaceId,
    now: String,
}

impl Stage<'_> {
    fn insert_document(&self, document: &NewDocument) -> StoreResult<()> {
        let product = document.product.as_ref().map(to_json).transpose()?;
        self.conn
            .prepare_cached(
                "insert into documents (shop_id, import_id, space_id, state, source_type, source_id, title, url,
                     content_hash, product, created_at) values (?1, ?2, ?3, 'staged', ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                self.shop.0,
                self.import.0,
                self.space.0,
                document.key.source_type.name(),
                document.key.source_id,
                document.title,
                document.url,
                document.content_hash,
                product,
                self.now
            ])?;
        let id = self.conn.last_insert_rowid();
        for identifier in &document.identifiers {
            self.conn
                .prepare_cached(
                    "insert or ignore into document_identifiers (shop_id, identifier, document_id) values (?1, ?2, ?3)",
                )?
                .execute(params![self.shop.0, identifier, id])?;
        }
        let chunks = document.chunks.iter().enumerate();
        chunks
            .into_iter()
            .try_for_each(|(position, chunk)| self.insert_chunk(&document.key, id, position, chunk))
    }

    fn insert_chunk(&self, key: &SourceKey, document_id: i64, position: usize, chunk: &NewChunk) -> StoreResult<()> {
        self.conn
            .prepare_cached(
                "insert into knowledge_chunks (shop_id, document_id, source_type, source_id, position, text,
                     embedding_count, created_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                self.shop.0,
                document_id,
                key.source_type.name(),
                key.source_id,
                i64::try_from(position).map_err(StoreError::internal)?,
                chunk.text,
                0,
                self.now
            ])?;
        let id = self.conn.last_insert_rowid();
        self.conn
            .prepare_cached("insert into chunk_terms (chunk_id, fields) values (?1, ?2)")?
            .execute(params![id, fields(&chunk.terms)])?;
        let units = insert_vectors(self.conn, self.shop, self.space, ChunkId(id), &chunk.embeddings)?;
        self.conn
            .prepare_cached("update knowledge_chunks set embedding_count = ?2 where id = ?1")?
            .execute([id, units])?;
        Ok(())
    }
}
