//! Documents and chunks: what is there, and staging what an import brings.

use crate::domain::id::ChunkId;
use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::id::SpaceId;
use crate::domain::knowledge::ChunkPlace;
use crate::domain::knowledge::KnownDocument;
use crate::domain::knowledge::NewChunk;
use crate::domain::knowledge::NewDocument;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::imports::source_of;
use crate::store::rows::json;
use crate::store::rows::optional;
use crate::store::rows::parsed;
use crate::store::rows::stamp;
use crate::store::rows::to_json;
use crate::store::spaces::insert_vectors;
use crate::store::terms::fields;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

impl Store {
    /// The visible documents of a source that have these keys, in the order asked; `None` for one that is not there.
    pub async fn known_documents(
        &self,
        shop: ShopId,
        source: SourceId,
        keys: Vec<SourceKey>,
    ) -> StoreResult<Vec<Option<KnownDocument>>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select content_hash, text_hash, space_id, title, url, product from documents
                 where source = ?1 and state = 'live' and source_type = ?2 and source_id = ?3 and shop_id = ?4",
            )?;
            let known = keys.iter().map(|key| {
                let values = params![source.0, key.source_type.name(), key.source_id, shop.0];
                optional(statement.query_row(values, |row| {
                    let product: Option<String> = row.get(5)?;
                    Ok(KnownDocument {
                        content_hash: row.get(0)?,
                        text_hash: row.get(1)?,
                        space: SpaceId(row.get(2)?),
                        title: row.get(3)?,
                        url: row.get(4)?,
                        product: product.map(|text| json(&text)).transpose()?,
                    })
                }))
            });
            known.collect()
        })
        .await
    }

    /// The visible documents of a source after `after`, by type and id, with their titles; at most `limit`.
    pub async fn list_source_keys(
        &self,
        shop: ShopId,
        source: SourceId,
        after: Option<SourceKey>,
        limit: u32,
    ) -> StoreResult<Vec<(SourceKey, String)>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select source_type, source_id, title from documents
                 where source = ?1 and state = 'live' and shop_id = ?2 and (source_type, source_id) > (?3, ?4)
                 order by source_type, source_id limit ?5",
            )?;
            let (source_type, source_id) =
                after.map_or(("", String::new()), |key| (key.source_type.name(), key.source_id));
            let keys = statement.query_map(params![source.0, shop.0, source_type, source_id, limit], |row| {
                let key = SourceKey {
                    source_type: parsed(row, 0, SourceType::parse)?,
                    source_id: row.get(1)?,
                };
                Ok((key, row.get(2)?))
            })?;
            Ok(keys.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Which of these documents an import has staged already in this space, by their content hashes; in the order asked.
    pub async fn staged_hashes(
        &self,
        import: ImportId,
        space: SpaceId,
        keys: Vec<SourceKey>,
    ) -> StoreResult<Vec<Option<String>>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select content_hash from documents
                 where import_id = ?1 and state = 'staged' and source_type = ?2 and source_id = ?3 and space_id = ?4",
            )?;
            let hashes = keys.iter().map(|key| {
                let values = params![import.0, key.source_type.name(), key.source_id, space.0];
                optional(statement.query_row(values, |row| row.get(0)))
            });
            hashes.collect()
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

    /// Stores documents that stay invisible until `publish_import`, each in place of what the import has staged of it before. Not
    /// found when the shop or the import is gone.
    pub async fn stage_documents(
        &self,
        shop: ShopId,
        import: ImportId,
        space: SpaceId,
        documents: Vec<NewDocument>,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.write_unseen(move |conn| {
            let source = source_of(conn, shop, import)?;
            let stage = Stage {
                conn,
                shop,
                source,
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
    source: SourceId,
    import: ImportId,
    space: SpaceId,
    now: String,
}

impl Stage<'_> {
    fn insert_document(&self, document: &NewDocument) -> StoreResult<()> {
        let product = document.product.as_ref().map(to_json).transpose()?;
        self.conn
            .prepare_cached(
                "update documents set state = 'retired'
                 where import_id = ?1 and state = 'staged' and source_type = ?2 and source_id = ?3",
            )?
            .execute(params![
                self.import.0,
                document.key.source_type.name(),
                document.key.source_id
            ])?;
        self.conn
            .prepare_cached(
                "insert into documents (shop_id, import_id, space_id, state, source_type, source_id, title, url,
                     content_hash, product, created_at, source, text_hash, description)
                 values (?1, ?2, ?3, 'staged', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
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
                self.now,
                self.source.0,
                document.text_hash,
                document.description
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
        let is_placed = chunk.place != ChunkPlace::default();
        let place = is_placed.then(|| to_json(&chunk.place)).transpose()?;
        self.conn
            .prepare_cached(
                "insert into knowledge_chunks (shop_id, document_id, source_type, source_id, position, text,
                     embedding_count, created_at, place) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                self.shop.0,
                document_id,
                key.source_type.name(),
                key.source_id,
                i64::try_from(position).map_err(StoreError::internal)?,
                chunk.text,
                0,
                self.now,
                place
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
