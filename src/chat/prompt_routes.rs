//! `/api/shops/public/{publicKey}/prompts`: what the widget offers to ask on a product's page.

use crate::chat::Chat;
use crate::domain::language::Language;
use crate::http::body::QueryParams;
use crate::http::error::Result;
use crate::http::protection::WidgetShop;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router(chat: Chat) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(prompts)).with_state(chat)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptsQuery {
    #[serde(default)]
    product_id: String,
    #[serde(default)]
    lang: String,
}

#[derive(Serialize, ToSchema)]
struct PromptsView {
    /// At most four, best first; empty for a product that the shop does not have.
    prompts: Vec<String>,
}

/// Offers questions about a product that the shop's data answers.
#[utoipa::path(get, path = "/api/shops/public/{publicKey}/prompts", tag = "widget",
    params(("publicKey" = uuid::Uuid, Path, description = "the shop's public key"),
        ("productId" = Option<String>, Query, description = "the product's id in the shop's own data"),
        ("lang" = Option<String>, Query, description = "`ru` or `en`; the shop's language when absent")),
    responses((status = 200, body = PromptsView)))]
async fn prompts(
    State(chat): State<Chat>,
    WidgetShop(shop): WidgetShop,
    QueryParams(query): QueryParams<PromptsQuery>,
) -> Result<impl IntoResponse> {
    let language = Language::parse(&query.lang);
    let prompts = chat.page_prompts(&shop, &query.product_id, language).await?;
    Ok((
        [(header::CACHE_CONTROL, "public, max-age=300")],
        Json(PromptsView { prompts }),
    ))
}
