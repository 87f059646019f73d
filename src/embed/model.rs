//! The models behind one face: a query, a batch, and how passages are cut into batches.

use crate::domain::embedding::Embedding;
use crate::embed::builtin::BuiltinModel;
use crate::embed::error::EmbedError;
use crate::embed::onnx::OnnxModel;
use crate::text::normalize::normalize;
use crate::text::tokenize::words;
use tokenizers::Tokenizer;

/// A query waits for at most one batch. This many texts of the built-in model take well under a millisecond.
const BUILTIN_BATCH: usize = 32;

pub enum Model {
    Builtin(BuiltinModel),
    Onnx(Box<OnnxModel>),
    #[cfg(test)]
    Scripted(Script),
}

#[cfg(test)]
pub type Script = Box<dyn FnMut(&[&str]) -> Result<Vec<Embedding>, EmbedError> + Send>;

impl Model {
    pub fn embed_query(&mut self, text: &str) -> Result<Embedding, EmbedError> {
        match self {
            Model::Builtin(model) => Ok(model.embed_query(text)),
            Model::Onnx(model) => model.embed_query(text),
            #[cfg(test)]
            Model::Scripted(script) => Ok(script(&[text])?.remove(0)),
        }
    }

    /// One vector per text, in order.
    pub fn embed_batch(&mut self, texts: &[&str]) -> Result<Vec<Embedding>, EmbedError> {
        match self {
            Model::Builtin(model) => Ok(texts.iter().map(|text| model.embed_passage(text)).collect()),
            Model::Onnx(model) => model.embed_batch(texts),
            #[cfg(test)]
            Model::Scripted(script) => script(texts),
        }
    }

    /// Cuts texts into batches of indexes; each index occurs once.
    pub fn plan_batches(&self, texts: &[String]) -> Vec<Vec<usize>> {
        match self {
            Model::Onnx(model) => model.plan_batches(texts),
            Model::Builtin(_) => in_order(texts.len(), BUILTIN_BATCH),
            #[cfg(test)]
            Model::Scripted(_) => in_order(texts.len(), 2),
        }
    }
}

fn in_order(count: usize, size: usize) -> Vec<Vec<usize>> {
    let indexes: Vec<usize> = (0..count).collect();
    indexes.chunks(size).map(<[usize]>::to_vec).collect()
}

pub enum TokenCounter {
    Words,
    Tokenizer(Box<Tokenizer>),
}

impl TokenCounter {
    /// A text that the tokenizer refuses is counted in words.
    pub fn count(&self, text: &str) -> usize {
        let in_words = || words(&normalize(text)).count();
        match self {
            TokenCounter::Words => in_words(),
            TokenCounter::Tokenizer(tokenizer) => tokenizer
                .encode_fast(text, false)
                .map_or_else(|_| in_words(), |encoding| encoding.len()),
        }
    }
}
