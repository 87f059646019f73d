//! Tokens of the administration API, known by the hash of their secret only.

use crate::domain::id::ApiTokenId;
use crate::domain::id::ShopId;
use crate::domain::token::ApiToken;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::optional;
use crate::store::rows::optional_timestamp;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use crate::store::shops::changed_one;
use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::params;

const SELECT_TOKEN: &str = "select id, name, shop_id, created_at, last_used_at from api_tokens";

impl Store {
    /// Stores a token by the hash of its secret. Not found when `shop_id` names no shop.
    pub async fn insert_api_token(
        &self,
        name: String,
        shop_id: Option<ShopId>,
        token_hash: String,
        now: Timestamp,
    ) -> StoreResult<ApiToken> {
        self.write(move |conn| {
            conn.execute(
                "insert into api_tokens (shop_id, name, token_hash, created_at) values (?1, ?2, ?3, ?4)",
                params![shop_id.map(|shop| shop.0), name, token_hash, stamp(now)],
            )?;
            let id = ApiTokenId(conn.last_insert_rowid());
            Ok(ApiToken {
                id,
                name,
                shop_id,
                created_at: now,
                last_used_at: None,
            })
        })
        .await
    }

    /// All tokens by id.
    pub async fn list_api_tokens(&self) -> StoreResult<Vec<ApiToken>> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT_TOKEN} order by id"))?;
            let tokens = statement.query_map([], token)?;
            Ok(tokens.collect::<Result<_, _>>()?)
        })
        .await
    }

    pub async fn find_api_token(&self, token_hash: String) -> StoreResult<Option<ApiToken>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT_TOKEN} where token_hash = ?1"))?;
            optional(statement.query_row([token_hash], token))
        })
        .await
    }

    /// Notes that the token was used; nothing happens when it is gone.
    pub async fn touch_api_token(&self, id: ApiTokenId, now: Timestamp) -> StoreResult<()> {
        self.write(move |conn| {
            conn.execute(
                "update api_tokens set last_used_at = ?2 where id = ?1",
                params![id.0, stamp(now)],
            )?;
            Ok(())
        })
        .await
    }

    /// Revokes a token: it opens nothing from then on.
    pub async fn delete_api_token(&self, id: ApiTokenId) -> StoreResult<()> {
        self.write(move |conn| changed_one(conn.execute("delete from api_tokens where id = ?1", [id.0])?))
            .await
    }
}

fn token(row: &Row<'_>) -> rusqlite::Result<ApiToken> {
    Ok(ApiToken {
        id: ApiTokenId(row.get(0)?),
        name: row.get(1)?,
        shop_id: row.get::<_, Option<i64>>(2)?.map(ShopId),
        created_at: timestamp(row, 3)?,
        last_used_at: optional_timestamp(row, 4)?,
    })
}
