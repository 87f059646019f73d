//! `/api/shops/{id}/evaluate`: how well the shop's knowledge answers a list of questions.

use crate::domain::problem::Problem;
use crate::http::auth::AdministeredShop;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::error::Result;
use crate::knowledge::Knowledge;
use crate::retrieval::metrics;
use crate::retrieval::metrics::Question;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const MAX_QUESTIONS: usize = 10_000;

pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(evaluate)).with_state(knowledge)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EvaluationRequest {
    /// Each with `question`, `expect` (source ids, any of which is right; empty when the shop has no answer) and `kind`.
    #[schema(value_type = Vec<Object>)]
    questions: Vec<Question>,
}

/// Asks every question and tells hit@1, hit@5, MRR, nDCG@10 and how well refusals fit, in total and by kind.
#[utoipa::path(post, path = "/api/shops/{id}/evaluate", tag = "knowledge", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")), request_body = EvaluationRequest,
    responses((status = 200, body = Object)))]
async fn evaluate(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    JsonBody(request): JsonBody<EvaluationRequest>,
) -> Result<Json<metrics::Report>> {
    // An unknown shop is told even when nothing is asked.
    knowledge.imports(shop, 1).await?;
    let count = request.questions.len();
    if count > MAX_QUESTIONS {
        let problem = Problem::new("questions", "problem_too_many")
            .with("length", count)
            .with("limit", MAX_QUESTIONS);
        return Err(ApiError::invalid(vec![problem]));
    }
    Ok(Json(knowledge.evaluate(shop, request.questions).await?))
}
