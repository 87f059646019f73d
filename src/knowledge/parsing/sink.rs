//! Where a parser's documents go: in small batches to whoever asked, with what had to be left out.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::knowledge::SourceKey;
use crate::knowledge::item::Item;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::documents::html::facts::PageFacts;
use serde::Deserialize;
use serde::Serialize;

/// Documents handed on together.
const BATCH_DOCUMENTS: usize = 64;
/// Problems that are kept; the rest is only counted. A file with more is simply not this format.
pub const MAX_PROBLEMS: usize = 1_000;

/// A document with the place it came from, for problems that show later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParsedItem {
    pub item: Item,
    pub place: SourcePlace,
    /// Absent for a document that is told whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Box<ProductPart>>,
}

/// How an item that tells a product in part is completed by what is known of it. The item by itself is what it is when nothing is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProductPart {
    /// The product's id. Its documents have this id, or this one, `#` and a variant's.
    pub product: String,
    /// The document that is told about, by its id; all of the product's when absent.
    pub variant: Option<String>,
    /// Whether the feed tells no other variant of the product: then a document of the product's id is this one.
    pub is_only_variant: bool,
    /// Its name beside other variants, where that is not the item's.
    pub variant_name: Option<String>,
    /// What is told of the product's other documents.
    pub others: Option<Box<OtherVariants>>,
    /// Whether the item has a name of its own.
    pub has_name: bool,
    /// What is not told stays as it is known, and a name that is known stays in any case.
    pub keeps_name: bool,
    /// Description, category, attributes and the like.
    pub keeps_text: bool,
    pub keeps_price: bool,
    pub keeps_stock: bool,
}

/// A product as its catalogue tells it, for those of its variants that are not told by themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherVariants {
    pub item: Item,
    /// Ids of the variants that are.
    pub told: Vec<String>,
}

/// Takes a batch; `false` when no more is wanted.
type Deliver<'a> = dyn FnMut(Vec<ParsedItem>) -> bool + 'a;

pub struct Sink<'a> {
    deliver: Box<Deliver<'a>>,
    batch: Vec<ParsedItem>,
    documents: usize,
    max_documents: usize,
    report: SinkReport,
}

/// What a parser left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SinkReport {
    /// The first thousand, in the order of the file.
    pub problems: Vec<ImportProblem>,
    pub problem_count: usize,
    /// Documents that are in the file and could not be read: what is known of them from before must not be taken for removed.
    pub unreadable: Vec<SourceKey>,
    /// Whether the file tells changes only: what it does not mention stays.
    #[serde(default)]
    pub keeps_unmentioned: bool,
    /// Products that the file says are gone, with all their variants.
    #[serde(default)]
    pub removed_products: Vec<String>,
    /// What a page of a site says of itself.
    #[serde(default)]
    pub page: Option<PageFacts>,
}

impl SinkReport {
    /// Adds the report of the next file.
    pub fn append(&mut self, next: SinkReport) {
        self.problem_count += next.problem_count;
        let room = MAX_PROBLEMS.saturating_sub(self.problems.len());
        self.problems.extend(next.problems.into_iter().take(room));
        self.unreadable.extend(next.unreadable);
        self.keeps_unmentioned |= next.keeps_unmentioned;
        self.removed_products.extend(next.removed_products);
        self.page = next.page.or(self.page.take());
    }
}

impl<'a> Sink<'a> {
    pub fn new(max_documents: usize, deliver: impl FnMut(Vec<ParsedItem>) -> bool + 'a) -> Sink<'a> {
        Sink {
            deliver: Box::new(deliver),
            batch: Vec::with_capacity(BATCH_DOCUMENTS),
            documents: 0,
            max_documents,
            report: SinkReport::default(),
        }
    }

    /// Hands on one document. Pass its errors on: `Stopped` when no more is wanted, `Refused` when there are too many.
    pub fn push(&mut self, item: Item, place: SourcePlace) -> Result<(), ParseError> {
        self.push_parsed(ParsedItem {
            item,
            place,
            part: None,
        })
    }

    /// The same for a document that may be told in part.
    pub fn push_parsed(&mut self, parsed: ParsedItem) -> Result<(), ParseError> {
        self.documents += 1;
        if self.documents > self.max_documents {
            let problem = ImportProblem::new(parsed.place, "problem_too_many_documents");
            return Err(ParseError::Refused(problem.with("limit", self.max_documents)));
        }
        self.batch.push(parsed);
        if self.batch.len() < BATCH_DOCUMENTS {
            return Ok(());
        }
        self.flush()
    }

    /// Notes what is left out. `about` names the document that it belongs to, when that is known: its earlier version then stays.
    pub fn report(&mut self, problem: ImportProblem, about: Option<SourceKey>) {
        self.report.problem_count += 1;
        if self.report.problems.len() < MAX_PROBLEMS {
            self.report.problems.push(problem);
        }
        self.report.unreadable.extend(about);
    }

    /// Several problems of one entry.
    pub fn report_all(&mut self, problems: impl IntoIterator<Item = ImportProblem>, about: Option<SourceKey>) {
        for problem in problems {
            self.report(problem, None);
        }
        self.report.unreadable.extend(about);
    }

    /// Says that the file tells changes only.
    pub fn keep_unmentioned(&mut self) {
        self.report.keeps_unmentioned = true;
    }

    /// Says that a product is gone, with all its variants.
    pub fn remove_product(&mut self, product: String) {
        self.report.removed_products.push(product);
    }

    /// Notes what a page says of itself, also when it has no text.
    pub fn note_page(&mut self, facts: PageFacts) {
        self.report.page = Some(facts);
    }

    /// Takes over what another sink was told of the same file.
    pub fn adopt(&mut self, report: SinkReport) {
        self.report.append(report);
    }

    /// How many documents were pushed.
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// Hands on what waits. `parse` does so at the end of each file.
    pub fn flush(&mut self) -> Result<(), ParseError> {
        if self.batch.is_empty() || (self.deliver)(std::mem::take(&mut self.batch)) {
            return Ok(());
        }
        Err(ParseError::Stopped)
    }

    pub fn into_report(self) -> SinkReport {
        self.report
    }
}

/// What a file of this content gives: for the tests of parsers.
#[cfg(test)]
pub fn parsed(
    format: crate::domain::source::Format,
    name: &str,
    bytes: &[u8],
) -> (Result<(), ParseError>, Vec<Item>, SinkReport) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let input = crate::knowledge::parsing::Input {
        path: file.path(),
        name,
        url: None,
        language: crate::domain::language::Language::Ru,
        mapping: &crate::domain::source::Mapping::default(),
    };
    let mut items = Vec::new();
    let mut sink = Sink::new(10_000, |batch| {
        items.extend(batch.into_iter().map(|parsed| parsed.item));
        true
    });
    let limits = crate::knowledge::parsing::Limits::default();
    let result = crate::knowledge::parsing::parse(format, &input, &limits, &mut sink);
    let report = sink.into_report();
    (result, items, report)
}
