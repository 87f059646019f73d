//! Palompy: an AI assistant for small online shops in one program. ARCHITECTURE.md tells how the modules fit together.

pub mod analytics;
pub mod app;
pub mod chat;
pub mod cli;
pub mod config;
pub mod domain;
pub mod embed;
pub mod http;
pub mod i18n;
pub mod jobs;
pub mod knowledge;
pub mod leads;
pub mod llm;
pub mod metrics;
pub mod net;
pub mod notify;
pub mod retrieval;
pub mod shops;
pub mod store;
pub mod surveys;
pub mod text;
