//! What a configuration key is: its names, its default and what it accepts. The keys themselves stand in `table`.

use std::ops::RangeInclusive;

/// A key of the configuration.
#[derive(Debug)]
pub struct Key {
    /// Its name in palompy.toml.
    pub name: &'static str,
    /// Its flag. Secrets are given by a file there, since everybody on a machine can read the arguments of a program.
    pub flag: &'static str,
    pub variable: &'static str,
    pub default: Option<&'static str>,
    pub kind: Kind,
    pub help: &'static str,
}

/// What a key accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Path,
    Folder,
    Address,
    /// An http or https URL without a password.
    Url,
    /// `sqlite:PATH`.
    Database,
    /// `builtin`, `dir:PATH` or the name of an installed model.
    EmbeddingModel,
    /// `dir:PATH` or the name of an installed model.
    Reranker,
    Milliseconds {
        min: u64,
        max: u64,
    },
    LogFilter,
    LogFormat,
    Text,
    Number {
        min: u64,
        max: u64,
    },
    Seconds {
        min: u64,
        max: u64,
    },
    Minutes {
        min: u64,
        max: u64,
    },
    Secret {
        min_characters: usize,
    },
    /// Networks as `10.0.0.0/8`, separated by commas, or `none`.
    Networks,
    /// The URL of a proxy, secret because it may carry a password.
    Proxy,
}

impl Key {
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret { .. } | Kind::Proxy)
    }

    /// The variable that names a file with the value, for secrets only.
    pub fn file_variable(&self) -> Option<String> {
        self.is_secret().then(|| format!("{}_FILE", self.variable))
    }

    /// The name in palompy.toml that names a file with the value, for secrets only.
    pub fn file_name(&self) -> Option<String> {
        self.is_secret().then(|| format!("{}_file", self.name))
    }

    pub fn range(&self) -> RangeInclusive<u64> {
        match self.kind {
            Kind::Number { min, max }
            | Kind::Milliseconds { min, max }
            | Kind::Seconds { min, max }
            | Kind::Minutes { min, max } => min..=max,
            _ => 0..=u64::MAX,
        }
    }

    pub fn min_characters(&self) -> usize {
        match self.kind {
            Kind::Secret { min_characters } => min_characters,
            _ => 1,
        }
    }

    pub fn value_name(&self) -> &'static str {
        match self.kind {
            Kind::Folder => "DIR",
            Kind::Path | Kind::Secret { .. } | Kind::Proxy => "FILE",
            Kind::Address => "HOST:PORT",
            Kind::Url => "URL",
            Kind::Database => "sqlite:PATH",
            Kind::EmbeddingModel | Kind::Reranker => "MODEL",
            Kind::LogFilter => "FILTER",
            Kind::LogFormat => "FORMAT",
            Kind::Text => "TEXT",
            Kind::Networks => "NETWORKS",
            Kind::Number { .. } => "N",
            Kind::Seconds { .. } => "SECONDS",
            Kind::Minutes { .. } => "MINUTES",
            Kind::Milliseconds { .. } => "MS",
        }
    }
}
