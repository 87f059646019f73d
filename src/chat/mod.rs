//! Feature: chat. A visitor's message becomes hits, a grounded answer or a refusal, and a logged turn. Decides whether to
//! answer before any generator is asked.

pub mod answer_filter;
pub mod budget;
pub mod cards;
mod checking;
pub mod claims;
pub mod collecting;
mod details;
mod outcome;
mod price_age;
pub mod prompt;
pub mod prompt_routes;
pub mod repeats;
pub mod request;
pub mod rewriting;
pub mod routes;
pub mod small_talk;
pub mod suggestions;
pub mod tone;
mod turn;
pub mod usage_routes;
pub mod view;
pub mod visitor_routes;
pub mod visitors;
pub mod vote_request;
mod wording;

use crate::chat::cards::Card;
use crate::chat::collecting::Collected;
use crate::chat::repeats::Arrival;
use crate::chat::repeats::MessageKey;
use crate::chat::repeats::Repeats;
use crate::chat::suggestions::cache::Suggestions;
use crate::chat::turn::Turn;
use crate::domain::chat::Checked;
use crate::domain::chat::Citation;
use crate::domain::clock::Clock;
use crate::domain::id::MessageId;
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
    repeats: Repeats,
    suggestions: Suggestions,
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
    /// The products that it cites.
    pub cards: Vec<Card>,
    /// What to ask next, best first.
    pub follow_ups: Vec<String>,
    pub checked: Checked,
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
            repeats: Repeats::default(),
            suggestions: Suggestions::default(),
            clock,
            session_ttl,
            rewrite_budget,
        }
    }

    /// The name of the model that words answers, or `extractive`.
    pub fn generator_name(&self) -> &str {
        self.generator.name()
    }

    /// Answers a message: deltas, then sources, then `Done`, or `Failed`. Dropping the receiver stops the work and the
    /// upstream request; what there is of the answer is logged as interrupted.
    ///
    /// The same message again, while it is being answered or just after, gets the answer of the first without deltas.
    pub fn answer(&self, shop: Shop, message: Message) -> mpsc::Receiver<ChatEvent> {
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        tokio::spawn(self.clone().answer_once(shop, message, events));
        receiver
    }

    async fn answer_once(self, shop: Shop, message: Message, events: mpsc::Sender<ChatEvent>) {
        let key = MessageKey {
            shop: shop.id,
            session: message.session_id,
            visitor: message.visitor,
            text: message.text.clone(),
        };
        let ticket = loop {
            let earlier = match self.repeats.arrive(key.clone(), self.clock.now()) {
                Arrival::First(ticket) => break ticket,
                Arrival::Again(earlier) => earlier,
            };
            let answer = tokio::select! {
                () = events.closed() => return,
                answer = earlier.answer() => answer,
            };
            // Without one, whoever comes first answers it anew.
            if let Some(answer) = answer {
                // A page that left needs no answer.
                let _ = events.send(ChatEvent::Sources(answer.citations.clone())).await;
                let _ = events.send(ChatEvent::Done(answer)).await;
                return;
            }
        };
        let id = MessageId(Uuid::new_v4());
        Turn::new(self, shop, message, id, events, ticket).run().await;
    }
}
