//! Pages of a site: found by links and sitemaps, asked for with care, and made into documents. Every answer is kept as a copy, so that a
//! page which says that nothing has changed, or which fails for a day, keeps what is known of it.
//!
//! `address` and `frontier` decide what is asked for and in which order, `asking` asks, `copies` keeps, `reading` parses a page and
//! `assembling` makes documents of all pages together.

pub mod address;
pub mod asking;
pub mod assembling;
pub mod copies;
pub mod crawl;
pub mod directives;
pub mod frontier;
pub mod pattern;
pub mod permission;
pub mod reading;
pub mod repetition;
pub mod robots;
pub mod sitemaps;
