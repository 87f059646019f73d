//! What can go wrong in the store, by what the caller can do.

use rusqlite::ErrorCode;

pub type StoreResult<T> = Result<T, StoreError>;

#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No such row in this shop.
    #[error("not found")]
    NotFound,
    /// The row exists already, or something stands in the way: `exists`, `import_running`, `survey_inactive` …
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// Too much is waiting; trying again later helps.
    #[error("the database is busy")]
    Busy,
    /// No space left; reading goes on.
    #[error("the disk is full")]
    Full,
    /// The file cannot be used by this program; the text says why and what to do.
    #[error("{0}")]
    Unusable(String),
    #[error("internal: {0}")]
    Internal(String),
}

impl StoreError {
    pub(super) fn internal(error: impl std::fmt::Display) -> StoreError {
        StoreError::Internal(error.to_string())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        if matches!(error, rusqlite::Error::QueryReturnedNoRows) {
            return StoreError::NotFound;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(ErrorCode::ConstraintViolation) => constraint(&error),
            _ => StoreError::internal(error),
        }
    }
}

/// A missing parent is a missing row to the caller; everything else is a duplicate.
fn constraint(error: &rusqlite::Error) -> StoreError {
    const FOREIGN_KEY: i32 = 787;
    match error.sqlite_error() {
        Some(inner) if inner.extended_code == FOREIGN_KEY => StoreError::NotFound,
        _ => StoreError::Conflict("exists"),
    }
}
