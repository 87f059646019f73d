//! What is wrong with a configuration. A secret or a URL that may carry one is never repeated here.

use std::fmt;

/// Everything that is wrong with a configuration, not just the first problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub problems: Vec<Problem>,
}

/// One problem: the key, where its value came from, and what is wrong and accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub key: String,
    pub origin: String,
    pub message: String,
}

impl Problem {
    pub fn new(key: &str, origin: impl fmt::Display, message: impl Into<String>) -> Problem {
        Problem {
            key: key.to_owned(),
            origin: origin.to_string(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key == self.origin {
            return write!(f, "{}: {}", self.key, self.message);
        }
        write!(f, "{} ({}): {}", self.key, self.origin, self.message)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [only] => write!(f, "the configuration has a problem: {only}"),
            problems => {
                write!(f, "the configuration has {} problems:", problems.len())?;
                for problem in problems {
                    write!(f, "\n  {problem}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ConfigError {}
