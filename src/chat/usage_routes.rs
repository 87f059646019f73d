//! `/api/shops/{id}/llm-usage`: what the language model has cost, for the shop's owner.

use crate::chat::Chat;
use crate::http::auth::AdministeredShop;
use crate::http::error::Result;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router(chat: Chat) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(usage)).with_state(chat)
}

#[derive(Serialize, ToSchema)]
struct UsageView {
    /// The setting; null without a limit.
    daily_llm_tokens: Option<u64>,
    /// The latest days with any use, at most 31, latest first.
    days: Vec<DayView>,
}

#[derive(Serialize, ToSchema)]
struct DayView {
    /// As `2026-01-02`; days begin at midnight UTC.
    day: String,
    /// Prompts and answers together, those of answers that are being made at their upper limit.
    tokens: u64,
}

/// Tells how many tokens of the language model the shop used, day by day.
#[utoipa::path(get, path = "/api/shops/{id}/llm-usage", tag = "shops", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    responses((status = 200, body = UsageView)))]
async fn usage(State(chat): State<Chat>, AdministeredShop(id): AdministeredShop) -> Result<Json<UsageView>> {
    let (shop, days) = chat.usage(id).await?;
    let view = days.into_iter().map(|day| DayView {
        day: day.day,
        tokens: day.tokens,
    });
    Ok(Json(UsageView {
        daily_llm_tokens: shop.settings.daily_llm_tokens,
        days: view.collect(),
    }))
}
