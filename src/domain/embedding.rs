//! Embedding spaces and vectors.

use crate::domain::id::SpaceId;

/// What tells one embedding space from another: vectors are comparable only when all three are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpaceKey {
    pub model: String,
    pub revision: String,
    pub dimensions: usize,
}

/// A space that the store knows, with the number of its vector table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingSpace {
    pub id: SpaceId,
    pub key: SpaceKey,
}

/// An L2-normalized vector: its length is 1, or 0 for a text in which the model knows nothing.
pub type Embedding = Vec<f32>;
