//! Questions that a visitor is offered: on a product's page, and after an answer. No model is asked for them. Each is one that the
//! shop's own data answers: it stands among its frequent questions, or asks for what a product's row or a policy has.

mod attributes;
pub mod cache;
mod topics;

use crate::chat::suggestions::attributes::attribute_questions;
use crate::chat::suggestions::topics::Topics;
use crate::domain::knowledge::Document;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::text::language::language_of;
use crate::text::normalize::normalize;
use crate::text::terms::terms;
use std::collections::BTreeSet;

/// Suggestions under one answer; more would push the answer away.
const FOLLOW_UPS: usize = 3;
/// Questions about the product itself among them, and on its page.
const ABOUT_PRODUCT: usize = 2;
/// A longer question does not fit on a button.
const MAX_CHARS: usize = 90;

/// A frequent question that was found near the visitor's.
#[derive(Debug, Clone, PartialEq)]
pub struct NearQuestion {
    pub key: SourceKey,
    pub text: String,
}

/// What an answer leaves to ask.
pub struct Said<'a> {
    pub language: Language,
    /// The visitor's messages, this one included.
    pub messages: Vec<&'a str>,
    pub answer: &'a str,
    /// What the answer cites, in order.
    pub cited: &'a [Document],
    /// What was found and perhaps not cited, best first.
    pub near: &'a [NearQuestion],
}

/// The frequent questions among documents, in their order.
pub fn near_questions<'a>(documents: impl Iterator<Item = &'a Document>) -> Vec<NearQuestion> {
    let questions = documents.filter(|document| document.key.source_type == SourceType::Faq);
    questions
        .map(|document| NearQuestion {
            key: document.key.clone(),
            text: document.title.clone(),
        })
        .collect()
}

/// Up to three questions in the conversation's language, none of which was asked or answered already: about the product that
/// the answer is about, then frequent ones near the question, then the shop's general ones.
pub fn follow_ups(said: &Said<'_>, topics: &Topics) -> Vec<String> {
    let asked: BTreeSet<String> = said.messages.iter().flat_map(|message| terms(message)).collect();
    let answered = normalize(said.answer);
    let product = said.cited.first().filter(|document| document.product.is_some());
    let about_product = product.into_iter().flat_map(|product| {
        let questions = attribute_questions(product, said.language);
        let open = questions
            .into_iter()
            .filter(|question| !question.is_in(&asked, &answered));
        open.map(|question| question.text).take(ABOUT_PRODUCT)
    });
    let is_cited = |key: &SourceKey| said.cited.iter().any(|document| document.key == *key);
    let near = said.near.iter().filter(|near| !is_cited(&near.key));
    let near = near
        .map(|near| near.text.clone())
        .filter(|text| fits(text, said.language));
    let mut about: BTreeSet<String> = asked.clone();
    about.extend(said.cited.iter().flat_map(|document| match document.product {
        Some(_) => Vec::new(),
        None => terms(&document.title),
    }));
    let general = topics.questions(said.language, &about);
    let messages: Vec<String> = said.messages.iter().map(|message| normalize(message)).collect();
    let is_new = |text: &String| !messages.contains(&normalize(text));
    distinct(about_product.chain(near).chain(general).filter(is_new), FOLLOW_UPS)
}

/// A question for a product's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuestion {
    pub text: String,
    /// Whether it is about the product itself and names it.
    pub names_product: bool,
}

/// What could be asked on a product's page, best first: about the product, then in general.
pub fn page_questions(product: &Document, language: Language, topics: &Topics) -> Vec<PageQuestion> {
    let about = attribute_questions(product, language).into_iter().take(ABOUT_PRODUCT);
    let about = about.map(|question| PageQuestion {
        text: question.text,
        names_product: true,
    });
    let nothing = BTreeSet::new();
    let general = topics.questions(language, &nothing).map(|text| PageQuestion {
        text,
        names_product: false,
    });
    about.chain(general).collect()
}

/// Short enough, and in the language of the conversation.
fn fits(text: &str, language: Language) -> bool {
    text.chars().count() <= MAX_CHARS && language_of(text) == Some(language)
}

fn distinct(questions: impl Iterator<Item = String>, limit: usize) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for question in questions {
        if kept.len() >= limit {
            break;
        }
        if !kept.contains(&question) {
            kept.push(question);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
