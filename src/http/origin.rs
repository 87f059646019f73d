//! Which web pages may carry a shop's widget.

use crate::domain::settings::ShopSettings;
use crate::http::error::ApiError;
use crate::http::error::Code;
use axum::http::HeaderMap;
use axum::http::header;

/// Refuses a browser on a page that the shop does not allow. A client without an `Origin` passes: origins bind browsers only.
pub fn check_origin(headers: &HeaderMap, settings: &ShopSettings) -> Result<(), ApiError> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let is_own = is_own_page(headers, origin.as_bytes());
    let is_allowed = settings
        .allowed_origins
        .iter()
        .any(|allowed| allowed.as_bytes() == origin.as_bytes());
    if settings.allowed_origins.is_empty() || is_own || is_allowed {
        return Ok(());
    }
    Err(ApiError::new(Code::ForbiddenOrigin))
}

/// Whether `text` is an origin as browsers send it: scheme and host, perhaps a port, nothing else.
pub fn is_origin(text: &str) -> bool {
    let Some(host) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':' | '[' | ']');
    !host.is_empty() && host.chars().all(allowed)
}

/// Pages that this server shows itself, such as the demo shop.
fn is_own_page(headers: &HeaderMap, origin: &[u8]) -> bool {
    let Some(host) = headers.get(header::HOST) else {
        return false;
    };
    let after_scheme = origin
        .strip_prefix(b"https://")
        .or_else(|| origin.strip_prefix(b"http://"));
    after_scheme.is_some_and(|rest| rest == host.as_bytes())
}
