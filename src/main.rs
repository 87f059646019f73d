//! The `palompy` program: arguments become a command, an error becomes an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    palompy::cli::run()
}
