//! How many chunks of a shop can be found, counted once for each import: counting reads as many rows as there are.

use crate::domain::id::ShopId;
use crate::store::error::StoreResult;
use rusqlite::Connection;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

#[derive(Default)]
pub struct ChunkCounts {
    /// The count as of an import.
    known: Mutex<HashMap<ShopId, (i64, u32)>>,
}

impl ChunkCounts {
    /// The count in the connection's snapshot, whose last import is `version`.
    pub fn of(&self, conn: &Connection, shop: ShopId, version: i64) -> StoreResult<u32> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&shop)
            .copied();
        if let Some((at, count)) = known
            && at == version
        {
            return Ok(count);
        }
        let count = count_visible(conn, shop)?;
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(shop, (version, count));
        Ok(count)
    }

    pub fn forget(&self, shop: ShopId) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&shop);
    }
}

pub fn count_visible(conn: &Connection, shop: ShopId) -> StoreResult<u32> {
    let sql = "select count(*) from knowledge_chunks c join documents d on d.id = c.document_id
         where c.shop_id = ?1 and d.state = 'live'";
    Ok(conn.prepare_cached(sql)?.query_row([shop.0], |row| row.get(0))?)
}
