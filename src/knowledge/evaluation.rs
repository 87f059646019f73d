//! Asks a shop's knowledge many questions with known sources, as visitors would, and keeps what was found.

use crate::domain::chat::Citation;
use crate::domain::chat::PastTurn;
use crate::domain::id::ShopId;
use crate::domain::language::Language;
use crate::domain::search::ExplainedSearch;
use crate::domain::search::Hit;
use crate::domain::search::SearchOutcome;
use crate::knowledge::Knowledge;
use crate::metrics::ranking::first_right;
use crate::metrics::ranking::is_judged_rightly;
use crate::metrics::report::Report;
use crate::metrics::report::report;
use crate::metrics::run::FoundSource;
use crate::metrics::run::Outcome;
use crate::metrics::run::Question;
use crate::metrics::run::Run;
use crate::metrics::run::Space;
use crate::retrieval::variants::Listing;
use anyhow::Context;

/// Hits taken for each question. More than `metrics::ranking::DEPTH`, so that a tie which goes past that place is seen, and so that
/// an explanation can say where the right source was.
const HITS: usize = 50;
/// Earlier messages that are taken into account, the last ones; as many as a chat reads back.
const HISTORY_TURNS: usize = 6;

/// A run with its figures.
#[derive(Debug, Clone)]
pub struct Evaluation {
    pub report: Report,
    pub run: Run,
    /// Questions whose first hit is wrong, or that were wrongly answered or refused, in the order asked; empty unless asked for.
    pub misses: Vec<Miss>,
}

#[derive(Debug, Clone)]
pub struct Miss {
    pub outcome: Outcome,
    /// The first right source's place among the hits, from 1.
    pub rank: Option<usize>,
    pub search: ExplainedSearch,
}

impl Knowledge {
    /// Asks every question and measures what is found. Each miss is explained when `explain` is set.
    pub async fn evaluate(&self, shop: ShopId, questions: Vec<Question>, explain: bool) -> anyhow::Result<Evaluation> {
        self.store.shop(shop).await?;
        let mut outcomes = Vec::with_capacity(questions.len());
        let mut misses = Vec::new();
        for question in questions {
            let history = self.conversation(shop, &question.history).await?;
            // Each document by itself: a question expects source ids, and a variant is not found by being listed on another.
            let search = self
                .retriever
                .explain(shop, &question.question, &history, HITS, Listing::Each)
                .await?;
            let outcome = outcome(question, &search.outcome);
            let rank = first_right(&outcome);
            let is_found = outcome.question.expect.is_empty() || rank == Some(1);
            if explain && !(is_found && is_judged_rightly(&outcome)) {
                misses.push(Miss {
                    outcome: outcome.clone(),
                    rank,
                    search,
                });
            }
            outcomes.push(outcome);
        }
        let (report, outcomes) = tokio::task::spawn_blocking(move || (report(&outcomes), outcomes))
            .await
            .context("measuring panicked")?;
        Ok(Evaluation {
            report,
            run: Run {
                space: self.space_name(shop).await?,
                outcomes,
            },
            misses,
        })
    }

    /// What a chat would remember of these messages: each answered from its best hit, or refused.
    pub async fn conversation(&self, shop: ShopId, messages: &[String]) -> anyhow::Result<Vec<PastTurn>> {
        let mut turns = Vec::new();
        for message in messages.iter().skip(messages.len().saturating_sub(HISTORY_TURNS)) {
            let found = self.retriever.search(shop, message, &turns, 1).await?;
            turns.push(PastTurn {
                user_message: message.clone(),
                assistant_answer: String::new(),
                language: Language::Ru,
                refused: !found.answerable,
                citations: found.hits.first().map(citation).into_iter().collect(),
            });
        }
        Ok(turns)
    }

    async fn space_name(&self, shop: ShopId) -> anyhow::Result<Space> {
        let key = self.models.of(shop).await?.space.key;
        Ok(Space {
            model: key.model,
            revision: key.revision,
            dimensions: key.dimensions,
        })
    }
}

fn outcome(question: Question, found: &SearchOutcome) -> Outcome {
    let sources = found.hits.iter().map(|hit| FoundSource {
        source_id: hit.chunk.document.key.source_id.clone(),
        score: hit.score,
    });
    Outcome {
        question,
        found: sources.collect(),
        refused: !found.answerable,
        confidence: found.confidence,
    }
}

fn citation(hit: &Hit) -> Citation {
    let document = &hit.chunk.document;
    Citation {
        n: 1,
        source_type: document.key.source_type,
        source_id: document.key.source_id.clone(),
        title: document.title.clone(),
        url: document.url.clone(),
        page: None,
        section: None,
    }
}
