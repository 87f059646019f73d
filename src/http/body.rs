//! Request bodies and queries that say what is wrong with them.

use crate::domain::problem::Problem;
use crate::http::error::ApiError;
use crate::http::error::Code;
use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::extract::FromRequestParts;
use axum::extract::Query;
use axum::extract::Request;
use axum::extract::rejection::BytesRejection;
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The most that routes without a limit of their own accept.
pub const SMALL_BODY_BYTES: usize = 64 * 1024;

/// The largest body that a group of routes accepts; set by its layer, so that the error can name it.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

/// A body of type `T`, a JSON object. Not JSON, not `T`, too large and the wrong content type are four different errors.
pub struct JsonBody<T>(pub T);

/// The same, also from a body that says it is plain text: pages send that without asking first.
pub struct BeaconBody<T>(pub T);

/// A body as it came, for routes that parse it themselves, away from the async runtime.
pub struct RawBody(pub Bytes);

/// The query string as `T`; an unknown or unreadable parameter is named.
pub struct QueryParams<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryParams<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<QueryParams<T>, ApiError> {
        let query = Query::try_from_uri(&parts.uri).map_err(|rejection| {
            ApiError::new(Code::BadRequest {
                detail: rejection.body_text(),
            })
        })?;
        let Query(value) = query;
        Ok(QueryParams(value))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<JsonBody<T>, ApiError> {
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        parse_object(&bytes).map(JsonBody)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for BeaconBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<BeaconBody<T>, ApiError> {
        if !is_json(&request) && essence(&request).as_deref() != Some("text/plain") {
            return Err(ApiError::new(Code::UnsupportedMediaType));
        }
        parse_object(&read_body(request).await?).map(BeaconBody)
    }
}

fn parse_object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // Serde reads a list as the fields of a struct in their order; nobody means that.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(ApiError::invalid(vec![Problem::new("", "problem_object")]));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        ApiError::new(Code::BadRequest {
            detail: error.to_string(),
        })
    })
}

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<RawBody, ApiError> {
        if !is_json(&request) {
            return Err(ApiError::new(Code::UnsupportedMediaType));
        }
        read_body(request).await.map(RawBody)
    }
}

/// The whole body, up to the limit of its route.
pub async fn read_body(request: Request) -> Result<Bytes, ApiError> {
    let limit = request
        .extensions()
        .get::<BodyLimit>()
        .map_or(SMALL_BODY_BYTES, |limit| limit.0);
    match Bytes::from_request(request, &()).await {
        Ok(bytes) => Ok(bytes),
        Err(BytesRejection::FailedToBufferBody(rejection)) if rejection.status().as_u16() == 413 => {
            Err(ApiError::new(Code::TooLarge { limit }))
        }
        Err(rejection) => Err(ApiError::new(Code::BadRequest {
            detail: rejection.body_text(),
        })),
    }
}

fn is_json(request: &Request) -> bool {
    essence(request).is_some_and(|essence| {
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
    })
}

/// The content type without its parameters.
fn essence(request: &Request) -> Option<String> {
    let value = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}
