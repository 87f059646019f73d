//! Product attributes: what a question asks of a product's row, and which products satisfy it. Knows rows and words, nothing of
//! chunks, vectors or answers.

pub mod account;
pub mod asked;
pub mod bound;
pub mod cache;
pub mod comparison;
pub mod concept;
pub mod evidence;
pub mod facet_reading;
pub mod facets;
pub mod kin;
pub mod property;
pub mod ranking;
pub mod reading;
pub mod rows;
pub mod scale;
pub mod token;
pub mod unit;
pub mod value;
pub mod want;
pub mod wishes;
pub mod words;

#[cfg(test)]
mod tests;
