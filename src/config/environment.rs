//! The environment, read nowhere else.

use crate::config::error::Problem;
use crate::config::nearest::find_nearest;
use crate::config::table;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// Where Linux keeps the program that runs, also after its file was replaced by a newer one.
const RUNNING_PROGRAM: &str = "/proc/self/exe";
const PREFIX: &str = "PALOMPY_";

/// Environment variables by name.
pub type Variables = BTreeMap<String, OsString>;

/// The variables of this process.
pub fn environment() -> Variables {
    let mut variables = Variables::new();
    for (name, value) in std::env::vars_os() {
        // A name that is not UTF-8 is none of ours.
        if let Ok(name) = name.into_string() {
            variables.insert(name, value);
        }
    }
    variables
}

/// The program that runs, to be started again.
pub fn own_program() -> PathBuf {
    let running = PathBuf::from(RUNNING_PROGRAM);
    if running.exists() {
        return running;
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("palompy"))
}

/// A variable that carries the program's prefix and no known name is most likely mistyped, and would do nothing.
pub fn check_names(variables: &Variables, problems: &mut Vec<Problem>) {
    let known = known_names();
    for name in variables.keys().filter(|name| name.starts_with(PREFIX)) {
        if known.iter().any(|known_name| known_name == name) {
            continue;
        }
        let message = match find_nearest(name, known.iter().map(String::as_str)) {
            Some(nearest) => format!("unknown variable; did you mean {nearest}?"),
            None => "unknown variable; `palompy --help` lists the known ones".to_owned(),
        };
        problems.push(Problem::new(name, name, message));
    }
}

fn known_names() -> Vec<String> {
    let mut names = Vec::new();
    for key in table::KEYS {
        names.push(key.variable.to_owned());
        names.extend(key.file_variable());
    }
    names
}
