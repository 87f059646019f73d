//! Who may exchange: whoever has a token of the shop as the password of HTTP Basic, and whoever goes on with an exchange that such a one
//! began, by its cookie, for as long as that token is good.

use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::language::Language;
use crate::http::auth::Administrator;
use crate::http::auth::Guard;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::knowledge::Knowledge;
use crate::knowledge::exchange::Exchanging;
use crate::knowledge::exchange::answer::Answer;
use crate::knowledge::exchange::routes::rendered;
use crate::knowledge::exchange::session::SessionToken;
use axum::extract::FromRequestParts;
use axum::extract::RawPathParams;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use std::sync::Arc;

/// The name of the cookie that 1C is given.
pub const COOKIE: &str = "palompy_exchange";

/// Cheap to clone.
#[derive(Clone)]
pub struct ExchangeGuard {
    pub guard: Arc<Guard>,
    pub knowledge: Knowledge,
}

/// Somebody who may exchange with a source, proved by the layer.
#[derive(Debug, Clone)]
pub struct Partner {
    pub shop: ShopId,
    pub source: SourceId,
    /// The hash of the token that proves it.
    pub key: String,
    /// The exchange that the request goes on with.
    pub exchanging: Option<Exchanging>,
}

/// The layer of the exchange's route. Another shop's source looks like an unknown one.
pub async fn require_partner(State(guard): State<ExchangeGuard>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(params) = RawPathParams::from_request_parts(&mut parts, &()).await else {
        return ApiError::new(Code::NotFound).into_response();
    };
    let number = |wanted: &str| {
        let found = params.iter().find(|(name, _)| *name == wanted);
        found.and_then(|(_, value)| value.parse::<i64>().ok())
    };
    let ids = (number("id").map(ShopId), number("source_id").map(SourceId));
    match partner(&guard, ids, &parts.headers).await {
        Ok(Some(partner)) => {
            parts.extensions.insert(partner);
            next.run(Request::from_parts(parts, body)).await
        }
        Ok(None) => unauthorized(),
        Err(error) if error.code == Code::Unauthorized => unauthorized(),
        // Without a partner the handler knows no source either; a wrong method is told as such.
        Err(error) if error.code == Code::NotFound => next.run(Request::from_parts(parts, body)).await,
        Err(error) => error.into_response(),
    }
}

/// `None` for a request that proves nothing.
async fn partner(
    guard: &ExchangeGuard,
    ids: (Option<ShopId>, Option<SourceId>),
    headers: &HeaderMap,
) -> Result<Option<Partner>, ApiError> {
    let not_found = || ApiError::new(Code::NotFound);
    let proved = guard.guard.by_password(headers).await?;
    let token = cookie(headers);
    if proved.is_none() && token.is_none() {
        return Ok(None);
    }
    // Who proves nothing is not told either which sources there are.
    let (Some(shop), Some(source)) = ids else {
        return proved.map(|_| Err(not_found())).unwrap_or(Ok(None));
    };
    let is_others = |administrator: Administrator| administrator.shop.is_some_and(|own| own != shop);
    if proved
        .as_ref()
        .is_some_and(|(administrator, _)| is_others(*administrator))
    {
        return Err(not_found());
    }
    let mut exchanging = None;
    let mut key = proved.map(|(_, key)| key);
    if let Some(token) = token {
        let session = token.name();
        let began = guard.knowledge.exchange_key(shop, source, &session).await;
        if let Ok(Some(began)) = began {
            if key.is_none() && !is_others(guard.guard.by_hash(began.clone()).await?) {
                key = Some(began);
            }
            exchanging = Some(Exchanging { shop, source, session });
        }
    }
    let Some(key) = key else {
        return Ok(None);
    };
    guard.knowledge.source(shop, source).await?;
    Ok(Some(Partner {
        shop,
        source,
        key,
        exchanging,
    }))
}

fn cookie(headers: &HeaderMap) -> Option<SessionToken> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    values.next().map(|value| SessionToken(value.trim().to_owned()))
}

/// 1C is Russian; who has no shop yet has no language yet.
fn unauthorized() -> Response {
    let mut response = rendered(&Answer::failure("exchange_unauthorized"), Language::Ru);
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let challenge = HeaderValue::from_static("Basic realm=\"Palompy\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

impl<S: Send + Sync> FromRequestParts<S> for Partner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Partner, ApiError> {
        let proved = parts.extensions.get::<Partner>().cloned();
        proved.ok_or_else(|| ApiError::new(Code::NotFound))
    }
}
