//! `/api/shops/{id}/search`: what the assistant would find.

use crate::domain::problem::Problem;
use crate::domain::search::Hit;
use crate::domain::search::Variant;
use crate::http::auth::AdministeredShop;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::error::Result;
use crate::knowledge::Knowledge;
use crate::knowledge::explanation_view::ExplanationView;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const DEFAULT_LIMIT: usize = 5;
const MAX_LIMIT: usize = 50;
const MAX_QUERY_CHARS: usize = 2_000;

pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(search)).with_state(knowledge)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SearchRequest {
    query: String,
    /// From 1 to 50; 5 when absent.
    limit: Option<usize>,
    /// Earlier messages of the visitor, oldest first, for a query that leans on them.
    #[serde(default)]
    history: Vec<String>,
    /// Adds `explanation`, and `evidence` to each hit.
    #[serde(default)]
    explain: bool,
}

#[derive(Serialize, ToSchema)]
struct SearchResult {
    /// Best first, one for each source item; variants of one product are one of them.
    hits: Vec<HitView>,
    /// Whether the assistant would answer from these hits, or say that it does not know.
    answerable: bool,
    /// Whether the shop has products of the asked kind and none that meets all that was asked; the nearest are hits.
    unmet: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationView>,
}

#[derive(Serialize, ToSchema)]
struct HitView {
    /// `product`, `faq`, `policy` or `document`.
    source_type: &'static str,
    source_id: String,
    title: String,
    /// The best passage.
    text: String,
    /// From 0 to 1.
    score: f64,
    url: Option<String>,
    price: Option<f64>,
    in_stock: Option<bool>,
    /// Other colors, sizes or quantities of the product that were found, best first; absent when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variants: Vec<VariantView>,
    /// What speaks for the hit, by kind, each from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<BTreeMap<&'static str, f64>>,
}

#[derive(Serialize, ToSchema)]
struct VariantView {
    source_id: String,
    title: String,
    url: Option<String>,
    price: Option<f64>,
    in_stock: Option<bool>,
    /// Attributes that the hit has not, or has with another value.
    differences: BTreeMap<String, String>,
}

/// Searches a shop's knowledge as the assistant does.
#[utoipa::path(post, path = "/api/shops/{id}/search", tag = "knowledge", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")), request_body = SearchRequest,
    responses((status = 200, body = SearchResult)))]
async fn search(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    JsonBody(request): JsonBody<SearchRequest>,
) -> Result<Json<SearchResult>> {
    let limit = request.limit.unwrap_or(DEFAULT_LIMIT);
    check(&request.query, limit)?;
    let history = knowledge.conversation(shop, &request.history).await?;
    let search = knowledge.explain(shop, &request.query, &history, limit).await?;
    let explanation = request.explain.then(|| ExplanationView::from(&search));
    let outcome = search.outcome;
    let hits = outcome.hits.into_iter().zip(search.evidence).map(|(hit, evidence)| {
        let evidence = evidence.into_iter().map(|score| (score.name, score.score));
        HitView {
            evidence: request.explain.then(|| evidence.collect()),
            ..HitView::from(hit)
        }
    });
    Ok(Json(SearchResult {
        hits: hits.collect(),
        answerable: outcome.answerable,
        unmet: outcome.is_unmet,
        explanation,
    }))
}

fn check(query: &str, limit: usize) -> Result<()> {
    let mut problems = Vec::new();
    let length = query.chars().count();
    if query.trim().is_empty() {
        problems.push(Problem::new("query", "problem_empty"));
    }
    if length > MAX_QUERY_CHARS {
        problems.push(
            Problem::new("query", "problem_too_long")
                .with("length", length)
                .with("limit", MAX_QUERY_CHARS),
        );
    }
    if !(1..=MAX_LIMIT).contains(&limit) {
        problems.push(
            Problem::new("limit", "problem_range")
                .with("least", 1)
                .with("most", MAX_LIMIT),
        );
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(problems))
    }
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> HitView {
        let document = hit.chunk.document;
        HitView {
            source_type: document.key.source_type.name(),
            source_id: document.key.source_id,
            title: document.title,
            text: hit.chunk.text,
            score: hit.score,
            url: document.url,
            price: document.product.as_ref().and_then(|row| row.price),
            in_stock: document.product.as_ref().and_then(|row| row.in_stock),
            variants: hit.variants.into_iter().map(VariantView::from).collect(),
            evidence: None,
        }
    }
}

impl From<Variant> for VariantView {
    fn from(variant: Variant) -> VariantView {
        VariantView {
            source_id: variant.source_id,
            title: variant.title,
            url: variant.url,
            price: variant.price,
            in_stock: variant.in_stock,
            differences: variant.differences,
        }
    }
}
