//! One page of a site read: its documents, and what it says of itself. A page is parsed where all documents are, in a process of its own.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::domain::source::Format;
use crate::domain::source::Mapping;
use crate::knowledge::crawling::address::Host;
use crate::knowledge::crawling::address::Kind;
use crate::knowledge::crawling::address::kind_of;
use crate::knowledge::crawling::copies::About;
use crate::knowledge::crawling::directives::Directives;
use crate::knowledge::crawling::directives::is_addressed;
use crate::knowledge::item::Content;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::html::facts::PageFacts;
use crate::knowledge::parsing::isolated::IsolatedParser;
use crate::knowledge::parsing::recognition::recognize;
use crate::knowledge::parsing::sink::ParsedItem;
use crate::knowledge::parsing::sink::Sink;
use crate::knowledge::parsing::sink::SinkReport;
use crate::knowledge::section::Section;
use reqwest::Url;
use serde::Deserialize;
use serde::Serialize;
use std::path::Path;

/// A page with scripts and less text than this waits for its scripts.
const MIN_TEXT_CHARS: usize = 60;

/// A page as it was read, before it is compared with the others.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReadPage {
    pub url: String,
    /// What it says its address is, when that is on the site and can be believed; else `url`.
    pub canonical: String,
    pub is_html: bool,
    pub items: Vec<ParsedItem>,
    pub report: SinkReport,
}

/// A page with where it leads.
pub struct Reading {
    pub page: ReadPage,
    /// Links are relative to it.
    pub base: Url,
    pub links: Vec<String>,
    pub is_noindex: bool,
}

/// Reads the copy of a page. `Failed` when the machine is at fault.
pub fn read_page(
    parser: &IsolatedParser,
    body: &Path,
    about: &About,
    url: &Url,
    host: &Host,
    language: Language,
) -> Result<Reading, ParseError> {
    let is_html = is_html(about.content_type.as_deref(), url);
    let name = url.path().rsplit('/').next().unwrap_or_default();
    let format = if is_html {
        Some(Format::Html)
    } else {
        recognize(body, name).map_err(ParseError::failed)?
    };
    let mut page = ReadPage {
        url: url.to_string(),
        canonical: url.to_string(),
        is_html,
        ..ReadPage::default()
    };
    let mut sink = Sink::new(Limits::default().max_documents, |batch| {
        page.items.extend(batch);
        true
    });
    let input = Input {
        path: body,
        name,
        url: Some(url.as_str()),
        language,
        mapping: &Mapping::default(),
    };
    let result = match format {
        Some(format) => parser.parse(format, &input, &Limits::default(), &mut sink),
        None => Err(ParseError::refused("problem_format_unknown")),
    };
    page.report = sink.into_report();
    let facts = page.report.page.take().unwrap_or_default();
    let waits_for_scripts = is_html && facts.scripts > 0 && text_chars(&page.items) < MIN_TEXT_CHARS;
    let refusal = match result {
        _ if waits_for_scripts => Some(ImportProblem::new(SourcePlace::default(), "problem_page_scripts")),
        Ok(()) => None,
        Err(ParseError::Refused(problem)) => Some(problem),
        Err(error) => return Err(error),
    };
    if let Some(problem) = refusal {
        // What was known of the page before stays.
        page.items.clear();
        page.report.problem_count += 1;
        page.report.problems.push(problem);
        page.report.unreadable.push(SourceKey {
            source_type: SourceType::Document,
            source_id: page.url.clone(),
        });
    }
    let base = facts.base.as_deref().and_then(|base| url.join(base).ok());
    let base = base.unwrap_or_else(|| url.clone());
    if let Some(canonical) = canonical(&facts, &base, url, host) {
        page.canonical = canonical;
    }
    let directives = directives(&facts, about);
    let is_followed = is_html && !directives.is_nofollow;
    Ok(Reading {
        page,
        base,
        links: if is_followed { facts.links } else { Vec::new() },
        is_noindex: directives.is_noindex,
    })
}

/// By what the server says, and by the address when it says nothing of use.
pub fn is_html(content_type: Option<&str>, url: &Url) -> bool {
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    match kind.trim().to_ascii_lowercase().as_str() {
        "text/html" | "application/xhtml+xml" => true,
        "" => kind_of(url) == Kind::Page,
        _ => false,
    }
}

fn directives(facts: &PageFacts, about: &About) -> Directives {
    let mut directives = Directives::default();
    let meta = facts.robots.iter().filter(|(name, _)| is_addressed(name));
    meta.for_each(|(_, words)| directives.add(words));
    about.robots.iter().for_each(|header| directives.add_header(header));
    directives
}

/// A site whose template says of every page that it is the first one is not believed.
fn canonical(facts: &PageFacts, base: &Url, url: &Url, host: &Host) -> Option<String> {
    let canonical = host.page(base, facts.canonical.as_deref()?)?;
    let is_home = |url: &Url| url.path() == "/" || url.path().starts_with("/index.");
    let is_believed = !is_home(&canonical) || is_home(url);
    is_believed.then(|| canonical.into())
}

/// Characters of all documents; a product or a question is enough text by itself.
fn text_chars(items: &[ParsedItem]) -> usize {
    let chars = items.iter().map(|parsed| match &parsed.item.content {
        Content::Document { sections, .. } => sections.iter().map(section_chars).sum(),
        Content::Product { .. } | Content::Faq { .. } | Content::Policy { .. } => MIN_TEXT_CHARS,
    });
    chars.sum()
}

fn section_chars(section: &Section) -> usize {
    section.blocks.iter().map(|block| block.text().chars().count()).sum()
}
