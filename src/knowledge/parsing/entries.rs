//! Entries of a file, in the shape of the plain JSON, on their way into a sink: checked, named, and each id once.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::problem::Problem;
use crate::knowledge::item::Item;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::json::made_id;
use crate::knowledge::parsing::json::read_entry;
use crate::knowledge::parsing::sink::ParsedItem;
use crate::knowledge::parsing::sink::ProductPart;
use crate::knowledge::parsing::sink::Sink;
use serde_json::Value;
use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::hash::RandomState;

/// What happens to an entry with a field that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongField {
    /// The entry is left out: who wrote the file for Palompy can mend it.
    LeavesOutEntry,
    /// The field is left out: a shop cannot mend what its program exports, and a product without a picture is still a product.
    LeavesOutField,
}

/// The entries of one file.
pub struct Entries {
    wrong_field: WrongField,
    // Hashes instead of ids: half a million of them are eight megabytes.
    hasher: RandomState,
    used: HashMap<&'static str, HashSet<u64>>,
}

impl Entries {
    pub fn new(wrong_field: WrongField) -> Entries {
        Entries {
            wrong_field,
            hasher: RandomState::new(),
            used: HashMap::new(),
        }
    }

    /// Checks an entry of `section` (`products`, `faq` or `policies`) and hands it on, or reports what is wrong with it. The place's
    /// element names the entry in problems.
    pub fn push(
        &mut self,
        section: &'static str,
        entry: &Value,
        place: SourcePlace,
        sink: &mut Sink<'_>,
    ) -> Result<(), ParseError> {
        self.push_part(section, entry, place, None, sink)
    }

    /// The same for an entry that tells a product in part.
    pub fn push_part(
        &mut self,
        section: &'static str,
        entry: &Value,
        place: SourcePlace,
        part: Option<Box<ProductPart>>,
        sink: &mut Sink<'_>,
    ) -> Result<(), ParseError> {
        let path = place.element.clone().unwrap_or_default();
        let mut problems = Vec::new();
        let read = read_entry(section, &path, entry, &mut problems);
        let is_whole = problems.is_empty();
        let used = self.used.entry(section).or_default();
        let item = read.map(|(given_id, content)| Item {
            source_id: given_id.unwrap_or_else(|| made_id(&content, |id| used.contains(&self.hasher.hash_one(id)))),
            content,
        });
        let mut about = item.as_ref().map(Item::key);
        if let Some(item) = &item
            && !used.insert(self.hasher.hash_one(&item.source_id))
        {
            problems.push(Problem::new(path, "problem_repeated_id").with("id", &item.source_id));
            // The first with this id was read, so that nothing of it is unknown.
            sink.report_all(problems.into_iter().map(|problem| placed(problem, &place)), None);
            return Ok(());
        }
        let is_usable = is_whole || self.wrong_field == WrongField::LeavesOutField;
        let item = item.filter(|item| is_usable && !item.title().is_empty());
        if item.is_some() {
            about = None;
        }
        sink.report_all(problems.into_iter().map(|problem| placed(problem, &place)), about);
        match item {
            Some(item) => sink.push_parsed(ParsedItem { item, place, part }),
            None => Ok(()),
        }
    }
}

/// An entry that has an id and a title, without the fields that cannot be used.
pub fn item_of(section: &str, entry: &Value) -> Option<Item> {
    let (source_id, content) = read_entry(section, "", entry, &mut Vec::new())?;
    let item = Item {
        source_id: source_id?,
        content,
    };
    (!item.title().is_empty()).then_some(item)
}

/// The same problem at its place in a file.
pub fn placed(problem: Problem, entry: &SourcePlace) -> ImportProblem {
    let values = problem.values.into_iter().map(|(name, value)| (name.into(), value));
    ImportProblem {
        place: SourcePlace {
            element: Some(problem.path).filter(|path| !path.is_empty()),
            ..entry.clone()
        },
        key: problem.key.into(),
        values: values.collect(),
    }
}
