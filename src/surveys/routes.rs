//! `/api/shops/{id}/surveys`: surveys for their owner.

use crate::domain::id::ShopId;
use crate::domain::id::SurveyId;
use crate::domain::survey::ResponseCounts;
use crate::domain::survey::Survey;
use crate::domain::survey::SurveyRemoval;
use crate::http::auth::AdministeredShop;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::surveys::Surveys;
use crate::surveys::request::new_survey;
use crate::surveys::request::survey_changes;
use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router(surveys: Surveys) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, update, delete))
        .with_state(surveys)
}

#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "the shape is documentation; the body is read field by field to tell every problem"
)]
struct SurveyBody {
    /// For the owner; visitors do not see it. Needed when the survey is made.
    title: Option<String>,
    description: Option<String>,
    /// `draft` (the default), `active` or `archived`.
    status: Option<String>,
    /// Questions, triggers, share, pauses. Needed when the survey is made.
    #[schema(value_type = Option<Object>)]
    definition: Option<Value>,
    /// In a change: the version that it was made from; another current one is a conflict.
    version: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct SurveyList {
    /// Newest first.
    surveys: Vec<SurveyView>,
}

#[derive(Serialize, ToSchema)]
struct SurveyView {
    id: i64,
    title: String,
    description: Option<String>,
    /// `draft`, `active` or `archived`.
    status: &'static str,
    /// Whether this is the one that visitors are shown.
    shown: bool,
    /// Grows with each change of the questions of a survey that could be answered.
    version: u32,
    #[schema(value_type = Object)]
    definition: Value,
    responses: CountsView,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct CountsView {
    pub total: u32,
    pub complete: u32,
    pub partial: u32,
}

#[derive(Serialize, ToSchema)]
struct RemovalView {
    /// `deleted`, or `archived` because the survey has responses.
    result: &'static str,
    /// The responses that were kept.
    responses: u32,
}

/// Lists the shop's surveys.
#[utoipa::path(get, path = "/api/shops/{id}/surveys", tag = "surveys", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    responses((status = 200, body = SurveyList)))]
async fn list(State(surveys): State<Surveys>, AdministeredShop(shop): AdministeredShop) -> Result<Json<SurveyList>> {
    let all = surveys.list(shop).await?;
    let shown = shown_id(&surveys, shop).await?;
    let views = all.into_iter().map(|(survey, counts)| view(survey, counts, shown));
    let surveys = views.collect::<Result<_>>()?;
    Ok(Json(SurveyList { surveys }))
}

/// Makes a survey.
#[utoipa::path(post, path = "/api/shops/{id}/surveys", tag = "surveys", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")), request_body = SurveyBody,
    responses((status = 201, body = SurveyView)))]
async fn create(
    State(surveys): State<Surveys>,
    AdministeredShop(shop): AdministeredShop,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<SurveyView>)> {
    // An unknown shop is told before the body is judged.
    surveys.shop(shop).await?;
    let made = surveys.create(shop, new_survey(&body)?).await?;
    let shown = shown_id(&surveys, shop).await?;
    let view = view(made, ResponseCounts::default(), shown)?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Reads a survey.
#[utoipa::path(get, path = "/api/shops/{id}/surveys/{survey_id}", tag = "surveys", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("survey_id" = i64, Path, description = "the survey's id")),
    responses((status = 200, body = SurveyView)))]
async fn read(
    State(surveys): State<Surveys>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
) -> Result<Json<SurveyView>> {
    current(&surveys, shop, survey_id(&ids.1)?).await
}

/// Changes a survey; what the body does not name stays. `status` activates, pauses (`draft`) and archives it. Other questions of
/// a survey that could be answered are a new version; responses keep the version that they answered.
#[utoipa::path(patch, path = "/api/shops/{id}/surveys/{survey_id}", tag = "surveys", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("survey_id" = i64, Path, description = "the survey's id")),
    request_body = SurveyBody, responses((status = 200, body = SurveyView)))]
async fn update(
    State(surveys): State<Surveys>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    JsonBody(body): JsonBody<Value>,
) -> Result<Json<SurveyView>> {
    let id = survey_id(&ids.1)?;
    surveys.survey(shop, id).await?;
    surveys.update(shop, id, survey_changes(&body)?).await?;
    current(&surveys, shop, id).await
}

/// Deletes a survey without responses. One that has any is archived instead, and keeps them.
#[utoipa::path(delete, path = "/api/shops/{id}/surveys/{survey_id}", tag = "surveys", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("survey_id" = i64, Path, description = "the survey's id")),
    responses((status = 200, body = RemovalView)))]
async fn delete(
    State(surveys): State<Surveys>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
) -> Result<Json<RemovalView>> {
    let removal = surveys.delete(shop, survey_id(&ids.1)?).await?;
    Ok(Json(match removal {
        SurveyRemoval::Deleted => RemovalView {
            result: "deleted",
            responses: 0,
        },
        SurveyRemoval::Archived { responses } => RemovalView {
            result: "archived",
            responses,
        },
    }))
}

/// An id that is no number is an unknown survey.
pub fn survey_id(text: &str) -> Result<SurveyId> {
    text.parse().map(SurveyId).map_err(|_| ApiError::new(Code::NotFound))
}

async fn current(surveys: &Surveys, shop: ShopId, id: SurveyId) -> Result<Json<SurveyView>> {
    let (survey, counts) = surveys.survey(shop, id).await?;
    let shown = shown_id(surveys, shop).await?;
    Ok(Json(view(survey, counts, shown)?))
}

async fn shown_id(surveys: &Surveys, shop: ShopId) -> Result<Option<SurveyId>> {
    Ok(surveys.shown(shop, None).await?.map(|survey| survey.id))
}

fn view(survey: Survey, counts: ResponseCounts, shown: Option<SurveyId>) -> Result<SurveyView> {
    Ok(SurveyView {
        id: survey.id.0,
        title: survey.title,
        description: survey.description,
        status: survey.status.name(),
        shown: shown == Some(survey.id),
        version: survey.version,
        definition: serde_json::to_value(survey.definition).map_err(anyhow::Error::from)?,
        responses: CountsView::from(counts),
        created_at: survey.created_at.to_string(),
        updated_at: survey.updated_at.to_string(),
    })
}

impl From<ResponseCounts> for CountsView {
    fn from(counts: ResponseCounts) -> CountsView {
        CountsView {
            total: counts.total(),
            complete: counts.complete,
            partial: counts.partial,
        }
    }
}
