//! The edge: errors to status codes, guards, limits, request bodies, embedded files. Knows no feature.

pub mod address;
pub mod assets;
pub mod auth;
pub mod body;
pub mod error;
pub mod etag;
pub mod limits;
mod named_shop;
pub mod origin;
pub mod protection;
pub mod request_log;
pub mod visitor;
