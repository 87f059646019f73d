//! Everything that needs a database, a socket or a file, in one binary.
#![cfg(test)]

mod fake_openai;
mod llm;
