//! Typed ids and plain data that several modules share. Knows nothing of storage, models, HTTP or configuration.

pub mod address;
pub mod chat;
pub mod clock;
pub mod consent;
pub mod delivery;
pub mod embedding;
pub mod generation;
pub mod id;
pub mod import;
pub mod job;
pub mod knowledge;
pub mod language;
pub mod lead;
pub mod lexicon;
pub mod problem;
pub mod search;
pub mod secret;
pub mod settings;
pub mod shop;
pub mod survey;
pub mod survey_definition;
pub mod survey_flow;
pub mod token;
pub mod vote;
pub mod webhook;
