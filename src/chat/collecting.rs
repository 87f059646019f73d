//! What a conversation tells about its visitor: collected by rule from all of his messages, and kept as a lead.

use crate::chat::Chat;
use crate::chat::Message;
use crate::domain::chat::PastTurn;
use crate::domain::consent::ConsentGiven;
use crate::domain::consent::ConsentRequest;
use crate::domain::delivery::Channel;
use crate::domain::delivery::NewDelivery;
use crate::domain::id::DeliveryId;
use crate::domain::id::LeadId;
use crate::domain::id::MessageId;
use crate::domain::language::Language;
use crate::domain::lead::CollectedData;
use crate::domain::lead::Intent;
use crate::domain::lead::LeadSource;
use crate::domain::lead::NewLead;
use crate::domain::lead::Recorded;
use crate::domain::settings::ShopSettings;
use crate::domain::shop::Shop;
use crate::text::contacts::contacts_of;
use crate::text::contacts::page_address;
use serde_json::Value;
use uuid::Uuid;

/// Contact data and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Collected {
    pub data: CollectedData,
    /// Nothing of it was stored: the shop wants consent, and the visitor has not given it yet.
    pub needs_consent: bool,
}

impl Collected {
    /// What is stored with the turn, as JSON; `None` without the consent that it needs. The message itself is always stored.
    pub fn log_entry(&self) -> Option<String> {
        serde_json::to_string(&self.data).ok().filter(|_| !self.needs_consent)
    }
}

/// What is known of the visitor after a message that tells `told`; `None` when it tells nothing about him.
///
/// An intent or a way of contact alone is no news: most messages want something.
pub fn collected(history: &[PastTurn], told: &CollectedData) -> Option<CollectedData> {
    let wants_person = told.intent == Some(Intent::Handoff);
    (told.is_personal() || wants_person).then(|| {
        let earlier = history
            .iter()
            .map(|turn| contacts_of(&turn.user_message))
            .fold(CollectedData::default(), |known, earlier| known.updated_by(&earlier));
        let known = earlier.updated_by(told);
        let intent = if wants_person { told.intent } else { known.intent };
        CollectedData { intent, ..known }
    })
}

/// The key of the sentence that answers a message with contacts to which the shop has no other answer, or a wish for a person.
pub fn reply_to(told: &CollectedData, kept: Option<&Collected>) -> Option<&'static str> {
    let kept = kept?;
    let is_reachable = kept.data.is_reachable() && !kept.needs_consent;
    match told.intent {
        Some(Intent::Handoff) if is_reachable => Some("handoff_thanks"),
        Some(Intent::Handoff) => Some("handoff_reply"),
        _ if !told.is_reachable() => None,
        _ if kept.needs_consent => Some("contacts_need_consent"),
        _ => Some("lead_thanks"),
    }
}

impl Chat {
    /// Records what was collected as a lead, when the shop could answer by it or a person is wanted. With consent required and
    /// not given, nothing is stored. A failure costs the lead only, not the answer.
    pub(super) async fn keep(
        &self,
        shop: &Shop,
        message: &Message,
        id: MessageId,
        language: Language,
        data: CollectedData,
    ) -> Collected {
        if !data.is_reachable() && data.intent != Some(Intent::Handoff) {
            let needs_consent = self.lacks_consent(shop, message, &data).await;
            return Collected { data, needs_consent };
        }
        let settings = &shop.settings;
        let metadata = metadata_of(message);
        let webhook = settings.lead_webhook_url.is_some().then(|| NewDelivery {
            id: DeliveryId(Uuid::new_v4()),
            channel: Channel::Webhook,
        });
        let lead = NewLead {
            id: LeadId(Uuid::new_v4()),
            session: message.session_id,
            message: Some(id),
            source: LeadSource::Chat,
            data: data.clone(),
            language,
            page_url: metadata.get("url").and_then(Value::as_str).and_then(page_address),
            consent: self.consent_of(settings, &metadata),
        };
        let required = ConsentRequest::required_version(settings);
        let deliveries: Vec<NewDelivery> = webhook.into_iter().collect();
        let record = |lead| {
            self.store
                .record_lead(shop.id, lead, required.clone(), deliveries.clone(), self.clock.now())
        };
        let mut recorded = record(lead.clone()).await;
        let needs_consent = matches!(recorded, Ok(Recorded::ConsentMissing));
        if needs_consent && data.intent == Some(Intent::Handoff) {
            // That a person is wanted names nobody.
            let unnamed = CollectedData {
                intent: data.intent,
                ..CollectedData::default()
            };
            recorded = record(NewLead { data: unnamed, ..lead }).await;
        }
        if let Err(error) = &recorded {
            tracing::error!(%error, shop = shop.id.0, message_id = %id, "could not store a lead");
        }
        Collected { data, needs_consent }
    }

    /// What the visitor agreed to in the panel before he wrote: it sends the version along with each message.
    fn consent_of(&self, settings: &ShopSettings, metadata: &Value) -> Option<ConsentGiven> {
        let version = metadata.get("consentVersion")?.as_str()?;
        let request = ConsentRequest::of(settings).filter(|request| request.version == version)?;
        Some(request.given(self.clock.now()))
    }

    /// Whether data that makes no lead yet may not be kept with the turn either.
    async fn lacks_consent(&self, shop: &Shop, message: &Message, data: &CollectedData) -> bool {
        let Some(version) = ConsentRequest::required_version(&shop.settings) else {
            return false;
        };
        if !data.is_personal() || self.consent_of(&shop.settings, &metadata_of(message)).is_some() {
            return false;
        }
        let given = self.store.has_consent(shop.id, message.session_id, version).await;
        !given.unwrap_or(false)
    }
}

/// What the page told about itself; null when nothing.
fn metadata_of(message: &Message) -> Value {
    let metadata = message.metadata.as_deref();
    metadata
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::collected;
    use crate::domain::chat::PastTurn;
    use crate::domain::language::Language;
    use crate::domain::lead::Intent;
    use crate::text::contacts::contacts_of;

    fn turn(text: &str) -> PastTurn {
        PastTurn {
            user_message: text.to_owned(),
            assistant_answer: String::new(),
            language: Language::Ru,
            refused: false,
            citations: Vec::new(),
        }
    }

    #[test]
    fn a_conversation_is_read_as_a_whole_when_its_last_message_adds_to_it() {
        let history = [turn("Меня зовут Анна, хочу заказать рюкзак"), turn("A ещё палатку")];
        let after = |history: &[PastTurn], message: &str| collected(history, &contacts_of(message));
        assert_eq!(after(&history, "какой вес?"), None);
        assert_eq!(
            after(&[], "Хочу заказать рюкзак"),
            None,
            "an intent alone is no contact"
        );
        let known = after(&history, "перезвоните 8 916 123-45-67").unwrap();
        assert_eq!(known.name.as_deref(), Some("Анна"));
        assert_eq!(known.phone.as_deref(), Some("+79161234567"));
        assert_eq!(known.intent, Some(Intent::Order));
        let wanted = after(&history, "позовите человека").unwrap();
        assert_eq!(wanted.intent, Some(Intent::Handoff));
    }
}
