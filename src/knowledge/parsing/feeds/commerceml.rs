//! CommerceML 2, the exchange form of 1C: a catalogue of goods and a package of offers with their prices and amounts, in one file or several,
//! also in a ZIP archive. Offers are read first, because a product is pushed once, whole. Its elements and values: v8.1c.ru/tekhnologii/obmen-dannymi-i-integratsiya/standarty-i-formaty.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::encoding::Utf8Reader;
use crate::knowledge::parsing::entries::Entries;
use crate::knowledge::parsing::entries::WrongField;
use crate::knowledge::parsing::feeds::commerceml_catalog::Catalog;
use crate::knowledge::parsing::feeds::commerceml_offers::Offers;
use crate::knowledge::parsing::sink::Sink;
use crate::knowledge::parsing::xml::XmlReader;
use std::io::Read;
use zip::ZipArchive;

type Reader<'a> = XmlReader<Box<dyn Read + 'a>>;
/// Takes one file with its name inside the archive.
type ReadFile<'f> = dyn FnMut(&mut Reader<'_>, Option<&str>) -> Result<(), ParseError> + 'f;

/// Pushes the goods in the order of the catalogue, each of its variants as a product of its own; of a package of offers alone, the offers.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut offers = Offers::default();
    for_each_file(input, limits, &mut |reader, _| offers.read(reader))?;
    offers.choose_price();
    let mut entries = Entries::new(WrongField::LeavesOutField);
    let mut catalog = Catalog::new(input.language);
    for_each_file(input, limits, &mut |reader, file| {
        catalog.read(reader, &offers, &mut |entry, place| {
            let place = SourcePlace {
                file: file.map(str::to_owned),
                ..place
            };
            entries.push("products", &entry, place, sink)
        })
    })?;
    if catalog.is_empty() {
        if offers.is_empty() {
            return Err(ParseError::refused("problem_feed_no_products"));
        }
        for (entry, place) in offers.into_entries(input.language) {
            entries.push("products", &entry, place, sink)?;
        }
    }
    Ok(())
}

/// Every XML file of an archive in the order of their names, or the file itself.
fn for_each_file(input: &Input<'_>, limits: &Limits, read: &mut ReadFile<'_>) -> Result<(), ParseError> {
    let mut start = Vec::new();
    input
        .open()?
        .take(4)
        .read_to_end(&mut start)
        .map_err(ParseError::failed)?;
    if start != b"PK\x03\x04" {
        return read(&mut XmlReader::open(input, limits)?, None);
    }
    let mut archive = ZipArchive::new(input.open()?).map_err(damaged)?;
    if archive.len() > limits.max_archive_entries {
        let problem = ImportProblem::new(SourcePlace::default(), "problem_archive_entries");
        return Err(ParseError::Refused(problem.with("limit", limits.max_archive_entries)));
    }
    let mut names: Vec<(String, usize)> = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        if name.to_lowercase().ends_with(".xml") {
            names.push((name, index));
        }
    }
    names.sort_unstable();
    let mut left = limits.max_expanded_bytes;
    for (name, index) in names {
        let entry = archive.by_index(index).map_err(damaged)?;
        let mut limited = entry.take(left);
        let text = Utf8Reader::of(&mut limited).map_err(damaged)?;
        let result = read(&mut XmlReader::new(Box::new(text), limits), Some(&name));
        left = limited.limit();
        if left == 0 {
            let problem = ImportProblem::new(SourcePlace::default(), "problem_archive_expanded");
            return Err(ParseError::Refused(problem.with("limit", limits.max_expanded_bytes)));
        }
        result.map_err(|error| in_file(error, &name))?;
    }
    Ok(())
}

fn damaged(error: impl std::fmt::Display) -> ParseError {
    let problem = ImportProblem::new(SourcePlace::default(), "problem_archive_damaged");
    ParseError::Refused(problem.with("detail", error))
}

fn in_file(error: ParseError, name: &str) -> ParseError {
    match error {
        ParseError::Refused(mut problem) => {
            problem.place.file = Some(name.to_owned());
            ParseError::Refused(problem)
        }
        error => error,
    }
}
