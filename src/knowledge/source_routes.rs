//! `/api/shops/{id}/sources`: where a shop's knowledge comes from, reading it anew, and its versions.

use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::import::ImportKind;
use crate::domain::import::ImportMode;
use crate::domain::problem::Problem;
use crate::http::auth::AdministeredShop;
use crate::http::auth::Administrator;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::http::error::reader_language;
use crate::knowledge::Knowledge;
use crate::knowledge::feed::Refused;
use crate::knowledge::import_view::ImportView;
use crate::knowledge::import_view::SourceView;
use crate::knowledge::source_draft::SourceRequest;
use crate::knowledge::source_draft::checked;
use crate::knowledge::sync::SyncRequest;
use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use std::borrow::Cow;
use std::path::PathBuf;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Who asks, when the request does not say.
pub const API_ACTOR: &str = "api";
const MAX_ACTOR_CHARS: usize = 100;

pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_sources, create_source))
        .routes(routes!(read_source, change_source, delete_source))
        .routes(routes!(sync_source))
        .routes(routes!(list_versions))
        .routes(routes!(undo))
        .routes(routes!(redo))
        .with_state(knowledge)
}

#[derive(Serialize, ToSchema)]
struct SourceList {
    /// In the order in which they were made.
    sources: Vec<SourceView>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct SyncBody {
    /// Tells what would change, and changes nothing.
    dry_run: bool,
    /// Reads files again that are the same as last time; true unless said otherwise.
    force: Option<bool>,
    /// `replace` (the default) removes what the files do not mention; `merge` keeps it.
    #[schema(value_type = Option<String>)]
    mode: Option<ImportMode>,
    /// A file of the server's machine to read in place of what the source names; absolute, for administrators of all shops only.
    file: Option<String>,
    /// Who or what asks, for the journal.
    by: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct VersionList {
    /// The import whose knowledge is visible.
    version: Option<i64>,
    /// What undo and redo would make visible; 0 stands for the empty knowledge before the first import, null for nothing.
    undo: Option<i64>,
    redo: Option<i64>,
    /// The journal, newest first.
    imports: Vec<ImportView>,
}

/// Lists the shop's sources.
#[utoipa::path(get, path = "/api/shops/{id}/sources", tag = "sources", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    responses((status = 200, body = SourceList)))]
async fn list_sources(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
) -> Result<Json<SourceList>> {
    let sources = knowledge.list_sources(shop).await?;
    Ok(Json(SourceList {
        sources: sources.into_iter().map(SourceView::from).collect(),
    }))
}

/// Makes a source; nothing is read yet.
#[utoipa::path(post, path = "/api/shops/{id}/sources", tag = "sources", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")), request_body = SourceRequest,
    responses((status = 201, body = SourceView)))]
async fn create_source(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    administrator: Administrator,
    JsonBody(request): JsonBody<SourceRequest>,
) -> Result<(StatusCode, Json<SourceView>)> {
    // An unknown shop is told before the body is judged.
    knowledge.imports(shop, 1).await?;
    let draft = checked(request, None, administrator.shop.is_none()).map_err(ApiError::invalid)?;
    let source = knowledge.create_source(shop, draft).await?;
    Ok((StatusCode::CREATED, Json(SourceView::from(source))))
}

/// Tells one source.
#[utoipa::path(get, path = "/api/shops/{id}/sources/{source_id}", tag = "sources", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("source_id" = i64, Path, description = "the source's id")),
    responses((status = 200, body = SourceView)))]
async fn read_source(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
) -> Result<Json<SourceView>> {
    let source = knowledge.source(shop, source_id(&ids)?).await?;
    Ok(Json(SourceView::from(source)))
}

/// Changes a source; what it said before stays visible until it is read again.
#[utoipa::path(patch, path = "/api/shops/{id}/sources/{source_id}", tag = "sources", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("source_id" = i64, Path, description = "the source's id")),
    request_body = SourceRequest, responses((status = 200, body = SourceView)))]
async fn change_source(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    administrator: Administrator,
    Path(ids): Path<(String, String)>,
    JsonBody(request): JsonBody<SourceRequest>,
) -> Result<Json<SourceView>> {
    let source = knowledge.source(shop, source_id(&ids)?).await?;
    let draft = checked(request, Some(&source.draft), administrator.shop.is_none()).map_err(ApiError::invalid)?;
    let changed = knowledge.update_source(shop, source.id, draft).await?;
    Ok(Json(SourceView::from(changed)))
}

/// Deletes a source with everything that it brought and all its versions.
#[utoipa::path(delete, path = "/api/shops/{id}/sources/{source_id}", tag = "sources", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("source_id" = i64, Path, description = "the source's id")),
    responses((status = 204)))]
async fn delete_source(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
) -> Result<StatusCode> {
    knowledge.delete_source(shop, source_id(&ids)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads the source anew, in the background; the answer tells the import to follow.
#[utoipa::path(post, path = "/api/shops/{id}/sources/{source_id}/sync", tag = "sources",
    security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("source_id" = i64, Path, description = "the source's id")),
    request_body = SyncBody, responses((status = 202, body = ImportView)))]
async fn sync_source(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    administrator: Administrator,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SyncBody>,
) -> Result<(StatusCode, Json<ImportView>)> {
    let source = knowledge.source(shop, source_id(&ids)?).await?.id;
    let files = match body.file {
        None => None,
        Some(_) if administrator.shop.is_some() => {
            return Err(ApiError::invalid(vec![Problem::new("file", "problem_path_forbidden")]));
        }
        Some(file) => {
            let path = PathBuf::from(file);
            if !path.is_absolute() {
                return Err(ApiError::invalid(vec![Problem::new("file", "problem_path_relative")]));
            }
            Some(knowledge.take_file(path).await.map_err(refused_file)?)
        }
    };
    let request = SyncRequest {
        actor: actor(body.by),
        is_preview: body.dry_run,
        is_forced: body.force.unwrap_or(true),
        mode: body.mode.unwrap_or(ImportMode::Replace),
        files,
    };
    let import = knowledge.queue_sync(shop, source, request).await?;
    let view = ImportView::new(import, reader_language(&headers));
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// Lists a source's journal, and what can be restored.
#[utoipa::path(get, path = "/api/shops/{id}/sources/{source_id}/versions", tag = "sources",
    security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("source_id" = i64, Path, description = "the source's id")),
    responses((status = 200, body = VersionList)))]
async fn list_versions(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<VersionList>> {
    let versions = knowledge.versions(shop, source_id(&ids)?).await?;
    let language = reader_language(&headers);
    let imports = versions.imports.into_iter();
    Ok(Json(VersionList {
        version: versions.current.map(|version| version.0),
        undo: versions.undo.map(|version| version.0),
        redo: versions.redo.map(|version| version.0),
        imports: imports.map(|import| ImportView::new(import, language)).collect(),
    }))
}

/// Makes the version before the visible one visible again, exactly, in one step.
#[utoipa::path(post, path = "/api/shops/{id}/sources/{source_id}/undo", tag = "sources",
    security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("source_id" = i64, Path, description = "the source's id")),
    responses((status = 200, body = ImportView)))]
async fn undo(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<ImportView>> {
    restore(&knowledge, shop, source_id(&ids)?, ImportKind::Undo, &headers).await
}

/// Makes visible again what was undone last.
#[utoipa::path(post, path = "/api/shops/{id}/sources/{source_id}/redo", tag = "sources",
    security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("source_id" = i64, Path, description = "the source's id")),
    responses((status = 200, body = ImportView)))]
async fn redo(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<ImportView>> {
    restore(&knowledge, shop, source_id(&ids)?, ImportKind::Redo, &headers).await
}

async fn restore(
    knowledge: &Knowledge,
    shop: ShopId,
    source: SourceId,
    kind: ImportKind,
    headers: &HeaderMap,
) -> Result<Json<ImportView>> {
    let import = knowledge.restore(shop, source, kind, API_ACTOR.to_owned()).await?;
    Ok(Json(ImportView::new(import, reader_language(headers))))
}

/// A path that leads to no file is the caller's mistake.
pub fn refused_file(error: anyhow::Error) -> ApiError {
    let Some(Refused(problem)) = error.downcast_ref() else {
        return ApiError::from(error);
    };
    let key = match &problem.key {
        Cow::Borrowed(key) => *key,
        Cow::Owned(_) => return ApiError::from(error),
    };
    let place = problem.values.iter().find(|(name, _)| name == "place");
    let place = place.map(|(_, place)| place.clone()).unwrap_or_default();
    ApiError::invalid(vec![Problem::new("file", key).with("place", place)])
}

/// An id that is no number is an unknown source.
pub fn source_id(ids: &(String, String)) -> Result<SourceId> {
    let id = ids.1.parse().map_err(|_| ApiError::new(Code::NotFound))?;
    Ok(SourceId(id))
}

fn actor(named: Option<String>) -> String {
    let named = named.map(|name| name.trim().chars().take(MAX_ACTOR_CHARS).collect::<String>());
    named
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| API_ACTOR.to_owned())
}
