//! Who may administer. The layer proves it; extractors only read what it proved, so that a route without it refuses.

use crate::domain::clock::Clock;
use crate::domain::id::ShopId;
use crate::domain::secret::Secret;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::store::Store;
use axum::extract::FromRequestParts;
use axum::extract::RawPathParams;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;
use sha2::Sha256;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Tokens that open the administration API without being stored: the configured one and this run's own.
pub struct Guard {
    store: Store,
    clock: Clock,
    known_hashes: Vec<String>,
}

/// An authenticated administrator, of all shops or of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Administrator {
    pub shop: Option<ShopId>,
}

/// An administrator of every shop.
#[derive(Debug, Clone, Copy)]
pub struct FullAdministrator;

/// The shop named by `{id}` in the path, which the administrator may open. Another shop looks like an unknown one.
#[derive(Debug, Clone, Copy)]
pub struct AdministeredShop(pub ShopId);

impl Guard {
    pub fn new(store: Store, clock: Clock, tokens: &[Secret<String>]) -> Guard {
        Guard {
            store,
            clock,
            known_hashes: tokens.iter().map(|token| token_hash(token.expose())).collect(),
        }
    }

    /// Whom the token with this hash makes an administrator; unauthorized for one that opens nothing, or nothing any more.
    pub async fn by_hash(&self, hash: String) -> Result<Administrator, ApiError> {
        let is_known = self.known_hashes.iter().fold(false, |found, known| {
            found | bool::from(known.as_bytes().ct_eq(hash.as_bytes()))
        });
        if is_known {
            return Ok(Administrator { shop: None });
        }
        let token = self
            .store
            .find_api_token(hash)
            .await?
            .ok_or_else(|| ApiError::new(Code::Unauthorized))?;
        let now = self.clock.now();
        // Once a minute is exact enough to see whether a token is in use, and spares the disk.
        if token
            .last_used_at
            .is_none_or(|last| now.duration_since(last).as_secs() >= 60)
        {
            let (store, id) = (self.store.clone(), token.id);
            // Beside the request: a full disk must not lock anybody out.
            tokio::spawn(async move {
                if let Err(error) = store.touch_api_token(id, now).await {
                    tracing::warn!(%error, "could not note that a token was used");
                }
            });
        }
        Ok(Administrator { shop: token.shop_id })
    }
}

/// A token's secret: 244 random bits from the operating system, as two version 4 UUIDs carry them.
pub fn new_token() -> String {
    format!("plm_{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// How a token is stored: SHA-256, hexadecimal. Tokens carry 244 random bits, so that a slow hash would add nothing.
pub fn token_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The layer of all administration routes.
pub async fn require_administrator(
    State(guard): State<Arc<Guard>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let header = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (scheme, token) = header.split_once(' ').unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
        return Err(ApiError::new(Code::Unauthorized));
    }
    let administrator = guard.by_hash(token_hash(token.trim())).await?;
    request.extensions_mut().insert(administrator);
    Ok(next.run(request).await)
}

impl Guard {
    /// The administrator whose token is the password of HTTP Basic, whatever the name, or a bearer token. `None` without such a
    /// header; unauthorized for a token that opens nothing. With the hash of the token.
    pub async fn by_password(&self, headers: &HeaderMap) -> Result<Option<(Administrator, String)>, ApiError> {
        let unauthorized = || ApiError::new(Code::Unauthorized);
        let Some(header) = headers.get(header::AUTHORIZATION) else {
            return Ok(None);
        };
        let (scheme, value) = header
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .ok_or_else(unauthorized)?;
        let value = value.trim();
        let token = if scheme.eq_ignore_ascii_case("basic") {
            let bytes = STANDARD.decode(value).map_err(|_| unauthorized())?;
            let text = String::from_utf8(bytes).map_err(|_| unauthorized())?;
            let (_, password) = text.split_once(':').ok_or_else(unauthorized)?;
            password.trim().to_owned()
        } else if scheme.eq_ignore_ascii_case("bearer") {
            value.to_owned()
        } else {
            return Err(unauthorized());
        };
        let hash = token_hash(&token);
        let administrator = self.by_hash(hash.clone()).await?;
        Ok(Some((administrator, hash)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Administrator, ApiError> {
        parts
            .extensions
            .get::<Administrator>()
            .copied()
            .ok_or_else(|| ApiError::new(Code::Unauthorized))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for FullAdministrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<FullAdministrator, ApiError> {
        match Administrator::from_request_parts(parts, state).await?.shop {
            None => Ok(FullAdministrator),
            Some(_) => Err(ApiError::new(Code::NotFound)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AdministeredShop {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<AdministeredShop, ApiError> {
        let administrator = Administrator::from_request_parts(parts, state).await?;
        let not_found = || ApiError::new(Code::NotFound);
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| not_found())?;
        let id = params
            .iter()
            .find(|(name, _)| *name == "id")
            .and_then(|(_, value)| value.parse().ok());
        let shop = ShopId(id.ok_or_else(not_found)?);
        match administrator.shop {
            Some(own) if own != shop => Err(not_found()),
            _ => Ok(AdministeredShop(shop)),
        }
    }
}
