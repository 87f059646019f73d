//! A crawl from its first page to the documents of the site: level by level from the first page and the sitemaps, in one order, so that
//! the same site gives the same documents.

use crate::domain::id::ImportId;
use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::language::Language;
use crate::knowledge::crawling::address::Host;
use crate::knowledge::crawling::address::path_of;
use crate::knowledge::crawling::asking::Asker;
use crate::knowledge::crawling::asking::MAX_DOCUMENT_BYTES;
use crate::knowledge::crawling::asking::MAX_PAGE_BYTES;
use crate::knowledge::crawling::asking::Pace;
use crate::knowledge::crawling::asking::Reply;
use crate::knowledge::crawling::asking::stays;
use crate::knowledge::crawling::assembling::Assembly;
use crate::knowledge::crawling::copies::About;
use crate::knowledge::crawling::copies::Copies;
use crate::knowledge::crawling::frontier::Bounds;
use crate::knowledge::crawling::frontier::Frontier;
use crate::knowledge::crawling::pattern::Patterns;
use crate::knowledge::crawling::permission::is_document;
use crate::knowledge::crawling::permission::refused;
use crate::knowledge::crawling::permission::rules;
use crate::knowledge::crawling::permission::told;
use crate::knowledge::crawling::reading::Reading;
use crate::knowledge::crawling::reading::is_html;
use crate::knowledge::crawling::reading::read_page;
use crate::knowledge::crawling::sitemaps;
use crate::knowledge::feed::Refused;
use crate::knowledge::import::Cancelled;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::isolated::IsolatedParser;
use crate::net::FetchError;
use crate::net::Fetcher;
use anyhow::Context;
use anyhow::bail;
use anyhow::ensure;
use futures::future::join_all;
use reqwest::Url;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::fs;
use std::fs::File;
use std::time::Duration;
use tokio::time::Instant;

/// Questions under way at once.
const CONCURRENCY: usize = 3;
/// Between two questions, for a site whose robots.txt names no `Crawl-delay`.
const PAUSE: Duration = Duration::from_millis(200);
const MAX_TIME: Duration = Duration::from_secs(2 * 60 * 60);
/// Of all pages together.
const MAX_SITE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
const MAX_SITEMAPS: usize = 50;
/// More of a trap's paths are not told.
const MAX_TOLD_TRAPS: usize = 10;

/// What is asked of a site.
#[derive(Debug, Clone)]
pub struct Site {
    /// The first page, or a sitemap.
    pub url: String,
    pub patterns: Patterns,
    pub max_pages: usize,
    /// How many links away from the first page; what a sitemap names is one link away.
    pub max_depth: u32,
    pub takes_documents: bool,
}

/// What a crawl needs of the program.
pub struct Tools<'a> {
    pub fetcher: &'a Fetcher,
    pub parser: &'a IsolatedParser,
    pub copies: &'a Copies,
    pub language: Language,
    /// Called after each page with the pages read and the pages known of; `false` ends the crawl.
    pub note: &'a (dyn Fn(usize, usize) -> bool + Send + Sync),
}

/// A crawl at work.
struct Crawl<'a> {
    tools: &'a Tools<'a>,
    site: &'a Site,
    asker: Asker<'a>,
    frontier: Frontier,
    assembly: Assembly,
    /// Addresses whose copies are still of use.
    used: HashSet<String>,
    pages: usize,
    bytes: u64,
    began: Instant,
    /// Something could not be had of which no copy says what it was.
    is_unsure: bool,
    has_copies: bool,
}

/// Reads the site and writes its documents into `out`. `Refused` when the first page cannot be had or robots.txt forbids it; `Cancelled`.
/// What came of one page never ends the crawl.
pub async fn crawl(
    tools: &Tools<'_>,
    site: &Site,
    assembly: Assembly,
    out: File,
    import: ImportId,
) -> anyhow::Result<()> {
    let start = Url::parse(&site.url).map_err(|_| refused(&site.url, "problem_url"))?;
    let host = Host::of(&start).ok_or_else(|| refused(&site.url, "problem_url"))?;
    let copies = tools.copies.clone();
    let has_copies = tokio::task::spawn_blocking(move || copies.prepare())
        .await
        .context("preparing copies panicked")??;
    let mut asker = Asker {
        fetcher: tools.fetcher,
        copies: tools.copies,
        pace: Pace::new(PAUSE),
    };
    let robots = host.file("/robots.txt");
    let rules = rules(&asker, &host, &robots).await?;
    if !rules.allow(start.as_str()) {
        return Err(refused(&site.url, "problem_site_forbidden"));
    }
    asker.pace = Pace::new(rules.delay().unwrap_or(PAUSE));
    let bounds = Bounds {
        host,
        patterns: site.patterns.clone(),
        rules,
        takes_documents: site.takes_documents,
        max_depth: site.max_depth,
    };
    let crawl = Crawl {
        tools,
        site,
        asker,
        frontier: Frontier::new(bounds),
        assembly,
        used: HashSet::from([robots]),
        pages: 0,
        bytes: 0,
        began: Instant::now(),
        is_unsure: false,
        has_copies,
    };
    crawl.run(start, out, import).await
}

impl Crawl<'_> {
    async fn run(mut self, start: Url, out: File, import: ImportId) -> anyhow::Result<()> {
        self.first(&start).await?;
        loop {
            let (depth, level) = self.frontier.take_level();
            if level.is_empty() || !self.read_level(depth, level).await? {
                break;
            }
        }
        self.tell_limits();
        ensure!(self.pages > 0, refused(&self.site.url, "problem_site_empty"));
        let has_gaps = self.is_unsure;
        let (copies, used) = (self.tools.copies.clone(), self.used);
        let assembly = self.assembly;
        let work = move || {
            assembly.finish(out, has_gaps, import.0)?;
            // After a crawl that was cut short, copies of what it did not reach are still of use.
            if has_gaps {
                return Ok(());
            }
            copies.keep_only(|asked| used.contains(asked))
        };
        tokio::task::spawn_blocking(work)
            .await
            .context("assembling a site panicked")?
    }

    /// The first page, or the sitemap that stands in its place, and all sitemaps.
    async fn first(&mut self, start: &Url) -> anyhow::Result<()> {
        let reply = self.ask(start.as_str(), |_, _| Some(MAX_DOCUMENT_BYTES)).await?;
        let about = match reply {
            Reply::Here { ref about, .. }
            | Reply::Failed {
                about: Some(ref about), ..
            } => about.clone(),
            Reply::Failed { error, about: None } => return Err(Refused(told(start.as_str(), &error)).into()),
            Reply::Gone => {
                let error = FetchError {
                    key: "problem_url_status",
                    detail: "404".to_owned(),
                };
                return Err(Refused(told(start.as_str(), &error)).into());
            }
            Reply::Elsewhere => return Err(refused(start.as_str(), "problem_site_elsewhere")),
        };
        if let Ok(reached) = Url::parse(&about.url)
            && let Some(host) = Host::of(&reached)
        {
            self.frontier.bounds.host = host;
        }
        let mut maps = VecDeque::new();
        let is_map = self.read_sitemap(&about, &mut maps).await?;
        if !is_map {
            let url = self
                .frontier
                .bounds
                .host
                .page(start, &about.url)
                .unwrap_or_else(|| start.clone());
            self.frontier.note_known(start.as_str());
            self.frontier.note_known(url.as_str());
            self.take(start.as_str(), reply, 0, url).await?;
            maps.extend(self.frontier.bounds.rules.sitemaps());
            maps.push_back(self.frontier.bounds.host.file("/sitemap.xml"));
        }
        self.read_sitemaps(maps).await
    }

    async fn read_sitemaps(&mut self, mut maps: VecDeque<String>) -> anyhow::Result<()> {
        let mut seen = HashSet::new();
        while let Some(map) = maps.pop_front() {
            let is_own = Url::parse(&map).is_ok_and(|url| self.frontier.bounds.host.is_same_site(&url));
            if !is_own || seen.len() >= MAX_SITEMAPS || !seen.insert(map.clone()) {
                continue;
            }
            match self.ask(&map, |_, _| Some(MAX_DOCUMENT_BYTES)).await? {
                Reply::Here { about, .. } => {
                    self.read_sitemap(&about, &mut maps).await?;
                }
                Reply::Failed { error, about } => {
                    self.assembly.problem(told(&map, &error));
                    match about {
                        Some(about) => {
                            self.read_sitemap(&about, &mut maps).await?;
                        }
                        None => self.is_unsure |= !self.has_copies,
                    }
                }
                Reply::Elsewhere | Reply::Gone => {}
            }
            self.note()?;
        }
        Ok(())
    }

    /// Offers the addresses of a sitemap, or notes the sitemaps that it names; `false` when the copy is none.
    async fn read_sitemap(&mut self, about: &About, maps: &mut VecDeque<String>) -> anyhow::Result<bool> {
        let path = self.tools.copies.body_path(&about.asked);
        let read = move || anyhow::Ok(sitemaps::parse(&fs::read(path).context("could not read a copy")?));
        let sitemap = tokio::task::spawn_blocking(read)
            .await
            .context("reading a sitemap panicked")??;
        let (Some(sitemap), Ok(base)) = (sitemap, Url::parse(&about.url)) else {
            return Ok(false);
        };
        for entry in sitemap.entries {
            if sitemap.is_index {
                maps.push_back(entry.url);
            } else {
                self.frontier.offer(&base, &entry.url, 1, &entry.last_modified);
            }
        }
        Ok(true)
    }

    /// Reads the pages of a level in their order; `false` when a limit ends the crawl.
    async fn read_level(&mut self, depth: u32, level: Vec<String>) -> anyhow::Result<bool> {
        let room = self.site.max_pages.saturating_sub(self.pages);
        let is_cut = level.len() > room;
        // In small parts, so that a cancel and the limits are heeded soon.
        for part in level
            .get(..room.min(level.len()))
            .unwrap_or_default()
            .chunks(CONCURRENCY)
        {
            let replies = join_all(part.iter().map(|url| self.ask_page(url))).await;
            for (url, reply) in part.iter().zip(replies) {
                if let Some((reply, reached)) = self.reached(url, reply?) {
                    self.take(url, reply, depth, reached).await?;
                }
            }
            self.note()?;
            if self.began.elapsed() > MAX_TIME || self.bytes > MAX_SITE_BYTES {
                self.problem("problem_site_too_large", self.pages);
                self.is_unsure = true;
                return Ok(false);
            }
        }
        if is_cut {
            self.problem("problem_site_pages", self.site.max_pages);
        }
        Ok(!is_cut)
    }

    /// Where redirects led, unless that page comes by itself or must not be read.
    fn reached(&mut self, asked: &str, reply: Reply) -> Option<(Reply, Url)> {
        let own = Url::parse(asked).ok()?;
        let about = match &reply {
            Reply::Here { about, .. } | Reply::Failed { about: Some(about), .. } => about,
            _ => return Some((reply, own)),
        };
        let url = self.frontier.bounds.host.page(&own, &about.url)?;
        let is_read = url == own || self.frontier.bounds.allow(&url) && self.frontier.note_known(url.as_str());
        if !is_read {
            self.used.insert(asked.to_owned());
        }
        is_read.then_some((reply, url))
    }

    /// Brings in a page that was asked for, and offers what it links to.
    async fn take(&mut self, asked: &str, reply: Reply, depth: u32, url: Url) -> anyhow::Result<()> {
        let about = match reply {
            Reply::Here { about, size_bytes } => {
                self.bytes += size_bytes;
                about
            }
            Reply::Failed { error, about } => {
                self.assembly.problem(told(asked, &error));
                let Some(about) = about else {
                    self.is_unsure |= !self.has_copies;
                    return Ok(());
                };
                about
            }
            Reply::Elsewhere | Reply::Gone => return Ok(()),
        };
        self.used.insert(asked.to_owned());
        let Reading {
            page,
            base,
            links,
            is_noindex,
        } = self.read(about, url.clone()).await?;
        for link in links {
            self.frontier.offer(&base, &link, depth + 1, "");
        }
        self.pages += 1;
        // The first page may only lead to those that are wanted.
        if !is_noindex && self.site.patterns.takes(&path_of(&url)) {
            self.assembly.add(&page)?;
        }
        Ok(())
    }

    async fn read(&self, about: About, url: Url) -> anyhow::Result<Reading> {
        let (parser, language) = (self.tools.parser.clone(), self.tools.language);
        let body = self.tools.copies.body_path(&about.asked);
        let host = self.frontier.bounds.host.clone();
        let read = move || read_page(&parser, &body, &about, &url, &host, language);
        match tokio::task::spawn_blocking(read)
            .await
            .context("reading a page panicked")?
        {
            Ok(reading) => Ok(reading),
            Err(ParseError::Failed(text)) => bail!("could not read a page: {text}"),
            Err(_) => bail!("a page was not read to its end"),
        }
    }

    async fn ask_page(&self, url: &str) -> anyhow::Result<Reply> {
        let takes_documents = self.site.takes_documents;
        let takes = move |content_type: Option<&str>, url: &Url| match is_html(content_type, url) {
            true => Some(MAX_PAGE_BYTES),
            false => (takes_documents && is_document(content_type)).then_some(MAX_DOCUMENT_BYTES),
        };
        self.ask(url, takes).await
    }

    async fn ask(&self, url: &str, takes: impl Fn(Option<&str>, &Url) -> Option<u64>) -> anyhow::Result<Reply> {
        let bounds = &self.frontier.bounds;
        let stays = stays(&bounds.host);
        // A redirect may not lead past robots.txt.
        let may_go = move |url: &Url| stays(url) && bounds.rules.allow(url.as_str());
        self.asker.ask(url, may_go, takes).await
    }

    fn note(&self) -> anyhow::Result<()> {
        let found = self.frontier.found().min(self.site.max_pages).max(self.pages);
        ensure!((self.tools.note)(self.pages, found), Cancelled);
        Ok(())
    }

    fn problem(&mut self, key: &'static str, limit: usize) {
        let problem = ImportProblem::new(SourcePlace::element(&self.site.url), key);
        self.assembly.problem(problem.with("limit", limit));
    }

    fn tell_limits(&mut self) {
        if self.frontier.too_deep() > 0 {
            let problem = ImportProblem::new(SourcePlace::element(&self.site.url), "problem_site_depth");
            let problem = problem.with("count", self.frontier.too_deep());
            self.assembly.problem(problem.with("limit", self.site.max_depth));
        }
        for path in self.frontier.traps.iter().take(MAX_TOLD_TRAPS) {
            let url = self.frontier.bounds.host.file(path);
            self.assembly
                .problem(ImportProblem::new(SourcePlace::element(&url), "problem_site_trap"));
        }
    }
}
