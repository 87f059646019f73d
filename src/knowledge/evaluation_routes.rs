//! `/api/shops/{id}/evaluate`: how well the shop's knowledge answers a list of questions.

use crate::domain::problem::Problem;
use crate::http::auth::AdministeredShop;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::error::Result;
use crate::knowledge::Knowledge;
use crate::knowledge::evaluation::Evaluation;
use crate::knowledge::evaluation::Miss;
use crate::knowledge::explanation_view::EvidenceView;
use crate::knowledge::explanation_view::ExplanationView;
use crate::metrics::report::Report;
use crate::metrics::run::Outcome;
use crate::metrics::run::Question;
use crate::metrics::run::Space;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const MAX_QUESTIONS: usize = 10_000;
/// Hits shown for a miss besides the right one.
const SHOWN_HITS: usize = 3;

pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(evaluate)).with_state(knowledge)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EvaluationRequest {
    /// Each with `question`, `expect` (source ids, any of which is right; empty when the shop has no answer), `kind`, and
    /// `history`, the visitor's earlier messages, oldest first.
    #[schema(value_type = Vec<Object>)]
    questions: Vec<Question>,
    /// Adds `outcomes`: what was found for each question.
    #[serde(default)]
    outcomes: bool,
    /// Adds `misses`: what led to each hit that is wrong, and to each wrong answer or refusal.
    #[serde(default)]
    explain: bool,
}

#[derive(Serialize)]
struct EvaluationView {
    #[serde(flatten)]
    report: Report,
    space: Space,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcomes: Option<Vec<Outcome>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    misses: Option<Vec<MissView>>,
}

#[derive(Serialize)]
struct MissView {
    #[serde(flatten)]
    question: Question,
    /// The first right source's place, from 1; null when it was not among 50 hits. A tie with a wrong source is lost.
    rank: Option<usize>,
    refused: bool,
    explanation: ExplanationView,
    found: Vec<EvidenceView>,
    /// The first right source.
    right: Option<EvidenceView>,
}

/// Asks every question and tells hit@1, hit@5, MRR, nDCG@10 and how well refusals fit, in total and by kind, each with its 95 %
/// confidence interval.
#[utoipa::path(post, path = "/api/shops/{id}/evaluate", tag = "knowledge", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")), request_body = EvaluationRequest,
    responses((status = 200, body = Object)))]
async fn evaluate(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    JsonBody(request): JsonBody<EvaluationRequest>,
) -> Result<Json<EvaluationView>> {
    // An unknown shop is told even when nothing is asked.
    knowledge.imports(shop, 1).await?;
    let count = request.questions.len();
    if count > MAX_QUESTIONS {
        let problem = Problem::new("questions", "problem_too_many")
            .with("length", count)
            .with("limit", MAX_QUESTIONS);
        return Err(ApiError::invalid(vec![problem]));
    }
    let Evaluation { report, run, misses } = knowledge.evaluate(shop, request.questions, request.explain).await?;
    Ok(Json(EvaluationView {
        report,
        space: run.space,
        outcomes: request.outcomes.then_some(run.outcomes),
        misses: request
            .explain
            .then(|| misses.into_iter().map(MissView::from).collect()),
    }))
}

impl From<Miss> for MissView {
    fn from(miss: Miss) -> MissView {
        let question = miss.outcome.question;
        MissView {
            rank: miss.rank,
            refused: miss.outcome.refused,
            explanation: ExplanationView::from(&miss.search),
            found: EvidenceView::list(&miss.search).take(SHOWN_HITS).collect(),
            right: EvidenceView::list(&miss.search).find(|hit| hit.is_of(&question.expect)),
            question,
        }
    }
}
