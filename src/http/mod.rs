//! The edge: errors to status codes, guards, limits, request bodies, embedded files. Knows no feature.

pub mod assets;
pub mod auth;
pub mod body;
pub mod error;
pub mod etag;
pub mod limits;
pub mod origin;
pub mod request_log;
pub mod visitor;
