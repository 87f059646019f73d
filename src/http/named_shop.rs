//! Which shop and which visit a widget's request names, read before its handler runs.
//!
//! A request names its shop in one place only, so that nobody can show the guard one shop and the handler another: in the path
//! where the path has a key, else in the query of a request that reads, else in the body.

use crate::domain::id::PublicKey;
use crate::domain::id::SessionId;
use crate::domain::problem::Problem;
use crate::http::body::read_body;
use crate::http::error::ApiError;
use crate::http::error::Code;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::Query;
use axum::extract::RawPathParams;
use axum::extract::Request;
use axum::http::Method;
use axum::http::request::Parts;
use serde::Deserialize;
use serde_json::Value;

/// The name of the key in a path.
const PATH_KEY: &str = "publicKey";

/// A request with what it names. Its body can be read again.
pub struct NamedShop {
    pub request: Request,
    /// `None` when there is no key, or one that is no UUID.
    pub key: Option<PublicKey>,
    pub session: Option<SessionId>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    shop_public_key: Option<Value>,
    session_id: Option<Value>,
}

/// A body or query that cannot be read is refused here: a handler that reads it otherwise would act unguarded.
pub async fn named_shop(request: Request) -> Result<NamedShop, ApiError> {
    let (mut parts, body) = request.into_parts();
    let path_key = path_key(&mut parts).await?;
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        let named = Query::<Named>::try_from_uri(&parts.uri).map_err(|rejection| {
            ApiError::new(Code::BadRequest {
                detail: rejection.body_text(),
            })
        })?;
        return Ok(of(Request::from_parts(parts, body), path_key, &named.0));
    }
    let bytes = read_body(Request::from_parts(parts.clone(), body)).await?;
    let named = parsed(&bytes)?;
    Ok(of(Request::from_parts(parts, Body::from(bytes)), path_key, &named))
}

/// The key in the path, where the route has one. One that is no UUID names an unknown shop.
async fn path_key(parts: &mut Parts) -> Result<Option<PublicKey>, ApiError> {
    let Ok(params) = RawPathParams::from_request_parts(parts, &()).await else {
        return Ok(None);
    };
    let Some((_, text)) = params.iter().find(|(name, _)| *name == PATH_KEY) else {
        return Ok(None);
    };
    let key = text.parse().map_err(|_| ApiError::new(Code::NotFound))?;
    Ok(Some(PublicKey(key)))
}

fn of(request: Request, path_key: Option<PublicKey>, named: &Named) -> NamedShop {
    let uuid = |value: &Option<Value>| {
        value
            .as_ref()
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok())
    };
    NamedShop {
        request,
        key: path_key.or_else(|| uuid(&named.shop_public_key).map(PublicKey)),
        session: uuid(&named.session_id).map(SessionId),
    }
}

/// All of the body is read as values, with a limit on nesting, so that no handler reads what this could not. A missing body
/// names nothing.
fn parsed(bytes: &[u8]) -> Result<Named, ApiError> {
    if bytes.is_empty() {
        return Ok(Named::default());
    }
    let bad = |error: serde_json::Error| {
        ApiError::new(Code::BadRequest {
            detail: error.to_string(),
        })
    };
    let value: Value = serde_json::from_slice(bytes).map_err(bad)?;
    if !value.is_object() {
        return Err(ApiError::invalid(vec![Problem::new("", "problem_object")]));
    }
    serde_json::from_value(value).map_err(bad)
}
