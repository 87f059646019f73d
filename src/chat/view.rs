//! Answers as the page reads them.

use crate::chat::Answer;
use crate::chat::cards::Card;
use crate::domain::chat::Citation;
use crate::domain::lead::CollectedData;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct ChatAnswer {
    answer: String,
    message_id: Uuid,
    /// `ru` or `en`.
    language: &'static str,
    sources: Vec<SourceView>,
    /// What the visitor has told about himself, when the message adds to it: name, email, phone, intent, orderNumber,
    /// preferredContact and notes, each null when not told; else null.
    #[schema(value_type = Option<Object>)]
    collected_data: Option<CollectedData>,
    /// Whether nothing of it was stored, because the shop wants consent and there is none yet: show the form.
    consent_needed: bool,
    /// Whether the answer was made without the model.
    degraded: bool,
    /// Whether the shop's data had no answer.
    refused: bool,
    /// Proves to whom the session belongs: send it back as the header `X-Palompy-Visitor`. Each answer brings a new one. Null for a
    /// client that continues a session without having proved that it is its own.
    visitor_token: Option<String>,
    /// The products that the answer cites, in order of its sources.
    cards: Vec<Card>,
    /// At most three questions to go on with, which the shop's data answers.
    follow_ups: Vec<String>,
    checked: CheckedView,
}

#[derive(Serialize, ToSchema)]
pub struct SourceView {
    /// The number that stands in the answer's text as `[1]`.
    n: usize,
    /// `product`, `faq`, `policy` or `document`.
    source_type: &'static str,
    source_id: String,
    title: String,
    /// With the page or section, where the document has such places.
    url: Option<String>,
    /// Of a document with pages, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    /// The heading under which the cited text stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
}

/// What was held against the shop's data of what the model said.
#[derive(Serialize, ToSchema)]
pub struct CheckedView {
    /// Prices, discounts, stock, article numbers and links.
    claims: u32,
    corrected: u32,
    /// Left out.
    dropped: u32,
}

/// The citations in their order.
pub fn sources(citations: Vec<Citation>) -> Vec<SourceView> {
    let view = |citation: Citation| SourceView {
        n: citation.n,
        source_type: citation.source_type.name(),
        source_id: citation.source_id,
        title: citation.title,
        url: citation.url,
        page: citation.page,
        section: citation.section,
    };
    citations.into_iter().map(view).collect()
}

impl From<Answer> for ChatAnswer {
    fn from(answer: Answer) -> ChatAnswer {
        ChatAnswer {
            answer: answer.text,
            message_id: answer.message_id.0,
            language: answer.language.code(),
            sources: sources(answer.citations),
            consent_needed: answer
                .collected
                .as_ref()
                .is_some_and(|collected| collected.needs_consent),
            collected_data: answer.collected.map(|collected| collected.data),
            degraded: answer.degraded,
            refused: answer.refused,
            visitor_token: answer.visitor_token,
            cards: answer.cards,
            follow_ups: answer.follow_ups,
            checked: CheckedView {
                claims: answer.checked.claims,
                corrected: answer.checked.corrected,
                dropped: answer.checked.dropped,
            },
        }
    }
}
