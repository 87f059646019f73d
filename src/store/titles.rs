//! What a shop's texts are called.

use crate::domain::id::ShopId;
use crate::domain::knowledge::SourceType;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::parsed;
use rusqlite::params;

/// A frequent question as it asks, or a policy's title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceTitle {
    pub source_type: SourceType,
    pub title: String,
}

impl Store {
    /// The titles of the shop's visible frequent questions and policies, by type and source id, at most `limit`.
    pub async fn list_titles(&self, shop: ShopId, limit: u32) -> StoreResult<Vec<SourceTitle>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select source_type, title from documents
                 where shop_id = ?1 and source_type in ('faq', 'policy') and state = 'live'
                 order by source_type, source_id limit ?2",
            )?;
            let titles = statement.query_map(params![shop.0, limit], |row| {
                Ok(SourceTitle {
                    source_type: parsed(row, 0, SourceType::parse)?,
                    title: row.get(1)?,
                })
            })?;
            Ok(titles.collect::<Result<_, _>>()?)
        })
        .await
    }
}
