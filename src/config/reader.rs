//! Reads keys one by one into typed values, and keeps every row and every problem on the way.

use crate::config::ConfigRow;
use crate::config::error::Problem;
use crate::config::key::Key;
use crate::config::source::Found;
use crate::config::source::Origin;
use crate::config::source::Sources;
use crate::config::value;
use crate::config::value::redact_proxy;
use crate::domain::secret::Secret;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

const NOT_SET: &str = "(not set)";

/// A method for a key with a default gives a stand-in when the value is wrong. It never gets out: the problem it stands for
/// fails the whole configuration.
pub struct Reader<'a> {
    pub sources: Sources<'a>,
    pub rows: Vec<ConfigRow>,
    pub problems: Vec<Problem>,
}

impl Reader<'_> {
    pub fn find_path(&mut self, key: &Key) -> Option<PathBuf> {
        let Some(found) = self.find(key) else {
            self.add_row(key, NOT_SET, &Origin::Default);
            return None;
        };
        if found.value.is_empty() {
            self.problems
                .push(Problem::new(key.name, &found.origin, "the path is empty"));
            return None;
        }
        let path = found.folder.join(&found.value);
        self.add_row(key, &path.display().to_string(), &found.origin);
        Some(path)
    }

    pub fn path(&mut self, key: &Key) -> PathBuf {
        self.find_path(key).unwrap_or_default()
    }

    pub fn find_text(&mut self, key: &Key) -> Option<String> {
        let parse = |text: &str, _: &Path| match text {
            "" => Err("the value is empty".to_owned()),
            text => Ok(text.to_owned()),
        };
        self.read(key, parse, |text, _| text.to_owned())
    }

    pub fn text(&mut self, key: &Key) -> String {
        self.find_text(key).unwrap_or_default()
    }

    pub fn find_secret(&mut self, key: &Key) -> Option<Secret<String>> {
        self.read(key, |text, _| value::parse_secret(key, text), |_, _| "***".to_owned())
    }

    pub fn find_proxy(&mut self, key: &Key) -> Option<Secret<String>> {
        self.read(key, |text, _| value::parse_proxy(text), |_, proxy| redact_proxy(proxy))
    }

    pub fn find_url(&mut self, key: &Key) -> Option<String> {
        self.read(key, |text, _| value::parse_url(text), |_, url| url.clone())
    }

    pub fn find_number(&mut self, key: &Key) -> Option<u64> {
        self.parsed(key, |text, _| value::parse_number(key, text))
    }

    pub fn number<T: TryFrom<u64> + Default>(&mut self, key: &Key) -> T {
        let Some(number) = self.find_number(key) else {
            return T::default();
        };
        T::try_from(number).unwrap_or_else(|_| {
            self.problems.push(Problem::new(
                key.name,
                key.variable,
                "the number is too large for this machine",
            ));
            T::default()
        })
    }

    pub fn seconds(&mut self, key: &Key) -> Duration {
        Duration::from_secs(self.number(key))
    }

    pub fn minutes(&mut self, key: &Key) -> Duration {
        Duration::from_secs(60 * self.number::<u64>(key))
    }

    /// Reads a value that holds no secret. The parser also gets the folder in which a relative path in the value starts.
    pub fn parsed<T>(&mut self, key: &Key, parse: impl Fn(&str, &Path) -> Result<T, String>) -> Option<T> {
        self.read(key, parse, |text, _| text.to_owned())
    }

    /// Where the value of a key comes from, if it has one.
    pub fn find_origin(&self, key: &Key) -> Option<Origin> {
        self.sources.find(key).ok().flatten().map(|found| found.origin)
    }

    /// Replaces what a row shows by what takes effect.
    pub fn amend_row(&mut self, key: &Key, value: String, origin: String) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.name == key.name) {
            row.value = value;
            row.origin = origin;
        }
    }

    fn read<T>(
        &mut self,
        key: &Key,
        parse: impl Fn(&str, &Path) -> Result<T, String>,
        show: impl Fn(&str, &T) -> String,
    ) -> Option<T> {
        let Some(found) = self.find(key) else {
            self.add_row(key, NOT_SET, &Origin::Default);
            return None;
        };
        let Some(text) = found.value.to_str().map(str::trim) else {
            self.problems
                .push(Problem::new(key.name, &found.origin, "the value is not UTF-8 text"));
            return None;
        };
        match parse(text, &found.folder) {
            Ok(value) => {
                self.add_row(key, &show(text, &value), &found.origin);
                Some(value)
            }
            Err(message) => {
                self.problems.push(Problem::new(key.name, &found.origin, message));
                None
            }
        }
    }

    fn find(&mut self, key: &Key) -> Option<Found> {
        match self.sources.find(key) {
            Ok(found) => found,
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    fn add_row(&mut self, key: &Key, value: &str, origin: &Origin) {
        self.rows.push(ConfigRow {
            name: key.name,
            value: value.to_owned(),
            origin: origin.to_string(),
        });
    }
}
