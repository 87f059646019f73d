//! Everything that needs a database, a socket or a file, in one binary.
#![cfg(test)]

mod access;
mod analytics;
mod architecture;
mod attributes;
mod chat;
mod config;
mod embed;
mod errors;
mod evaluation;
mod evaluation_sets;
mod exchange;
mod fake_openai;
mod fusion;
mod imports;
mod leads;
mod lexicon;
mod llm;
mod models;
mod notify;
mod pages;
mod program;
mod protection;
mod quality;
mod reading;
mod search;
mod shops;
mod sources;
mod staleness;
mod store;
mod support;
mod surveys;
mod variants;
mod widget;
