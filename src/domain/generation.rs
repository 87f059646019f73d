//! What a generator is given and what it gives back.

use crate::domain::knowledge::ChunkPlace;
use crate::domain::knowledge::Document;
use crate::domain::language::Language;
use crate::domain::search::Variant;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Visitor,
    Assistant,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PromptTurn {
    pub role: Role,
    pub text: String,
}

/// A numbered piece of the shop's knowledge that an answer may cite.
#[derive(Debug, Clone, PartialEq)]
pub struct Fragment {
    /// From 1, without gaps.
    pub n: usize,
    pub document: Document,
    /// The chunk's text as it stands in the index, labels included.
    pub text: String,
    /// Where the chunk begins in its document.
    pub place: ChunkPlace,
    /// The product's other variants that the prompt names.
    pub variants: Vec<Variant>,
    /// Whether the row's price was confirmed too long ago; it is not in `document` then.
    pub is_price_old: bool,
}

/// How much of its generator's limits a prompt may use, and the form of its answer; the default is all of them, and plain text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowance {
    /// At most so many tokens, when the generator itself would allow more.
    pub max_tokens: Option<u32>,
    /// The part of the generator's total time that is used up already.
    pub time_spent: Duration,
    /// A JSON Schema that the answer must keep to, where the service can hold a model to one.
    pub schema: Option<&'static str>,
}

/// Everything that decides one answer.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// The instructions, complete; fragments are not in them.
    pub system: String,
    /// The fragments as the model reads them.
    pub context: String,
    /// The same fragments as data, for the extractive generator.
    pub fragments: Vec<Fragment>,
    /// What an extractive answer opens with, when the fragments alone would say too much.
    pub opening: Option<String>,
    /// Earlier turns, oldest first.
    pub history: Vec<PromptTurn>,
    pub question: String,
    pub language: Language,
    pub allowance: Allowance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
}

/// What a generator emits: any number of `Delta`, then one `Done`. A stream that ends without `Done` was cut.
#[derive(Debug, Clone, PartialEq)]
pub enum GeneratorEvent {
    /// A part of the text, never empty. Citations stand in it as `[1]`.
    Delta(String),
    Done {
        usage: Option<Usage>,
    },
}
