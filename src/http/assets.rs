//! Files inside the program: the widget, the demo shop's looks, the API page.

use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::etag::is_known;
use crate::http::etag::weak_etag;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "static/demo/"]
#[prefix = "demo/"]
struct Files;

/// What the build made of `static/widget`, each file also compressed, with `.gz` after its name.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/widget/"]
struct WidgetFiles;

/// The hash of all parts but the launcher; their address holds it.
const WIDGET_VERSION: &str = env!("WIDGET_VERSION");
const LAUNCHER: &str = "widget.js";
const TYPES: &str = "widget.d.ts";
const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const FOREVER: &str = "public, max-age=31536000, immutable";
const FIVE_MINUTES: &str = "public, max-age=300";

/// The widget's launcher: kept for five minutes, then asked for again by its tag, so that shops get updates.
pub fn widget_loader(headers: &HeaderMap) -> Result<Response, ApiError> {
    tagged(headers, LAUNCHER, SCRIPT)
}

/// What TypeScript must know of `window.PalompyWidget`; kept as long as the launcher.
pub fn widget_types(headers: &HeaderMap) -> Result<Response, ApiError> {
    tagged(headers, TYPES, TEXT)
}

/// A part of the widget. Its address holds the hash of all parts, so that it may be kept forever. A launcher that asks again
/// after a failure puts `again1/`, `again2/` and so on before the name: some browsers remember a failed address.
pub fn widget_file(headers: &HeaderMap, version: &str, path: &str) -> Result<Response, ApiError> {
    let name = path
        .strip_prefix("again")
        .and_then(|rest| rest.split_once('/'))
        .filter(|(attempt, _)| !attempt.is_empty() && attempt.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(path, |(_, name)| name);
    if version != WIDGET_VERSION || name == LAUNCHER || !name.ends_with(".js") {
        return Err(ApiError::new(Code::NotFound));
    }
    widget_response(headers, name, SCRIPT, FOREVER)
}

/// Any other embedded file, by its path under `static/`.
pub fn file(path: &str, cache_control: &'static str) -> Result<Response, ApiError> {
    let file = Files::get(path).ok_or_else(|| ApiError::new(Code::NotFound))?;
    let mime = HeaderValue::from_str(file.metadata.mimetype());
    let mime = mime.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Ok(response(mime, cache_control, file.data.into_owned()))
}

/// The compressed file for whoever reads it, which the build made smaller than a layer could in passing.
fn widget_response(
    headers: &HeaderMap,
    name: &str,
    mime: HeaderValue,
    cache_control: &'static str,
) -> Result<Response, ApiError> {
    let is_compressed = accepts_gzip(headers);
    let file = WidgetFiles::get(&if is_compressed {
        format!("{name}.gz")
    } else {
        name.to_owned()
    });
    let file = file.ok_or_else(|| ApiError::new(Code::NotFound))?;
    let mut response = response(mime, cache_control, file.data.into_owned());
    let added = response.headers_mut();
    added.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_compressed {
        added.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// Answers 304 to whoever has this very file already. The compressed and the plain one share a tag, so that it is a weak one.
fn tagged(headers: &HeaderMap, name: &str, mime: HeaderValue) -> Result<Response, ApiError> {
    let file = WidgetFiles::get(name).ok_or_else(|| ApiError::new(Code::NotFound))?;
    let etag = weak_etag(&file.metadata.sha256_hash());
    let mut response = if is_known(headers, &etag) {
        (StatusCode::NOT_MODIFIED, [(header::CACHE_CONTROL, FIVE_MINUTES)]).into_response()
    } else {
        widget_response(headers, name, mime, FIVE_MINUTES)?
    };
    let etag = HeaderValue::try_from(etag).map_err(anyhow::Error::from)?;
    response.headers_mut().insert(header::ETAG, etag);
    Ok(response)
}

fn response(mime: HeaderValue, cache_control: &'static str, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache_control)),
    ];
    (headers, body).into_response()
}

/// Whether `Accept-Encoding` names gzip without refusing it.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let named = headers.get_all(header::ACCEPT_ENCODING).iter();
    named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let (name, weight) = one.split_once(';').unwrap_or((one, ""));
            let is_refused = matches!(weight.trim().trim_start_matches("q="), "0" | "0.0" | "0.00" | "0.000");
            name.trim().eq_ignore_ascii_case("gzip") && !is_refused
        })
}
