//! `/api/shops/{id}/imports/{import_id}`: following an import, agreeing to it, ending it.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::import::Import;
use crate::domain::import::ImportStatus;
use crate::domain::language::Language;
use crate::http::auth::AdministeredShop;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::http::error::reader_language;
use crate::knowledge::Knowledge;
use crate::knowledge::import_view::ChangeView;
use crate::knowledge::import_view::ImportView;
use crate::knowledge::import_view::ProblemView;
use crate::knowledge::import_view::ProgressView;
use crate::knowledge::progress::Progress;
use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::response::sse::Event;
use axum::response::sse::KeepAlive;
use axum::response::sse::Sse;
use futures::Stream;
use futures::stream;
use serde::Serialize;
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const LOOK_EVERY: Duration = Duration::from_millis(300);

pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(read_import, cancel_import))
        .routes(routes!(follow_import))
        .routes(routes!(approve_import))
        .routes(routes!(reject_import))
        .with_state(knowledge)
}

#[derive(Serialize, ToSchema)]
struct ImportDetailsView {
    import: ImportView,
    /// Null unless it is at work.
    progress: Option<ProgressView>,
    /// The first thousand, in the order of the files, removed documents last.
    changes: Vec<ChangeView>,
    /// What could not be read, the first thousand.
    problems: Vec<ProblemView>,
}

/// Tells an import with its changes and problems.
#[utoipa::path(get, path = "/api/shops/{id}/imports/{import_id}", tag = "sources", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("import_id" = i64, Path, description = "the import's id")),
    responses((status = 200, body = ImportDetailsView)))]
async fn read_import(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<ImportDetailsView>> {
    let details = knowledge.import_details(shop, import_id(&ids)?).await?;
    let language = reader_language(&headers);
    let problems = details.problems.into_iter();
    Ok(Json(ImportDetailsView {
        import: ImportView::new(details.import, language),
        progress: details.progress.map(ProgressView::from),
        changes: details.changes.into_iter().map(ChangeView::from).collect(),
        problems: problems.map(|problem| ProblemView::new(problem, language)).collect(),
    }))
}

/// Streams an import's progress as events `progress`, until it ends or waits for a yes: then one event `end` with the import.
#[utoipa::path(get, path = "/api/shops/{id}/imports/{import_id}/events", tag = "sources",
    security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("import_id" = i64, Path, description = "the import's id")),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn follow_import(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let import = import_id(&ids)?;
    // An unknown import is an error, not a stream that ends at once.
    knowledge.import_progress(shop, import).await?;
    let events = progress_events(knowledge, shop, import, reader_language(&headers));
    let no_buffering = [
        (header::CACHE_CONTROL, "no-cache, no-transform"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((no_buffering, Sse::new(events).keep_alive(KeepAlive::new())).into_response())
}

/// Says yes to an import that would remove more than half of what its source has.
#[utoipa::path(post, path = "/api/shops/{id}/imports/{import_id}/approve", tag = "sources",
    security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("import_id" = i64, Path, description = "the import's id")),
    responses((status = 202, body = ImportView)))]
async fn approve_import(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<ImportView>)> {
    let import = knowledge.approve_import(shop, import_id(&ids)?).await?;
    let view = ImportView::new(import, reader_language(&headers));
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// Says no to an import that waits; the shop's knowledge stays.
#[utoipa::path(post, path = "/api/shops/{id}/imports/{import_id}/reject", tag = "sources",
    security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("import_id" = i64, Path, description = "the import's id")),
    responses((status = 200, body = ImportView)))]
async fn reject_import(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<ImportView>> {
    let import = knowledge.cancel_import(shop, import_id(&ids)?).await?;
    Ok(Json(ImportView::new(import, reader_language(&headers))))
}

/// Ends an import that is queued, runs or waits; the shop's knowledge stays. One that has ended stays as it is.
#[utoipa::path(delete, path = "/api/shops/{id}/imports/{import_id}", tag = "sources", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("import_id" = i64, Path, description = "the import's id")),
    responses((status = 200, body = ImportView)))]
async fn cancel_import(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<ImportView>> {
    let import = knowledge.cancel_import(shop, import_id(&ids)?).await?;
    Ok(Json(ImportView::new(import, reader_language(&headers))))
}

/// A failed look ends the stream: the client asks again.
fn progress_events(
    knowledge: Knowledge,
    shop: ShopId,
    import: ImportId,
    language: Language,
) -> impl Stream<Item = std::result::Result<Event, Infallible>> {
    stream::unfold(Some(Duration::ZERO), move |pause| {
        let knowledge = knowledge.clone();
        async move {
            tokio::time::sleep(pause?).await;
            let (import, progress) = knowledge.import_progress(shop, import).await.ok()?;
            let is_over = import.status.has_ended() || import.status == ImportStatus::Waiting;
            let event = event(import, progress, is_over, language);
            Some((Ok(event), (!is_over).then_some(LOOK_EVERY)))
        }
    })
}

fn event(import: Import, progress: Option<Progress>, is_over: bool, language: Language) -> Event {
    if is_over {
        let import = ImportView::new(import, language);
        return Event::default()
            .event("end")
            .data(json!({ "import": import }).to_string());
    }
    let progress = progress.map(ProgressView::from);
    let data = json!({"status": import.status.name(), "progress": progress});
    Event::default().event("progress").data(data.to_string())
}

/// An id that is no number is an unknown import.
fn import_id(ids: &(String, String)) -> Result<ImportId> {
    let id = ids.1.parse().map_err(|_| ApiError::new(Code::NotFound))?;
    Ok(ImportId(id))
}
