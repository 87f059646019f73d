//! The plain JSON of a shop as a file of any size: one entry is in memory at a time. A wrong entry is left out and reported; a file
//! with a wrong structure is refused.

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::problem::Problem;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::entries;
use crate::knowledge::parsing::entries::WrongField;
use crate::knowledge::parsing::entries::placed;
use crate::knowledge::parsing::json::SECTIONS;
use crate::knowledge::parsing::json::nearest_section;
use crate::knowledge::parsing::sink::Sink;
use serde::de::DeserializeSeed;
use serde::de::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Value;
use std::fmt;

/// Pushes the entries in the order of the file.
pub fn parse(input: &Input<'_>, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut reading = Reading {
        sink,
        entries: entries::Entries::new(WrongField::LeavesOutEntry),
        refusal: None,
    };
    let mut deserializer = serde_json::Deserializer::from_reader(input.text()?);
    let result = Sections(&mut reading)
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    let Err(error) = result else {
        return Ok(());
    };
    if let Some(refusal) = reading.refusal {
        return Err(refusal);
    }
    if error.is_io() {
        return Err(ParseError::failed(error));
    }
    let place = SourcePlace::line(error.line() as u64);
    let problem = ImportProblem::new(place, "problem_file_json").with("detail", error);
    Err(ParseError::Refused(problem))
}

/// Serde's errors are text only: what is to be told is kept here, and the error just ends the reading.
struct Reading<'r, 's> {
    sink: &'r mut Sink<'s>,
    entries: entries::Entries,
    refusal: Option<ParseError>,
}

impl Reading<'_, '_> {
    fn refuse<E: Error>(&mut self, error: ParseError) -> E {
        self.refusal = Some(error);
        E::custom("the reading ends here")
    }

    fn refuse_structure<E: Error>(&mut self, problem: Problem) -> E {
        self.refuse(ParseError::Refused(placed(problem, &SourcePlace::default())))
    }
}

/// The object around all.
struct Sections<'a, 'r, 's>(&'a mut Reading<'r, 's>);

impl<'de> DeserializeSeed<'de> for Sections<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Sections<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with products, faq and policies")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let Some(section) = SECTIONS.into_iter().find(|section| *section == name) else {
                let nearest = nearest_section(&name);
                let problem = Problem::new(name, "problem_unknown_section").with("nearest", nearest);
                return Err(self.0.refuse_structure(problem));
            };
            map.next_value_seed(Entries {
                reading: &mut *self.0,
                section,
            })?;
        }
        Ok(())
    }
}

/// The entries of one section; null is none.
struct Entries<'a, 'r, 's> {
    reading: &'a mut Reading<'r, 's>,
    section: &'static str,
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {}", self.section)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(entry) = entries.next_element::<Value>()? {
            let place = SourcePlace::element(format!("{}[{index}]", self.section));
            index += 1;
            let Reading { sink, entries, .. } = &mut *self.reading;
            let pushed = entries.push(self.section, &entry, place, sink);
            pushed.map_err(|error| self.reading.refuse(error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::language::Language;
    use crate::domain::source::Format;
    use crate::domain::source::Mapping;
    use crate::knowledge::parsing::Input;
    use crate::knowledge::parsing::Limits;
    use crate::knowledge::parsing::ParseError;
    use crate::knowledge::parsing::parse;
    use crate::knowledge::parsing::sink::Sink;
    use crate::knowledge::parsing::sink::SinkReport;
    use std::io::Write;

    fn read(text: &str) -> (Result<(), ParseError>, Vec<String>, SinkReport) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let input = Input {
            path: file.path(),
            name: "shop.json",
            url: None,
            language: Language::Ru,
            mapping: &Mapping::default(),
        };
        let mut ids = Vec::new();
        let mut sink = Sink::new(1_000, |batch| {
            ids.extend(batch.into_iter().map(|parsed| parsed.item.source_id));
            true
        });
        let result = parse(Format::Json, &input, &Limits::default(), &mut sink);
        let report = sink.into_report();
        (result, ids, report)
    }

    #[test]
    fn a_wrong_entry_is_left_out_and_the_rest_is_read() {
        let (result, ids, report) = read(
            r#"{"faq": null, "products": [{"id": "a", "name": "x"}, {"id": "b", "name": "y", "price": "дорого"},
                {"id": "a", "name": "z"}, 5, {"id": "c", "name": "v"}]}"#,
        );
        assert_eq!((result, ids), (Ok(()), vec!["a".to_owned(), "c".to_owned()]));
        let problems: Vec<_> = report
            .problems
            .iter()
            .map(|problem| (problem.place.element.as_deref().unwrap(), problem.key.as_ref()))
            .collect();
        assert_eq!(
            problems,
            [
                ("products[1].price", "problem_number"),
                ("products[2]", "problem_repeated_id"),
                ("products[3]", "problem_object"),
            ]
        );
        let unreadable: Vec<_> = report.unreadable.iter().map(|key| key.source_id.as_str()).collect();
        assert_eq!(unreadable, ["b"]);
    }

    #[test]
    fn a_file_with_a_wrong_structure_is_refused() {
        for (text, key) in [
            ("", "problem_file_empty"),
            ("[1]", "problem_file_json"),
            (r#"{"products": {"id": 1}}"#, "problem_file_json"),
            (r#"{"product": []}"#, "problem_unknown_section"),
            ("{\"products\": [{\"id\": 1, \"name\": \"x\"}", "problem_file_json"),
            (r#"{"products": []} more"#, "problem_file_json"),
        ] {
            let Err(ParseError::Refused(problem)) = read(text).0 else {
                panic!("{text} was read")
            };
            assert_eq!(problem.key, key, "{text}");
        }
    }
}
