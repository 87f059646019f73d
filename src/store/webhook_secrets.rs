//! The secret that signs a shop's notifications. Kept as it is, because signing needs it; the file is readable by its owner only.

use crate::domain::id::ShopId;
use crate::domain::secret::Secret;
use crate::domain::webhook::WebhookSecrets;
use crate::store::Store;
use crate::store::error::StoreResult;
use crate::store::rows::json;
use crate::store::rows::optional;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::to_json;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;
use serde::Deserialize;
use serde::Serialize;

const WEBHOOK_SECRETS: &str = "webhook_secrets";

/// The secrets as `settings` holds them.
#[derive(Serialize, Deserialize)]
struct SecretsRow {
    current: String,
    previous: Option<String>,
    /// As `stamp` writes it.
    previous_until: Option<String>,
}

impl Store {
    /// The shop's secrets; `fresh` becomes the first one when there is none.
    pub async fn webhook_secrets(&self, shop: ShopId, fresh: Secret<String>) -> StoreResult<WebhookSecrets> {
        self.write(move |conn| {
            require_shop(conn, shop)?;
            let row = match find(conn, shop)? {
                Some(row) => row,
                None => {
                    let row = SecretsRow {
                        current: fresh.expose().clone(),
                        previous: None,
                        previous_until: None,
                    };
                    write(conn, shop, &row)?;
                    row
                }
            };
            Ok(secrets(row))
        })
        .await
    }

    /// Replaces the shop's secret. The one before it signs as well until `previous_until`, so that a receiver has time to change.
    pub async fn rotate_webhook_secret(
        &self,
        shop: ShopId,
        fresh: Secret<String>,
        previous_until: Timestamp,
    ) -> StoreResult<()> {
        self.write(move |conn| {
            require_shop(conn, shop)?;
            let row = SecretsRow {
                current: fresh.expose().clone(),
                previous: find(conn, shop)?.map(|row| row.current),
                previous_until: Some(stamp(previous_until)),
            };
            write(conn, shop, &row)
        })
        .await
    }
}

fn find(conn: &Connection, shop: ShopId) -> StoreResult<Option<SecretsRow>> {
    let row = conn.query_row(
        "select value from settings where shop_id = ?1 and key = ?2",
        params![shop.0, WEBHOOK_SECRETS],
        |row| json(&row.get::<_, String>(0)?),
    );
    optional(row)
}

fn write(conn: &Connection, shop: ShopId, row: &SecretsRow) -> StoreResult<()> {
    conn.execute(
        "insert into settings (shop_id, key, value) values (?1, ?2, ?3)
         on conflict (shop_id, key) do update set value = excluded.value",
        params![shop.0, WEBHOOK_SECRETS, to_json(row)?],
    )?;
    Ok(())
}

fn secrets(row: SecretsRow) -> WebhookSecrets {
    WebhookSecrets {
        current: Secret::new(row.current),
        previous: row.previous.map(Secret::new),
        previous_until: row.previous_until.and_then(|text| text.parse().ok()),
    }
}
