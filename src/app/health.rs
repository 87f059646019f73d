//! `GET /healthz`: what is running and how it is.

use crate::retrieval::models::ShopModels;
use crate::store::Store;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Cheap to clone.
#[derive(Clone)]
pub struct Health {
    store: Store,
    models: ShopModels,
    generator: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HealthView {
    /// `ok`, or `degraded` when the database does not answer.
    pub status: &'static str,
    pub version: &'static str,
    /// The database's schema.
    pub schema: usize,
    /// The model of new shops.
    pub embedding_model: String,
    /// The models in memory, by name.
    pub loaded_models: Vec<String>,
    /// The model that words answers, or `extractive`.
    pub generator: String,
    /// Sources of all shops that could not be read for longer than their shops allow.
    pub stale_sources: usize,
    pub backlog: Backlog,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Backlog {
    /// Changes waiting for the disk.
    pub writes: usize,
    /// Texts waiting to be embedded.
    pub passages: usize,
}

impl Health {
    pub fn new(store: Store, models: ShopModels, generator: String) -> Health {
        Health {
            store,
            models,
            generator,
        }
    }

    pub async fn view(&self) -> HealthView {
        let key = &self.models.fallback().space.key;
        let loaded = self.models.registry().loaded();
        HealthView {
            status: if self.store.list_shops().await.is_ok() {
                "ok"
            } else {
                "degraded"
            },
            version: env!("CARGO_PKG_VERSION"),
            schema: self.store.schema_version(),
            embedding_model: format!("{}@{} ({})", key.model, key.revision, key.dimensions),
            loaded_models: loaded.iter().map(|(source, _)| source.to_string()).collect(),
            generator: self.generator.clone(),
            stale_sources: self.store.count_stale_sources().await.unwrap_or_default(),
            backlog: Backlog {
                writes: self.store.backlog(),
                passages: loaded.iter().map(|(_, embedder)| embedder.backlog()).sum(),
            },
        }
    }
}

pub fn router(health: Health) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(healthz)).with_state(health)
}

/// Tells whether the server is well and what it runs on.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = HealthView)))]
async fn healthz(State(health): State<Health>) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(health.view().await))
}
