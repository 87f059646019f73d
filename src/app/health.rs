//! `GET /healthz`: what is running and how it is.

use crate::embed::Embedder;
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
    embedder: Embedder,
    generator: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HealthView {
    /// `ok`, or `degraded` when the database does not answer.
    pub status: &'static str,
    pub version: &'static str,
    /// The database's schema.
    pub schema: usize,
    pub embedding_model: String,
    /// The model that words answers, or `extractive`.
    pub generator: String,
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
    pub fn new(store: Store, embedder: Embedder, generator: String) -> Health {
        Health {
            store,
            embedder,
            generator,
        }
    }

    pub async fn view(&self) -> HealthView {
        let key = self.embedder.space_key();
        HealthView {
            status: if self.store.list_shops().await.is_ok() {
                "ok"
            } else {
                "degraded"
            },
            version: env!("CARGO_PKG_VERSION"),
            schema: self.store.schema_version(),
            embedding_model: format!("{}@{} ({})", key.model, key.revision, key.dimensions),
            generator: self.generator.clone(),
            backlog: Backlog {
                writes: self.store.backlog(),
                passages: self.embedder.backlog(),
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
