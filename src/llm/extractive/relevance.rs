//! How well statements answer a question: shared terms, the rarer among the fragments the heavier.

use crate::domain::generation::Fragment;
use crate::llm::extractive::statements::Statement;
use crate::text::terms::terms;
use std::collections::HashSet;

/// A term in the heading above a statement says less than one in the statement.
const HEADING_SHARE: f64 = 0.5;
/// What a term is worth that an earlier statement has covered already.
const REPEATED_SHARE: f64 = 0.25;
/// A further statement must be worth this much of the best one.
const FURTHER_SHARE: f64 = 0.4;
/// A single term says enough when it is this much of the question.
const DECISIVE_SHARE: f64 = 0.5;

/// The question's terms, each once, with their weights.
pub struct Question {
    terms: Vec<(String, f64)>,
}

/// Terms of the question that the answer has spoken of so far.
pub type Covered = HashSet<String>;

impl Question {
    pub fn new(question: &str, fragments: &[Fragment]) -> Question {
        let contents: Vec<HashSet<String>> = fragments
            .iter()
            .map(|fragment| {
                terms(&fragment.text)
                    .into_iter()
                    .chain(terms(&fragment.document.title))
                    .collect()
            })
            .collect();
        let mut weighted: Vec<(String, f64)> = Vec::new();
        for term in terms(question) {
            if weighted.iter().any(|(known, _)| *known == term) {
                continue;
            }
            let with_term = contents.iter().filter(|content| content.contains(&term)).count();
            // A term that no fragment has matches nothing, but it is part of what was asked.
            let rarity = (1.0 + contents.len() as f64 / with_term.max(1) as f64).ln();
            weighted.push((term, rarity));
        }
        Question { terms: weighted }
    }

    /// The weight of the question's terms that a text has.
    pub fn weight_in(&self, text: &str) -> f64 {
        let content: HashSet<String> = terms(text).into_iter().collect();
        let shared = self.terms.iter().filter(|(term, _)| content.contains(term));
        shared.map(|(_, weight)| weight).sum()
    }

    /// The question's terms that a text has.
    pub fn terms_in(&self, text: &str) -> Covered {
        let content: HashSet<String> = terms(text).into_iter().collect();
        let shared = self.terms.iter().filter(|(term, _)| content.contains(term));
        shared.map(|(term, _)| term.clone()).collect()
    }

    /// Whether a statement, read under its heading, speaks of enough that is not covered yet.
    ///
    /// One shared word of many is chance ("стоит" in "повторный выезд стоит столько же"); two, or half the question, is not.
    pub fn is_answered_further(&self, statement: &Statement, covered: &Covered) -> bool {
        let open = self.without(covered);
        let text = format!("{} {}", statement.heading, statement.text);
        let whole: f64 = self.terms.iter().map(|(_, weight)| weight).sum();
        let added = open.weight_in(&text);
        added > 0.0 && (open.terms_in(&text).len() >= 2 || added >= whole * DECISIVE_SHARE)
    }

    /// The same question, less what is known.
    pub fn without(&self, known: &Covered) -> Question {
        let unknown = self.terms.iter().filter(|(term, _)| !known.contains(term));
        Question {
            terms: unknown.cloned().collect(),
        }
    }

    /// Up to `limit` statements that answer the question, in their own order; none when nothing matches.
    ///
    /// Each pick counts new terms in full and repeated ones little; equal ones go by position. `covered` grows by what was
    /// picked.
    pub fn best<'a>(
        &self,
        statements: impl IntoIterator<Item = &'a Statement>,
        limit: usize,
        covered: &mut Covered,
    ) -> Vec<&'a Statement> {
        let statements: Vec<&Statement> = statements.into_iter().collect();
        let matches: Vec<Match<'_>> = statements.iter().map(|statement| self.matched(statement)).collect();
        let mut picked: Vec<usize> = Vec::new();
        let mut least = 0.0;
        while picked.len() < limit {
            let mut best: Option<(usize, f64)> = None;
            for (index, found) in matches.iter().enumerate() {
                let worth = found.worth(covered);
                let is_better = best.is_none_or(|(_, best)| worth > best);
                if is_better && worth > 0.0 && worth >= least && !picked.contains(&index) {
                    best = Some((index, worth));
                }
            }
            let Some((index, worth)) = best else {
                break;
            };
            if picked.is_empty() {
                least = worth * FURTHER_SHARE;
            }
            picked.push(index);
            if let Some(found) = matches.get(index) {
                covered.extend(found.terms.iter().map(|(term, _)| (*term).to_owned()));
            }
        }
        picked.sort_unstable();
        picked
            .into_iter()
            .filter_map(|index| statements.get(index).copied())
            .collect()
    }

    fn matched(&self, statement: &Statement) -> Match<'_> {
        let text: HashSet<String> = terms(&statement.text).into_iter().collect();
        let heading: HashSet<String> = terms(&statement.heading).into_iter().collect();
        let mut found = Match::default();
        for (term, weight) in &self.terms {
            if text.contains(term) {
                found.terms.push((term, *weight));
            } else if heading.contains(term) {
                found.heading_weight += weight * HEADING_SHARE;
            }
        }
        found
    }
}

#[derive(Default)]
struct Match<'a> {
    terms: Vec<(&'a str, f64)>,
    heading_weight: f64,
}

impl Match<'_> {
    fn worth(&self, covered: &Covered) -> f64 {
        let shares = self.terms.iter().map(|(term, weight)| {
            let is_repeated = covered.contains(*term);
            if is_repeated { weight * REPEATED_SHARE } else { *weight }
        });
        shares.sum::<f64>() + self.heading_weight
    }
}
