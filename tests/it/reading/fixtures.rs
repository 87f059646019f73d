//! Files as real programs write them, read whole; and the same files damaged, which no parser may mind. `tests/fixtures/knowledge` has
//! them, with what is expected of each in `expected/`.

use crate::reading::read;
use palompy::domain::language::Language;
use palompy::domain::source::Format;
use palompy::domain::source::Mapping;
use palompy::knowledge::item::Item;
use palompy::knowledge::parsing::Input;
use palompy::knowledge::parsing::Limits;
use palompy::knowledge::parsing::ParseError;
use palompy::knowledge::parsing::parse;
use palompy::knowledge::parsing::recognition::recognize;
use palompy::knowledge::parsing::sink::Sink;
use palompy::knowledge::parsing::sink::SinkReport;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

/// Damaged copies of each file, where the environment says nothing else.
const ROUNDS: u64 = 12;
/// A debug build on a loaded machine reads each of the files in a small part of it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of an encoded XML file a byte is a tag at most.
const MAX_DOCUMENTS: usize = 1_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/knowledge")
}

/// Names in order, with what the files contain.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder()).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let mut names: Vec<String> = files
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name != "make.py" && name != "README.md")
        .collect();
    names.sort();
    let read = |name: String| {
        let bytes = std::fs::read(folder().join(&name)).unwrap();
        (name, bytes)
    };
    names.into_iter().map(read).collect()
}

#[test]
fn files_of_real_programs_become_the_expected_documents() {
    let fixtures = fixtures();
    assert!(fixtures.len() > 15);
    for (name, bytes) in fixtures {
        let format = recognize(&folder().join(&name), &name).unwrap();
        let (result, items, report) = read(format.unwrap(), &name, &bytes);
        assert_eq!(result, Ok(()), "{name}");
        let problems: Vec<_> = report
            .problems
            .iter()
            .map(|problem| (&problem.place, &problem.key))
            .collect();
        let found = serde_json::json!({"format": format.unwrap().name(), "items": items, "problems": problems});
        let found = serde_json::to_string_pretty(&found).unwrap() + "\n";
        let path = folder().join(format!("expected/{name}.json"));
        if std::env::var_os("PALOMPY_WRITE_EXPECTED").is_some() {
            std::fs::write(&path, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == expected, "{name} is not as {} says:\n{found}", path.display());
    }
}

/// A generator of Marsaglia's, so that every run damages the files in the same way.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn damaged(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        let length = dice.below(64).min(bytes.len() - at);
        match dice.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let part = bytes[at..at + length].to_vec();
                let copies = part.repeat(1 + dice.below(50));
                bytes.splice(at..at, copies);
            }
            3 => bytes[at] = b"\0<>\"&;,[]{}()\\\xff\xd0 9-"[dice.below(19)],
            4 => bytes[at] ^= 1 << dice.below(8),
            _ => bytes[at..at + length].fill(0xff),
        }
        if bytes.is_empty() {
            bytes.push(b'<');
        }
    }
    bytes
}

type Outcome = (Result<(), ParseError>, Vec<Item>, SinkReport);

fn read_here(format: Format, name: &str, path: &Path) -> Outcome {
    let input = Input {
        path,
        name,
        url: None,
        language: Language::Ru,
        mapping: &Mapping::default(),
    };
    let limits = Limits {
        max_expanded_bytes: 8 * 1024 * 1024,
        max_documents: MAX_DOCUMENTS,
        max_text_chars: 10_000,
        ..Limits::default()
    };
    let mut items = Vec::new();
    let mut sink = Sink::new(limits.max_documents, |batch| {
        items.extend(batch.into_iter().map(|parsed| parsed.item));
        true
    });
    let result = parse(format, &input, &limits, &mut sink);
    let report = sink.into_report();
    (result, items, report)
}

#[test]
fn a_damaged_file_is_read_or_refused_quickly_and_always_the_same() {
    let rounds = std::env::var("PALOMPY_FUZZ_ROUNDS").ok();
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let file = tempfile::NamedTempFile::new().unwrap();
    for (name, whole) in fixtures() {
        let format = recognize(&folder().join(&name), &name).unwrap().unwrap();
        for round in 0..rounds {
            let bytes = damaged(&whole, &mut Dice(0x9e37_79b9_7f4a_7c15 ^ (round + 1)));
            std::fs::write(file.path(), &bytes).unwrap();
            let started = Instant::now();
            // The library that reads PDF panics and overflows its stack: what matters there is what its process makes of it.
            let read_once = || match format {
                Format::Pdf => read(format, &name, &bytes),
                _ => read_here(format, &name, file.path()),
            };
            let first = read_once();
            assert!(started.elapsed() < PATIENCE, "{name} in round {round} takes too long");
            let failed = matches!(first.0, Err(ParseError::Failed(_) | ParseError::Stopped));
            assert!(!failed, "{name} in round {round}: {:?}", first.0);
            assert!(first.1.len() <= MAX_DOCUMENTS);
            if format != Format::Pdf {
                assert!(first == read_once(), "{name} in round {round} is read differently");
            }
        }
    }
}
