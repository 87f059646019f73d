//! How good a search is, on questions with known sources. Pure: it knows neither the search nor where its questions come from.
//! Definitions as in `data/eval`: a line without sources should be refused; any one source of a line is right.

pub mod comparison;
pub mod figures;
pub mod interval;
pub mod ranking;
pub mod refusals;
pub mod report;
pub mod run;
