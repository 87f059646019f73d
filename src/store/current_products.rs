//! How products stand now that were read a moment ago, and when their source last confirmed them.

use crate::domain::id::DocumentId;
use crate::domain::id::ShopId;
use crate::domain::knowledge::Document;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::document;
use crate::store::rows::document_columns;
use crate::store::rows::optional;
use crate::store::rows::optional_timestamp;
use jiff::Timestamp;
use rusqlite::params;

impl Store {
    /// What is visible now in place of each document, in the order asked; `None` for what an import has removed meanwhile.
    pub async fn current_documents(&self, shop: ShopId, ids: Vec<DocumentId>) -> StoreResult<Vec<Option<Document>>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(concat!(
                "select ",
                document_columns!(),
                " from documents o join documents d on d.shop_id = o.shop_id and d.source_type = o.source_type
                      and d.source_id = o.source_id and d.source is o.source and d.state = 'live'
                  where o.shop_id = ?1 and o.id = ?2"
            ))?;
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                found.push(optional(
                    statement.query_row(params![shop.0, id.0], |row| document(row, 0)),
                )?);
            }
            Ok(found)
        })
        .await
    }

    /// When the source of each document was last found to say what it says, by an import or because it had not changed; `None` for
    /// a document without a source and one that is gone. In the order asked.
    pub async fn confirmed_at(&self, shop: ShopId, ids: Vec<DocumentId>) -> StoreResult<Vec<Option<Timestamp>>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select max(coalesce(s.checked_at, ''), coalesce((select max(i.finished_at) from imports i
                     where i.source = s.id and i.status = 'done' and i.kind = 'import' and not i.is_preview), ''), s.created_at)
                 from documents d join sources s on s.id = d.source where d.shop_id = ?1 and d.id = ?2",
            )?;
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                let time = statement.query_row(params![shop.0, id.0], |row| optional_timestamp(row, 0));
                found.push(optional(time)?.flatten());
            }
            Ok(found)
        })
        .await
    }
}
