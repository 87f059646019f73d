//! Who a visitor is: a signed token that the server gives with each answer and the widget sends back. It carries ids and times,
//! nothing about a person, and is stored nowhere on this side.

use crate::domain::id::ShopId;
use crate::domain::id::VisitorId;
use crate::domain::secret::Secret;
use crate::http::error::ApiError;
use crate::http::error::Code;
use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use jiff::Timestamp;
use sha2::Sha256;
use std::convert::Infallible;
use std::time::Duration;
use uuid::Uuid;

/// The header that carries the token.
pub const VISITOR_HEADER: HeaderName = HeaderName::from_static("x-palompy-visitor");
/// The name of the signing key among the program's secrets.
pub const VISITOR_KEY: &str = "visitor_key";

/// Shoppers come back after weeks, for an order that is on its way or a thing they slept over. Each answer renews the token, so
/// that only a visitor who is silent for so long begins anew.
const LIFETIME: Duration = Duration::from_secs(60 * 24 * 3600);
/// Signed before the token's content, so that no other signature of this key can ever stand for one.
const PURPOSE: &[u8] = b"palompy visitor 1";
/// Shop, visitor, issued, expires.
const CONTENT_BYTES: usize = 8 + 16 + 8 + 8;
const MAC_BYTES: usize = 32;

/// Signs and checks tokens: HMAC-SHA-256 (RFC 2104) over shop, visitor, time of issue and of expiry (seconds since 1970), all
/// together in base64url. Cheap to clone; a signature takes microseconds.
#[derive(Clone)]
pub struct VisitorTokens {
    mac: Hmac<Sha256>,
}

/// The token that a request carries, unchecked; empty without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorToken(pub String);

impl VisitorTokens {
    pub fn new(key: &Secret<String>) -> anyhow::Result<VisitorTokens> {
        Ok(VisitorTokens {
            mac: Hmac::new_from_slice(key.expose().as_bytes())?,
        })
    }

    pub fn issue(&self, shop: ShopId, visitor: VisitorId, now: Timestamp) -> String {
        let mut bytes = Vec::with_capacity(CONTENT_BYTES + MAC_BYTES);
        bytes.extend(shop.0.to_be_bytes());
        bytes.extend(visitor.0.as_bytes());
        bytes.extend(now.as_second().to_be_bytes());
        bytes.extend((now + LIFETIME).as_second().to_be_bytes());
        let signature = self.mac_of(&bytes).finalize().into_bytes();
        bytes.extend(signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The visitor, when the token is ours, of this shop and not expired; `None` for any other, with no hint which it was.
    pub fn visitor(&self, shop: ShopId, token: &VisitorToken, now: Timestamp) -> Option<VisitorId> {
        let bytes = URL_SAFE_NO_PAD.decode(&token.0).ok()?;
        let (content, signature) = bytes.split_at_checked(CONTENT_BYTES)?;
        // Compares in constant time.
        self.mac_of(content).verify_slice(signature).ok()?;
        let (of_shop, rest) = content.split_at_checked(8)?;
        let (visitor, rest) = rest.split_at_checked(16)?;
        let expires = i64::from_be_bytes(rest.get(8..)?.try_into().ok()?);
        let is_valid = i64::from_be_bytes(of_shop.try_into().ok()?) == shop.0 && now.as_second() < expires;
        is_valid.then_some(VisitorId(Uuid::from_slice(visitor).ok()?))
    }

    /// As `visitor`, for what only the visitor may see or do.
    pub fn require(&self, shop: ShopId, token: &VisitorToken, now: Timestamp) -> Result<VisitorId, ApiError> {
        self.visitor(shop, token, now)
            .ok_or_else(|| ApiError::new(Code::UnknownVisitor))
    }

    fn mac_of(&self, content: &[u8]) -> Hmac<Sha256> {
        self.mac.clone().chain_update(PURPOSE).chain_update(content)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for VisitorToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<VisitorToken, Infallible> {
        let sent = parts.headers.get(VISITOR_HEADER);
        let token = sent.and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(VisitorToken(token.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::LIFETIME;
    use super::VisitorToken;
    use super::VisitorTokens;
    use crate::domain::id::ShopId;
    use crate::domain::id::VisitorId;
    use crate::domain::secret::Secret;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use std::time::Duration;
    use uuid::Uuid;

    const SHOP: ShopId = ShopId(7);

    fn tokens(key: &str) -> VisitorTokens {
        VisitorTokens::new(&Secret::new(key.to_owned())).unwrap()
    }

    fn now() -> Timestamp {
        "2026-01-02T03:04:05Z".parse().unwrap()
    }

    #[test]
    fn a_token_tells_its_visitor_until_it_expires_and_in_its_shop_only() {
        let (tokens, visitor) = (tokens("key"), VisitorId(Uuid::new_v4()));
        let token = VisitorToken(tokens.issue(SHOP, visitor, now()));
        assert!(token.0.len() < 100);
        let last = now() + LIFETIME - Duration::from_secs(1);
        for time in [now(), last] {
            assert_eq!(tokens.visitor(SHOP, &token, time), Some(visitor));
        }
        assert_eq!(tokens.visitor(SHOP, &token, now() + LIFETIME), None);
        assert_eq!(tokens.visitor(ShopId(8), &token, now()), None);
    }

    #[test]
    fn nobody_without_the_key_makes_a_token() {
        let visitor = VisitorId(Uuid::new_v4());
        let foreign = VisitorToken(tokens("another key").issue(SHOP, visitor, now()));
        assert_eq!(tokens("key").visitor(SHOP, &foreign, now()), None);
    }

    proptest! {
        #[test]
        fn rubbish_is_no_token(text in r"\PC{0,120}|[A-Za-z0-9_-]{90,100}") {
            prop_assert_eq!(tokens("key").visitor(SHOP, &VisitorToken(text), now()), None);
        }

        #[test]
        fn a_token_with_any_bit_changed_is_none(byte in 0usize..96, bit in 0u8..6) {
            const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let tokens = tokens("key");
            let mut text = tokens.issue(SHOP, VisitorId(Uuid::nil()), now()).into_bytes();
            let value = LETTERS.iter().position(|letter| *letter == text[byte]).unwrap();
            text[byte] = LETTERS[value ^ (1 << bit)];
            let changed = VisitorToken(String::from_utf8(text).unwrap());
            prop_assert_eq!(tokens.visitor(SHOP, &changed, now()), None);
        }
    }
}
