//! All pages of a site together: what repeats on most of them is left out, pages that are one are taken once, and a product's page becomes
//! its product. Pages wait on the disk meanwhile; in memory there are some bytes for each of their blocks.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::knowledge::crawling::reading::ReadPage;
use crate::knowledge::crawling::repetition::Repetition;
use crate::knowledge::crawling::repetition::block_hashes;
use crate::knowledge::crawling::repetition::hash_of;
use crate::knowledge::crawling::repetition::without_answers;
use crate::knowledge::crawling::repetition::without_repeated;
use crate::knowledge::item::Content;
use crate::knowledge::parsing::sink::ParsedItem;
use crate::knowledge::parsing::sink::SinkReport;
use crate::knowledge::section::Block;
use crate::knowledge::section::Section;
use anyhow::Context;
use serde::Deserialize;
use serde::Serialize;
use std::collections::HashMap;
use std::collections::HashSet;
use std::fs;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Write;
use std::path::PathBuf;

/// A shorter block of a product's page is a button, a price or a label.
const MIN_ADDED_CHARS: usize = 40;
/// What a product's page may add to its description.
const MAX_ADDED_CHARS: usize = 20_000;

/// A line of the file that holds a site's documents.
#[derive(Serialize, Deserialize)]
pub enum Line {
    Document(Box<ParsedItem>),
    /// The last one. `has_gaps`: pages could not be had of which nothing is kept, so that nothing may be taken for removed.
    Report {
        entries: Box<SinkReport>,
        has_gaps: bool,
        /// Of the import, when there are problems: they are told again each time.
        marker: Option<i64>,
    },
}

/// What stays in memory of a page.
struct PageNote {
    url: String,
    canonical: String,
    blocks: Vec<u64>,
    products: Vec<String>,
}

pub struct Assembly {
    scratch: PathBuf,
    file: BufWriter<File>,
    pages: Vec<PageNote>,
    report: SinkReport,
}

impl Assembly {
    /// Pages wait in the file `scratch` until all are there.
    pub fn new(scratch: PathBuf) -> anyhow::Result<Assembly> {
        let file = File::create(&scratch).with_context(|| format!("could not make {}", scratch.display()))?;
        Ok(Assembly {
            scratch,
            file: BufWriter::new(file),
            pages: Vec::new(),
            report: SinkReport::default(),
        })
    }

    pub fn problem(&mut self, problem: ImportProblem) {
        self.report.append(SinkReport {
            problems: vec![problem],
            problem_count: 1,
            ..SinkReport::default()
        });
    }

    pub fn add(&mut self, page: &ReadPage) -> anyhow::Result<()> {
        let products = page.items.iter().filter(|parsed| parsed.item.product().is_some());
        self.pages.push(PageNote {
            url: page.url.clone(),
            canonical: page.canonical.clone(),
            blocks: if page.is_html {
                block_hashes(&page.items)
            } else {
                Vec::new()
            },
            products: products.map(|parsed| parsed.item.source_id.clone()).collect(),
        });
        serde_json::to_writer(&mut self.file, page)?;
        self.file.write_all(b"\n").context("could not keep a page")
    }

    /// Writes the documents of all pages, in their order, and the report.
    pub fn finish(mut self, out: File, has_gaps: bool, import: i64) -> anyhow::Result<()> {
        self.file.flush().context("could not keep a page")?;
        let chosen = self.chosen_pages();
        let blocks = self.pages.iter().enumerate().filter(|(at, _)| chosen.contains(at));
        let repetition = Repetition::of(blocks.map(|(_, page)| page.blocks.as_slice()));
        let sellers = self.sellers(&chosen);
        let mut seen = Seen {
            keys: HashSet::new(),
            texts: HashSet::new(),
        };
        let mut out = BufWriter::new(out);
        let pages = File::open(&self.scratch).with_context(|| format!("could not read {}", self.scratch.display()))?;
        for (at, line) in BufReader::new(pages).lines().enumerate() {
            let page: ReadPage = serde_json::from_str(&line.context("could not read a page")?)?;
            if !chosen.contains(&at) {
                continue;
            }
            self.report.append(placed(page.report.clone(), &page.canonical));
            for parsed in assembled(page, &repetition, at == 0) {
                let is_others = parsed.item.product().is_some() && sellers.get(&parsed.item.source_id) != Some(&at);
                if !is_others && seen.is_new(&parsed) {
                    serde_json::to_writer(&mut out, &Line::Document(Box::new(parsed)))?;
                    out.write_all(b"\n").context("could not write a document")?;
                }
            }
        }
        let last = Line::Report {
            marker: (self.report.problem_count > 0).then_some(import),
            entries: Box::new(self.report),
            has_gaps,
        };
        serde_json::to_writer(&mut out, &last)?;
        out.flush().context("could not write the documents of a site")?;
        fs::remove_file(&self.scratch).context("could not remove a file")
    }

    /// Of the pages with one canonical address, the one at this address, else the first.
    fn chosen_pages(&self) -> HashSet<usize> {
        let mut chosen: HashMap<&str, usize> = HashMap::new();
        for (at, page) in self.pages.iter().enumerate() {
            let is_at_home = page.url == page.canonical;
            let best = chosen.entry(&page.canonical).or_insert(at);
            let best_is_at_home = self.pages.get(*best).is_some_and(|page| page.url == page.canonical);
            if is_at_home && !best_is_at_home {
                *best = at;
            }
        }
        chosen.into_values().collect()
    }

    /// From a product to the page that tells of it: one that tells of nothing else, else the first.
    fn sellers(&self, chosen: &HashSet<usize>) -> HashMap<String, usize> {
        let mut sellers: HashMap<String, (bool, usize)> = HashMap::new();
        for (at, page) in self.pages.iter().enumerate().filter(|(at, _)| chosen.contains(at)) {
            let is_own = page.products.len() == 1;
            for product in &page.products {
                let best = sellers.entry(product.clone()).or_insert((is_own, at));
                if is_own && !best.0 {
                    *best = (true, at);
                }
            }
        }
        sellers.into_iter().map(|(product, (_, at))| (product, at)).collect()
    }
}

/// Documents that were handed on.
struct Seen {
    keys: HashSet<(&'static str, String)>,
    texts: HashSet<u64>,
}

impl Seen {
    /// A question that stands on every page, and a text that stands at two addresses, are new once.
    fn is_new(&mut self, parsed: &ParsedItem) -> bool {
        let key = parsed.item.key();
        if !self.keys.insert((key.source_type.name(), key.source_id)) {
            return false;
        }
        match &parsed.item.content {
            Content::Document { sections, .. } => {
                let texts: Vec<String> = sections.iter().map(Section::text).collect();
                self.texts.insert(hash_of(&texts.join("\n")))
            }
            _ => true,
        }
    }
}

/// A page's documents without what repeats, at their canonical address.
fn assembled(page: ReadPage, repetition: &Repetition, is_first: bool) -> Vec<ParsedItem> {
    let mut items = page.items;
    for parsed in &mut items {
        parsed.place.file = Some(page.canonical.clone());
        if parsed.item.source_id == page.url {
            parsed.item.source_id.clone_from(&page.canonical);
        }
        if let Content::Product { url: Some(url), .. } | Content::Document { url: Some(url), .. } =
            &mut parsed.item.content
            && *url == page.url
        {
            url.clone_from(&page.canonical);
        }
    }
    without_repeated(&mut items, repetition, is_first);
    without_answers(&mut items);
    into_product(&mut items);
    items.retain(|parsed| match &parsed.item.content {
        Content::Document { sections, .. } => !sections.is_empty(),
        _ => true,
    });
    items
}

/// The text of a page with one product goes to the product; what its description says already is left out.
fn into_product(items: &mut Vec<ParsedItem>) {
    if items.iter().filter(|parsed| parsed.item.product().is_some()).count() != 1 {
        return;
    }
    let sections: Vec<Section> = items
        .iter()
        .filter_map(|parsed| match &parsed.item.content {
            Content::Document { sections, .. } => Some(sections.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    items.retain(|parsed| !matches!(parsed.item.content, Content::Document { .. }));
    for parsed in items {
        if let Content::Product { name, description, .. } = &mut parsed.item.content {
            let mut left = MAX_ADDED_CHARS;
            for block in sections.iter().flat_map(|section| &section.blocks) {
                let text = block.text();
                let chars = text.chars().count();
                let is_row = matches!(block, Block::Row(_));
                let is_new = !folded(description).contains(&folded(&text)) && folded(name) != folded(&text);
                if is_new && (is_row || chars >= MIN_ADDED_CHARS) && chars <= left {
                    left -= chars;
                    description.push_str(if description.is_empty() { "" } else { "\n" });
                    description.push_str(&text);
                }
            }
        }
    }
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The same report with the page's address at each problem.
fn placed(mut report: SinkReport, url: &str) -> SinkReport {
    for problem in &mut report.problems {
        problem.place = SourcePlace {
            file: Some(url.to_owned()),
            ..problem.place.clone()
        };
    }
    report
}
