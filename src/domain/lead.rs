//! Leads: contacts that a visitor left, and what for.

use crate::domain::consent::ConsentGiven;
use crate::domain::id::LeadId;
use crate::domain::id::MessageId;
use crate::domain::id::SessionId;
use crate::domain::language::Language;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A visitor who leaves contacts again within this time goes on with the same lead.
pub const SAME_LEAD: SignedDuration = SignedDuration::from_hours(24);

/// What a visitor wants. The list is closed, so that a shop's CRM can branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Intent {
    Order,
    /// To be called or written to.
    Callback,
    Question,
    Complaint,
    Return,
    Wholesale,
    /// To talk with a person instead of the assistant.
    Handoff,
}

impl Intent {
    pub const ALL: [Intent; 7] = [
        Intent::Order,
        Intent::Callback,
        Intent::Question,
        Intent::Complaint,
        Intent::Return,
        Intent::Wholesale,
        Intent::Handoff,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Intent::Order => "order",
            Intent::Callback => "callback",
            Intent::Question => "question",
            Intent::Complaint => "complaint",
            Intent::Return => "return",
            Intent::Wholesale => "wholesale",
            Intent::Handoff => "handoff",
        }
    }

    pub fn parse(name: &str) -> Option<Intent> {
        Intent::ALL.into_iter().find(|intent| intent.name() == name)
    }
}

/// How a visitor wants to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PreferredContact {
    Phone,
    Email,
    Telegram,
    WhatsApp,
    Viber,
    Sms,
    Vk,
    Max,
}

impl PreferredContact {
    pub const ALL: [PreferredContact; 8] = [
        PreferredContact::Phone,
        PreferredContact::Email,
        PreferredContact::Telegram,
        PreferredContact::WhatsApp,
        PreferredContact::Viber,
        PreferredContact::Sms,
        PreferredContact::Vk,
        PreferredContact::Max,
    ];

    pub fn name(self) -> &'static str {
        match self {
            PreferredContact::Phone => "phone",
            PreferredContact::Email => "email",
            PreferredContact::Telegram => "telegram",
            PreferredContact::WhatsApp => "whatsapp",
            PreferredContact::Viber => "viber",
            PreferredContact::Sms => "sms",
            PreferredContact::Vk => "vk",
            PreferredContact::Max => "max",
        }
    }

    pub fn parse(name: &str) -> Option<PreferredContact> {
        PreferredContact::ALL.into_iter().find(|contact| contact.name() == name)
    }
}

/// What a conversation or a form tells about its writer. As JSON it is the `collectedData` of the widget's routes: every field
/// is there, and null when it was not told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CollectedData {
    pub name: Option<String>,
    /// Lower case.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub intent: Option<Intent>,
    pub order_number: Option<String>,
    pub preferred_contact: Option<PreferredContact>,
    pub notes: Option<String>,
}

/// Notes longer than this are not added to.
const MAX_NOTES_CHARS: usize = 2_000;

impl CollectedData {
    pub fn is_empty(&self) -> bool {
        *self == CollectedData::default()
    }

    /// Whether somebody could be recognized by it, so that storing it may need consent.
    pub fn is_personal(&self) -> bool {
        [&self.name, &self.email, &self.phone, &self.order_number, &self.notes]
            .iter()
            .any(|field| field.is_some())
    }

    /// Whether the shop could answer.
    pub fn is_reachable(&self) -> bool {
        self.email.is_some() || self.phone.is_some()
    }

    /// What is known after the same visitor tells `newer` as well: the newer word counts, but the first intent stays and notes
    /// add up.
    pub fn updated_by(&self, newer: &CollectedData) -> CollectedData {
        CollectedData {
            name: newer.name.clone().or_else(|| self.name.clone()),
            email: newer.email.clone().or_else(|| self.email.clone()),
            phone: newer.phone.clone().or_else(|| self.phone.clone()),
            intent: self.intent.or(newer.intent),
            order_number: newer.order_number.clone().or_else(|| self.order_number.clone()),
            preferred_contact: newer.preferred_contact.or(self.preferred_contact),
            notes: joined_notes(self.notes.as_deref(), newer.notes.as_deref()),
        }
    }

    /// What is known when somebody who may be another visitor tells `other`: only what was missing is taken.
    pub fn completed_by(&self, other: &CollectedData) -> CollectedData {
        CollectedData {
            intent: self.intent.or(other.intent),
            notes: joined_notes(self.notes.as_deref(), other.notes.as_deref()),
            ..other.updated_by(self)
        }
    }

    /// Whether both name a phone or an e-mail and not the same one.
    pub fn contradicts(&self, other: &CollectedData) -> bool {
        let differs = |one: &Option<String>, two: &Option<String>| one.is_some() && two.is_some() && one != two;
        differs(&self.phone, &other.phone) || differs(&self.email, &other.email)
    }
}

fn joined_notes(old: Option<&str>, new: Option<&str>) -> Option<String> {
    match (old, new) {
        (Some(old), Some(new)) if old.contains(new) => Some(old.to_owned()),
        (Some(old), Some(new)) if old.chars().count() + new.chars().count() < MAX_NOTES_CHARS => {
            Some(format!("{old}\n{new}"))
        }
        (old, new) => old.or(new).map(str::to_owned),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadSource {
    /// Found in a message.
    Chat,
    Form,
    /// The form behind "human, please".
    Handoff,
}

impl LeadSource {
    pub const ALL: [LeadSource; 3] = [LeadSource::Chat, LeadSource::Form, LeadSource::Handoff];

    pub fn name(self) -> &'static str {
        match self {
            LeadSource::Chat => "chat",
            LeadSource::Form => "form",
            LeadSource::Handoff => "handoff",
        }
    }
}

/// How far the shop's staff has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadStatus {
    New,
    InWork,
    Done,
}

impl LeadStatus {
    pub const ALL: [LeadStatus; 3] = [LeadStatus::New, LeadStatus::InWork, LeadStatus::Done];

    pub fn name(self) -> &'static str {
        match self {
            LeadStatus::New => "new",
            LeadStatus::InWork => "in_work",
            LeadStatus::Done => "done",
        }
    }

    pub fn parse(name: &str) -> Option<LeadStatus> {
        LeadStatus::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// A lead as it comes in; the store may join it to one that is there.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLead {
    /// The id that it gets when it is no continuation.
    pub id: LeadId,
    pub session: SessionId,
    pub message: Option<MessageId>,
    pub source: LeadSource,
    pub data: CollectedData,
    pub language: Language,
    /// The page without its query.
    pub page_url: Option<String>,
    pub consent: Option<ConsentGiven>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lead {
    pub id: LeadId,
    pub session: SessionId,
    pub message: Option<MessageId>,
    pub source: LeadSource,
    pub status: LeadStatus,
    pub data: CollectedData,
    pub language: Language,
    pub page_url: Option<String>,
    pub consent: Option<ConsentGiven>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What became of a new lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    New(LeadId),
    /// Joined to an earlier lead, which it changed.
    Updated(LeadId),
    /// The earlier lead said all of it already.
    Unchanged(LeadId),
    /// Nothing was stored: the shop wants consent and there is none.
    ConsentMissing,
}

/// Which leads to list; absent means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeadFilter {
    pub intent: Option<Intent>,
    pub status: Option<LeadStatus>,
    /// Made at or after.
    pub from: Option<Timestamp>,
    /// Made before.
    pub to: Option<Timestamp>,
}

/// Leads, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadPage {
    pub leads: Vec<Lead>,
    /// How many the filter lets through, on all pages.
    pub total: u64,
    pub has_more: bool,
}

#[cfg(test)]
mod tests {
    use super::CollectedData;
    use super::Intent;

    fn data(phone: Option<&str>, email: Option<&str>, notes: Option<&str>, intent: Option<Intent>) -> CollectedData {
        CollectedData {
            phone: phone.map(str::to_owned),
            email: email.map(str::to_owned),
            notes: notes.map(str::to_owned),
            intent,
            ..CollectedData::default()
        }
    }

    #[test]
    fn the_same_visitor_corrects_and_a_stranger_only_completes() {
        let first = data(Some("+79160000001"), None, Some("синий"), Some(Intent::Order));
        let second = data(
            Some("+79160000002"),
            Some("a@b.ru"),
            Some("к вечеру"),
            Some(Intent::Callback),
        );
        let corrected = first.updated_by(&second);
        assert_eq!(
            corrected,
            data(
                Some("+79160000002"),
                Some("a@b.ru"),
                Some("синий\nк вечеру"),
                Some(Intent::Order)
            )
        );
        assert_eq!(
            corrected.updated_by(&second),
            corrected,
            "saying it again changes nothing"
        );
        let completed = first.completed_by(&second);
        assert_eq!(completed.phone.as_deref(), Some("+79160000001"));
        assert_eq!(completed.email.as_deref(), Some("a@b.ru"));
        assert_eq!(completed.intent, Some(Intent::Order));
        assert_eq!(completed.notes.as_deref(), Some("синий\nк вечеру"));
        assert!(first.contradicts(&second));
        assert!(!first.contradicts(&data(None, Some("a@b.ru"), None, None)));
    }

    #[test]
    fn the_page_sees_every_field() {
        let json = serde_json::to_value(data(Some("+79160000001"), None, None, Some(Intent::Return))).unwrap();
        let expected = serde_json::json!({"name": null, "email": null, "phone": "+79160000001", "intent": "return",
            "orderNumber": null, "preferredContact": null, "notes": null});
        assert_eq!(json, expected);
    }
}
