//! Palompy: an AI assistant for small online shops in one program. ARCHITECTURE.md tells how the modules fit together.

pub mod domain;
pub mod embed;
pub mod text;
