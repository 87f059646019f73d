//! Palompy: an AI assistant for small online shops in one program. ARCHITECTURE.md tells how the modules fit together.

pub mod config;
pub mod domain;
pub mod http;
pub mod i18n;
pub mod llm;
pub mod shops;
pub mod store;
pub mod text;
