//! What became of a turn: how its wording ended, and what of that goes into the log and to the visitor.

use crate::domain::chat::Citation;
use crate::domain::chat::TurnStatus;
use crate::domain::generation::Fragment;
use crate::domain::generation::Prompt;
use crate::domain::generation::Usage;
use crate::domain::knowledge::Document;

/// How wording an answer ended.
pub enum Wording {
    Whole {
        text: String,
        cited: Vec<usize>,
        usage: Option<Usage>,
    },
    /// The visitor left; this is what there was.
    Abandoned {
        text: String,
    },
    Failed,
}

/// What goes into the log and to the visitor.
pub struct Outcome {
    pub text: String,
    pub status: TurnStatus,
    pub citations: Vec<Citation>,
    /// The documents of the citations, in the same order.
    pub cited: Vec<Document>,
    pub context_used: String,
    pub model: String,
    pub usage: Option<Usage>,
    pub degraded: bool,
    pub refused: bool,
}

/// An answer without a citation is a refusal.
pub fn outcome_of(wording: Wording, model: &str, prompt: &Prompt, degraded: bool) -> Outcome {
    let (text, status, cited, usage) = match wording {
        Wording::Whole { text, cited, usage } => (text, TurnStatus::Complete, cited, usage),
        Wording::Abandoned { text } => (text, TurnStatus::Interrupted, Vec::new(), None),
        Wording::Failed => (String::new(), TurnStatus::Interrupted, Vec::new(), None),
    };
    let is_cited = |fragment: &&Fragment| cited.contains(&fragment.n);
    let citations: Vec<Citation> = prompt.fragments.iter().filter(is_cited).map(citation).collect();
    let documents = prompt.fragments.iter().filter(is_cited);
    let documents = documents.map(|fragment| fragment.document.clone()).collect();
    let refused = status == TurnStatus::Complete && citations.is_empty();
    let context_used = prompt.context.clone();
    Outcome {
        text,
        status,
        citations,
        cited: documents,
        context_used,
        model: model.to_owned(),
        usage,
        degraded,
        refused,
    }
}

/// For a turn that ended before anything could be said.
pub fn failed_outcome() -> Outcome {
    Outcome {
        text: String::new(),
        status: TurnStatus::Interrupted,
        citations: Vec::new(),
        cited: Vec::new(),
        context_used: String::new(),
        model: "none".to_owned(),
        usage: None,
        degraded: true,
        refused: false,
    }
}

fn citation(fragment: &Fragment) -> Citation {
    Citation {
        n: fragment.n,
        source_type: fragment.document.key.source_type,
        source_id: fragment.document.key.source_id.clone(),
        title: fragment.document.title.clone(),
        url: fragment.document.url.clone(),
    }
}
