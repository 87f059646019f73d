//! `/api/shops/{id}/reindex` and `/api/shops/{id}/jobs`: changing a shop's model, and the jobs that do it.

use crate::domain::embedding::ModelSource;
use crate::domain::id::JobId;
use crate::domain::id::ShopId;
use crate::domain::job::Job;
use crate::domain::job::JobKind;
use crate::domain::problem::Problem;
use crate::http::auth::AdministeredShop;
use crate::http::auth::Administrator;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::knowledge::Knowledge;
use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const JOBS_LISTED: usize = 50;

pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(reindex))
        .routes(routes!(list_jobs))
        .routes(routes!(read_job, cancel_job))
        .with_state(knowledge)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReindexRequest {
    /// `builtin`, the name of an installed model, or `dir:PATH` (administrators of all shops only); the shop's own model when absent.
    model: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct JobList {
    /// Newest first.
    jobs: Vec<JobView>,
}

#[derive(Serialize, ToSchema)]
struct JobView {
    id: i64,
    shop_id: i64,
    /// `reindex`.
    kind: &'static str,
    /// The model that the shop changes to.
    model: String,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    status: &'static str,
    /// Documents done.
    done: usize,
    /// Documents to do in all; null before they are counted.
    total: Option<usize>,
    error: Option<String>,
    created_at: String,
    updated_at: String,
}

/// Embeds the shop's knowledge with a model, as a job in the background; the shop changes to the model when all of it is done.
#[utoipa::path(post, path = "/api/shops/{id}/reindex", tag = "models", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")), request_body = ReindexRequest,
    responses((status = 202, body = JobView)))]
async fn reindex(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    administrator: Administrator,
    JsonBody(request): JsonBody<ReindexRequest>,
) -> Result<(StatusCode, Json<JobView>)> {
    // An unknown shop is told before the body is judged.
    knowledge.imports(shop, 1).await?;
    let model = request
        .model
        .map(|text| parse_model(&text, administrator))
        .transpose()?;
    let job = knowledge.queue_reindex(shop, model).await?;
    Ok((StatusCode::ACCEPTED, Json(JobView::from(job))))
}

/// Only who administers the whole program may name a folder of its machine.
fn parse_model(text: &str, administrator: Administrator) -> Result<ModelSource> {
    match ModelSource::parse(text) {
        Some(ModelSource::Folder(_)) if administrator.shop.is_some() => {
            Err(ApiError::invalid(vec![Problem::new("model", "problem_model_folder")]))
        }
        Some(source) => Ok(source),
        None => Err(ApiError::invalid(vec![Problem::new("model", "problem_model")])),
    }
}

/// Lists the shop's last jobs.
#[utoipa::path(get, path = "/api/shops/{id}/jobs", tag = "models", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    responses((status = 200, body = JobList)))]
async fn list_jobs(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
) -> Result<Json<JobList>> {
    let jobs = knowledge.jobs.list(shop, JOBS_LISTED).await?;
    Ok(Json(JobList {
        jobs: jobs.into_iter().map(JobView::from).collect(),
    }))
}

/// Tells how far a job is.
#[utoipa::path(get, path = "/api/shops/{id}/jobs/{job_id}", tag = "models", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("job_id" = i64, Path, description = "the job's id")),
    responses((status = 200, body = JobView)))]
async fn read_job(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
) -> Result<Json<JobView>> {
    let job = find_job(&knowledge, shop, &ids.1).await?;
    Ok(Json(JobView::from(job)))
}

/// Cancels a job that waits or runs; the shop keeps the model it has. A job that has ended stays as it is.
#[utoipa::path(delete, path = "/api/shops/{id}/jobs/{job_id}", tag = "models", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("job_id" = i64, Path, description = "the job's id")),
    responses((status = 200, body = JobView)))]
async fn cancel_job(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
) -> Result<Json<JobView>> {
    let job = find_job(&knowledge, shop, &ids.1).await?;
    let cancelled = knowledge.jobs.cancel(shop, job.id).await?;
    Ok(Json(JobView::from(cancelled)))
}

/// An id that is no number is an unknown job.
async fn find_job(knowledge: &Knowledge, shop: ShopId, id: &str) -> Result<Job> {
    let id = id.parse().map_err(|_| ApiError::new(Code::NotFound))?;
    Ok(knowledge.jobs.find(shop, JobId(id)).await?)
}

impl From<Job> for JobView {
    fn from(job: Job) -> JobView {
        let JobKind::Reindex { model, .. } = &job.kind;
        JobView {
            id: job.id.0,
            shop_id: job.shop.0,
            kind: "reindex",
            model: model.to_string(),
            status: job.status.name(),
            done: job.done_units,
            total: job.total_units,
            error: job.error,
            created_at: job.created_at.to_string(),
            updated_at: job.updated_at.to_string(),
        }
    }
}
