//! `/api/shops/{id}/sources/preview`: what files would become, before anything is imported.

use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::language::Language;
use crate::domain::problem::Problem;
use crate::domain::source::Format;
use crate::domain::source::Mapping;
use crate::http::auth::AdministeredShop;
use crate::http::auth::Administrator;
use crate::http::body::BodyLimit;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::http::error::reader_language;
use crate::knowledge::Knowledge;
use crate::knowledge::import_view::ProblemView;
use crate::knowledge::import_view::told;
use crate::knowledge::preview::Preview;
use crate::knowledge::preview::PreviewChunk;
use crate::knowledge::preview::PreviewDocument;
use crate::knowledge::preview::PreviewRequest;
use crate::knowledge::snapshot::SnapshotBuilder;
use crate::knowledge::source_routes::refused_file;
use crate::knowledge::upload_routes::MAX_FILES;
use crate::knowledge::upload_routes::bad;
use crate::knowledge::upload_routes::file_name;
use crate::knowledge::upload_routes::keep;
use crate::knowledge::upload_routes::unreadable;
use axum::Extension;
use axum::Json;
use axum::extract::Multipart;
use axum::extract::State;
use axum::extract::multipart::MultipartError;
use axum::extract::multipart::MultipartRejection;
use axum::http::HeaderMap;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const DEFAULT_DOCUMENTS: usize = 20;
const MAX_DOCUMENTS: usize = 100;

/// Sending files, which has a body limit of its own.
pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(preview)).with_state(knowledge)
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "documentation; the body is read field by field")]
struct PreviewForm {
    /// One file or several.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// A file of the server's machine in place of a sent one; absolute, for administrators of all shops only.
    path: Option<String>,
    /// The source whose kind and mapping count unless the form has its own; before them.
    source: Option<String>,
    /// `auto` (the default) or a format.
    kind: Option<String>,
    /// A JSON object from fields to headers of columns.
    mapping: Option<String>,
    /// Documents passed over.
    offset: Option<String>,
    /// Documents shown, 20 unless said otherwise and at most 100.
    limit: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PreviewView {
    files: Vec<FileView>,
    /// Why the file cannot be used; null when it can.
    error: Option<String>,
    /// All documents of the files.
    documents_total: usize,
    documents: Vec<DocumentView>,
    /// `words` or `tokens`: what sizes are measured in.
    size_unit: &'static str,
    /// The most that a chunk of this shop has.
    chunk_size: usize,
    problems_total: usize,
    /// The first thousand.
    problems: Vec<ProblemView>,
}

#[derive(Serialize, ToSchema)]
struct FileView {
    name: String,
    /// Null when it is not recognized.
    kind: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct DocumentView {
    source_type: &'static str,
    source_id: String,
    title: String,
    url: Option<String>,
    line: Option<u64>,
    element: Option<String>,
    /// Fields that stay data; null unless it is a product.
    product: Option<ProductView>,
    chunks_total: usize,
    /// The first 200.
    chunks: Vec<ChunkView>,
}

#[derive(Serialize, ToSchema)]
struct ProductView {
    price: Option<f64>,
    old_price: Option<f64>,
    currency: Option<String>,
    in_stock: Option<bool>,
    category: Option<String>,
    brand: Option<String>,
    image: Option<String>,
    attributes: BTreeMap<String, String>,
}

#[derive(Serialize, ToSchema)]
struct ChunkView {
    /// As it is indexed, the document's title in front.
    text: String,
    /// Outermost first.
    headings: Vec<String>,
    page: Option<u32>,
    anchor: Option<String>,
    size: usize,
}

/// Tells which documents and chunks files would become. Nothing is stored.
#[utoipa::path(post, path = "/api/shops/{id}/sources/preview", tag = "sources", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    request_body(content = PreviewForm, content_type = "multipart/form-data"),
    responses((status = 200, body = PreviewView)))]
async fn preview(
    State(knowledge): State<Knowledge>,
    AdministeredShop(shop): AdministeredShop,
    administrator: Administrator,
    Extension(BodyLimit(limit)): Extension<BodyLimit>,
    headers: HeaderMap,
    multipart: std::result::Result<Multipart, MultipartRejection>,
) -> Result<Json<PreviewView>> {
    // An unknown shop is told before the body is judged.
    knowledge.imports(shop, 1).await?;
    let multipart = multipart.map_err(|_| ApiError::new(Code::UnsupportedMediaType))?;
    let may_name_paths = administrator.shop.is_none();
    let (builder, request) = read_form(&knowledge, shop, may_name_paths, multipart, limit).await?;
    let result = knowledge.preview_files(shop, builder.unfinished(), request).await;
    // Its files go with it, which takes the disk a moment.
    tokio::task::spawn_blocking(move || drop(builder));
    Ok(Json(PreviewView::new(result?, reader_language(&headers))))
}

async fn read_form(
    knowledge: &Knowledge,
    shop: ShopId,
    may_name_paths: bool,
    mut multipart: Multipart,
    body_limit: usize,
) -> Result<(SnapshotBuilder, PreviewRequest)> {
    let unreadable = |error: MultipartError| unreadable(&error, body_limit);
    let mut builder = knowledge.begin_snapshot().await?;
    let mut request = PreviewRequest {
        limit: DEFAULT_DOCUMENTS,
        ..PreviewRequest::default()
    };
    let mut files = 0;
    while let Some(mut field) = multipart.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let name = file_name(&field);
            builder = keep(builder, &mut field, &name, body_limit).await?;
            files += 1;
        } else {
            let text = field.text().await.map_err(unreadable)?;
            if name == "path" {
                let path = checked_path(&text, may_name_paths)?;
                builder = knowledge.add_file(builder, path).await.map_err(refused_file)?;
                files += 1;
            } else {
                note_field(knowledge, shop, &name, &text, &mut request).await?;
            }
        }
        if files > MAX_FILES {
            return Err(bad("at most 100 files are accepted at once"));
        }
    }
    if files == 0 {
        return Err(bad("there is no field named file"));
    }
    Ok((builder, request))
}

fn checked_path(text: &str, is_allowed: bool) -> Result<PathBuf> {
    let path = PathBuf::from(text);
    let key = if !is_allowed {
        "problem_path_forbidden"
    } else if !path.is_absolute() {
        "problem_path_relative"
    } else {
        return Ok(path);
    };
    Err(ApiError::invalid(vec![Problem::new("path", key)]))
}

async fn note_field(
    knowledge: &Knowledge,
    shop: ShopId,
    name: &str,
    text: &str,
    request: &mut PreviewRequest,
) -> Result<()> {
    let text = text.trim();
    match name {
        "source" => {
            let id = text.parse().map_err(|_| ApiError::new(Code::NotFound))?;
            let draft = knowledge.source(shop, SourceId(id)).await?.draft;
            request.format = draft.format;
            request.mapping = draft.mapping;
        }
        "kind" if text == "auto" => request.format = None,
        "kind" => {
            let format = Format::parse(text);
            let unknown = || ApiError::invalid(vec![Problem::new("kind", "problem_kind")]);
            request.format = Some(format.ok_or_else(unknown)?);
        }
        "mapping" => {
            let mapping = serde_json::from_str(text);
            let wrong = |_| ApiError::invalid(vec![Problem::new("mapping", "problem_object")]);
            request.mapping = Mapping(mapping.map_err(wrong)?);
        }
        "offset" => request.offset = ranged("offset", text, 0, usize::MAX)?,
        "limit" => request.limit = ranged("limit", text, 1, MAX_DOCUMENTS)?,
        _ => {
            return Err(bad(
                "only the fields file, path, source, kind, mapping, offset and limit are known",
            ));
        }
    }
    Ok(())
}

fn ranged(name: &str, text: &str, least: usize, most: usize) -> Result<usize> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| {
        let problem = Problem::new(name, "problem_range").with("least", least);
        ApiError::invalid(vec![problem.with("most", most)])
    })
}

impl PreviewView {
    fn new(preview: Preview, language: Language) -> PreviewView {
        let files = preview.files.into_iter().map(|(name, format)| FileView {
            name,
            kind: format.map(Format::name),
        });
        let entries = preview.report.entries;
        let problems = entries.problems.into_iter();
        PreviewView {
            files: files.collect(),
            error: preview.refusal.map(|problem| told(&problem, language)),
            documents_total: preview.documents,
            documents: preview.shown.into_iter().map(DocumentView::from).collect(),
            size_unit: preview.size_unit,
            chunk_size: preview.chunk_size,
            problems_total: entries.problem_count,
            problems: problems.map(|problem| ProblemView::new(problem, language)).collect(),
        }
    }
}

impl From<PreviewDocument> for DocumentView {
    fn from(document: PreviewDocument) -> DocumentView {
        let item = document.parsed.item;
        let place = document.parsed.place;
        let product = item.product().cloned().map(|row| ProductView {
            price: row.price,
            old_price: row.old_price,
            currency: row.currency,
            in_stock: row.in_stock,
            category: row.category,
            brand: row.brand,
            image: row.image,
            attributes: row.attributes,
        });
        DocumentView {
            source_type: item.key().source_type.name(),
            title: item.title().to_owned(),
            url: item.url().map(str::to_owned),
            source_id: item.source_id,
            line: place.line,
            element: place.element,
            product,
            chunks_total: document.chunk_count,
            chunks: document.chunks.into_iter().map(ChunkView::from).collect(),
        }
    }
}

impl From<PreviewChunk> for ChunkView {
    fn from(chunk: PreviewChunk) -> ChunkView {
        ChunkView {
            text: chunk.draft.text,
            headings: chunk.draft.headings,
            page: chunk.draft.place.page,
            anchor: chunk.draft.place.anchor,
            size: chunk.size,
        }
    }
}
