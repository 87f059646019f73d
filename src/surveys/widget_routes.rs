//! What the widget asks: which survey to show, and where answers go.

use crate::domain::id::SurveyId;
use crate::domain::survey::ResponseStatus;
use crate::domain::survey::Survey;
use crate::http::body::JsonBody;
use crate::http::body::QueryParams;
use crate::http::error::Result;
use crate::http::protection::WidgetCall;
use crate::http::protection::WidgetShop;
use crate::surveys::Surveys;
use crate::surveys::request::submission;
use crate::surveys::routes::survey_id;
use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub fn router(surveys: Surveys) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(active))
        .routes(routes!(respond))
        .with_state(surveys)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ActiveQuery {
    /// Only this survey, if it is active; the one that is shown now when absent.
    survey: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct ActiveSurvey {
    /// Null when no survey is active.
    survey: Option<ShownSurvey>,
}

#[derive(Serialize, ToSchema)]
struct ShownSurvey {
    id: i64,
    /// Goes back with the answers.
    version: u32,
    /// Questions, triggers, share, pauses.
    #[schema(value_type = Object)]
    definition: Value,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "the shape is documentation; the body is read field by field to tell every problem"
)]
struct ResponseRequest {
    /// The shop's public key; the survey must be this shop's.
    shop_public_key: Option<Uuid>,
    /// A UUID that the page keeps for one visit.
    session_id: Uuid,
    /// By question id: a whole number, an option's id, a list of them, a text, an object of contacts, a boolean. Null takes one back.
    #[schema(value_type = Object)]
    answers: Value,
    /// What the page tells about itself, such as `url` and `lang`; at most 4000 characters.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// The version of the questions that were answered; the current one when absent.
    version: Option<u32>,
    /// Whether more will come, so that what is required may be absent.
    partial: Option<bool>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct Receipt {
    /// `partial` or `complete`.
    status: &'static str,
    /// How many answers are stored.
    answered: usize,
}

/// The survey that the shop's visitors are shown: of the active ones, the one that was activated last.
#[utoipa::path(get, path = "/api/shops/public/{publicKey}/surveys/active", tag = "widget",
    params(("publicKey" = Uuid, Path, description = "the shop's public key"), ActiveQuery),
    responses((status = 200, body = ActiveSurvey)))]
async fn active(
    State(surveys): State<Surveys>,
    WidgetShop(shop): WidgetShop,
    QueryParams(query): QueryParams<ActiveQuery>,
) -> Result<impl IntoResponse> {
    let survey = surveys.shown(shop.id, query.survey.map(SurveyId)).await?;
    let survey = survey.map(ShownSurvey::read).transpose()?;
    Ok((
        [(header::CACHE_CONTROL, "public, max-age=60")],
        Json(ActiveSurvey { survey }),
    ))
}

/// Stores what a visitor answered. The first call of a visit makes its response (201), further ones complete it (200); once it
/// is complete, a call changes nothing.
#[utoipa::path(post, path = "/api/surveys/{survey_id}/responses", tag = "widget", request_body = ResponseRequest,
    params(("survey_id" = i64, Path, description = "the survey's id")),
    responses((status = 201, body = Receipt), (status = 200, body = Receipt)))]
async fn respond(
    State(surveys): State<Surveys>,
    call: WidgetCall,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<Receipt>)> {
    let (key, submission) = submission(&body)?;
    let id = survey_id(&id)?;
    let shop = surveys.shop_of(id, key).await?;
    call.admit(&shop)?;
    let saved = surveys.answer(shop.id, id, submission).await?;
    let status = if saved.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((
        status,
        Json(Receipt {
            status: ResponseStatus::name(saved.response.status),
            answered: saved.response.answers.len(),
        }),
    ))
}

impl ShownSurvey {
    fn read(survey: Survey) -> anyhow::Result<ShownSurvey> {
        Ok(ShownSurvey {
            id: survey.id.0,
            version: survey.version,
            definition: serde_json::to_value(survey.definition)?,
        })
    }
}
