//! Shops and their settings.

use crate::domain::id::PublicKey;
use crate::domain::id::ShopId;
use crate::domain::settings::ShopSettings;
use crate::domain::shop::Shop;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::publish::delete_all_vectors;
use crate::store::rows::json;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use crate::store::rows::to_json;
use crate::store::rows::uuid;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::params;

const SHOP_SETTINGS: &str = "shop";
const SELECT_SHOP: &str = "select s.id, s.name, s.public_key, s.created_at, t.value
    from shops s left join settings t on t.shop_id = s.id and t.key = 'shop'";

impl Store {
    pub async fn insert_shop(
        &self,
        name: String,
        public_key: PublicKey,
        settings: ShopSettings,
        now: Timestamp,
    ) -> StoreResult<Shop> {
        self.write(move |conn| {
            conn.execute(
                "insert into shops (name, public_key, created_at) values (?1, ?2, ?3)",
                params![name, public_key.to_string(), stamp(now)],
            )?;
            let id = ShopId(conn.last_insert_rowid());
            write_settings(conn, id, &settings)?;
            Ok(Shop {
                id,
                name,
                public_key,
                created_at: now,
                settings,
            })
        })
        .await
    }

    /// All shops by id.
    pub async fn list_shops(&self) -> StoreResult<Vec<Shop>> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT_SHOP} order by s.id"))?;
            let shops = statement.query_map([], shop)?;
            Ok(shops.collect::<Result<_, _>>()?)
        })
        .await
    }

    pub async fn shop(&self, id: ShopId) -> StoreResult<Shop> {
        self.read(move |conn| {
            Ok(conn
                .prepare_cached(&format!("{SELECT_SHOP} where s.id = ?1"))?
                .query_row([id.0], shop)?)
        })
        .await
    }

    pub async fn shop_by_public_key(&self, key: PublicKey) -> StoreResult<Shop> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT_SHOP} where s.public_key = ?1"))?;
            Ok(statement.query_row([key.to_string()], shop)?)
        })
        .await
    }

    /// Changes the name, when there is one, and the settings.
    pub async fn update_shop(&self, id: ShopId, name: Option<String>, settings: ShopSettings) -> StoreResult<()> {
        self.write(move |conn| {
            require_shop(conn, id)?;
            if let Some(name) = name {
                conn.execute("update shops set name = ?2 where id = ?1", params![id.0, name])?;
            }
            write_settings(conn, id, &settings)
        })
        .await
    }

    /// Gives the shop a new public key; the old one names nothing from then on.
    pub async fn rotate_public_key(&self, id: ShopId, key: PublicKey) -> StoreResult<()> {
        self.write(move |conn| {
            let rows = conn.execute(
                "update shops set public_key = ?2 where id = ?1",
                params![id.0, key.to_string()],
            )?;
            changed_one(rows)
        })
        .await
    }

    /// Deletes the shop with all that is its own: knowledge, vectors, terms, chats, surveys, events, tokens.
    pub async fn delete_shop(&self, id: ShopId) -> StoreResult<()> {
        self.write(move |conn| {
            require_shop(conn, id)?;
            let mut statement = conn.prepare("select id from knowledge_chunks where shop_id = ?1")?;
            let chunks = statement.query_map([id.0], |row| row.get(0))?;
            for chunk in chunks.collect::<Result<Vec<_>, _>>()? {
                delete_all_vectors(conn, chunk)?;
            }
            conn.execute("delete from settings where shop_id = ?1", [id.0])?;
            conn.execute("delete from shops where id = ?1", [id.0])?;
            Ok(())
        })
        .await?;
        self.vectors.forget(|key| key.shop == id);
        self.terms.forget(|shop| *shop == id);
        Ok(())
    }
}

pub(super) fn settings_of(conn: &Connection, shop: ShopId) -> StoreResult<ShopSettings> {
    let sql = format!("{SELECT_SHOP} where s.id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([shop.0], self::shop)?.settings)
}

fn write_settings(conn: &Connection, shop: ShopId, settings: &ShopSettings) -> StoreResult<()> {
    conn.execute(
        "insert into settings (shop_id, key, value) values (?1, ?2, ?3)
         on conflict (shop_id, key) do update set value = excluded.value",
        params![shop.0, SHOP_SETTINGS, to_json(settings)?],
    )?;
    Ok(())
}

fn shop(row: &Row<'_>) -> rusqlite::Result<Shop> {
    let settings: Option<String> = row.get(4)?;
    Ok(Shop {
        id: ShopId(row.get(0)?),
        name: row.get(1)?,
        public_key: PublicKey(uuid(row, 2)?),
        created_at: timestamp(row, 3)?,
        settings: settings.map(|text| json(&text)).transpose()?.unwrap_or_default(),
    })
}

pub(super) fn changed_one(rows: usize) -> StoreResult<()> {
    if rows == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}
