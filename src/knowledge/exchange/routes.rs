//! `/api/shops/{id}/sources/{source_id}/exchange`: the address that 1C's settings name.

use crate::domain::language::Language;
use crate::http::body::BodyLimit;
use crate::http::error::FinalForm;
use crate::http::error::Result;
use crate::knowledge::Knowledge;
use crate::knowledge::exchange::Exchanging;
use crate::knowledge::exchange::answer::Answer;
use crate::knowledge::exchange::answer::Sentence;
use crate::knowledge::exchange::guard::COOKIE;
use crate::knowledge::exchange::guard::Partner;
use crate::store::error::StoreError;
use anyhow::Context;
use axum::Extension;
use axum::body::Body;
use axum::extract::Query;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use encoding_rs::WINDOWS_1251;
use futures::StreamExt;
use serde::Deserialize;
use std::path::PathBuf;
use tokio::io::AsyncWriteExt;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What 1C sends at once: as much as servers in front of this one pass on unless they are told otherwise.
const FILE_LIMIT: usize = 1_000_000;
/// The encoding in which every 1C reads an answer. Compressed it would be read by none.
pub const CONTENT_TYPE: &str = "text/plain; charset=windows-1251";
const DOCUMENT_TYPE: &str = "text/xml; charset=windows-1251";
const NO_ORDERS: &str = "<?xml version=\"1.0\" encoding=\"windows-1251\"?>\n\
    <КоммерческаяИнформация ВерсияСхемы=\"2.05\"></КоммерческаяИнформация>\n";
const MAX_VERSION_CHARS: usize = 16;

/// The exchange of 1C, which has a body limit and a guard of its own.
pub fn router(knowledge: Knowledge) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(exchange)).with_state(knowledge)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExchangeQuery {
    /// `catalog`; `sale` is answered and exchanges nothing.
    #[serde(default, rename = "type")]
    kind: String,
    /// `checkauth`, `init`, `file`, `import`, `deactivate` or `complete`; of `sale` also `query`, `success` and `info`.
    #[serde(default)]
    mode: String,
    /// Of `file` and `import`.
    #[serde(default)]
    filename: String,
    /// Of CommerceML, with `init`.
    version: Option<String>,
}

/// Answers 1C, whose exchange with a site this is. Plain text in Windows-1251 whose first line is `success`, `progress` or `failure`.
/// Files come as the body of a POST with `mode=file`, whole or in parts. Errors of this server are told in the protocol too; who reads
/// them is 1C.
#[utoipa::path(method(get, post), path = "/api/shops/{id}/sources/{source_id}/exchange", tag = "sources", security(("exchange" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("source_id" = i64, Path, description = "the source's id"), ExchangeQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, content_type = "text/plain", body = String)))]
async fn exchange(
    State(knowledge): State<Knowledge>,
    partner: Partner,
    Query(query): Query<ExchangeQuery>,
    Extension(limit): Extension<BodyLimit>,
    body: Body,
) -> Result<Response> {
    let (shop, source, mode) = (partner.shop, partner.source, query.mode.clone());
    let language = knowledge.language(shop).await?;
    let answer = answer(&knowledge, partner, query, limit, body)
        .await
        .unwrap_or_else(|error| {
            if matches!(error.downcast_ref(), Some(StoreError::NotFound)) {
                return Answer::failure("exchange_lost");
            }
            tracing::error!(shop = shop.0, source = source.0, mode, "an exchange failed: {error:#}");
            Answer::failure("exchange_error")
        });
    if let Answer::Failure(_) | Answer::Refused(_) = answer {
        let told = answer.text(Language::En).trim_end().replace('\n', ": ");
        tracing::warn!(shop = shop.0, source = source.0, mode, "1C was told: {told}");
    }
    Ok(rendered(&answer, language))
}

async fn answer(
    knowledge: &Knowledge,
    partner: Partner,
    query: ExchangeQuery,
    limit: BodyLimit,
    body: Body,
) -> anyhow::Result<Answer> {
    let (shop, source) = (partner.shop, partner.source);
    let is_of_goods = ["", "catalog"].contains(&query.kind.as_str());
    match query.mode.as_str() {
        mode if mode != "checkauth" && !is_of_goods => return Ok(without_orders(mode)),
        "checkauth" => return session_lines(knowledge, partner).await,
        _ => {}
    }
    if let Some(obstacle) = knowledge.exchange_obstacle(shop, source).await? {
        return Ok(obstacle);
    }
    let known = match partner.exchanging {
        Some(exchanging) => Some(exchanging),
        None => knowledge.latest_exchange(shop, source).await?,
    };
    let exchanging = match known {
        Some(exchanging) => exchanging,
        None => knowledge.begin_exchange(shop, source, partner.key).await?.0,
    };
    match query.mode.as_str() {
        "init" => init(knowledge, &exchanging, query.version).await,
        "file" => receive(knowledge, &exchanging, &query.filename, limit, body).await,
        "import" => knowledge.import_file(&exchanging, &query.filename).await,
        "deactivate" | "complete" => knowledge.end_exchange(&exchanging).await,
        other => Ok(Answer::failure("exchange_mode").with("mode", other)),
    }
}

/// The cookie by which 1C goes on, and for newer ones a key that they repeat and the time here.
async fn session_lines(knowledge: &Knowledge, partner: Partner) -> anyhow::Result<Answer> {
    let (shop, source) = (partner.shop, partner.source);
    let (exchanging, token) = knowledge.begin_exchange(shop, source, partner.key).await?;
    let now = knowledge.now().as_second();
    Ok(Answer::Lines(vec![
        "success".to_owned(),
        COOKIE.to_owned(),
        token.0,
        format!("sessid={}", exchanging.source),
        format!("timestamp={now}"),
    ]))
}

async fn init(knowledge: &Knowledge, exchanging: &Exchanging, version: Option<String>) -> anyhow::Result<Answer> {
    let is_version = |version: &String| {
        version.len() <= MAX_VERSION_CHARS && version.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    let version = version.filter(is_version);
    knowledge.restart_exchange(exchanging, version.clone()).await?;
    let mut lines = vec!["zip=yes".to_owned(), format!("file_limit={FILE_LIMIT}")];
    if let Some(version) = version {
        lines.push(format!("sessid={}", exchanging.source));
        lines.push(format!("version={version}"));
    }
    Ok(Answer::Lines(lines))
}

/// 1C exchanges orders in the same run; that it finds none must not stop it.
fn without_orders(mode: &str) -> Answer {
    match mode {
        "init" => Answer::Lines(vec!["zip=no".to_owned(), format!("file_limit={FILE_LIMIT}")]),
        "query" | "info" => Answer::Document(NO_ORDERS.to_owned()),
        _ => Answer::Success(Some(Sentence::new("exchange_orders"))),
    }
}

async fn receive(
    knowledge: &Knowledge,
    exchanging: &Exchanging,
    name: &str,
    BodyLimit(limit): BodyLimit,
    body: Body,
) -> anyhow::Result<Answer> {
    let part = match knowledge.expect_part(exchanging, name).await? {
        Ok(part) => part,
        Err(refusal) => return Ok(refusal),
    };
    let received = receive_body(body, part.as_ref(), limit).await;
    let answer = match (received, &part) {
        (Ok(true), None) => Ok(Answer::Success(None)),
        (Ok(true), Some(part)) => {
            let max_bytes = u64::try_from(limit).unwrap_or(u64::MAX);
            knowledge.take_part(exchanging, name, part.clone(), max_bytes).await
        }
        (Ok(false), _) => Ok(Answer::failure("exchange_too_large").with("limit", limit)),
        (Err(error), _) => Err(error),
    };
    if let Some(part) = part {
        // What became a file of the exchange is there under another name.
        tokio::fs::remove_file(part).await.ok();
    }
    answer
}

/// Whether all of it came and is not too large. What comes is written to `part`, or let go.
async fn receive_body(body: Body, part: Option<&PathBuf>, limit: usize) -> anyhow::Result<bool> {
    let mut file = match part {
        Some(part) => Some(
            tokio::fs::File::create(part)
                .await
                .context("could not keep a file of an exchange")?,
        ),
        None => None,
    };
    let (mut stream, mut size) = (body.into_data_stream(), 0_usize);
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.context("a part of a file did not come whole")?;
        size = size.saturating_add(bytes.len());
        if size > limit {
            return Ok(false);
        }
        if let Some(file) = &mut file {
            file.write_all(&bytes)
                .await
                .context("could not keep a file of an exchange")?;
        }
    }
    if let Some(mut file) = file {
        file.flush().await.context("could not keep a file of an exchange")?;
    }
    Ok(true)
}

/// The answer as 1C reads it.
pub fn rendered(answer: &Answer, language: Language) -> Response {
    let text = answer.text(language);
    let (bytes, _, _) = WINDOWS_1251.encode(&text);
    let content_type = match answer {
        Answer::Document(_) => DOCUMENT_TYPE,
        _ => CONTENT_TYPE,
    };
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = (headers, bytes.into_owned()).into_response();
    response.extensions_mut().insert(FinalForm);
    response
}
