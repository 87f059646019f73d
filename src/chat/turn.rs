//! One turn, from the stored message to the stored answer.

use crate::chat::Answer;
use crate::chat::Chat;
use crate::chat::ChatEvent;
use crate::chat::Message;
use crate::chat::budget::Reserved;
use crate::chat::budget::most_tokens;
use crate::chat::cards::cards;
use crate::chat::collecting::Collected;
use crate::chat::collecting::collected;
use crate::chat::collecting::reply_to;
use crate::chat::details::Details;
use crate::chat::outcome::Outcome;
use crate::chat::outcome::Wording;
use crate::chat::outcome::failed_outcome;
use crate::chat::outcome::outcome_of;
use crate::chat::price_age::hide_old_prices;
use crate::chat::prompt::build_prompt;
use crate::chat::repeats::Ticket;
use crate::chat::rewriting::may_rewrite;
use crate::chat::rewriting::rewrite;
use crate::chat::rewriting::rewriting_prompt;
use crate::chat::small_talk::small_talk_reply;
use crate::chat::suggestions::NearQuestion;
use crate::chat::suggestions::Said;
use crate::chat::suggestions::follow_ups;
use crate::chat::suggestions::near_questions;
use crate::chat::tone::conversation_language;
use crate::domain::chat::Checked;
use crate::domain::chat::Claim;
use crate::domain::chat::NewTurn;
use crate::domain::chat::PastTurn;
use crate::domain::chat::TurnOutcome;
use crate::domain::chat::TurnStatus;
use crate::domain::generation::Prompt;
use crate::domain::id::MessageId;
use crate::domain::id::VisitorId;
use crate::domain::language::Language;
use crate::domain::lead::CollectedData;
use crate::domain::lead::Intent;
use crate::domain::search::SearchOutcome;
use crate::domain::shop::Shop;
use crate::http::error::ApiError;
use crate::i18n;
use crate::llm::Generator;
use crate::store::error::StoreError;
use crate::text::contacts::contacts_of;
use crate::text::contacts::without_contacts;
use anyhow::Context;
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Earlier turns that a message is read with.
const HISTORY_TURNS: u32 = 6;

pub(super) struct Turn {
    pub(super) chat: Chat,
    pub(super) shop: Shop,
    pub(super) message: Message,
    pub(super) id: MessageId,
    pub(super) events: mpsc::Sender<ChatEvent>,
    pub(super) started: Instant,
    pub(super) first_delta_ms: Option<u64>,
    /// How long the generator was busy with the question before it was asked for the answer.
    rewriting_time: Duration,
    /// What this message tells about its writer.
    told: CollectedData,
    /// All that the visitor has told, when this message adds to it, and what became of that.
    kept: Option<Collected>,
    /// What to ask the model about the visitor once he has his answer.
    details: Option<Details>,
    claim: Claim,
    /// Tells those who sent the same message meanwhile.
    ticket: Ticket,
    /// Frequent questions near this one, best first.
    near: Vec<NearQuestion>,
    /// What was set aside for calls of a model, and what each used.
    pub(super) spent: Vec<(Reserved, u64)>,
    /// What the model said wrong, however the turn ends.
    pub(super) checked: Checked,
}

impl Turn {
    pub(super) fn new(
        chat: Chat,
        shop: Shop,
        message: Message,
        id: MessageId,
        events: mpsc::Sender<ChatEvent>,
        ticket: Ticket,
    ) -> Turn {
        let new_visitor = || VisitorId(Uuid::new_v4());
        let claim = message
            .visitor
            .map_or_else(|| Claim::Unproven(new_visitor()), Claim::Proven);
        Turn {
            chat,
            shop,
            message,
            id,
            events,
            started: Instant::now(),
            first_delta_ms: None,
            rewriting_time: Duration::ZERO,
            told: CollectedData::default(),
            kept: None,
            details: None,
            claim,
            ticket,
            near: Vec::new(),
            spent: Vec::new(),
            checked: Checked::default(),
        }
    }

    pub(super) async fn run(mut self) {
        if let Err(error) = self.answer().await {
            if matches!(error.downcast_ref(), Some(StoreError::Conflict(_))) {
                return self.send_last(ChatEvent::Failed(ApiError::from(error))).await;
            }
            tracing::error!(shop = self.shop.id.0, message_id = %self.id, "could not answer: {error:#}");
            self.send_last(ChatEvent::Failed(ApiError::from(error))).await;
        }
    }

    async fn answer(&mut self) -> anyhow::Result<()> {
        // An import gives way until it is known what to say.
        let asked = self.chat.retriever.demand().begin();
        let history = self.history().await?;
        self.told = contacts_of(&self.message.text);
        let language = conversation_language(&self.message, &history, self.shop.settings.language);
        let question = without_contacts(&self.message.text);
        let wants_rewriting = self.shop.settings.rewrite_questions;
        let (owner, found) = if wants_rewriting && may_rewrite(&self.chat.generator, &question, &history) {
            let owner = self.store_message(language).await?;
            // An import need not wait for a model.
            drop(asked);
            let wording = self.rewritten(&question, &history, language).await;
            let _asked = self.chat.retriever.demand().begin();
            (owner, self.search(wording.as_deref(), &question, &history).await)
        } else {
            // Both at once: the message is on the disk before any model is asked, and costs no time of its own.
            let (stored, found) = tokio::join!(self.store_message(language), self.search(None, &question, &history));
            let owner = stored?;
            drop(asked);
            (owner, found)
        };
        if let Some(data) = collected(&history, &self.told) {
            let kept = self.chat.keep(&self.shop, &self.message, self.id, language, data).await;
            self.kept = Some(kept);
        }
        let (message, kept) = (&self.message.text, self.kept.as_ref());
        self.details = Details::worth_asking(&self.chat.generator, &history, message, &self.told, kept);
        let outcome = match found {
            Ok(found) => self.outcome(found, &history, language).await,
            Err(error) => {
                self.finish(failed_outcome()).await?;
                return Err(error.context("could not search"));
            }
        };
        self.deliver(outcome, &history, language, owner).await
    }

    /// `None` as well when the shop's budget is spent, or the visitor leaves meanwhile; what follows will notice.
    async fn rewritten(&mut self, question: &str, history: &[PastTurn], language: Language) -> Option<String> {
        let begun = Instant::now();
        let prompt = Arc::new(rewriting_prompt(question, history, language));
        let generator = self.chat.generator.clone();
        let reserved = self.reserve(&generator, &prompt).await?;
        // A line of text: what it may take at most is near enough to what it takes.
        self.spent.push((reserved, most_tokens(&generator, &prompt)));
        let rewriting = rewrite(&generator, prompt, question, self.chat.rewrite_budget);
        let wording = tokio::select! {
            () = self.events.closed() => None,
            wording = rewriting => wording,
        };
        self.rewriting_time = begun.elapsed();
        wording
    }

    /// The search for the new wording when that is enough to answer from, else for the question as it came.
    async fn search(
        &self,
        wording: Option<&str>,
        question: &str,
        history: &[PastTurn],
    ) -> anyhow::Result<SearchOutcome> {
        let (retriever, limit) = (&self.chat.retriever, self.shop.settings.context_items);
        if let Some(wording) = wording {
            // It stands for itself: completing it from the conversation once more would only blur it.
            let found = retriever.search(self.shop.id, wording, &[], limit).await?;
            if found.answerable {
                return Ok(found);
            }
        }
        retriever.search(self.shop.id, question, history, limit).await
    }

    async fn outcome(&mut self, found: SearchOutcome, history: &[PastTurn], language: Language) -> Outcome {
        let is_small_talk = small_talk_reply(&self.message.text).is_some() || self.told.intent == Some(Intent::Handoff);
        if !is_small_talk {
            self.near = near_questions(found.hits.iter().map(|hit| &hit.chunk.document));
        }
        if !found.answerable || is_small_talk {
            return self.fixed_reply(language).await;
        }
        let mut found = found;
        let old = self.old_prices(&found).await;
        hide_old_prices(&mut found.hits, &old, self.shop.settings.language);
        let (shop, question) = (&self.shop, &self.message.text);
        let mut prompt = build_prompt(shop, question, found, history, language, self.rewriting_time);
        for fragment in &mut prompt.fragments {
            fragment.is_price_old = old.contains(&fragment.document.id);
        }
        let prompt = Arc::new(prompt);
        let generator = self.chat.generator.clone();
        match self.word_within_budget(&generator, &prompt).await {
            Wording::Failed => self.extractive(&prompt).await,
            wording => {
                let degraded = matches!(generator, Generator::Extractive);
                outcome_of(wording, generator.name(), &prompt, degraded)
            }
        }
    }

    /// The answer without a model: the best sentences of the same fragments.
    async fn extractive(&mut self, prompt: &Arc<Prompt>) -> Outcome {
        let wording = self.word_by_extraction(prompt).await;
        outcome_of(wording, Generator::Extractive.name(), prompt, true)
    }

    /// A greeting is returned, a wish for a person and contacts are confirmed; anything else is refused without asking a model.
    async fn fixed_reply(&mut self, language: Language) -> Outcome {
        let reply = reply_to(&self.told, self.kept.as_ref()).or_else(|| small_talk_reply(&self.message.text));
        let text = i18n::sentence(language, reply.unwrap_or("refusal"), &[]);
        self.send_delta(text.clone()).await;
        Outcome {
            text,
            status: TurnStatus::Complete,
            citations: Vec::new(),
            cited: Vec::new(),
            context_used: String::new(),
            model: "none".to_owned(),
            usage: None,
            degraded: false,
            refused: reply.is_none(),
        }
    }

    /// The answer reaches the visitor as done only after it is stored.
    async fn deliver(
        &mut self,
        outcome: Outcome,
        history: &[PastTurn],
        language: Language,
        owner: VisitorId,
    ) -> anyhow::Result<()> {
        let is_theirs = owner == self.claim.visitor();
        let visitor_token = is_theirs.then(|| self.chat.visitors.issue(self.shop.id, owner, self.chat.clock.now()));
        let is_whole = outcome.status == TurnStatus::Complete;
        let answer = Answer {
            text: outcome.text.clone(),
            message_id: self.id,
            language,
            citations: outcome.citations.clone(),
            collected: self.kept.clone(),
            degraded: outcome.degraded,
            refused: outcome.refused,
            visitor_token,
            cards: cards(&outcome.cited),
            follow_ups: self.follow_ups(&outcome, history, language).await,
            checked: self.checked,
        };
        self.finish(outcome).await?;
        if is_whole {
            self.ticket.give(answer.clone(), self.chat.clock.now());
        }
        self.send_last(ChatEvent::Sources(answer.citations.clone())).await;
        self.send_last(ChatEvent::Done(answer)).await;
        if let Some(details) = self.details.take() {
            let chat = &self.chat;
            let found = chat
                .add_details(&self.shop, &self.message, self.id, language, details)
                .await;
            if let Some(data) = found {
                self.send_last(ChatEvent::Collected(data)).await;
            }
        }
        Ok(())
    }

    /// What to ask next; nothing when it cannot be told.
    async fn follow_ups(&self, outcome: &Outcome, history: &[PastTurn], language: Language) -> Vec<String> {
        let mut messages: Vec<&str> = history.iter().map(|turn| turn.user_message.as_str()).collect();
        messages.push(&self.message.text);
        let said = Said {
            language,
            messages,
            answer: &outcome.text,
            cited: &outcome.cited,
            near: &self.near,
        };
        let (store, shop) = (&self.chat.store, self.shop.id);
        let made = self
            .chat
            .suggestions
            .with_topics(store, shop, |topics| follow_ups(&said, topics));
        made.await.unwrap_or_else(|error| {
            tracing::warn!(shop = shop.0, "could not suggest questions: {error:#}");
            Vec::new()
        })
    }

    /// Sets tokens aside for a call; `None` when the shop's day has not so much left, or that cannot be told.
    pub(super) async fn reserve(&self, generator: &Generator, prompt: &Prompt) -> Option<Reserved> {
        let reserved = self.chat.reserve(&self.shop, generator, prompt).await;
        reserved.unwrap_or_else(|error| {
            tracing::warn!(%error, message_id = %self.id, "could not set tokens aside; answering by extraction");
            None
        })
    }

    async fn history(&self) -> anyhow::Result<Vec<PastTurn>> {
        let since = self.chat.clock.now() - self.chat.session_ttl;
        let turns = self
            .chat
            .store
            .list_recent_turns(self.shop.id, self.message.session_id, self.claim, since, HISTORY_TURNS)
            .await;
        turns.context("could not read the conversation")
    }

    /// Returns whose the session is.
    async fn store_message(&self, language: Language) -> anyhow::Result<VisitorId> {
        let turn = NewTurn {
            message_id: self.id,
            session_id: self.message.session_id,
            claim: self.claim,
            user_message: self.message.text.clone(),
            language,
            metadata: self.message.metadata.clone(),
            created_at: self.chat.clock.now(),
        };
        self.chat
            .store
            .insert_turn(self.shop.id, turn)
            .await
            .context("could not store the message")
    }

    async fn finish(&self, outcome: Outcome) -> anyhow::Result<()> {
        let total_ms = milliseconds_since(self.started);
        tracing::info!(
            shop = self.shop.id.0, message_id = %self.id, model = outcome.model, status = outcome.status.name(),
            first_delta_ms = self.first_delta_ms, total_ms, degraded = outcome.degraded, refused = outcome.refused,
            sources = outcome.citations.len(), claims = self.checked.claims, corrected = self.checked.corrected,
            dropped = self.checked.dropped, "answered"
        );
        let outcome = TurnOutcome {
            status: outcome.status,
            assistant_answer: outcome.text,
            context_used: outcome.context_used,
            citations: outcome.citations,
            model: outcome.model,
            prompt_tokens: outcome.usage.map(|usage| usage.prompt_tokens),
            completion_tokens: outcome.usage.map(|usage| usage.completion_tokens),
            first_delta_ms: self.first_delta_ms,
            total_ms,
            degraded: outcome.degraded,
            refused: outcome.refused,
            checked: self.checked,
            collected_data: self.kept.as_ref().and_then(Collected::log_entry),
        };
        // Together they share one commit.
        let settled = join_all(
            self.spent
                .iter()
                .map(|(reserved, used)| self.chat.settle(*reserved, *used)),
        );
        let finished = self.chat.store.finish_turn(self.shop.id, self.id, outcome);
        let (finished, _) = tokio::join!(finished, settled);
        finished.context("could not store the answer")
    }
}

pub(super) fn milliseconds_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}
