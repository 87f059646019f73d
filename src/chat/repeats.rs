//! The same message sent again: a double Enter, a page that retries because the connection broke. It gets the answer that is being
//! made or was just given, and no model is asked twice.

use crate::chat::Answer;
use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::id::VisitorId;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::sync::watch;

/// How long an answer counts for the same message. Who repeats a question after that wants to ask it.
const ANSWER_KEPT: Duration = Duration::from_secs(10);

/// What makes a message the same: who sent what in which conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageKey {
    pub shop: ShopId,
    pub session: SessionId,
    pub visitor: Option<VisitorId>,
    pub text: String,
}

/// The messages that are being answered or were just now. Cheap to clone.
#[derive(Clone, Default)]
pub struct Repeats {
    messages: Arc<Mutex<HashMap<MessageKey, watch::Receiver<Option<Given>>>>>,
}

pub enum Arrival {
    /// Nobody answers it yet: answer it and tell the ticket.
    First(Ticket),
    /// Its answer is on the way or there.
    Again(Earlier),
}

/// Dropping it without an answer lets the next arrival of the message be a first one.
pub struct Ticket {
    given: watch::Sender<Option<Given>>,
}

pub struct Earlier {
    given: watch::Receiver<Option<Given>>,
}

#[derive(Debug, Clone)]
struct Given {
    answer: Answer,
    at: Timestamp,
}

impl Repeats {
    pub fn arrive(&self, key: MessageKey, now: Timestamp) -> Arrival {
        let mut messages = self.lock();
        messages.retain(|_, given| is_running(given) || is_fresh(given, now));
        if let Some(given) = messages.get(&key) {
            return Arrival::Again(Earlier { given: given.clone() });
        }
        let (sender, receiver) = watch::channel(None);
        messages.insert(key, receiver);
        Arrival::First(Ticket { given: sender })
    }

    /// Lets go of the answers of these sessions.
    pub fn forget(&self, shop: ShopId, sessions: &[SessionId]) {
        self.lock()
            .retain(|key, _| key.shop != shop || !sessions.contains(&key.session));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MessageKey, watch::Receiver<Option<Given>>>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    pub fn give(&self, answer: Answer, at: Timestamp) {
        self.given.send_replace(Some(Given { answer, at }));
    }
}

impl Earlier {
    /// `None` when it ended without one: its visitor left, or it failed.
    pub async fn answer(mut self) -> Option<Answer> {
        let given = self.given.wait_for(Option::is_some).await.ok()?;
        given.as_ref().map(|given| given.answer.clone())
    }
}

fn is_running(given: &watch::Receiver<Option<Given>>) -> bool {
    given.has_changed().is_ok()
}

/// An answer that was made without the model is worth another try at once.
fn is_fresh(given: &watch::Receiver<Option<Given>>, now: Timestamp) -> bool {
    given
        .borrow()
        .as_ref()
        .is_some_and(|given| !given.answer.degraded && now.duration_since(given.at).unsigned_abs() < ANSWER_KEPT)
}
