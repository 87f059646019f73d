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
use crate::knowledge::parsing::entries::item_of;
use crate::knowledge::parsing::feeds::commerceml_catalog::Catalog;
use crate::knowledge::parsing::feeds::commerceml_catalog::Others;
use crate::knowledge::parsing::feeds::commerceml_catalog::Told;
use crate::knowledge::parsing::feeds::commerceml_offers::Offers;
use crate::knowledge::parsing::sink::OtherVariants;
use crate::knowledge::parsing::sink::Sink;
use crate::knowledge::parsing::xml::XmlReader;
use std::io::Read;
use zip::ZipArchive;

type Reader<'a> = XmlReader<Box<dyn Read + 'a>>;
/// Takes one file with its name inside the archive.
type ReadFile<'f> = dyn FnMut(&mut Reader<'_>, Option<&str>) -> Result<(), ParseError> + 'f;

/// Pushes the goods in the order of the catalogue, each of its variants as a product of its own, and then offers of goods that no
/// catalogue here names. What the files do not tell of a product stays as it is known: all of it when they hold changes only or no
/// catalogue, else its price when no price is in them and its stock when no amount is.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut offers = Offers::default();
    let mut catalog = Catalog::new(input.language);
    for_each_file(input, limits, &mut |reader, _| {
        read_ahead(reader, &mut offers, &mut catalog)
    })?;
    offers.choose_price();
    if catalog.tells_changes_only() {
        sink.keep_unmentioned();
    }
    let mut entries = Entries::new(WrongField::LeavesOutField);
    for_each_file(input, limits, &mut |reader, file| {
        catalog.read(reader, &offers, &mut |told| match told {
            Told::Product {
                entry,
                place,
                part,
                others,
            } => {
                let place = SourcePlace {
                    file: file.map(str::to_owned),
                    ..place
                };
                let part = part.map(|mut part| {
                    part.others = others.and_then(|others| other_variants(*others));
                    part
                });
                entries.push_part("products", &entry, place, part, sink)
            }
            Told::Deleted(product) => {
                sink.remove_product(product);
                Ok(())
            }
        })
    })?;
    if catalog.is_empty() && offers.is_empty() {
        if !catalog.has_references() && !offers.has_references() {
            return Err(ParseError::refused("problem_feed_no_products"));
        }
        // Groups and properties come before the goods, in newer exchanges in a file of their own: no goods does not mean none at all.
        sink.keep_unmentioned();
    }
    if catalog.tells_changes_only() {
        for (entry, place, part) in catalog.other_offers(&offers) {
            entries.push_part("products", &entry, place, Some(Box::new(part)), sink)?;
        }
    }
    Ok(())
}

fn other_variants(others: Others) -> Option<Box<OtherVariants>> {
    let item = item_of("products", &others.entry)?;
    Some(Box::new(OtherVariants {
        item,
        told: others.told,
    }))
}

/// What goods refer to: offers, groups and properties, wherever they stand.
fn read_ahead(reader: &mut Reader<'_>, offers: &mut Offers, catalog: &mut Catalog) -> Result<(), ParseError> {
    let mut version = None;
    while let Some(opened) = reader.next_opening()? {
        match opened.name.as_str() {
            "КоммерческаяИнформация" => {
                version = opened.attribute("ВерсияСхемы").map(str::to_owned);
            }
            "Каталог" => catalog.note(&opened, version.as_deref()),
            "Группа" => catalog.add_group(&reader.complete(opened)?, None),
            "Свойство" | "СвойствоНоменклатуры" => {
                catalog.add_property(&reader.complete(opened)?);
            }
            "ТипЦены" => offers.add_price_kind(&reader.complete(opened)?),
            "Предложение" => offers.add(&reader.complete(opened)?),
            // An order: its goods were sold, which does not mean that they are for sale.
            "Документ" | "Товар" => drop(reader.complete(opened)?),
            _ => {}
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

#[cfg(test)]
mod tests {
    use crate::domain::source::Format;
    use crate::knowledge::parsing::ParseError;
    use crate::knowledge::parsing::sink::SinkReport;
    use crate::knowledge::parsing::sink::parsed;

    const GOODS: &str = "<Товары><Товар><Ид>t1</Ид><Наименование>Ботинки</Наименование></Товар>\
        <Товар><Ид>t2</Ид><ПометкаУдаления>true</ПометкаУдаления></Товар></Товары>";

    fn read(version: &str, inside: &str) -> Result<(usize, SinkReport), ParseError> {
        let text = format!("<КоммерческаяИнформация ВерсияСхемы=\"{version}\">{inside}</КоммерческаяИнформация>");
        let (result, items, report) = parsed(Format::CommerceMl, "import.xml", text.as_bytes());
        result.map(|()| (items.len(), report))
    }

    #[test]
    fn a_catalogue_is_whole_when_it_says_so_or_is_older_than_packets() {
        for (version, attribute, keeps) in [
            ("2.05", "", false),
            ("2.05", " СодержитТолькоИзменения=\"true\"", true),
            ("2.08", "", true),
            ("2.10", "", true),
            ("2.10", " СодержитТолькоИзменения=\"false\"", false),
            ("3.1", "", true),
            ("", "", false),
        ] {
            let (count, report) = read(version, &format!("<Каталог{attribute}>{GOODS}</Каталог>")).unwrap();
            assert_eq!((count, report.keeps_unmentioned), (1, keeps), "{version}{attribute}");
            assert_eq!(report.removed_products, ["t2"]);
        }
    }

    #[test]
    fn groups_without_goods_change_nothing_and_a_file_without_anything_is_refused() {
        let groups = "<Группы><Группа><Ид>g</Ид><Наименование>Обувь</Наименование></Группа></Группы>";
        let empty = "<Каталог СодержитТолькоИзменения=\"false\"><Товары/></Каталог>";
        let (count, report) = read("2.05", &format!("<Классификатор>{groups}</Классификатор>{empty}")).unwrap();
        assert!(count == 0 && report.keeps_unmentioned);
        assert_eq!(
            read("2.05", empty),
            Err(ParseError::refused("problem_feed_no_products"))
        );
    }
}
