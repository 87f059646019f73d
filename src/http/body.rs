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
        // Serde reads a list as the fields of a struct in their order; nobody means that.
        if bytes.trim_ascii_start().starts_with(b"[") {
            return Err(ApiError::invalid(vec![Problem::new("", "problem_object")]));
        }
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            ApiError::new(Code::BadRequest {
                detail: error.to_string(),
            })
        })?;
        Ok(JsonBody(value))
    }
}

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<RawBody, ApiError> {
        if !is_json(&request) {
            return Err(ApiError::new(Code::UnsupportedMediaType));
        }
        let limit = request
            .extensions()
            .get::<BodyLimit>()
            .map_or(SMALL_BODY_BYTES, |limit| limit.0);
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(RawBody(bytes)),
            Err(BytesRejection::FailedToBufferBody(rejection)) if rejection.status().as_u16() == 413 => {
                Err(ApiError::new(Code::TooLarge { limit }))
            }
            Err(rejection) => Err(ApiError::new(Code::BadRequest {
                detail: rejection.body_text(),
            })),
        }
    }
}

fn is_json(request: &Request) -> bool {
    let Some(value) = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
