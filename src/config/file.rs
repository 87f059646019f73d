//! palompy.toml: where it is looked for, and its keys with their lines.

use crate::config::error::Problem;
use crate::config::key::Key;
use crate::config::nearest::find_nearest;
use crate::config::table;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

pub const FILE_NAME: &str = "palompy.toml";

/// The keys of one configuration file.
#[derive(Default)]
pub struct ConfigFile {
    pub path: PathBuf,
    pub entries: BTreeMap<String, Entry>,
}

pub struct Entry {
    pub value: String,
    pub line: usize,
}

impl ConfigFile {
    /// Relative paths in the file start here, so that the file means the same wherever the program was started.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    pub fn origin(&self, line: usize) -> String {
        format!("{} line {line}", self.path.display())
    }
}

/// Reads a file and reports what in it is not TOML, not a known key, or not a plain value.
pub fn read(path: &Path, problems: &mut Vec<Problem>) -> ConfigFile {
    let mut file = ConfigFile {
        path: path.to_owned(),
        entries: BTreeMap::new(),
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            problems.push(Problem::new(
                "config",
                path.display(),
                format!("could not read the file: {error}"),
            ));
            return file;
        }
    };
    let (parsed, errors) = DeTable::parse_recoverable(&text);
    for error in errors {
        // The parser's full message would repeat the line, which may hold a secret.
        let line = line_of(&text, error.span().map_or(0, |span| span.start));
        problems.push(Problem::new(
            "config",
            file.origin(line),
            format!("not valid TOML: {}", error.message()),
        ));
    }
    // The order of lines, so that problems are listed as the file reads.
    let mut pairs: Vec<_> = parsed.into_inner().into_iter().collect();
    pairs.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in pairs {
        let line = line_of(&text, key.span().start);
        match parse_entry(key.get_ref(), &value) {
            Ok(value) => {
                file.entries
                    .insert(key.into_inner().into_owned(), Entry { value, line });
            }
            Err(message) => problems.push(Problem::new(key.get_ref(), file.origin(line), message)),
        }
    }
    file
}

fn parse_entry(name: &str, value: &Spanned<DeValue<'_>>) -> Result<String, String> {
    if !is_accepted(name) {
        return Err(unknown_key(name));
    }
    match value.get_ref() {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map(|number| number.to_string())
            .map_err(|_| "the number is too large".to_owned()),
        other => Err(format!(
            "expected a string or a whole number, found a value of type {}",
            other.type_str()
        )),
    }
}

fn is_accepted(name: &str) -> bool {
    // The file cannot say where it is itself.
    let accepted_keys = table::KEYS.iter().filter(|key| key.name != table::CONFIG.name);
    accepted_keys
        .into_iter()
        .any(|key| key.name == name || key.file_name().is_some_and(|file_name| file_name == name))
}

fn unknown_key(name: &str) -> String {
    if name == table::CONFIG.name {
        return "a file cannot name another; use --config or PALOMPY_CONFIG".to_owned();
    }
    let plain_name = table::KEYS
        .iter()
        .find(|key| key.variable.eq_ignore_ascii_case(name))
        .map(|key: &&Key| key.name);
    let nearest = plain_name.or_else(|| find_nearest(name, table::KEYS.iter().map(|key| key.name)));
    match nearest {
        Some(nearest) => format!("unknown key; did you mean {nearest}?"),
        None => "unknown key; `palompy config show` lists the known ones".to_owned(),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}
