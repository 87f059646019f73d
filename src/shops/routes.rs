//! `/api/shops`: shops for their administrator.

use crate::domain::settings::Perk;
use crate::domain::settings::ShopSettings;
use crate::domain::settings::WidgetPosition;
use crate::domain::settings::WidgetScheme;
use crate::domain::shop::Shop;
use crate::http::auth::AdministeredShop;
use crate::http::auth::Administrator;
use crate::http::auth::FullAdministrator;
use crate::http::body::JsonBody;
use crate::http::error::Result;
use crate::shops::Shops;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub fn router(shops: Arc<Shops>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, update, delete))
        .routes(routes!(rotate_key))
        .with_state(shops)
}

#[derive(Deserialize, ToSchema)]
struct NewShop {
    name: String,
    /// Any of the shop's settings; the others take their defaults.
    #[serde(default)]
    #[schema(value_type = Option<SettingsView>)]
    settings: Value,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ShopChanges {
    name: Option<String>,
    /// The settings to change; the others stay.
    #[serde(default)]
    #[schema(value_type = Option<SettingsView>)]
    settings: Value,
}

#[derive(Serialize, ToSchema)]
struct ShopView {
    id: i64,
    name: String,
    public_key: Uuid,
    created_at: String,
    settings: SettingsView,
}

#[derive(Serialize, ToSchema)]
struct ShopList {
    shops: Vec<ShopView>,
}

#[derive(Serialize, ToSchema)]
struct SettingsView {
    /// `ru` or `en`.
    language: String,
    chunk_size_tokens: usize,
    chunk_overlap_tokens: usize,
    context_items: usize,
    /// Whether the language model, if there is one, words questions that lean on the conversation anew before the search.
    rewrite_questions: bool,
    /// The shop's clock, by its IANA name.
    time_zone: String,
    /// How many earlier versions of each source can be restored.
    kept_versions: usize,
    greeting: Option<String>,
    /// Tokens of the language model, prompts and answers together, that answers may use in a day of UTC; then they are made
    /// without it. Null for no limit.
    daily_llm_tokens: Option<u64>,
    /// A price that its source confirmed longer ago is not told as a fact; null for no limit.
    price_max_age_hours: Option<u32>,
    allowed_origins: Vec<String>,
    /// Whether visitors' contacts are stored only with consent; needs `consent_text`.
    consent_required: bool,
    consent_text: Option<String>,
    consent_url: Option<String>,
    /// Where new leads are told, by POST.
    lead_webhook_url: Option<String>,
    /// The heading of the chat; the shop's name when absent.
    widget_title: Option<String>,
    /// `#rgb` or `#rrggbb`.
    widget_color: Option<String>,
    /// `auto`, `light` or `dark`.
    #[schema(value_type = String)]
    widget_scheme: WidgetScheme,
    /// `right` or `left`.
    #[schema(value_type = String)]
    widget_position: WidgetPosition,
    /// Questions offered before the first message; at most six.
    widget_prompts: Vec<String>,
    /// Advantages told before the first message, each with a `title` and a `text`; at most four.
    #[schema(value_type = Vec<Object>)]
    widget_perks: Vec<Perk>,
}

/// Lists the shops that the token opens, by id.
#[utoipa::path(get, path = "/api/shops", tag = "shops", security(("administrator" = [])),
    responses((status = 200, body = ShopList)))]
async fn list(State(shops): State<Arc<Shops>>, administrator: Administrator) -> Result<Json<ShopList>> {
    let all = shops.list().await?;
    let open = all
        .into_iter()
        .filter(|shop| administrator.shop.is_none_or(|own| own == shop.id));
    Ok(Json(ShopList {
        shops: open.map(ShopView::from).collect(),
    }))
}

/// Makes a shop.
#[utoipa::path(post, path = "/api/shops", tag = "shops", security(("administrator" = [])), request_body = NewShop,
    responses((status = 201, body = ShopView)))]
async fn create(
    State(shops): State<Arc<Shops>>,
    _administrator: FullAdministrator,
    JsonBody(new): JsonBody<NewShop>,
) -> Result<(StatusCode, Json<ShopView>)> {
    let shop = shops.create(&new.name, &new.settings).await?;
    Ok((StatusCode::CREATED, Json(ShopView::from(shop))))
}

/// Reads a shop.
#[utoipa::path(get, path = "/api/shops/{id}", tag = "shops", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    responses((status = 200, body = ShopView)))]
async fn read(State(shops): State<Arc<Shops>>, AdministeredShop(id): AdministeredShop) -> Result<Json<ShopView>> {
    Ok(Json(ShopView::from(shops.shop(id).await?)))
}

/// Renames a shop or changes its settings.
#[utoipa::path(patch, path = "/api/shops/{id}", tag = "shops", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")), request_body = ShopChanges,
    responses((status = 200, body = ShopView)))]
async fn update(
    State(shops): State<Arc<Shops>>,
    AdministeredShop(id): AdministeredShop,
    JsonBody(changes): JsonBody<ShopChanges>,
) -> Result<Json<ShopView>> {
    Ok(Json(ShopView::from(
        shops.update(id, changes.name.as_deref(), &changes.settings).await?,
    )))
}

/// Deletes a shop with all that is its own.
#[utoipa::path(delete, path = "/api/shops/{id}", tag = "shops", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    responses((status = 204)))]
async fn delete(State(shops): State<Arc<Shops>>, AdministeredShop(id): AdministeredShop) -> Result<StatusCode> {
    shops.delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives the shop a new public key. Pages that carry the old one stop working.
#[utoipa::path(post, path = "/api/shops/{id}/rotate-key", tag = "shops", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    responses((status = 200, body = ShopView)))]
async fn rotate_key(State(shops): State<Arc<Shops>>, AdministeredShop(id): AdministeredShop) -> Result<Json<ShopView>> {
    Ok(Json(ShopView::from(shops.rotate_public_key(id).await?)))
}

impl From<Shop> for ShopView {
    fn from(shop: Shop) -> ShopView {
        ShopView {
            id: shop.id.0,
            name: shop.name,
            public_key: shop.public_key.0,
            created_at: shop.created_at.to_string(),
            settings: SettingsView::from(shop.settings),
        }
    }
}

impl From<ShopSettings> for SettingsView {
    fn from(settings: ShopSettings) -> SettingsView {
        SettingsView {
            language: settings.language.code().to_owned(),
            chunk_size_tokens: settings.chunk_size_tokens,
            chunk_overlap_tokens: settings.chunk_overlap_tokens,
            context_items: settings.context_items,
            rewrite_questions: settings.rewrite_questions,
            time_zone: settings.time_zone,
            kept_versions: settings.kept_versions,
            greeting: settings.greeting,
            daily_llm_tokens: settings.daily_llm_tokens,
            price_max_age_hours: settings.price_max_age_hours,
            allowed_origins: settings.allowed_origins,
            consent_required: settings.consent_required,
            consent_text: settings.consent_text,
            consent_url: settings.consent_url,
            lead_webhook_url: settings.lead_webhook_url,
            widget_title: settings.widget_title,
            widget_color: settings.widget_color,
            widget_scheme: settings.widget_scheme,
            widget_position: settings.widget_position,
            widget_prompts: settings.widget_prompts,
            widget_perks: settings.widget_perks,
        }
    }
}
