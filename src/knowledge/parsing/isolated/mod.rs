//! Parsers of documents run in a child process of the same program, with limits on its memory and its time: what libraries do with a
//! damaged or hostile file (panic, overflow the stack, take all memory, never end) is then a file that is refused, and nothing else.

pub mod child;
pub mod exchange;
mod output;
pub mod places;

use crate::domain::import::ImportProblem;
use crate::domain::import::SourcePlace;
use crate::domain::source::Format;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::isolated::exchange::Message;
use crate::knowledge::parsing::isolated::exchange::Outcome;
use crate::knowledge::parsing::isolated::exchange::ProcessLimits;
use crate::knowledge::parsing::isolated::exchange::Request;
use crate::knowledge::parsing::isolated::output::Output;
use crate::knowledge::parsing::isolated::output::Received;
use crate::knowledge::parsing::isolated::places::Places;
use crate::knowledge::parsing::parse;
use crate::knowledge::parsing::sink::Sink;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStderr;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::thread::JoinHandle;
use std::time::Instant;

/// The command of the program that answers a request.
pub const COMMAND: &str = "read-document";
/// `SIGXCPU`, by which the system ends a process at the limit of its processor time.
const OUT_OF_TIME: i32 = 24;
/// `SIGKILL`, by which it ends one when the memory of the machine is full.
const KILLED: i32 = 9;
/// Of what a process says before it dies; a panic tells its place in the first line.
const MAX_LAST_WORDS_BYTES: u64 = 4096;

/// Reads files as `parse` does, documents in a process of their own. Cheap to clone.
#[derive(Debug, Clone)]
pub struct IsolatedParser {
    program: Option<PathBuf>,
    places: Places,
}

impl IsolatedParser {
    /// `program` is a Palompy.
    pub fn new(program: PathBuf) -> IsolatedParser {
        IsolatedParser {
            program: Some(program),
            places: Places::of_this_machine(),
        }
    }

    /// The same with room for so many processes at once; others wait.
    pub fn with_places(self, places: usize) -> IsolatedParser {
        IsolatedParser {
            places: Places::new(places),
            ..self
        }
    }

    /// Reads everything in this process: for programs that are no Palompy and read only files of their own.
    pub fn in_process() -> IsolatedParser {
        IsolatedParser {
            program: None,
            places: Places::of_this_machine(),
        }
    }

    /// The same as `parse`, with the same documents. A file whose reading kills its process or takes too much is refused.
    pub fn parse(
        &self,
        format: Format,
        input: &Input<'_>,
        limits: &Limits,
        sink: &mut Sink<'_>,
    ) -> Result<(), ParseError> {
        if !is_isolated(format) {
            return parse(format, input, limits, sink);
        }
        let process = ProcessLimits::for_file(input.size_bytes()?);
        self.parse_within(format, input, limits, &process, sink)
    }

    /// The same in a process with these limits.
    pub fn parse_within(
        &self,
        format: Format,
        input: &Input<'_>,
        limits: &Limits,
        process: &ProcessLimits,
        sink: &mut Sink<'_>,
    ) -> Result<(), ParseError> {
        let Some(program) = &self.program else {
            return parse(format, input, limits, sink);
        };
        let request = Request::new(format, input, limits, process).map_err(ParseError::failed)?;
        // Its time begins when the process does; the process has ended when the place is free again.
        let _place = self.places.take();
        let mut running = Running::start(program, &request)?;
        let mut left = process.wall;
        loop {
            let asked = Instant::now();
            let received = running.output.next(left);
            // Only waiting counts: whoever takes the documents may be slow without any fault of the file.
            left = left.saturating_sub(asked.elapsed());
            match received {
                Received::Message(message) => match *message {
                    Message::Document(parsed) => sink.push_parsed(parsed)?,
                    Message::Ended { outcome, report } => {
                        sink.adopt(report);
                        return match outcome {
                            Outcome::Read => sink.flush(),
                            Outcome::Refused(problem) => Err(ParseError::Refused(problem)),
                            Outcome::Failed(text) => Err(ParseError::Failed(text)),
                        };
                    }
                },
                Received::Nothing => return Err(too_slow()),
                Received::TooMuch => return Err(ParseError::refused("problem_reading_output")),
                Received::End => return Err(running.death(input.name)),
            }
        }
    }
}

/// Parsers that stand on large libraries. Feeds and plain texts are read as streams by few lines of this program.
fn is_isolated(format: Format) -> bool {
    match format {
        Format::Xlsx | Format::Pdf | Format::Docx | Format::Odt | Format::Rtf | Format::Html | Format::Markdown => true,
        Format::Json | Format::Csv | Format::Yml | Format::GoogleMerchant | Format::CommerceMl | Format::Text => false,
    }
}

/// A process at work; it is killed when this is dropped.
struct Running {
    child: Child,
    output: Output,
    /// Taken when it is asked for.
    last_words: Option<JoinHandle<String>>,
}

impl Running {
    fn start(program: &Path, request: &Request) -> Result<Running, ParseError> {
        let failed = |error: std::io::Error| ParseError::failed(format!("could not start a reading process: {error}"));
        let mut command = Command::new(program);
        // Secrets in the environment are none of its business.
        command.arg(COMMAND).env_clear();
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.stderr(Stdio::piped()).spawn().map_err(failed)?;
        let output = child.stdout.take();
        let errors = child.stderr.take();
        let last_words = errors.map(|errors| std::thread::spawn(move || first_words(errors)));
        let asked = match child.stdin.take() {
            // A process that died at once is found out by the end of its output.
            Some(mut input) => serde_json::to_vec(request).map(|bytes| input.write_all(&bytes).ok()),
            None => Ok(None),
        };
        let running = Running {
            child,
            output: Output::of(output, request.limits.max_expanded_bytes),
            last_words,
        };
        asked.map_err(ParseError::failed)?;
        Ok(running)
    }

    /// What the end of a process without an answer says of the file.
    fn death(&mut self, name: &str) -> ParseError {
        // One that wrote something else than messages may still run.
        self.child.kill().ok();
        let words = self
            .last_words
            .take()
            .and_then(|words| words.join().ok())
            .unwrap_or_default();
        let status = match self.child.wait() {
            Ok(status) => status,
            Err(error) => return ParseError::failed(error),
        };
        tracing::info!(file = name, %status, "a file ended the process that read it: {}", words.trim());
        if is_signal(status, OUT_OF_TIME) {
            too_slow()
        } else if is_signal(status, KILLED) || words.contains("memory allocation") {
            ParseError::refused("problem_reading_memory")
        } else {
            ParseError::refused("problem_reading_crash")
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail for a process that has ended, which is as well.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn too_slow() -> ParseError {
    ParseError::Refused(ImportProblem::new(SourcePlace::default(), "problem_reading_time"))
}

/// The beginning of what a process says of its errors; all of it is read, so that it never waits.
fn first_words(mut errors: ChildStderr) -> String {
    let mut words = Vec::new();
    let first = errors.by_ref().take(MAX_LAST_WORDS_BYTES).read_to_end(&mut words);
    if first.is_ok() {
        std::io::copy(&mut errors, &mut std::io::sink()).ok();
    }
    String::from_utf8_lossy(&words).into_owned()
}

#[cfg(unix)]
fn is_signal(status: ExitStatus, number: i32) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(number)
}

#[cfg(not(unix))]
fn is_signal(_: ExitStatus, _: i32) -> bool {
    false
}
