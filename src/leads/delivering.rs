//! Sends what waits in the queue, as long as the program runs.

use crate::domain::chat::Claim;
use crate::domain::delivery::AttemptFailure;
use crate::domain::delivery::AttemptOutcome;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Subject;
use crate::domain::id::LeadId;
use crate::domain::id::VisitorId;
use crate::domain::lead::SAME_LEAD;
use crate::domain::shop::Shop;
use crate::leads::Leads;
use crate::leads::notification::source_body;
use crate::leads::notification::wants_conversation;
use crate::leads::notification::webhook_body;
use crate::notify::Message;
use crate::notify::signature::new_secret;
use crate::store::error::StoreError;
use anyhow::Context;
use jiff::SignedDuration;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// A notification whose attempt has not ended by then was lost with its task. Longer than an attempt may take.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Receivers that are sent to at once, one attempt each.
const AT_ONCE: usize = 8;
/// How often to look whether something that waits has become due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The end of a conversation that goes with a wish for a person.
const CONVERSATION_TURNS: u32 = 10;
/// The last imports of a source, among which is the one that failed.
const LOOKED_AT_IMPORTS: u32 = 10;

impl Leads {
    /// Sends notifications as they become due, and never ends. One call at a time.
    pub async fn deliver_forever(self) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            if let Err(error) = self.deliver_next(&places).await {
                tracing::warn!("could not look for notifications: {error:#}");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }

    /// Begins the next attempt that is due, or waits until there may be one.
    async fn deliver_next(&self, places: &Arc<Semaphore>) -> anyhow::Result<()> {
        let place = places.clone().acquire_owned().await.context("the queue is closed")?;
        let now = self.clock.now();
        let due = match self.store.next_delivery_at().await? {
            None => {
                self.store.delivery_queued().await;
                return Ok(());
            }
            Some(at) if at <= now => {
                let lease = now.checked_add(LEASE)?;
                self.store.claim_delivery(now, lease).await?
            }
            Some(_) => None,
        };
        let Some(delivery) = due else {
            tokio::select! {
                () = self.store.delivery_queued() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            return Ok(());
        };
        let leads = self.clone();
        tokio::spawn(async move {
            if let Err(error) = leads.attempt(&delivery).await {
                tracing::error!(shop = delivery.shop.0, delivery = %delivery.id, "could not send a notification: {error:#}");
            }
            drop(place);
        });
        Ok(())
    }

    async fn attempt(&self, delivery: &Delivery) -> anyhow::Result<()> {
        let outcome = match self.send(delivery).await {
            Ok(outcome) => outcome,
            Err(error) => match error.downcast_ref() {
                // What it was about or the shop was deleted, and the notification with it.
                Some(StoreError::NotFound) => return Ok(()),
                _ => return Err(error),
            },
        };
        tracing::info!(
            shop = delivery.shop.0, delivery = %delivery.id, event = delivery.event.name(), attempt = delivery.attempts,
            status = outcome.response_status, error = outcome.failure.as_ref().map(|failure| failure.error), "notified"
        );
        self.store
            .finish_delivery(delivery.shop, delivery.id, outcome, self.clock.now())
            .await
            .context("could not note how a notification ended")
    }

    async fn send(&self, delivery: &Delivery) -> anyhow::Result<AttemptOutcome> {
        let shop = self.store.shop(delivery.shop).await?;
        let Some(url) = shop.settings.lead_webhook_url.clone() else {
            return Ok(AttemptOutcome {
                response_status: None,
                failure: Some(AttemptFailure {
                    error: "delivery_no_address",
                    retry_after: None,
                    is_final: true,
                }),
            });
        };
        let body = match delivery.subject {
            Subject::Lead(lead) => self.lead_body(delivery, &shop, lead).await?,
            Subject::Source(source) => {
                let failed = self
                    .store
                    .list_source_imports(shop.id, source, LOOKED_AT_IMPORTS)
                    .await?;
                let source = self.store.source(shop.id, source).await?;
                source_body(delivery, &shop, &source, &failed)
            }
        };
        let message = Message {
            id: format!("msg_{}", delivery.id.0.simple()),
            body: body.to_string(),
        };
        let secrets = self.store.webhook_secrets(delivery.shop, new_secret()).await?;
        let now = self.clock.now();
        Ok(self.webhooks.send(&url, &message, &secrets.in_force(now), now).await)
    }

    async fn lead_body(&self, delivery: &Delivery, shop: &Shop, lead: LeadId) -> anyhow::Result<Value> {
        let lead = self.store.lead(delivery.shop, lead).await?;
        let turns = if wants_conversation(delivery.event) {
            let since = delivery.created_at.checked_sub(SAME_LEAD)?;
            // The shop reads its own conversation; no visitor is asked to prove anything.
            let claim = Claim::Unproven(VisitorId(Uuid::nil()));
            self.store
                .list_recent_turns(delivery.shop, lead.session, claim, since, CONVERSATION_TURNS)
                .await?
        } else {
            Vec::new()
        };
        Ok(webhook_body(delivery, shop, &lead, &turns))
    }
}
