//! Standard output, as a program in a pipe should treat it.

use std::fmt::Display;
use std::io;
use std::io::Write;

/// Prints a line. A reader that has seen enough (`palompy search … | head -1`) is no error; the line is dropped.
pub fn print_line(line: impl Display) {
    let mut output = io::stdout().lock();
    let written = writeln!(output, "{line}").and_then(|()| output.flush());
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        tracing::warn!(%error, "could not print");
    }
}
