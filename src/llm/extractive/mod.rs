//! The generator without a model: it quotes the sentences of the fragments that answer best, and their sources.
//!
//! Every word is the shop's own but price formats, "in stock" and the prompt's opening. Fragments come ranked; the first is always
//! quoted.

mod relevance;
mod statements;
mod wording;

use crate::domain::generation::Fragment;
use crate::domain::generation::GeneratorEvent;
use crate::domain::generation::Prompt;
use crate::domain::knowledge::ProductRow;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::llm::extractive::relevance::Covered;
use crate::llm::extractive::relevance::Question;
use crate::llm::extractive::statements::Statement;
use crate::llm::extractive::statements::statements;
use crate::llm::extractive::wording::price_and_stock;
use crate::llm::extractive::wording::price_to_confirm;

const MAX_FRAGMENTS: usize = 3;
const MAX_PRODUCT_SENTENCES: usize = 2;
const MAX_POLICY_SENTENCES: usize = 3;
const MAX_FURTHER_SENTENCES: usize = 2;
/// An FAQ answer up to this length is quoted whole.
const MAX_WHOLE_ANSWER_CHARS: usize = 500;
/// A "sentence" without an end is cut here.
const MAX_SENTENCE_CHARS: usize = 400;
/// Another product is worth naming when it matches the question this well compared with the first.
const SIMILAR_PRODUCT_SHARE: f64 = 0.6;
const WORDS_PER_DELTA: usize = 6;

/// All events of the answer. Without fragments there is nothing to say: only `Done` comes.
pub fn events(prompt: &Prompt) -> Vec<GeneratorEvent> {
    let text = answer(prompt);
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    let deltas = words
        .chunks(WORDS_PER_DELTA)
        .map(|words| GeneratorEvent::Delta(words.concat()));
    deltas.chain([GeneratorEvent::Done { usage: None }]).collect()
}

fn answer(prompt: &Prompt) -> String {
    let question = Question::new(&prompt.question, &prompt.fragments);
    let Some((first, others)) = prompt.fragments.split_first() else {
        return String::new();
    };
    let mut covered = Covered::new();
    let mut paragraphs: Vec<String> = prompt.opening.iter().cloned().collect();
    paragraphs.push(first_paragraph(first, &question, prompt.language, &mut covered));
    let mut quoted = vec![first];
    for fragment in others {
        if quoted.len() == MAX_FRAGMENTS {
            break;
        }
        if let Some(paragraph) = further_paragraph(fragment, &quoted, &question, prompt.language, &mut covered) {
            paragraphs.push(paragraph);
            quoted.push(fragment);
        }
    }
    paragraphs.join("\n\n")
}

fn first_paragraph(fragment: &Fragment, question: &Question, language: Language, covered: &mut Covered) -> String {
    let statements = statements(fragment);
    if let Some(product) = product_of(fragment) {
        return product_paragraph(fragment, product, &statements, question, language, covered);
    }
    let length: usize = statements.iter().map(|statement| statement.text.chars().count()).sum();
    let is_whole = fragment.document.key.source_type == SourceType::Faq && length <= MAX_WHOLE_ANSWER_CHARS;
    covered.extend(question.terms_in(&fragment.document.title));
    let quoted = if is_whole {
        covered.extend(question.terms_in(&fragment.text));
        statements.iter().collect()
    } else {
        // The terms of the title have chosen the document; they do not choose the sentence.
        let best = question.best(&statements, MAX_POLICY_SENTENCES, covered);
        if best.is_empty() {
            statements.iter().take(2).collect()
        } else {
            best
        }
    };
    if quoted.is_empty() {
        return cited(&format!("**{}**", plain(&fragment.document.title)), fragment);
    }
    cited(&joined(&quoted), fragment)
}

/// `None` when the fragment adds nothing.
fn further_paragraph(
    fragment: &Fragment,
    quoted: &[&Fragment],
    question: &Question,
    language: Language,
    covered: &mut Covered,
) -> Option<String> {
    let first = quoted.first()?;
    let is_quoted = quoted.iter().any(|other| other.document.id == fragment.document.id);
    let statements = statements(fragment);
    if let Some(product) = product_of(fragment) {
        if is_quoted || product_of(first).is_none() || !is_similar_product(fragment, first, question) {
            return None;
        }
        return Some(product_paragraph(
            fragment,
            product,
            &statements,
            question,
            language,
            covered,
        ));
    }
    let further: Vec<&Statement> = statements
        .iter()
        .filter(|statement| question.is_answered_further(statement, covered))
        .collect();
    let best = question.best(further, MAX_FURTHER_SENTENCES, covered);
    (!best.is_empty()).then(|| cited(&joined(&best), fragment))
}

/// Matches the question about as well as the first, and by its name no worse: who asks for "Trail 30" gets no "Trail 45".
fn is_similar_product(fragment: &Fragment, first: &Fragment, question: &Question) -> bool {
    let (text, first_text) = (whole_text(fragment), whole_text(first));
    let named = question.terms_in(&fragment.document.title);
    let is_named_as_well = question.terms_in(&first.document.title).is_subset(&named);
    // A single word somewhere in the description is chance.
    let is_meant = !named.is_empty() || question.terms_in(&text).len() >= 2;
    let share = question.weight_in(&text) / question.weight_in(&first_text).max(f64::MIN_POSITIVE);
    is_named_as_well && is_meant && share >= SIMILAR_PRODUCT_SHARE
}

fn product_paragraph(
    fragment: &Fragment,
    product: &ProductRow,
    statements: &[Statement],
    question: &Question,
    language: Language,
    covered: &mut Covered,
) -> String {
    let mut head = format!("**{}**", plain(&fragment.document.title));
    if let Some(facts) = price_and_stock(product, language) {
        head.push_str(&format!(" — {facts}"));
    }
    if fragment.is_price_old {
        head.push_str(&price_to_confirm(fragment.document.url.as_deref(), language));
    }
    // Each product is described by itself, so that what was said of another does not count.
    let mut spoken_of = question.terms_in(&fragment.document.title);
    let about_rest = question.without(&spoken_of);
    let mut quoted = about_rest.best(statements, MAX_PRODUCT_SENTENCES, &mut spoken_of);
    if quoted.is_empty() {
        quoted = statements
            .iter()
            .filter(|statement| statement.is_prose)
            .take(1)
            .collect();
    }
    covered.extend(spoken_of);
    if quoted.is_empty() {
        return cited(&head, fragment);
    }
    cited(&format!("{head}. {}", joined(&quoted)), fragment)
}

fn product_of(fragment: &Fragment) -> Option<&ProductRow> {
    let is_product = fragment.document.key.source_type == SourceType::Product;
    fragment.document.product.as_ref().filter(|_| is_product)
}

fn whole_text(fragment: &Fragment) -> String {
    format!("{}\n{}", fragment.document.title, fragment.text)
}

fn joined(statements: &[&Statement]) -> String {
    let sentences: Vec<String> = statements.iter().map(|statement| shortened(&statement.text)).collect();
    sentences.join(" ")
}

fn shortened(sentence: &str) -> String {
    match sentence.char_indices().nth(MAX_SENTENCE_CHARS) {
        None => sentence.to_owned(),
        Some((end, _)) => {
            let beginning = sentence.get(..end).unwrap_or_default();
            let words = beginning.rsplit_once(' ').map_or(beginning, |(words, _)| words);
            format!("{words}…")
        }
    }
}

/// A title cannot end its own emphasis or pose as a citation.
fn plain(title: &str) -> String {
    title.replace('*', "").replace('[', "(").replace(']', ")")
}

fn cited(text: &str, fragment: &Fragment) -> String {
    format!("{text} [{}]", fragment.n)
}

#[cfg(test)]
mod tests;
