//! Product rows, for whoever filters and orders by them.

use crate::domain::id::ChunkId;
use crate::domain::id::DocumentId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::knowledge::Document;
use crate::domain::knowledge::KnownProduct;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::document;
use crate::store::rows::document_columns;
use crate::store::rows::json;
use crate::store::rows::optional;
use rusqlite::params;

impl Store {
    /// The shop's visible products whose source ids come after `after`, in their order and then by document, at most `limit` and
    /// those that share the last one's id: products of two sources may.
    pub async fn list_products(&self, shop: ShopId, after: String, limit: u32) -> StoreResult<Vec<Document>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(concat!(
                "select ",
                document_columns!(),
                " from documents d where d.shop_id = ?1 and d.source_type = 'product' and d.source_id > ?2
                  and d.state = 'live' order by d.source_id, d.id limit ?3"
            ))?;
            let rows = statement.query_map(params![shop.0, after, limit], |row| document(row, 0))?;
            let mut products = rows.collect::<Result<Vec<_>, _>>()?;
            let Some(last) = products.last().filter(|_| products.len() == limit as usize) else {
                return Ok(products);
            };
            let mut namesakes = conn.prepare_cached(concat!(
                "select ",
                document_columns!(),
                " from documents d where d.shop_id = ?1 and d.source_type = 'product' and d.source_id = ?2
                  and d.state = 'live' and d.id > ?3 order by d.id"
            ))?;
            let rows = namesakes.query_map(params![shop.0, last.key.source_id, last.id.0], |row| document(row, 0))?;
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            products.extend(rows);
            Ok(products)
        })
        .await
    }

    /// The shop's visible documents of these ids, in the order asked; one that is gone is left out.
    pub async fn documents(&self, shop: ShopId, ids: Vec<DocumentId>) -> StoreResult<Vec<Document>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(concat!(
                "select ",
                document_columns!(),
                " from documents d where d.shop_id = ?1 and d.id = ?2 and d.state = 'live'"
            ))?;
            let mut documents = Vec::with_capacity(ids.len());
            for id in ids {
                let found = optional(statement.query_row(params![shop.0, id.0], |row| document(row, 0)))?;
                documents.extend(found);
            }
            Ok(documents)
        })
        .await
    }

    /// The shop's visible products with these source ids, in the order asked; one that is gone is left out.
    pub async fn products(&self, shop: ShopId, source_ids: Vec<String>) -> StoreResult<Vec<Document>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(concat!(
                "select ",
                document_columns!(),
                " from documents d where d.shop_id = ?1 and d.source_type = 'product' and d.source_id = ?2
                  and d.state = 'live'"
            ))?;
            let mut products = Vec::with_capacity(source_ids.len());
            for source_id in source_ids {
                let product = statement.query_row(params![shop.0, source_id], |row| document(row, 0));
                products.extend(optional(product)?);
            }
            Ok(products)
        })
        .await
    }

    /// The visible documents of a source for each of these products, in the order asked: those of the product's id, and of this id with
    /// `#` and a variant's; by id.
    pub async fn product_families(
        &self,
        shop: ShopId,
        source: SourceId,
        products: Vec<String>,
    ) -> StoreResult<Vec<Vec<KnownProduct>>> {
        self.read(move |conn| {
            // `#` is followed by `$`, so that the range holds the product with all its variants and little else.
            let mut statement = conn.prepare_cached(
                "select source_id, title, url, description, product from documents
                 where source = ?1 and state = 'live' and source_type = 'product' and source_id >= ?2
                     and source_id < ?2 || '$' and shop_id = ?3 order by source_id",
            )?;
            let families = products.iter().map(|product| {
                let rows = statement.query_map(params![source.0, product, shop.0], |row| {
                    let data: Option<String> = row.get(4)?;
                    Ok(KnownProduct {
                        source_id: row.get(0)?,
                        name: row.get(1)?,
                        url: row.get(2)?,
                        description: row.get(3)?,
                        row: data.map(|text| json(&text)).transpose()?.unwrap_or_default(),
                    })
                })?;
                let mut family = rows.collect::<Result<Vec<_>, _>>()?;
                family.retain(|known| {
                    let rest = known.source_id.strip_prefix(product.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
                });
                Ok(family)
            });
            families.collect()
        })
        .await
    }

    /// The first chunk of each document that is visible and has one, in the order asked.
    pub async fn first_chunks(
        &self,
        shop: ShopId,
        documents: Vec<DocumentId>,
    ) -> StoreResult<Vec<(ChunkId, DocumentId)>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select c.id from documents d join knowledge_chunks c on c.document_id = d.id
                 where d.id = ?2 and d.shop_id = ?1 and d.state = 'live' order by c.position limit 1",
            )?;
            let mut found = Vec::with_capacity(documents.len());
            for document in documents {
                let chunk = optional(statement.query_row(params![shop.0, document.0], |row| row.get(0)))?;
                found.extend(chunk.map(|chunk| (ChunkId(chunk), document)));
            }
            Ok(found)
        })
        .await
    }
}
