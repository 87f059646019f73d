//! Generators: what words an answer. One asks an OpenAI-compatible service, one quotes the fragments; both emit the same events.
//!
//! Whether to answer at all, and what to do after a failure, is decided by the caller. Nothing here knows shops or storage.

mod breaker;
mod chunk;
mod extractive;
pub mod openai;
mod request;
mod sse;
mod transport;
mod turn;

use crate::domain::generation::GeneratorEvent;
use crate::domain::generation::Prompt;
use crate::llm::openai::OpenAi;
use futures::StreamExt;
use futures::stream;
use futures::stream::BoxStream;
use std::fmt;
use std::sync::Arc;

#[derive(Clone)]
pub enum Generator {
    OpenAi(OpenAi),
    Extractive,
}

impl Generator {
    /// The model's name, or `extractive`.
    pub fn name(&self) -> &str {
        match self {
            Generator::OpenAi(openai) => openai.model(),
            Generator::Extractive => "extractive",
        }
    }

    /// Words an answer. The stream ends after `Done` or after its only error; dropping it ends the upstream request.
    ///
    /// Nothing is asked before the stream is polled. An error may follow deltas: the text so far is then incomplete.
    pub fn generate(&self, prompt: Arc<Prompt>) -> BoxStream<'static, Result<GeneratorEvent, GeneratorError>> {
        match self {
            Generator::OpenAi(openai) => openai.generate(&prompt),
            Generator::Extractive => stream::once(extracted(prompt)).flat_map(stream::iter).boxed(),
        }
    }
}

/// Reading the fragments takes milliseconds, which belong on a thread that may be held.
async fn extracted(prompt: Arc<Prompt>) -> Vec<Result<GeneratorEvent, GeneratorError>> {
    match tokio::task::spawn_blocking(move || extractive::events(&prompt)).await {
        Ok(events) => events.into_iter().map(Ok).collect(),
        Err(_) => vec![Err(GeneratorError::Internal("extraction panicked"))],
    }
}

/// Why there is no answer, by what can be done about it. Carries no text from the service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GeneratorError {
    /// The configuration is wrong (key, address, model, request): the same call fails again.
    #[error("the model service rejected the request with status {status}")]
    Rejected { status: u16 },
    /// Too many requests, or the paid quota is used up.
    #[error("the model service refused for now: too many requests or no quota left")]
    RateLimited,
    /// No connection, an error on the other side, or the breaker is open. Worth another try later.
    #[error("the model service is unavailable")]
    Unavailable,
    #[error("the model service took too long ({stage})")]
    TimedOut { stage: Stage },
    /// The stream ended before the answer did.
    #[error("the model service cut the answer short")]
    Cut,
    /// What came is no answer: not the expected format, too long, or without any text.
    #[error("the model service sent something that is not an answer")]
    Rubbish,
    #[error("internal generator error: {0}")]
    Internal(&'static str),
}

/// What was being waited for when time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Connect,
    FirstToken,
    NextToken,
    WholeAnswer,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Connect => "connecting",
            Stage::FirstToken => "first token",
            Stage::NextToken => "next token",
            Stage::WholeAnswer => "whole answer",
        })
    }
}

/// Chooses the TLS implementation for the whole process. Idempotent; must run before any HTTPS client is built.
pub fn install_tls() {
    // An error means that a provider is installed already, which is all we need.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
