//! Feature: chat. A visitor's message becomes hits, a grounded answer or a refusal, and a logged turn. Decides whether to
//! answer before any generator is asked.

pub mod answer_filter;
pub mod collecting;
mod details;
mod outcome;
pub mod prompt;
pub mod request;
pub mod rewriting;
pub mod routes;
pub mod small_talk;
pub mod tone;
mod turn;
pub mod view;
pub mod visitor_routes;
pub mod visitors;
pub mod vote_request;

use crate::chat::collecting::Collected;
use crate::chat::turn::Turn;
use crate::domain::chat::Citation;
use crate::domain::clock::Clock;
use crate::domain::id::MessageId;
use crate::domain::id::PublicKey;
use crate::domain::id::SessionId;
use crate::domain::id::VisitorId;
use crate::domain::language::Language;
use crate::domain::lead::CollectedData;
use crate::domain::shop::Shop;
use crate::http::error::ApiError;
use crate::http::visitor::VisitorTokens;
use crate::llm::Generator;
use crate::retrieval::Retriever;
use crate::store::Store;
use crate::store::error::StoreResult;
use std::time::Duration;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Events that may wait for a slow reader before the answer waits with them.
const EVENTS_WAITING: usize = 64;

/// Cheap to clone.
#[derive(Clone)]
pub struct Chat {
    store: Store,
    retriever: Retriever,
    generator: Generator,
    visitors: VisitorTokens,
    clock: Clock,
    /// Turns older than this belong to an earlier visit and are not part of the conversation.
    session_ttl: Duration,
    /// How long a visitor waits for a new wording of a question, in shops that want one.
    rewrite_budget: Duration,
}

/// A visitor's message, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub session_id: SessionId,
    /// Whose token came with it.
    pub visitor: Option<VisitorId>,
    pub text: String,
    /// The language that the page asks for, for messages that do not tell theirs.
    pub language: Option<Language>,
    /// What the page told about itself, as JSON.
    pub metadata: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ChatEvent {
    /// A part of the answer's text.
    Delta(String),
    /// What the answer cites; once, after the text.
    Sources(Vec<Citation>),
    /// The whole answer, once it is stored. Its text is the one that counts: after a failure midway it replaces the deltas.
    Done(Answer),
    /// All that is known of the visitor, when the model found more of it after the answer; the last event then.
    Collected(CollectedData),
    /// No answer could be made; nothing follows.
    Failed(ApiError),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub text: String,
    pub message_id: MessageId,
    pub language: Language,
    pub citations: Vec<Citation>,
    /// What the visitor told about himself, when the message added to it.
    pub collected: Option<Collected>,
    pub degraded: bool,
    pub refused: bool,
    /// Proves to whom the session belongs; `None` for a client that did not prove it of a session that others began.
    pub visitor_token: Option<String>,
}

impl Chat {
    pub fn new(
        store: Store,
        retriever: Retriever,
        generator: Generator,
        visitors: VisitorTokens,
        clock: Clock,
        session_ttl: Duration,
        rewrite_budget: Duration,
    ) -> Chat {
        Chat {
            store,
            retriever,
            generator,
            visitors,
            clock,
            session_ttl,
            rewrite_budget,
        }
    }

    /// The name of the model that words answers, or `extractive`.
    pub fn generator_name(&self) -> &str {
        self.generator.name()
    }

    pub async fn shop(&self, key: PublicKey) -> StoreResult<Shop> {
        self.store.shop_by_public_key(key).await
    }

    /// Answers a message: deltas, then sources, then `Done`, or `Failed`. Dropping the receiver stops the work and the
    /// upstream request; what there is of the answer is logged as interrupted.
    pub fn answer(&self, shop: Shop, message: Message) -> mpsc::Receiver<ChatEvent> {
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        let turn = Turn::new(self.clone(), shop, message, MessageId(Uuid::new_v4()), events);
        tokio::spawn(turn.run());
        receiver
    }
}
