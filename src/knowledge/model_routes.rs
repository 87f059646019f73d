//! `/api/models`: the models that shops can use.

use crate::http::auth::FullAdministrator;
use crate::http::error::Result;
use crate::knowledge::Knowledge;
use crate::knowledge::models::KnownModel;
use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_models))
        .routes(routes!(remove_model))
        .with_state(knowledge)
}

#[derive(Serialize, ToSchema)]
struct ModelList {
    models: Vec<ModelView>,
}

#[derive(Serialize, ToSchema)]
struct ModelView {
    /// `builtin`, the name of an installed model, or `dir:PATH`.
    model: String,
    /// Whether new shops get it.
    default: bool,
    /// Whether it is in memory.
    loaded: bool,
    /// Whether its files are there.
    present: bool,
    /// Ids of the shops that use it.
    shops: Vec<i64>,
}

/// Lists the models that are installed or in use.
#[utoipa::path(get, path = "/api/models", tag = "models", security(("administrator" = [])),
    responses((status = 200, body = ModelList)))]
async fn list_models(State(knowledge): State<Knowledge>, _administrator: FullAdministrator) -> Result<Json<ModelList>> {
    let models = knowledge.list_models().await?;
    Ok(Json(ModelList {
        models: models.into_iter().map(ModelView::from).collect(),
    }))
}

/// Deletes the files of an installed model that no shop uses.
#[utoipa::path(delete, path = "/api/models/{name}", tag = "models", security(("administrator" = [])),
    params(("name" = String, Path, description = "the name of an installed model")),
    responses((status = 204)))]
async fn remove_model(
    State(knowledge): State<Knowledge>,
    _administrator: FullAdministrator,
    Path(name): Path<String>,
) -> Result<StatusCode> {
    knowledge.remove_model(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<KnownModel> for ModelView {
    fn from(model: KnownModel) -> ModelView {
        ModelView {
            model: model.source.to_string(),
            default: model.is_default,
            loaded: model.is_loaded,
            present: model.is_present,
            shops: model.shops.into_iter().map(|shop| shop.0).collect(),
        }
    }
}
