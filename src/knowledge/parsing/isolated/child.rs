//! The side that reads: limits itself first, then parses.

use crate::domain::source::Format;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::isolated::exchange::Message;
use crate::knowledge::parsing::isolated::exchange::Outcome;
use crate::knowledge::parsing::isolated::exchange::ProcessLimits;
use crate::knowledge::parsing::isolated::exchange::Request;
use crate::knowledge::parsing::parse;
use crate::knowledge::parsing::sink::ParsedItem;
use crate::knowledge::parsing::sink::Sink;
use anyhow::Context;
use std::io::BufWriter;
use std::io::Read;
use std::io::Write;

/// Takes one request and answers it to the end. Limits this whole process for good.
pub fn answer(mut request: impl Read, answer: impl Write) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    request.read_to_end(&mut bytes).context("could not read the request")?;
    let request: Request = serde_json::from_slice(&bytes).context("this is no request")?;
    limit_process(&request.process).context("could not set limits")?;
    let format = Format::parse(&request.format).context("the format is unknown")?;
    let input = Input {
        path: &request.path,
        name: &request.name,
        url: request.url.as_deref(),
        language: request.language,
        mapping: &request.mapping,
    };
    let mut answer = BufWriter::new(answer);
    let mut sink = Sink::new(request.limits.max_documents, |batch| write_all(&mut answer, batch));
    let result = parse(format, &input, &request.limits, &mut sink);
    let report = sink.into_report();
    let outcome = match result {
        Ok(()) => Outcome::Read,
        Err(ParseError::Refused(problem)) => Outcome::Refused(problem),
        Err(ParseError::Failed(text)) => Outcome::Failed(text),
        // Whoever asked has gone.
        Err(ParseError::Stopped) => return Ok(()),
    };
    write(&mut answer, &Message::Ended { outcome, report })?;
    answer.flush().context("could not write the answer")
}

fn write_all(answer: &mut impl Write, batch: Vec<ParsedItem>) -> bool {
    let mut messages = batch.into_iter().map(Message::Document);
    messages.all(|message| write(answer, &message).is_ok()) && answer.flush().is_ok()
}

fn write(answer: &mut impl Write, message: &Message) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *answer, message)?;
    Ok(answer.write_all(b"\n")?)
}

#[cfg(unix)]
fn limit_process(limits: &ProcessLimits) -> std::io::Result<()> {
    use rlimit::Resource;
    let cpu = limits.cpu.as_secs();
    Resource::AS.set(limits.memory_bytes, limits.memory_bytes)?;
    // The hard limit ends a process that pays no attention to the first signal.
    Resource::CPU.set(cpu, cpu + 1)?;
    Resource::CORE.set(0, 0)?;
    // It reads one file and writes to a pipe.
    Resource::FSIZE.set(0, 0)
}

/// Elsewhere the parent's patience is the only limit.
#[cfg(not(unix))]
fn limit_process(_: &ProcessLimits) -> std::io::Result<()> {
    Ok(())
}
