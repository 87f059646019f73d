//! Files inside the program: the widget, the demo shop's looks, the API page.

use crate::http::error::ApiError;
use crate::http::error::Code;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use rust_embed::RustEmbed;
use sha2::Digest;
use sha2::Sha256;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// The loader with the address of its parts written in, and the tag of that text.
struct Loader {
    script: String,
    etag: String,
}

static WIDGET_HASH: LazyLock<String> = LazyLock::new(|| folder_hash("widget/"));
static LOADER: LazyLock<Loader> = LazyLock::new(|| {
    let source = Files::get("widget/widget.js").map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let script = source.unwrap_or_default().replace("__ASSETS__", &WIDGET_HASH);
    Loader {
        etag: format!("\"{}\"", hash(script.as_bytes())),
        script,
    }
});

/// The widget's loader: kept for five minutes, then asked for again by its tag, so that shops get updates.
pub fn widget_loader(headers: &HeaderMap) -> Response {
    let etag = &LOADER.etag;
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let common = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::ETAG, etag.as_str()),
    ];
    if is_known {
        (StatusCode::NOT_MODIFIED, common).into_response()
    } else {
        (common, LOADER.script.as_str()).into_response()
    }
}

/// A part of the widget. Its address holds the hash of all parts, so that it may be kept forever.
pub fn widget_file(version: &str, path: &str) -> Result<Response, ApiError> {
    if version != *WIDGET_HASH {
        return Err(ApiError::new(Code::NotFound));
    }
    file(&format!("widget/{path}"), "public, max-age=31536000, immutable")
}

/// Any other embedded file, by its path under `static/`.
pub fn file(path: &str, cache_control: &'static str) -> Result<Response, ApiError> {
    let file = Files::get(path).ok_or_else(|| ApiError::new(Code::NotFound))?;
    let mime =
        HeaderValue::from_str(file.metadata.mimetype()).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache_control)),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}

fn folder_hash(folder: &str) -> String {
    let mut names: Vec<_> = Files::iter().filter(|name| name.starts_with(folder)).collect();
    names.sort_unstable();
    let mut all = Sha256::new();
    for name in names {
        all.update(name.as_bytes());
        all.update(
            Files::get(&name)
                .map(|file| file.metadata.sha256_hash())
                .unwrap_or_default(),
        );
    }
    short(&all.finalize())
}

fn hash(bytes: &[u8]) -> String {
    short(&Sha256::digest(bytes))
}

fn short(digest: &[u8]) -> String {
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
