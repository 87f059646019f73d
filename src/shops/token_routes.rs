//! `/api/tokens`: tokens of the administration API.

use crate::domain::id::ApiTokenId;
use crate::domain::id::ShopId;
use crate::domain::token::ApiToken;
use crate::http::auth::FullAdministrator;
use crate::http::body::JsonBody;
use crate::http::error::Result;
use crate::shops::Shops;
use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router(shops: Arc<Shops>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
        .with_state(shops)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    /// What the token is for, for people.
    name: String,
    /// The only shop it opens; absent for all.
    shop_id: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct TokenView {
    id: i64,
    name: String,
    shop_id: Option<i64>,
    created_at: String,
    last_used_at: Option<String>,
    /// Shown once, when the token is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct TokenList {
    tokens: Vec<TokenView>,
}

/// Lists the tokens, without their secrets.
#[utoipa::path(get, path = "/api/tokens", tag = "access", security(("administrator" = [])),
    responses((status = 200, body = TokenList)))]
async fn list(State(shops): State<Arc<Shops>>, _administrator: FullAdministrator) -> Result<Json<TokenList>> {
    let tokens = shops.store.list_api_tokens().await?;
    Ok(Json(TokenList {
        tokens: tokens.into_iter().map(|token| view(token, None)).collect(),
    }))
}

/// Makes a token. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/tokens", tag = "access", security(("administrator" = [])), request_body = TokenRequest,
    responses((status = 201, body = TokenView)))]
async fn create(
    State(shops): State<Arc<Shops>>,
    _administrator: FullAdministrator,
    JsonBody(request): JsonBody<TokenRequest>,
) -> Result<(StatusCode, Json<TokenView>)> {
    let made = shops.create_token(&request.name, request.shop_id.map(ShopId)).await?;
    Ok((StatusCode::CREATED, Json(view(made.token, Some(made.secret)))))
}

/// Revokes a token.
#[utoipa::path(delete, path = "/api/tokens/{token_id}", tag = "access", security(("administrator" = [])),
    params(("token_id" = i64, Path, description = "the token's id")),
    responses((status = 204)))]
async fn revoke(
    State(shops): State<Arc<Shops>>,
    _administrator: FullAdministrator,
    Path(token_id): Path<i64>,
) -> Result<StatusCode> {
    shops.store.delete_api_token(ApiTokenId(token_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(token: ApiToken, secret: Option<String>) -> TokenView {
    TokenView {
        id: token.id.0,
        name: token.name,
        shop_id: token.shop_id.map(|shop| shop.0),
        created_at: token.created_at.to_string(),
        last_used_at: token.last_used_at.map(|time| time.to_string()),
        token: secret,
    }
}
