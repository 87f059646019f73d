//! Documents, chunks and what an import brings.

use crate::domain::embedding::Embedding;
use crate::domain::id::ChunkId;
use crate::domain::id::DocumentId;
use crate::domain::id::SpaceId;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceType {
    Product,
    Faq,
    Policy,
    /// A text that was written for people: a file of a word processor, a page of a site.
    Document,
}

impl SourceType {
    pub const ALL: [SourceType; 4] = [
        SourceType::Product,
        SourceType::Faq,
        SourceType::Policy,
        SourceType::Document,
    ];

    pub fn name(self) -> &'static str {
        match self {
            SourceType::Product => "product",
            SourceType::Faq => "faq",
            SourceType::Policy => "policy",
            SourceType::Document => "document",
        }
    }

    pub fn parse(name: &str) -> Option<SourceType> {
        SourceType::ALL
            .into_iter()
            .find(|source_type| source_type.name() == name)
    }
}

/// Names one document inside a shop, whatever its row is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceKey {
    pub source_type: SourceType,
    pub source_id: String,
}

/// The fields of a product that stay data: answers quote them, filters compare them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProductRow {
    pub price: Option<f64>,
    pub old_price: Option<f64>,
    pub currency: Option<String>,
    pub image: Option<String>,
    pub category: Option<String>,
    pub brand: Option<String>,
    pub in_stock: Option<bool>,
    pub attributes: BTreeMap<String, String>,
}

/// A document ready to be stored, with its chunks and their vectors.
#[derive(Debug, Clone)]
pub struct NewDocument {
    pub key: SourceKey,
    pub title: String,
    pub url: Option<String>,
    /// SHA-256 over everything that decides its chunks, hexadecimal. Equal hash means nothing to do.
    pub content_hash: String,
    /// The same over its prose alone.
    pub text_hash: String,
    /// The product's row; `None` for other source types.
    pub product: Option<ProductRow>,
    /// What a product's description says, so that it can be told in part later; `None` for other source types.
    pub description: Option<String>,
    /// Identifiers as `text::identifier::normalize_identifier` writes them (SKU and the like).
    pub identifiers: Vec<String>,
    pub chunks: Vec<NewChunk>,
}

/// Where in its document a chunk begins, as far as the document has such places.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkPlace {
    /// From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The part of a web address after `#`, without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
}

#[derive(Debug, Clone)]
pub struct NewChunk {
    pub text: String,
    pub place: ChunkPlace,
    pub terms: ChunkTerms,
    /// One vector per sentence-sized unit; the best one speaks for the chunk.
    pub embeddings: Vec<Embedding>,
}

/// The vectors of a stored chunk, one per unit.
#[derive(Debug, Clone)]
pub struct ChunkEmbeddings {
    pub chunk: ChunkId,
    pub embeddings: Vec<Embedding>,
}

/// The terms of one chunk by field, each a list separated by spaces, as `text::terms` writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChunkTerms {
    /// A product's name, a policy's title.
    pub name: String,
    /// A product's category and brand.
    pub category: String,
    /// A product's article number and the values of its attributes.
    pub attributes: String,
    /// What a frequent question asks.
    pub question: String,
    pub body: String,
}

/// What is compared with a document that is read anew.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownDocument {
    pub content_hash: String,
    /// `None` for one that was stored before such hashes were.
    pub text_hash: Option<String>,
    pub space: SpaceId,
    pub title: String,
    pub url: Option<String>,
    pub product: Option<ProductRow>,
}

/// A visible product with all that an item of it is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownProduct {
    pub source_id: String,
    pub name: String,
    pub url: Option<String>,
    /// `None` for one that was stored before descriptions were.
    pub description: Option<String>,
    pub row: ProductRow,
}

/// A stored document with what an answer may quote of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub id: DocumentId,
    pub key: SourceKey,
    pub title: String,
    pub url: Option<String>,
    pub product: Option<ProductRow>,
}

/// A stored chunk with its document.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    pub id: ChunkId,
    pub document: Document,
    pub text: String,
    pub place: ChunkPlace,
}
