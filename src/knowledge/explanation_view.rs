//! The JSON of an explained search.

use crate::domain::search::ExplainedSearch;
use crate::domain::search::Hit;
use crate::domain::search::NamedScore;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How a question was read, and how sure the search was.
#[derive(Serialize, ToSchema)]
pub struct ExplanationView {
    /// The question as it was searched for, completed from what was said before.
    wording: String,
    /// The same with layout, script and spelling put right.
    meant: String,
    /// The words that were looked up, each with what may stand for it.
    words: Vec<Vec<TermView>>,
    /// What else the question was taken to say: article numbers, and what it asks of products, as `price` and `<= 3000`.
    readings: Vec<ReadingView>,
    /// Whether no product of the asked kind meets all that was asked.
    unmet: bool,
    /// From 0 to 1; the question is answered from `answer_threshold` on.
    confidence: f64,
    answer_threshold: f64,
}

#[derive(Serialize, ToSchema)]
struct TermView {
    term: String,
    /// How much of the term's score counts, above 0 and up to 1.
    weight: f64,
}

#[derive(Serialize, ToSchema)]
struct ReadingView {
    name: &'static str,
    value: String,
}

/// A hit with what speaks for it.
#[derive(Serialize, ToSchema)]
pub struct EvidenceView {
    source_type: &'static str,
    source_id: String,
    title: String,
    /// The best passage.
    text: String,
    score: f64,
    /// By kind, each from 0 to 1.
    evidence: BTreeMap<&'static str, f64>,
}

impl From<&ExplainedSearch> for ExplanationView {
    fn from(search: &ExplainedSearch) -> ExplanationView {
        let words = search.words.iter().map(|word| {
            let terms = word.alternatives.iter().map(|alternative| TermView {
                term: alternative.term.clone(),
                weight: alternative.weight,
            });
            terms.collect()
        });
        let readings = search.readings.iter().map(|reading| ReadingView {
            name: reading.name,
            value: reading.value.clone(),
        });
        ExplanationView {
            wording: search.wording.clone(),
            meant: search.meant.clone(),
            words: words.collect(),
            readings: readings.collect(),
            unmet: search.outcome.is_unmet,
            confidence: search.outcome.confidence,
            answer_threshold: search.answer_threshold,
        }
    }
}

impl EvidenceView {
    /// All hits, best first.
    pub fn list(search: &ExplainedSearch) -> impl Iterator<Item = EvidenceView> {
        let evidence = search.evidence.iter();
        search.outcome.hits.iter().zip(evidence).map(EvidenceView::new)
    }

    fn new((hit, evidence): (&Hit, &Vec<NamedScore>)) -> EvidenceView {
        let document = &hit.chunk.document;
        EvidenceView {
            source_type: document.key.source_type.name(),
            source_id: document.key.source_id.clone(),
            title: document.title.clone(),
            text: hit.chunk.text.clone(),
            score: hit.score,
            evidence: evidence.iter().map(|score| (score.name, score.score)).collect(),
        }
    }

    pub fn is_of(&self, source_ids: &[String]) -> bool {
        source_ids.contains(&self.source_id)
    }
}
