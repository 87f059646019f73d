//! Turns text into embeddings on this machine: the built-in model or an ONNX model from a folder.
//!
//! A thread of its own owns the model; `Embedder` is the handle to it. Knows nothing of shops, storage or downloads.

pub mod builtin;
pub mod catalog;
pub mod error;
pub mod manifest;
mod model;
mod onnx;
pub mod registry;
pub mod reranker;
pub mod runtime;
mod worker;

use crate::domain::embedding::Embedding;
use crate::domain::embedding::SpaceKey;
use crate::embed::builtin::BuiltinModel;
use crate::embed::error::EmbedError;
use crate::embed::model::Model;
use crate::embed::model::TokenCounter;
use crate::embed::onnx::OnnxModel;
use crate::embed::worker::Worker;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// A handle to the thread that owns the model. Clones share it; when the last one is dropped the thread ends.
#[derive(Clone)]
pub struct Embedder {
    shared: Arc<Shared>,
}

struct Shared {
    worker: Worker,
    space_key: SpaceKey,
    counter: TokenCounter,
    max_tokens: Option<usize>,
}

impl Embedder {
    /// The model inside the program. Needs no file and loads at once.
    pub fn builtin() -> Result<Embedder, EmbedError> {
        let model = BuiltinModel::load()?;
        let space_key = model.space_key();
        Embedder::start(Model::Builtin(model), space_key, TokenCounter::Words, None)
    }

    /// The ONNX model in `folder`, run by the first library among `runtimes` that exists (see `runtime::find_runtime`).
    ///
    /// Takes as long as the model needs to load, often a second: call it on a blocking thread. One process loads one ONNX
    /// Runtime; a later call with another path keeps the first.
    pub fn onnx(folder: &Path, runtimes: &[PathBuf]) -> Result<Embedder, EmbedError> {
        let model = OnnxModel::load(folder, runtimes)?;
        let space_key = model.space_key().clone();
        let counter = TokenCounter::Tokenizer(Box::new(model.untruncated_tokenizer()?));
        let max_tokens = Some(model.max_tokens());
        Embedder::start(Model::Onnx(Box::new(model)), space_key, counter, max_tokens)
    }

    fn start(
        model: Model,
        space_key: SpaceKey,
        counter: TokenCounter,
        max_tokens: Option<usize>,
    ) -> Result<Embedder, EmbedError> {
        let worker = Worker::start(model)?;
        tracing::info!(
            model = space_key.model,
            revision = space_key.revision,
            dimensions = space_key.dimensions,
            "embedding model loaded"
        );
        let shared = Shared {
            worker,
            space_key,
            counter,
            max_tokens,
        };
        Ok(Embedder {
            shared: Arc::new(shared),
        })
    }

    /// The space that all vectors of this embedder belong to.
    pub fn space_key(&self) -> &SpaceKey {
        &self.shared.space_key
    }

    /// The vector of a question. Goes ahead of all waiting passages; `Busy` when too many questions wait already.
    pub async fn embed_query(&self, text: String) -> Result<Embedding, EmbedError> {
        self.shared.worker.embed_query(text).await
    }

    /// One vector per text, in the order of the texts. Waits while the queue is full.
    pub async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Embedding>, EmbedError> {
        self.shared.worker.embed_passages(texts).await
    }

    /// How much of a chunk's size budget a text takes: tokens of the model's tokenizer without the special ones; words for
    /// the built-in model.
    pub fn count_tokens(&self, text: &str) -> usize {
        self.shared.counter.count(text)
    }

    /// What `count_tokens` counts: `tokens` or `words`.
    pub fn size_unit(&self) -> &'static str {
        match self.shared.counter {
            TokenCounter::Words => "words",
            TokenCounter::Tokenizer(_) => "tokens",
        }
    }

    /// A passage longer than this is cut by the model; `None` when nothing is cut.
    pub fn max_tokens(&self) -> Option<usize> {
        self.shared.max_tokens
    }

    /// Passages that were asked for and have no vector yet.
    pub fn backlog(&self) -> usize {
        self.shared.worker.backlog()
    }
}
