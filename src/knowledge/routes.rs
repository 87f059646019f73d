//! `/api/shops/{id}/data` and `/imports`: bringing knowledge in.

use crate::domain::import::ImportMode;
use crate::domain::problem::Problem;
use crate::http::auth::AdministeredShop;
use crate::http::body::QueryParams;
use crate::http::body::RawBody;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::http::error::reader_language;
use crate::knowledge::Knowledge;
use crate::knowledge::import_view::ImportView;
use crate::knowledge::import_view::ProgressView;
use crate::knowledge::parsing::json::PayloadError;
use crate::knowledge::parsing::json::parse_payload;
use anyhow::Context;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const IMPORTS_LISTED: usize = 50;

/// Sending data, which has a body limit of its own.
pub fn data_router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(import_data)).with_state(knowledge)
}

pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_imports)).with_state(knowledge)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportOptions {
    /// `merge` (the default) keeps documents that the body does not mention; `replace` removes them.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    mode: ImportMode,
    /// Tells what would change, and changes nothing.
    #[serde(default)]
    dry_run: bool,
}

/// The plain JSON of a shop.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "the shape is documentation; the body is read field by field to tell every problem"
)]
struct ShopData {
    products: Option<Vec<ProductData>>,
    faq: Option<Vec<FaqData>>,
    policies: Option<Vec<PolicyData>>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "documentation")]
struct ProductData {
    /// The article number; made from the name when absent.
    id: Option<String>,
    name: String,
    description: Option<String>,
    price: Option<f64>,
    old_price: Option<f64>,
    currency: Option<String>,
    url: Option<String>,
    image: Option<String>,
    category: Option<String>,
    brand: Option<String>,
    in_stock: Option<bool>,
    attributes: Option<BTreeMap<String, Value>>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "documentation")]
struct FaqData {
    id: Option<String>,
    question: String,
    answer: String,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "documentation")]
struct PolicyData {
    id: Option<String>,
    title: String,
    /// Text; `##` headings and `-` lists are understood.
    content: String,
}

#[derive(Serialize, ToSchema)]
struct ImportResult {
    status: &'static str,
    /// Chunks of the shop that can be found now.
    chunks: usize,
    added: usize,
    changed: usize,
    unchanged: usize,
    removed: usize,
    dry_run: bool,
}

#[derive(Serialize, ToSchema)]
struct ImportList {
    imports: Vec<ImportView>,
    /// How far the running import is; null when none runs.
    running: Option<ProgressView>,
}

/// Imports products, questions and policies. Sending the same again changes nothing.
#[utoipa::path(post, path = "/api/shops/{id}/data", tag = "knowledge", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ImportOptions), request_body = ShopData,
    responses((status = 200, body = ImportResult)))]
async fn import_data(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    QueryParams(options): QueryParams<ImportOptions>,
    RawBody(body): RawBody,
) -> Result<Json<ImportResult>> {
    // An unknown shop is told before the body is judged.
    knowledge.imports(shop, 1).await?;
    let parsed = tokio::task::spawn_blocking(move || parse_payload(&body))
        .await
        .context("parsing panicked")?;
    let items = parsed.map_err(|error| match error {
        PayloadError::Syntax(detail) => ApiError::new(Code::BadRequest { detail }),
        PayloadError::Problems(problems) => ApiError::invalid(problems),
    })?;
    if items.is_empty() && options.mode == ImportMode::Replace {
        return Err(ApiError::invalid(vec![Problem::new(
            "",
            "problem_replace_with_nothing",
        )]));
    }
    let outcome = if options.dry_run {
        knowledge.preview_import(shop, items, options.mode).await?
    } else {
        knowledge.import(shop, items, options.mode).await?
    };
    let counts = outcome.counts;
    Ok(Json(ImportResult {
        status: "ok",
        chunks: outcome.chunks,
        added: counts.added,
        changed: counts.changed,
        unchanged: counts.unchanged,
        removed: counts.removed,
        dry_run: options.dry_run,
    }))
}

/// Lists the shop's last imports, newest first.
#[utoipa::path(get, path = "/api/shops/{id}/imports", tag = "knowledge", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    responses((status = 200, body = ImportList)))]
async fn list_imports(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    headers: HeaderMap,
) -> Result<Json<ImportList>> {
    let (imports, progress) = knowledge.imports(shop, IMPORTS_LISTED).await?;
    let language = reader_language(&headers);
    Ok(Json(ImportList {
        imports: imports
            .into_iter()
            .map(|import| ImportView::new(import, language))
            .collect(),
        running: progress.map(ProgressView::from),
    }))
}
