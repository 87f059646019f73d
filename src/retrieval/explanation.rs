//! Tells how a search came to its hits, in a shape that needs no knowledge of retrieval.

use crate::domain::search::ExplainedSearch;
use crate::domain::search::NamedScore;
use crate::domain::search::Reading;
use crate::domain::search::SearchOutcome;
use crate::retrieval::evidence::Evidence;
use crate::retrieval::fusion::FusedCandidate;
use crate::retrieval::question::ReadQuestion;
use crate::retrieval::signs::Signs;

/// A search that is done, with all that it went through.
#[derive(Debug, Clone)]
pub struct Searched {
    pub outcome: SearchOutcome,
    pub wording: String,
    pub question: ReadQuestion,
    pub signs: Signs,
    /// What was asked of product rows, if anything was.
    pub asked_of_rows: Vec<Reading>,
    pub fused: Vec<FusedCandidate>,
    /// What the confidence has to reach.
    pub answer_threshold: f64,
}

impl Searched {
    pub fn explained(self) -> ExplainedSearch {
        let evidence = self.outcome.hits.iter().map(|hit| {
            let candidate = self.fused.iter().find(|candidate| candidate.chunk == hit.chunk.id);
            candidate.map_or_else(Vec::new, |candidate| named(&candidate.evidence))
        });
        ExplainedSearch {
            evidence: evidence.collect(),
            outcome: self.outcome,
            wording: self.wording,
            signs: self
                .signs
                .named()
                .map(|(name, score)| NamedScore { name, score })
                .into(),
            readings: readings(&self.question, self.asked_of_rows),
            meant: self.question.meant,
            words: self.question.words,
            answer_threshold: self.answer_threshold,
        }
    }
}

/// In the order in which search weighs them.
fn named(evidence: &Evidence) -> Vec<NamedScore> {
    // Taken apart field by field, so that a new kind of evidence cannot be forgotten here.
    let Evidence {
        identifier,
        lexical,
        vector,
        second_vector,
        whole_vector,
        coverage,
        name_coverage,
        name_precision,
        kinship,
    } = *evidence;
    let scores = [
        ("identifier", identifier),
        ("lexical", lexical),
        ("vector", vector),
        ("second_vector", second_vector),
        ("whole_vector", whole_vector),
        ("coverage", coverage),
        ("name_coverage", name_coverage),
        ("name_precision", name_precision),
        ("kinship", kinship),
    ];
    scores.map(|(name, score)| NamedScore { name, score }).into()
}

fn readings(question: &ReadQuestion, asked_of_rows: Vec<Reading>) -> Vec<Reading> {
    let identifiers = question.identifiers.iter().map(|identifier| Reading {
        name: "identifier",
        value: identifier.clone(),
    });
    identifiers.chain(asked_of_rows).collect()
}
