//! What a notification says: the lead as it stands, and the end of the conversation when a person is wanted.

use crate::domain::chat::PastTurn;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::LeadEvent;
use crate::domain::lead::Lead;
use crate::domain::shop::Shop;
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

/// Whether the notification carries the conversation: only who takes it over needs it.
pub fn wants_conversation(event: LeadEvent) -> bool {
    event == LeadEvent::HandoffRequested
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
