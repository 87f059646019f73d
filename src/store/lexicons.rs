//! Each shop's own entries of the lexicon, one JSON value among its settings.

use crate::domain::id::ShopId;
use crate::domain::lexicon::LexiconEntry;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::json;
use crate::store::rows::optional;
use crate::store::rows::require_shop;
use crate::store::rows::to_json;
use rusqlite::Connection;
use rusqlite::params;

const LEXICON: &str = "lexicon";

impl Store {
    /// The shop's entries in its owner's order; none for a shop that is unknown.
    pub async fn list_lexicon_entries(&self, shop: ShopId) -> StoreResult<Vec<LexiconEntry>> {
        self.read(move |conn| lexicon_entries(conn, shop)).await
    }

    /// Puts these entries in the place of the shop's earlier ones.
    pub async fn replace_lexicon_entries(&self, shop: ShopId, entries: Vec<LexiconEntry>) -> StoreResult<()> {
        self.write(move |conn| {
            require_shop(conn, shop)?;
            conn.execute(
                "insert into settings (shop_id, key, value) values (?1, ?2, ?3)
                 on conflict (shop_id, key) do update set value = excluded.value",
                params![shop.0, LEXICON, to_json(&entries)?],
            )?;
            Ok(())
        })
        .await
    }
}

pub(super) fn lexicon_entries(conn: &Connection, shop: ShopId) -> StoreResult<Vec<LexiconEntry>> {
    let sql = "select value from settings where shop_id = ?1 and key = ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let stored = statement.query_row(params![shop.0, LEXICON], |row| row.get::<_, String>(0));
    Ok(optional(stored)?
        .map(|text| json(&text))
        .transpose()?
        .unwrap_or_default())
}
