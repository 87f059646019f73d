//! `/api/shops/{id}/lexicon`: the words of a shop's visitors that its owner explains.

use crate::domain::lexicon::LexiconEntry;
use crate::http::auth::AdministeredShop;
use crate::http::body::JsonBody;
use crate::http::error::Result;
use crate::shops::Shops;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router(shops: Arc<Shops>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(read, replace)).with_state(shops)
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LexiconView {
    /// At most 500.
    entries: Vec<EntryView>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EntryView {
    /// What visitors say: 1 to 30 words or phrases of at most 100 characters.
    say: Vec<String>,
    /// What it means, in words of the shop's own texts: as many.
    mean: Vec<String>,
}

/// Reads what the owner has added to the lexicon.
#[utoipa::path(get, path = "/api/shops/{id}/lexicon", tag = "shops", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    responses((status = 200, body = LexiconView)))]
async fn read(State(shops): State<Arc<Shops>>, AdministeredShop(id): AdministeredShop) -> Result<Json<LexiconView>> {
    Ok(Json(LexiconView::from(shops.lexicon(id).await?)))
}

/// Replaces what the owner has added to the lexicon. The next question is read with it.
#[utoipa::path(put, path = "/api/shops/{id}/lexicon", tag = "shops", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")), request_body = LexiconView,
    responses((status = 200, body = LexiconView)))]
async fn replace(
    State(shops): State<Arc<Shops>>,
    AdministeredShop(id): AdministeredShop,
    JsonBody(lexicon): JsonBody<LexiconView>,
) -> Result<Json<LexiconView>> {
    let entries = lexicon.entries.into_iter().map(LexiconEntry::from).collect();
    Ok(Json(LexiconView::from(shops.replace_lexicon(id, entries).await?)))
}

impl From<Vec<LexiconEntry>> for LexiconView {
    fn from(entries: Vec<LexiconEntry>) -> LexiconView {
        let entries = entries
            .into_iter()
            .map(|LexiconEntry { say, mean }| EntryView { say, mean });
        LexiconView {
            entries: entries.collect(),
        }
    }
}

impl From<EntryView> for LexiconEntry {
    fn from(EntryView { say, mean }: EntryView) -> LexiconEntry {
        LexiconEntry { say, mean }
    }
}
