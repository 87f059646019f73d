//! What a person reads when a command cannot do its work.

use crate::app::is_unusable;
use crate::app::lock::LockError;
use crate::config::error::ConfigError;
use std::process::ExitCode;

/// `EX_CONFIG` of sysexits: the same start fails again until somebody changes something.
const UNUSABLE: u8 = 78;

#[derive(Debug)]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            code: 1,
        }
    }

    pub fn config(error: &ConfigError) -> Failure {
        Failure {
            message: error.to_string(),
            code: UNUSABLE,
        }
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn report(self) -> ExitCode {
        eprintln!("palompy: {}", self.message);
        ExitCode::from(self.code)
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Failure {
        let code = match error {
            LockError::InUse { .. } => 1,
            LockError::Unusable { .. } => UNUSABLE,
        };
        Failure {
            message: error.to_string(),
            code,
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        let code = if is_unusable(&error) { UNUSABLE } else { 1 };
        Failure {
            message: format!("{error:#}"),
            code,
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::new(error.to_string())
    }
}
