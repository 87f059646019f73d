//! `/api/shops/{id}/sources/{source_id}/upload`: files that are sent to a source.

use crate::domain::import::ImportMode;
use crate::http::auth::AdministeredShop;
use crate::http::body::BodyLimit;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::http::error::reader_language;
use crate::knowledge::Knowledge;
use crate::knowledge::import_view::ImportView;
use crate::knowledge::snapshot::SnapshotBuilder;
use crate::knowledge::source_routes::API_ACTOR;
use crate::knowledge::source_routes::source_id;
use crate::knowledge::sync::SyncRequest;
use anyhow::Context;
use axum::Extension;
use axum::Json;
use axum::extract::Multipart;
use axum::extract::Path;
use axum::extract::State;
use axum::extract::multipart::Field;
use axum::extract::multipart::MultipartError;
use axum::extract::multipart::MultipartRejection;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use std::fs::File;
use tokio::io::AsyncWriteExt;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const MAX_FILES: usize = 100;
const MAX_NAME_CHARS: usize = 255;

/// Sending files, which has a body limit of its own.
pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(upload)).with_state(knowledge)
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "documentation; the body is read field by field")]
struct Upload {
    /// One file or several; together they are all that the source says.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `true` only tells what would change.
    dry_run: Option<String>,
    /// `replace` (the default) or `merge`.
    mode: Option<String>,
}

/// Sends files to a source and imports them in the background; the answer tells the import to follow.
#[utoipa::path(post, path = "/api/shops/{id}/sources/{source_id}/upload", tag = "sources",
    security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("source_id" = i64, Path, description = "the source's id")),
    request_body(content = Upload, content_type = "multipart/form-data"), responses((status = 202, body = ImportView)))]
async fn upload(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    Extension(BodyLimit(limit)): Extension<BodyLimit>,
    headers: HeaderMap,
    multipart: std::result::Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<ImportView>)> {
    let source = knowledge.source(shop, source_id(&ids)?).await?.id;
    let mut multipart = multipart.map_err(|_| ApiError::new(Code::UnsupportedMediaType))?;
    let unreadable = |error: MultipartError| unreadable(&error, limit);
    let mut builder = knowledge.begin_snapshot().await?;
    let mut names = Vec::new();
    let (mut mode, mut is_preview) = (ImportMode::Replace, false);
    while let Some(mut field) = multipart.next_field().await.map_err(unreadable)? {
        match field.name() {
            Some("file") => {
                let name = file_name(&field);
                builder = keep(builder, &mut field, &name, limit).await?;
                names.push(name);
            }
            Some("mode") => {
                let text = field.text().await.map_err(unreadable)?;
                mode = ImportMode::parse(&text).ok_or_else(|| bad("mode must be merge or replace"))?;
            }
            Some("dry_run") => is_preview = field.text().await.map_err(unreadable)? == "true",
            _ => return Err(bad("only the fields file, mode and dry_run are known")),
        }
        if names.len() > MAX_FILES {
            return Err(bad("at most 100 files are accepted at once"));
        }
    }
    if names.is_empty() {
        return Err(bad("there is no field named file"));
    }
    let files = knowledge.finish_snapshot(builder, names.join(", ")).await?;
    let request = SyncRequest {
        actor: API_ACTOR.to_owned(),
        is_preview,
        is_forced: true,
        mode,
        files: Some(files),
    };
    let import = knowledge.queue_sync(shop, source, request).await?;
    let view = ImportView::new(import, reader_language(&headers));
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// Adds the file that the field brings.
pub async fn keep(
    mut builder: SnapshotBuilder,
    field: &mut Field<'_>,
    name: &str,
    limit: usize,
) -> Result<SnapshotBuilder> {
    let (file, _) = builder.create_file()?;
    receive(field, file, limit).await?;
    let name = name.to_owned();
    let work = move || builder.finish_file(&name, None).map(|()| builder);
    let kept = tokio::task::spawn_blocking(work).await;
    Ok(kept.context("keeping a file panicked")??)
}

async fn receive(field: &mut Field<'_>, file: File, limit: usize) -> Result<()> {
    let mut file = tokio::fs::File::from_std(file);
    while let Some(bytes) = field.chunk().await.map_err(|error| unreadable(&error, limit))? {
        file.write_all(&bytes).await.context("could not keep what was sent")?;
    }
    file.sync_all().await.context("could not keep what was sent")?;
    Ok(())
}

/// The name without folders, which some browsers send; it names the file in messages only.
pub fn file_name(field: &Field<'_>) -> String {
    let given = field.file_name().unwrap_or_default();
    let base = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = base.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS);
    clean.collect::<String>().trim().to_owned()
}

pub fn unreadable(error: &MultipartError, limit: usize) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return ApiError::new(Code::TooLarge { limit });
    }
    bad(&error.body_text())
}

pub fn bad(detail: &str) -> ApiError {
    ApiError::new(Code::BadRequest {
        detail: detail.to_owned(),
    })
}
