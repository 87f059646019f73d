//! Finds the value of a key: flags before environment before palompy.toml before defaults.

use crate::config::environment::Variables;
use crate::config::error::Problem;
use crate::config::file::ConfigFile;
use crate::config::key::Key;
use clap::ArgMatches;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::path::PathBuf;

/// Everything that a value may come from.
pub struct Sources<'a> {
    pub flags: &'a ArgMatches,
    pub variables: &'a Variables,
    pub file: ConfigFile,
    /// Relative paths in flags, variables and defaults start here.
    pub folder: &'a Path,
}

/// A value as it was written, and where.
pub struct Found {
    pub value: OsString,
    pub origin: Origin,
    /// Where a relative path in the value starts.
    pub folder: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    File { path: PathBuf, line: usize },
    Variable(String),
    Flag(&'static str),
}

impl Origin {
    /// Grows with precedence.
    pub fn rank(&self) -> u8 {
        match self {
            Origin::Default => 0,
            Origin::File { .. } => 1,
            Origin::Variable(_) => 2,
            Origin::Flag(_) => 3,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { path, line } => write!(f, "{} line {line}", path.display()),
            Origin::Variable(name) => f.write_str(name),
            Origin::Flag(flag) => write!(f, "--{flag}"),
        }
    }
}

impl Sources<'_> {
    /// The value of the strongest source that has one, or what is wrong with that source.
    pub fn find(&self, key: &Key) -> Result<Option<Found>, Problem> {
        // A flag that the command does not declare counts as not given.
        if let Ok(Some(value)) = self.flags.try_get_one::<OsString>(key.name) {
            let origin = Origin::Flag(key.flag);
            return match key.is_secret() {
                true => read_secret_file(key, value, self.folder, origin).map(Some),
                false => Ok(Some(self.found(value.clone(), origin))),
            };
        }
        if let Some(found) = self.find_variable(key)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.find_in_file(key)? {
            return Ok(Some(found));
        }
        Ok(key.default.map(|default| self.found(default.into(), Origin::Default)))
    }

    fn find_variable(&self, key: &Key) -> Result<Option<Found>, Problem> {
        let value = self.find_filled(key.variable);
        let file_variable = key.file_variable().unwrap_or_default();
        match (value, self.find_filled(&file_variable)) {
            (Some(_), Some(_)) => Err(given_twice(key, key.variable, key.variable, &file_variable)),
            (Some(value), None) => Ok(Some(
                self.found(value.clone(), Origin::Variable(key.variable.to_owned())),
            )),
            (None, Some(path)) => read_secret_file(key, path, self.folder, Origin::Variable(file_variable)).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// An empty variable counts as not set: that is how container files pass on what is missing.
    fn find_filled(&self, variable: &str) -> Option<&OsString> {
        self.variables.get(variable).filter(|value| !value.is_empty())
    }

    fn find_in_file(&self, key: &Key) -> Result<Option<Found>, Problem> {
        let file = &self.file;
        let origin = |line| Origin::File {
            path: file.path.clone(),
            line,
        };
        let file_name = key.file_name().unwrap_or_default();
        match (file.entries.get(key.name), file.entries.get(&file_name)) {
            (Some(entry), Some(_)) => Err(given_twice(key, origin(entry.line), key.name, &file_name)),
            (Some(entry), None) => {
                let folder = file.folder().to_owned();
                Ok(Some(Found {
                    value: entry.value.clone().into(),
                    origin: origin(entry.line),
                    folder,
                }))
            }
            (None, Some(entry)) => {
                read_secret_file(key, OsStr::new(&entry.value), file.folder(), origin(entry.line)).map(Some)
            }
            (None, None) => Ok(None),
        }
    }

    fn found(&self, value: OsString, origin: Origin) -> Found {
        Found {
            value,
            origin,
            folder: self.folder.to_owned(),
        }
    }
}

fn given_twice(key: &Key, origin: impl fmt::Display, name: &str, file_name: &str) -> Problem {
    Problem::new(
        key.name,
        origin,
        format!("both {name} and {file_name} are set; remove one of them"),
    )
}

fn read_secret_file(key: &Key, path: &OsStr, folder: &Path, origin: Origin) -> Result<Found, Problem> {
    let path = folder.join(path);
    match std::fs::read_to_string(&path) {
        Ok(content) => Ok(Found {
            value: content.into(),
            origin,
            folder: folder.to_owned(),
        }),
        Err(error) => Err(Problem::new(
            key.name,
            origin,
            format!("could not read {}: {error}", path.display()),
        )),
    }
}
