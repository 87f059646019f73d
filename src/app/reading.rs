//! Documents are read in a process of their own, which is this program once more.

use crate::knowledge::parsing::isolated::child;
use std::io::Read;
use std::io::Write;

/// Reads the file that `request` names, within its limits, and writes what comes of it.
pub fn answer(request: impl Read, answer: impl Write) -> anyhow::Result<()> {
    child::answer(request, answer)
}
