//! `palompy read-document`: what the program starts for each document that it reads. Not for people, and not listed.

use crate::app::reading::answer;
use std::process::ExitCode;

pub fn read_document() -> ExitCode {
    match answer(std::io::stdin().lock(), std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
