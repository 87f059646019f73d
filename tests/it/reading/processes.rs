//! How many reading processes there are at once, and that none is left behind.

use palompy::domain::language::Language;
use palompy::domain::source::Format;
use palompy::domain::source::Mapping;
use palompy::knowledge::parsing::Input;
use palompy::knowledge::parsing::Limits;
use palompy::knowledge::parsing::ParseError;
use palompy::knowledge::parsing::isolated::IsolatedParser;
use palompy::knowledge::parsing::isolated::exchange::ProcessLimits;
use palompy::knowledge::parsing::sink::Sink;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// A program that stands in the place of the one that reads.
fn program(folder: &Path, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("program");
    fs::write(&path, format!("#!/bin/sh\ncd '{}'\n{script}", folder.display())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

fn read(parser: &IsolatedParser, folder: &Path, wall: Duration) -> Result<(), ParseError> {
    let path = folder.join("a.html");
    fs::write(&path, "<p>Текст").unwrap();
    let input = Input {
        path: &path,
        name: "a.html",
        url: None,
        language: Language::Ru,
        mapping: &Mapping::default(),
    };
    let process = ProcessLimits {
        wall,
        ..ProcessLimits::for_file(0)
    };
    let mut sink = Sink::new(10, |_| true);
    parser.parse_within(Format::Html, &input, &Limits::default(), &process, &mut sink)
}

#[test]
fn no_more_processes_read_at_once_than_there_are_places() {
    let folder = TempDir::new().unwrap();
    // Each notes how many others there are while it is there.
    let script =
        "ls | grep -c there >> counts\n: > $$.there\nls | grep -c there >> counts\ncat > $$.request\nrm $$.there\n";
    let parser = IsolatedParser::new(program(folder.path(), script)).with_places(2);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| read(&parser, folder.path(), Duration::from_secs(30)));
        }
    });
    let counts = fs::read_to_string(folder.path().join("counts")).unwrap();
    let counts: Vec<u32> = counts.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(counts.len(), 16);
    assert!(counts.iter().all(|count| *count <= 2), "{counts:?}");
}

#[test]
fn a_process_that_was_killed_is_gone_when_its_place_is_free() {
    let folder = TempDir::new().unwrap();
    let script = "echo $$ > pid\nexec tail -f /dev/null\n";
    let parser = IsolatedParser::new(program(folder.path(), script)).with_places(1);
    // The first reading may be over before the script has begun; the second waits for its place all the same.
    for _ in 0..2 {
        let result = read(&parser, folder.path(), Duration::from_millis(300));
        assert_eq!(result, Err(ParseError::refused("problem_reading_time")));
        if let Ok(pid) = fs::read_to_string(folder.path().join("pid")) {
            assert!(!Path::new("/proc").join(pid.trim()).exists());
        }
    }
}
