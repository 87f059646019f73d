//! Tags by which a client that has an answer already need not get it again.

use axum::http::HeaderMap;
use axum::http::header;

/// The tag of something with this digest. It is a weak one: it says nothing of how the answer is compressed.
pub fn weak_etag(digest: &[u8]) -> String {
    let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{short}\"")
}

/// Whether `If-None-Match` names `etag`; a proxy may have made the tag strong or weak on its way.
pub fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let named = headers.get_all(header::IF_NONE_MATCH).iter();
    named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| bare(tag) == bare(etag))
}
