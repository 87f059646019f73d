//! Feature: shops and access. Making, changing and deleting shops, their settings and the administration tokens.

mod lead_settings;
pub mod lexicon;
pub mod lexicon_routes;
pub mod routes;
pub mod settings;
pub mod token_routes;
pub mod widget_routes;
mod widget_settings;
pub mod widget_survey;

use crate::domain::clock::Clock;
use crate::domain::id::PublicKey;
use crate::domain::id::ShopId;
use crate::domain::lexicon::LexiconEntry;
use crate::domain::problem::Problem;
use crate::domain::settings::ShopSettings;
use crate::domain::shop::Shop;
use crate::domain::survey::Survey;
use crate::domain::token::ApiToken;
use crate::http::auth::new_token;
use crate::http::auth::token_hash;
use crate::http::error::ApiError;
use crate::store::Store;
use crate::store::error::StoreResult;
use serde_json::Value;
use uuid::Uuid;

const MAX_NAME_CHARS: usize = 200;

pub struct Shops {
    store: Store,
    clock: Clock,
}

/// A token just made, with the secret that is shown this once.
pub struct NewToken {
    pub token: ApiToken,
    pub secret: String,
}

impl Shops {
    pub fn new(store: Store, clock: Clock) -> Shops {
        Shops { store, clock }
    }

    /// Makes a shop with default settings, changed by `changes`.
    pub async fn create(&self, name: &str, changes: &Value) -> Result<Shop, ApiError> {
        let name = checked_name(name)?;
        let settings = settings::changed(&ShopSettings::default(), changes)?;
        Ok(self
            .store
            .insert_shop(name, PublicKey(Uuid::new_v4()), settings, self.clock.now())
            .await?)
    }

    pub async fn list(&self) -> StoreResult<Vec<Shop>> {
        self.store.list_shops().await
    }

    pub async fn shop(&self, id: ShopId) -> StoreResult<Shop> {
        self.store.shop(id).await
    }

    /// The survey that the shop's visitors are shown.
    pub async fn active_survey(&self, id: ShopId) -> StoreResult<Option<Survey>> {
        self.store.active_survey(id).await
    }

    /// Changes the name, when there is one, and the settings that `changes` names; all of it or nothing.
    pub async fn update(&self, id: ShopId, name: Option<&str>, changes: &Value) -> Result<Shop, ApiError> {
        let shop = self.store.shop(id).await?;
        let name = name.map(checked_name).transpose()?;
        let settings = settings::changed(&shop.settings, changes)?;
        self.store.update_shop(id, name, settings).await?;
        Ok(self.store.shop(id).await?)
    }

    /// What the owner has added to the lexicon. Not found for an unknown shop.
    pub async fn lexicon(&self, id: ShopId) -> StoreResult<Vec<LexiconEntry>> {
        self.store.shop(id).await?;
        self.store.list_lexicon_entries(id).await
    }

    /// Replaces what the owner has added to the lexicon, all of it or nothing, and returns what is stored now.
    pub async fn replace_lexicon(&self, id: ShopId, entries: Vec<LexiconEntry>) -> Result<Vec<LexiconEntry>, ApiError> {
        let entries = lexicon::checked(entries)?;
        self.store.replace_lexicon_entries(id, entries.clone()).await?;
        Ok(entries)
    }

    pub async fn rotate_public_key(&self, id: ShopId) -> StoreResult<Shop> {
        self.store.rotate_public_key(id, PublicKey(Uuid::new_v4())).await?;
        self.store.shop(id).await
    }

    pub async fn delete(&self, id: ShopId) -> StoreResult<()> {
        self.store.delete_shop(id).await
    }

    /// Makes a token for all shops or for one.
    pub async fn create_token(&self, name: &str, shop: Option<ShopId>) -> Result<NewToken, ApiError> {
        let name = checked_name(name)?;
        let secret = new_token();
        let token = self
            .store
            .insert_api_token(name, shop, token_hash(&secret), self.clock.now())
            .await?;
        Ok(NewToken { token, secret })
    }
}

fn checked_name(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 {
        return Err(ApiError::invalid(vec![Problem::new("name", "problem_empty")]));
    }
    if length > MAX_NAME_CHARS {
        let problem = Problem::new("name", "problem_too_long")
            .with("length", length)
            .with("limit", MAX_NAME_CHARS);
        return Err(ApiError::invalid(vec![problem]));
    }
    Ok(name.to_owned())
}
