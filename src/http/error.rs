//! The only code that knows status codes. An error travels as a value in the response and becomes JSON or a page at the edge,
//! where the reader's language and the request's id are known.

use crate::domain::language::Language;
use crate::domain::problem::Problem;
use crate::i18n;
use crate::store::error::StoreError;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use std::convert::Infallible;
use uuid::Uuid;

pub type Result<T> = std::result::Result<T, ApiError>;

/// What a caller can branch on. The name in snake case is the `code` of the error's JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Code {
    BadRequest {
        detail: String,
    },
    Invalid,
    Unauthorized,
    /// No visitor's token, or one that is expired, of another shop or none of ours.
    UnknownVisitor,
    ForbiddenOrigin,
    NotFound,
    MethodNotAllowed,
    /// What stands in the way, as the end of a catalog key: `conflict_import_running`.
    Conflict {
        reason: &'static str,
    },
    TooLarge {
        limit: usize,
    },
    UnsupportedMediaType,
    TooManyRequests,
    Busy,
    StorageFull,
    Internal,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    pub code: Code,
    pub problems: Vec<Problem>,
}

/// The id of a request, in its log lines, its `x-request-id` header and its error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// Marks a response as it is to be: a route that speaks another protocol tells its errors in that one.
#[derive(Debug, Clone, Copy)]
pub struct FinalForm;

/// The JSON of every error.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ErrorBody {
    pub error: ErrorContent,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ErrorContent {
    pub code: String,
    pub message: String,
    pub request_id: String,
    /// What is wrong, field by field; empty unless the code is `invalid`.
    pub fields: Vec<FieldProblem>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    pub path: String,
    pub message: String,
}

/// The language that the reader of an answer prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReaderLanguage(pub Language);

impl<S: Send + Sync> FromRequestParts<S> for ReaderLanguage {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> std::result::Result<ReaderLanguage, Infallible> {
        Ok(ReaderLanguage(reader_language(&parts.headers)))
    }
}

impl ApiError {
    pub fn new(code: Code) -> ApiError {
        ApiError {
            code,
            problems: Vec::new(),
        }
    }

    pub fn invalid(problems: Vec<Problem>) -> ApiError {
        ApiError {
            code: Code::Invalid,
            problems,
        }
    }

    /// The error as the reader sees it.
    pub fn content(&self, headers: &HeaderMap, request_id: RequestId) -> ErrorContent {
        let language = reader_language(headers);
        let (_, code, mut values) = describe(&self.code);
        values.push(("request_id", request_id.0.to_string()));
        if let Code::Conflict { reason } = self.code {
            values.push(("detail", i18n::sentence(language, &format!("conflict_{reason}"), &[])));
        }
        let fields = self.problems.iter().map(|problem| FieldProblem {
            path: problem.path.clone(),
            message: i18n::problem(language, problem),
        });
        ErrorContent {
            code: code.to_owned(),
            message: i18n::sentence(language, &format!("error_{code}"), &values),
            request_id: request_id.0.to_string(),
            fields: fields.collect(),
        }
    }
}

fn describe(code: &Code) -> (StatusCode, &'static str, Vec<(&'static str, String)>) {
    let plain = Vec::new;
    match code {
        Code::BadRequest { detail } => (StatusCode::BAD_REQUEST, "bad_request", vec![("detail", detail.clone())]),
        Code::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", plain()),
        Code::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", plain()),
        Code::UnknownVisitor => (StatusCode::UNAUTHORIZED, "unknown_visitor", plain()),
        Code::ForbiddenOrigin => (StatusCode::FORBIDDEN, "forbidden_origin", plain()),
        Code::NotFound => (StatusCode::NOT_FOUND, "not_found", plain()),
        Code::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", plain()),
        Code::Conflict { .. } => (StatusCode::CONFLICT, "conflict", plain()),
        Code::TooLarge { limit } => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            vec![("limit", limit.to_string())],
        ),
        Code::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", plain()),
        Code::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests", plain()),
        Code::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", plain()),
        Code::StorageFull => (StatusCode::INSUFFICIENT_STORAGE, "storage_full", plain()),
        Code::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", plain()),
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        ApiError::new(match error {
            StoreError::NotFound => Code::NotFound,
            StoreError::Conflict(reason) => Code::Conflict { reason },
            StoreError::Busy => Code::Busy,
            StoreError::Full => Code::StorageFull,
            StoreError::Unusable(detail) | StoreError::Internal(detail) => {
                tracing::error!(detail, "the store failed");
                Code::Internal
            }
        })
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> ApiError {
        match error.downcast::<StoreError>() {
            Ok(error) => ApiError::from(error),
            Err(error) => {
                tracing::error!("{error:#}");
                ApiError::new(Code::Internal)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, _, _) = describe(&self.code);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives each request an id and turns errors into their final form: a page for `/demo` and other pages, JSON elsewhere.
pub async fn render_errors(mut request: Request, next: Next) -> Response {
    let id = RequestId(Uuid::now_v7());
    request.extensions_mut().insert(id);
    let headers = request.headers().clone();
    let is_page = !request.uri().path().starts_with("/api/") && accepts_html(&headers);
    let mut response = next.run(request).await;
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    if is_error && response.extensions().get::<FinalForm>().is_none() {
        let error = response
            .extensions_mut()
            .remove::<ApiError>()
            .unwrap_or_else(|| from_status(response.status()));
        let inner_headers = std::mem::take(response.headers_mut());
        response = render(&error, &headers, id, is_page);
        keep_headers(&mut response, inner_headers);
    }
    if let Ok(value) = id.0.to_string().parse() {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// What inner layers set stays, such as the permission for a page on another site to read the error; the body is new.
fn keep_headers(response: &mut Response, mut inner: HeaderMap) {
    inner.remove(header::CONTENT_TYPE);
    inner.remove(header::CONTENT_LENGTH);
    response.headers_mut().extend(inner);
}

fn render(error: &ApiError, headers: &HeaderMap, id: RequestId, is_page: bool) -> Response {
    let content = error.content(headers, id);
    let (status, _, _) = describe(&error.code);
    let mut response = if is_page {
        (status, Html(error_page(&content.message, reader_language(headers)))).into_response()
    } else {
        (status, Json(ErrorBody { error: content })).into_response()
    };
    let retry = matches!(error.code, Code::Busy | Code::TooManyRequests);
    if retry {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
    }
    if error.code == Code::Unauthorized {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    response
}

/// Errors that the framework made by itself: no route, wrong method, a body over its limit, a panic.
fn from_status(status: StatusCode) -> ApiError {
    ApiError::new(match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        status if status.is_client_error() => Code::BadRequest {
            detail: status.canonical_reason().unwrap_or("malformed").to_lowercase(),
        },
        _ => Code::Internal,
    })
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

#[derive(askama::Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    language: &'a str,
    title: &'a str,
    message: &'a str,
    home: &'a str,
}

fn error_page(message: &str, language: Language) -> String {
    let title = &i18n::sentence(language, "page_error_title", &[]);
    let home = &i18n::sentence(language, "page_error_home", &[]);
    let page = ErrorPage {
        language: language.code(),
        title,
        message,
        home,
    };
    askama::Template::render(&page).unwrap_or_else(|_| message.to_owned())
}

/// The language of whoever sent the request.
pub fn reader_language(headers: &HeaderMap) -> Language {
    i18n::preferred(
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok()),
    )
}
