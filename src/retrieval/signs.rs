//! Signs of whether the shop's knowledge answers a question at all, each from 0 to 1. `confidence` weighs them.

use crate::domain::search::QueryTerm;
use crate::retrieval::evidence::Candidate;
use crate::retrieval::fusion::FusedCandidate;
use crate::retrieval::passage::Comparison;
use crate::retrieval::question::ReadQuestion;
use crate::retrieval::thing::Want;
use crate::retrieval::thing::kind_terms;
use crate::retrieval::thing::wanted;
use crate::store::Passage;

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Signs {
    /// 1 when the question names an identifier of the shop.
    pub identifier: f64,
    /// The score of the best document.
    pub score: f64,
    /// How near the best document as a whole is in meaning.
    pub whole_vector: f64,
    /// How far the thing that the question wants is from what the shop calls its products and categories, when the question can
    /// only mean goods; else 0.
    pub unsold: f64,
    /// The same when it may mean other things too, which the titles of other documents name.
    pub unnamed: f64,
    /// The same when the question does no more than name a thing.
    pub bare_unnamed: f64,
}

impl Signs {
    /// `fused` are the documents found, best first.
    pub fn of(
        question: &ReadQuestion,
        fused: &[FusedCandidate],
        candidates: &[Candidate],
        passages: &[Passage],
        comparison: &Comparison<'_>,
    ) -> Signs {
        let identifier = candidates.iter().map(|candidate| candidate.evidence.identifier);
        let best = fused.first();
        let mut signs = Signs {
            identifier: identifier.fold(0.0, f64::max),
            score: best.map_or(0.0, |best| best.score),
            whole_vector: best.map_or(0.0, |best| best.evidence.whole_vector),
            ..Signs::default()
        };
        signs.note_wanted(question, passages, comparison);
        signs
    }

    fn note_wanted(&mut self, question: &ReadQuestion, passages: &[Passage], comparison: &Comparison<'_>) {
        let Some(wanted) = wanted(&question.meant) else {
            return;
        };
        let stands_for = |word: &QueryTerm| word.alternatives.iter().any(|other| other.term == wanted.term);
        let Some(place) = question.words.iter().position(stands_for) else {
            return;
        };
        let (mut named, mut sold) = (0.0_f64, 0.0_f64);
        for passage in passages {
            if passage.is_product() {
                let kind = kind_terms(&passage.title);
                let category = passage.terms.category.split(' ');
                let terms = kind.iter().map(String::as_str).chain(category);
                sold = sold.max(sameness(comparison, place, terms));
            } else {
                let title = passage.terms.name.split(' ').chain(passage.terms.question.split(' '));
                named = named.max(sameness(comparison, place, title));
            }
        }
        match wanted.kind {
            Want::Goods => self.unsold = 1.0 - sold,
            Want::Anything => self.unnamed = 1.0 - named.max(sold),
            Want::Named => self.bare_unnamed = 1.0 - named.max(sold),
        }
    }

    /// Each sign with its name.
    pub fn named(&self) -> [(&'static str, f64); 6] {
        [
            ("identifier", self.identifier),
            ("score", self.score),
            ("whole_vector", self.whole_vector),
            ("unsold", self.unsold),
            ("unnamed", self.unnamed),
            ("bare_unnamed", self.bare_unnamed),
        ]
    }
}

/// Of the terms, that which most surely names the same thing as the word at a place.
fn sameness<'a>(comparison: &Comparison<'_>, place: usize, terms: impl Iterator<Item = &'a str>) -> f64 {
    terms.map(|term| comparison.sameness(place, term)).fold(0.0, f64::max)
}
