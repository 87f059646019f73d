//! What a crawl tells of what it could not have, and what robots.txt lets it have.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::knowledge::crawling::address::Host;
use crate::knowledge::crawling::asking::Asker;
use crate::knowledge::crawling::asking::MAX_PAGE_BYTES;
use crate::knowledge::crawling::asking::Reply;
use crate::knowledge::crawling::asking::stays;
use crate::knowledge::crawling::robots::Rules;
use crate::knowledge::feed::Refused;
use crate::net::FetchError;
use anyhow::Context;
use std::fs;

/// What robots.txt says. A server that has none allows everything; one that cannot say is not asked anything else.
pub async fn rules(asker: &Asker<'_>, host: &Host, robots: &str) -> anyhow::Result<Rules> {
    let reply = asker.ask(robots, stays(host), |_, _| Some(MAX_PAGE_BYTES)).await?;
    match reply {
        Reply::Here { about, .. } => {
            let text = fs::read(asker.copies.body_path(&about.asked)).context("could not read a copy")?;
            Ok(Rules::parse(&text))
        }
        Reply::Gone | Reply::Elsewhere => Ok(Rules::none()),
        // RFC 9309, 2.3.1.3: of all errors that are the asker's, no rules follow.
        Reply::Failed { error, .. } if error.key == "problem_url_status" && error.detail.starts_with('4') => {
            Ok(Rules::none())
        }
        Reply::Failed { error, .. } => Err(Refused(told(robots, &error)).into()),
    }
}

/// Whether the server calls it a document that can be read; one that it calls mere bytes is recognized later.
pub fn is_document(content_type: Option<&str>) -> bool {
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    kind.ends_with("/pdf") || kind.ends_with("rtf") || kind == "application/octet-stream" || kind.contains("document")
}

/// The problem with this address.
pub fn told(url: &str, error: &FetchError) -> ImportProblem {
    ImportProblem::new(SourcePlace::element(url), error.key)
        .with("limit", &error.detail)
        .with("detail", &error.detail)
}

/// The import as a whole is refused because of this address.
pub fn refused(url: &str, key: &'static str) -> anyhow::Error {
    Refused(ImportProblem::new(SourcePlace::element(url), key)).into()
}
