//! The part of a turn that words an answer: streams a generator's text to the visitor, keeps to the shop's budget, and falls back to
//! extraction.

use crate::chat::ChatEvent;
use crate::chat::budget::rough_count;
use crate::chat::budget::rough_tokens;
use crate::chat::checking::Checking;
use crate::chat::outcome::Wording;
use crate::chat::turn::Turn;
use crate::chat::turn::milliseconds_since;
use crate::domain::generation::GeneratorEvent;
use crate::domain::generation::Prompt;
use crate::domain::generation::Usage;
use crate::llm::Generator;
use crate::llm::GeneratorError;
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;

/// A connection that takes nothing for so long is dead, and must not keep the upstream request open.
const READER_PATIENCE: Duration = Duration::from_secs(30);
/// An answer longer than this is cut off: a model gone wild must not fill the disk.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// What a call of a model comes to.
#[derive(Default)]
struct Cost {
    /// The service's own count, when it told.
    usage: Option<Usage>,
    received_chars: usize,
    /// Whether it refused before it did anything.
    is_refused: bool,
}

impl Cost {
    /// In tokens, rather too many than too few.
    fn tokens(&self, prompt: &Prompt) -> u64 {
        match self.usage {
            Some(usage) => u64::from(usage.prompt_tokens) + u64::from(usage.completion_tokens),
            None if self.is_refused && self.received_chars == 0 => 0,
            None => rough_tokens(prompt) + rough_count(self.received_chars),
        }
    }
}

impl Turn {
    /// The model's wording within the shop's budget; `Failed` as well when that is spent.
    pub(super) async fn word_within_budget(&mut self, generator: &Generator, prompt: &Arc<Prompt>) -> Wording {
        if matches!(generator, Generator::Extractive) {
            return self.word_by_extraction(prompt).await;
        }
        let Some(reserved) = self.reserve(generator, prompt).await else {
            return Wording::Failed;
        };
        let mut cost = Cost::default();
        let wording = self.word(generator, prompt, &mut cost).await;
        self.spent.push((reserved, cost.tokens(prompt)));
        wording
    }

    /// The best sentences of the same fragments.
    pub(super) async fn word_by_extraction(&mut self, prompt: &Arc<Prompt>) -> Wording {
        self.word(&Generator::Extractive, prompt, &mut Cost::default()).await
    }

    /// Streams one generator's text to the visitor, less what is wrong in it.
    async fn word(&mut self, generator: &Generator, prompt: &Arc<Prompt>, cost: &mut Cost) -> Wording {
        let is_quoting = matches!(generator, Generator::Extractive);
        let mut checking = Checking::new(prompt, is_quoting);
        let mut stream = generator.generate(prompt.clone());
        let mut received = String::new();
        loop {
            let next = tokio::select! {
                () = self.events.closed() => return self.abandoned(&checking),
                next = stream.next() => next,
            };
            let delta = match next {
                Some(Ok(GeneratorEvent::Delta(delta))) => delta,
                Some(Ok(GeneratorEvent::Done { usage })) => {
                    cost.usage = usage;
                    let rest = checking.finish();
                    self.send_delta(rest).await;
                    let recheck = (!is_quoting).then_some(received.as_str());
                    return self.whole(prompt, checking, recheck, usage).await;
                }
                Some(Err(error)) => {
                    cost.is_refused = is_refusal(&error);
                    tracing::warn!(%error, message_id = %self.id, "the generator failed; answering by extraction");
                    return Wording::Failed;
                }
                None => return Wording::Failed,
            };
            cost.received_chars += delta.chars().count();
            received.push_str(&delta);
            let piece = checking.push(&delta);
            if !self.send_delta(piece).await {
                return self.abandoned(&checking);
            }
            if received.len() > MAX_ANSWER_BYTES {
                tracing::warn!(message_id = %self.id, "the generator does not stop; answering by extraction");
                return Wording::Failed;
            }
        }
    }

    fn abandoned(&mut self, checking: &Checking) -> Wording {
        let checked = checking.checked_text();
        self.checked.add(checked.counts);
        Wording::Abandoned { text: checked.text }
    }

    /// An import may have changed the rows while the model spoke: then its whole text, if it claims anything, is held against them again.
    async fn whole(
        &mut self,
        prompt: &Arc<Prompt>,
        checking: Checking,
        received: Option<&str>,
        usage: Option<Usage>,
    ) -> Wording {
        let mut checked = checking.checked_text();
        if let Some(received) = received
            && checked.counts.claims > 0
            && let Some(current) = self.with_current_rows(prompt).await
        {
            let mut again = Checking::new(&Arc::new(current), false);
            again.push(received);
            again.finish();
            checked = again.checked_text();
        }
        self.checked.add(checked.counts);
        if checked.is_spoiled {
            if checked.counts.dropped > 0 {
                tracing::warn!(message_id = %self.id, "nothing the model said was right; answering by extraction");
            }
            return Wording::Failed;
        }
        Wording::Whole {
            text: checked.text,
            cited: checked.cited,
            usage,
        }
    }

    /// Returns whether the visitor still reads.
    pub(super) async fn send_delta(&mut self, text: String) -> bool {
        if text.is_empty() {
            return true;
        }
        self.first_delta_ms.get_or_insert(milliseconds_since(self.started));
        self.events
            .send_timeout(ChatEvent::Delta(text), READER_PATIENCE)
            .await
            .is_ok()
    }

    /// A visitor who left or stalls does not need to know; the answer is stored.
    pub(super) async fn send_last(&self, event: ChatEvent) {
        let _ = self.events.send_timeout(event, READER_PATIENCE).await;
    }
}

/// Whether the service did nothing that it could bill.
fn is_refusal(error: &GeneratorError) -> bool {
    matches!(
        error,
        GeneratorError::Rejected { .. } | GeneratorError::RateLimited | GeneratorError::Unavailable
    )
}
