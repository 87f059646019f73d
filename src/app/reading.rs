//! Documents are read in a process of their own, which is this program once more.

use crate::knowledge::parsing::isolated::child;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// Where Linux keeps the program that runs, also after its file was replaced by a newer one.
const RUNNING_PROGRAM: &str = "/proc/self/exe";

/// Reads the file that `request` names, within its limits, and writes what comes of it.
pub fn answer(request: impl Read, answer: impl Write) -> anyhow::Result<()> {
    child::answer(request, answer)
}

/// The program that runs, to be started again.
pub fn own_program() -> std::io::Result<PathBuf> {
    let running = Path::new(RUNNING_PROGRAM);
    if running.exists() {
        return Ok(running.to_owned());
    }
    std::env::current_exe()
}
