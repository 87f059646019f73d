//! What a shop's texts are written with: words as they stand there, and identifiers.

use crate::domain::id::ShopId;
use crate::store::Store;
use crate::store::error::StoreResult;

impl Store {
    /// Texts of the shop's visible chunks in order of their ids, until they are `max_bytes` long together.
    pub async fn sample_texts(&self, shop: ShopId, max_bytes: usize) -> StoreResult<Vec<String>> {
        self.read(move |conn| {
            let sql =
                "select c.text from knowledge_chunks c join documents d on d.id = c.document_id and d.state = 'live'
                 where c.shop_id = ?1 order by c.id";
            let mut statement = conn.prepare_cached(sql)?;
            let mut rows = statement.query([shop.0])?;
            let (mut texts, mut bytes) = (Vec::new(), 0);
            while bytes < max_bytes
                && let Some(row) = rows.next()?
            {
                let text: String = row.get(0)?;
                bytes += text.len();
                texts.push(text);
            }
            Ok(texts)
        })
        .await
    }

    /// The identifiers of the shop's visible documents, each once, in the order of the alphabet.
    pub async fn list_identifiers(&self, shop: ShopId) -> StoreResult<Vec<String>> {
        self.read(move |conn| {
            let sql = "select distinct i.identifier from document_identifiers i
                 join documents d on d.id = i.document_id and d.state = 'live'
                 where i.shop_id = ?1 order by i.identifier";
            let mut statement = conn.prepare_cached(sql)?;
            let identifiers = statement.query_map([shop.0], |row| row.get(0))?;
            Ok(identifiers.collect::<Result<_, _>>()?)
        })
        .await
    }
}
