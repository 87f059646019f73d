//! Why model files could not be had, by what a person can do about it.

use std::io;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("no model is called {name}")]
    Unknown { name: String },
    /// No connection, no name, no certificate, or a proxy that does not answer. Trying elsewhere helps.
    #[error("could not reach {host}: {reason}")]
    Unreachable { host: String, reason: String },
    #[error("{url} does not exist")]
    NotFound { url: String },
    #[error("{url} was refused with status {status}")]
    Refused { url: String, status: u16 },
    /// The connection ended midway; what came is kept and the same call goes on from there.
    #[error("{url} ended after {done_bytes} bytes: {reason}")]
    Cut {
        url: String,
        done_bytes: u64,
        reason: String,
    },
    /// What came is not what was promised; it is deleted.
    #[error("{url} has sha256 {found}, expected {expected}")]
    Checksum {
        url: String,
        expected: String,
        found: String,
    },
    #[error("the disk is full at {}", path.display())]
    Full { path: PathBuf },
    #[error("could not write {}: {reason}", path.display())]
    Disk { path: PathBuf, reason: String },
    #[error("another command works in {}", path.display())]
    Busy { path: PathBuf },
    /// The file that came does not hold what it should.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("no ONNX Runtime is known for {system}")]
    NoRuntime { system: String },
}

impl PullError {
    pub fn disk(path: &Path, error: &io::Error) -> PullError {
        let path = path.to_owned();
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => PullError::Full { path },
            _ => PullError::Disk {
                path,
                reason: error.to_string(),
            },
        }
    }
}
