//! The flags of the command line, one per key of the table.

use crate::config::key::Key;
use crate::config::table;
use clap::Arg;
use clap::ArgAction;
use clap::builder::OsStringValueParser;

/// The flags that a short help lists; the full help lists all.
const COMMON: &[&Key] = &[&table::CONFIG, &table::DATA_DIR, &table::LISTEN];

/// One global flag per key, for the program's `clap::Command`. Defaults are not given to clap, so that a flag that was
/// typed can be told from one that was not.
pub fn arguments() -> Vec<Arg> {
    table::KEYS.iter().map(|key| argument(key)).collect()
}

fn argument(key: &Key) -> Arg {
    let mut help = key.help.to_owned();
    if key.is_secret() {
        help.push_str("; the file holds the value");
    }
    if let Some(default) = key.default {
        help.push_str(&format!(" [default: {default}]"));
    }
    match key.file_variable() {
        Some(file_variable) => help.push_str(&format!(" [variable: {}, or {file_variable}]", key.variable)),
        None => help.push_str(&format!(" [variable: {}]", key.variable)),
    }
    Arg::new(key.name)
        .long(key.flag)
        .value_name(key.value_name())
        .value_parser(OsStringValueParser::new())
        .action(ArgAction::Set)
        .global(true)
        .help(help)
        .help_heading("Configuration")
        .hide_short_help(!COMMON.iter().any(|common| common.name == key.name))
}
