//! What a notification says: the lead as it stands, and the end of the conversation when a person is wanted; or the source as it stands.

use crate::domain::chat::PastTurn;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Event;
use crate::domain::import::Import;
use crate::domain::import::ImportStatus;
use crate::domain::lead::Lead;
use crate::domain::shop::Shop;
use crate::domain::source::Source;
use crate::i18n;
use serde_json::Value;
use serde_json::json;

/// The body of a webhook, after Standard Webhooks: `type`, `timestamp`, `data`. `conversation` holds the session's last turns,
/// oldest first, and is empty unless a person is wanted.
pub fn webhook_body(delivery: &Delivery, shop: &Shop, lead: &Lead, turns: &[PastTurn]) -> Value {
    let conversation = turns
        .iter()
        .map(|turn| json!({"question": turn.user_message, "answer": turn.assistant_answer, "refused": turn.refused}));
    json!({
        "type": delivery.event.name(),
        "timestamp": delivery.created_at.to_string(),
        "data": {
            "shop": {"id": shop.id, "name": shop.name},
            "lead": lead_json(lead),
            "conversation": conversation.collect::<Vec<_>>(),
        },
    })
}

/// The body of a webhook about a source. `imports` are its last ones, newest first.
pub fn source_body(delivery: &Delivery, shop: &Shop, source: &Source, imports: &[Import]) -> Value {
    let is_failing = source.failures > 0;
    let failed = imports.iter().find(|import| import.status == ImportStatus::Failed);
    let error = failed.filter(|_| is_failing).and_then(|import| match &import.refusal {
        Some(problem) => {
            let values = problem.values.iter();
            let values: Vec<(&str, String)> = values.map(|(name, value)| (name.as_ref(), value.clone())).collect();
            Some(i18n::sentence(shop.settings.language, &problem.key, &values))
        }
        None => import.error.clone(),
    });
    let stale_since = is_failing.then(|| source.checked_at.unwrap_or(source.created_at).to_string());
    json!({
        "type": delivery.event.name(),
        "timestamp": delivery.created_at.to_string(),
        "data": {
            "shop": {"id": shop.id, "name": shop.name},
            "source": {
                "id": source.id,
                "name": source.draft.name,
                "documents": source.documents,
                "checkedAt": source.checked_at.map(|time| time.to_string()),
                "staleSince": stale_since,
                "failures": source.failures,
                "error": error,
            },
        },
    })
}

/// Whether the notification carries the conversation: only who takes it over needs it.
pub fn wants_conversation(event: Event) -> bool {
    event == Event::HandoffRequested
}

/// A lead with the names of the widget's `collectedData`.
pub fn lead_json(lead: &Lead) -> Value {
    let data = &lead.data;
    let consent = lead
        .consent
        .as_ref()
        .map(|consent| json!({"version": consent.version, "text": consent.text, "acceptedAt": consent.at.to_string()}));
    json!({
        "id": lead.id,
        "sessionId": lead.session,
        "messageId": lead.message,
        "source": lead.source.name(),
        "status": lead.status.name(),
        "intent": data.intent,
        "name": data.name,
        "email": data.email,
        "phone": data.phone,
        "orderNumber": data.order_number,
        "preferredContact": data.preferred_contact,
        "notes": data.notes,
        "language": lead.language,
        "pageUrl": lead.page_url,
        "consent": consent,
        "createdAt": lead.created_at.to_string(),
        "updatedAt": lead.updated_at.to_string(),
    })
}
