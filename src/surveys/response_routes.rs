//! `/api/shops/{id}/surveys/{survey_id}/responses`, `/results` and `/export`: what visitors answered, for the owner.

use crate::domain::id::SurveyResponseId;
use crate::domain::problem::Problem;
use crate::domain::survey::SurveyResponse;
use crate::http::auth::AdministeredShop;
use crate::http::body::QueryParams;
use crate::http::error::ApiError;
use crate::http::error::Result;
use crate::store::error::StoreResult;
use crate::surveys::Surveys;
use crate::surveys::results::QuestionResults;
use crate::surveys::routes::CountsView;
use crate::surveys::routes::survey_id;
use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use futures::Stream;
use futures::StreamExt;
use futures::stream;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const PAGE: usize = 50;
const MAX_PAGE: usize = 200;

pub fn router(surveys: Surveys) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(results))
        .routes(routes!(export))
        .with_state(surveys)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// Only responses with a smaller id; `next` of the page before.
    before: Option<i64>,
    /// At most this many, 1 to 200; 50 when absent.
    limit: Option<usize>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `csv` (the default) or `json`.
    format: Option<String>,
    /// Between the cells of CSV: `comma` or `semicolon`; the one that spreadsheets in the shop's language expect when absent.
    separator: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ResponsePage {
    /// Newest first.
    responses: Vec<ResponseView>,
    /// The `before` of the next page; null on the last.
    next: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct ResponseView {
    id: i64,
    session_id: uuid::Uuid,
    /// The version of the questions that were answered.
    version: u32,
    /// `partial` or `complete`.
    status: &'static str,
    /// By question id.
    #[schema(value_type = Object)]
    answers: Value,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
struct ResultsView {
    responses: CountsView,
    questions: Vec<QuestionResults>,
}

/// Lists a survey's responses.
#[utoipa::path(get, path = "/api/shops/{id}/surveys/{survey_id}/responses", tag = "surveys", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("survey_id" = i64, Path, description = "the survey's id"), PageQuery),
    responses((status = 200, body = ResponsePage)))]
async fn list(
    State(surveys): State<Surveys>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    QueryParams(query): QueryParams<PageQuery>,
) -> Result<Json<ResponsePage>> {
    let id = survey_id(&ids.1)?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        let problem = Problem::new("limit", "problem_range");
        return Err(ApiError::invalid(vec![problem.with("least", 1).with("most", MAX_PAGE)]));
    }
    let before = query.before.map(SurveyResponseId);
    // One more than the page tells whether there is another.
    let mut responses = surveys.responses(shop, id, before, limit + 1).await?;
    let has_more = responses.len() > limit;
    responses.truncate(limit);
    Ok(Json(ResponsePage {
        next: responses.last().filter(|_| has_more).map(|last| last.id.0),
        responses: responses.into_iter().map(ResponseView::from).collect(),
    }))
}

/// Counts the answers, question by question, over all versions of the survey.
#[utoipa::path(get, path = "/api/shops/{id}/surveys/{survey_id}/results", tag = "surveys", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("survey_id" = i64, Path, description = "the survey's id")),
    responses((status = 200, body = ResultsView)))]
async fn results(
    State(surveys): State<Surveys>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
) -> Result<Json<ResultsView>> {
    let results = surveys.results(shop, survey_id(&ids.1)?).await?;
    Ok(Json(ResultsView {
        responses: CountsView::from(results.counts),
        questions: results.questions,
    }))
}

/// All responses as a file, oldest first.
#[utoipa::path(get, path = "/api/shops/{id}/surveys/{survey_id}/export", tag = "surveys", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("survey_id" = i64, Path, description = "the survey's id"), ExportQuery),
    responses((status = 200, description = "CSV, or a JSON list of responses", body = String, content_type = "text/csv")))]
async fn export(
    State(surveys): State<Surveys>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    QueryParams(query): QueryParams<ExportQuery>,
) -> Result<Response> {
    let id = survey_id(&ids.1)?;
    let is_json = match query.format.as_deref() {
        None | Some("csv") => false,
        Some("json") => true,
        Some(_) => return Err(unknown_word("format", "csv, json")),
    };
    let separator = match query.separator.as_deref() {
        None => None,
        Some("comma") => Some(','),
        Some("semicolon") => Some(';'),
        Some(_) => return Err(unknown_word("separator", "comma, semicolon")),
    };
    let table = surveys.table(shop, id, separator).await?;
    let pages = surveys.pages(shop, id);
    Ok(if is_json {
        download(json_list(pages), "application/json", &format!("survey-{id}.json"))
    } else {
        let head = stream::once(std::future::ready(Ok(table.head())));
        let rows = pages.map(move |page| Ok::<_, crate::store::error::StoreError>(table.rows(&page?)));
        download(head.chain(rows), "text/csv; charset=utf-8", &format!("survey-{id}.csv"))
    })
}

fn unknown_word(path: &str, values: &str) -> ApiError {
    ApiError::invalid(vec![Problem::new(path, "problem_one_of").with("values", values)])
}

/// The pages as one JSON list, piece by piece.
fn json_list(pages: impl Stream<Item = StoreResult<Vec<SurveyResponse>>>) -> impl Stream<Item = StoreResult<String>> {
    let mut is_first = true;
    let bodies = pages.map(move |page| {
        let mut text = String::new();
        for response in page? {
            text.push_str(if std::mem::take(&mut is_first) { "\n" } else { ",\n" });
            text.push_str(&serde_json::json!(ResponseView::from(response)).to_string());
        }
        Ok(text)
    });
    let edge = |text: &'static str| stream::once(std::future::ready(Ok(text.to_owned())));
    edge("[").chain(bodies).chain(edge("\n]\n"))
}

fn download(
    content: impl Stream<Item = StoreResult<String>> + Send + 'static,
    mime: &'static str,
    name: &str,
) -> Response {
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(content)).into_response()
}

impl From<SurveyResponse> for ResponseView {
    fn from(response: SurveyResponse) -> ResponseView {
        ResponseView {
            id: response.id.0,
            session_id: response.session.0,
            version: response.version,
            status: response.status.name(),
            answers: Value::Object(response.answers),
            metadata: response.metadata,
            created_at: response.created_at.to_string(),
            updated_at: response.updated_at.to_string(),
        }
    }
}
