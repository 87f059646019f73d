//! What a visitor sends with the form, checked: all that is wrong is told at once, by the form's own fields.

use crate::domain::consent::ConsentGiven;
use crate::domain::consent::ConsentRequest;
use crate::domain::id::LeadId;
use crate::domain::id::PublicKey;
use crate::domain::id::SessionId;
use crate::domain::language::Language;
use crate::domain::lead::CollectedData;
use crate::domain::lead::Intent;
use crate::domain::lead::LeadSource;
use crate::domain::lead::NewLead;
use crate::domain::lead::PreferredContact;
use crate::domain::problem::Problem;
use crate::domain::shop::Shop;
use crate::text::contacts::page_address;
use crate::text::contacts::parse_email;
use crate::text::contacts::phone::parse_phone;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

const MAX_NAME_CHARS: usize = 100;
const MAX_CONTACT_CHARS: usize = 254;
const MAX_ORDER_CHARS: usize = 40;
const MAX_NOTES_CHARS: usize = 2_000;
const MAX_URL_CHARS: usize = 2_000;
/// Nobody reads and sends a form in less time than this; the widget's own waits for it.
const LEAST_MS: f64 = 800.0;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct LeadRequest {
    /// The shop's public key.
    #[schema(value_type = Uuid)]
    shop_public_key: Option<Value>,
    /// The UUID of the visit.
    #[schema(value_type = Uuid)]
    session_id: Option<Value>,
    /// At most 100 characters.
    #[schema(value_type = Option<String>)]
    name: Option<Value>,
    #[schema(value_type = Option<String>)]
    email: Option<Value>,
    /// As people write it; stored in E.164. A phone or an e-mail is needed unless the intent is `handoff`.
    #[schema(value_type = Option<String>)]
    phone: Option<Value>,
    /// `order`, `callback`, `question`, `complaint`, `return`, `wholesale` or `handoff` (a person is wanted).
    #[schema(value_type = Option<String>)]
    intent: Option<Value>,
    #[schema(value_type = Option<String>)]
    order_number: Option<Value>,
    /// `phone`, `email`, `telegram`, `whatsapp`, `viber`, `sms`, `vk` or `max`.
    #[schema(value_type = Option<String>)]
    preferred_contact: Option<Value>,
    /// At most 2000 characters.
    #[schema(value_type = Option<String>)]
    notes: Option<Value>,
    /// `{"accepted": true, "version": "…"}`, where the shop asks for it.
    #[schema(value_type = Option<Object>)]
    consent: Option<Value>,
    /// Stays empty: people do not see the field.
    #[schema(value_type = Option<String>)]
    website: Option<Value>,
    /// How long the form was open, in milliseconds.
    #[schema(value_type = Option<f64>)]
    elapsed_ms: Option<Value>,
    /// The page; its query is not kept.
    #[schema(value_type = Option<String>)]
    page_url: Option<Value>,
    /// `ru` or `en`: the language of the form.
    #[schema(value_type = Option<String>)]
    lang: Option<Value>,
}

/// A lead to store, and whether a program seems to have filled the form in.
#[derive(Debug)]
pub struct CheckedForm {
    pub lead: NewLead,
    pub is_automatic: bool,
}

impl LeadRequest {
    pub fn shop_key(&self, problems: &mut Vec<Problem>) -> Option<PublicKey> {
        uuid("shopPublicKey", self.shop_public_key.as_ref(), problems).map(PublicKey)
    }

    /// Adds what is wrong to `problems`; what is returned counts only if there is nothing.
    pub fn checked(self, shop: Option<&Shop>, now: Timestamp, problems: &mut Vec<Problem>) -> CheckedForm {
        let session = uuid("sessionId", self.session_id.as_ref(), problems).unwrap_or_default();
        let data = self.data(problems);
        let consent = shop
            .and_then(|shop| ConsentRequest::of(&shop.settings))
            .and_then(|request| consent(&request, self.consent.as_ref(), &data, now, problems));
        let page_url = text("pageUrl", self.page_url.as_ref(), MAX_URL_CHARS, problems);
        let is_filled = self
            .website
            .as_ref()
            .is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
        let is_hasty = self
            .elapsed_ms
            .as_ref()
            .and_then(Value::as_f64)
            .is_some_and(|ms| ms < LEAST_MS);
        let language = self.lang.as_ref().and_then(Value::as_str).and_then(Language::parse);
        let is_handoff = data.intent == Some(Intent::Handoff);
        CheckedForm {
            lead: NewLead {
                id: LeadId(Uuid::new_v4()),
                session: SessionId(session),
                message: None,
                source: if is_handoff {
                    LeadSource::Handoff
                } else {
                    LeadSource::Form
                },
                data,
                language: language
                    .or(shop.map(|shop| shop.settings.language))
                    .unwrap_or(Language::Ru),
                page_url: page_url.as_deref().and_then(page_address),
                consent,
            },
            is_automatic: is_filled || is_hasty,
        }
    }

    fn data(&self, problems: &mut Vec<Problem>) -> CollectedData {
        let before = problems.len();
        let written_email = text("email", self.email.as_ref(), MAX_CONTACT_CHARS, problems);
        let written_phone = text("phone", self.phone.as_ref(), MAX_CONTACT_CHARS, problems);
        let email = written_email.as_deref().and_then(parse_email);
        let phone = written_phone.as_deref().and_then(parse_phone);
        if written_email.is_some() && email.is_none() {
            problems.push(Problem::new("email", "problem_email"));
        }
        if written_phone.is_some() && phone.is_none() {
            problems.push(Problem::new("phone", "problem_phone"));
        }
        let has_contact_problem = problems.len() > before;
        let intent = choice(
            "intent",
            self.intent.as_ref(),
            Intent::parse,
            || names(&Intent::ALL.map(Intent::name)),
            problems,
        );
        if email.is_none() && phone.is_none() && intent != Some(Intent::Handoff) && !has_contact_problem {
            problems.push(Problem::new("phone", "problem_contact_required"));
        }
        let ways = || names(&PreferredContact::ALL.map(PreferredContact::name));
        CollectedData {
            name: text("name", self.name.as_ref(), MAX_NAME_CHARS, problems).map(|name| one_line(&name)),
            email,
            phone,
            intent,
            order_number: text("orderNumber", self.order_number.as_ref(), MAX_ORDER_CHARS, problems)
                .map(|number| one_line(&number)),
            preferred_contact: choice(
                "preferredContact",
                self.preferred_contact.as_ref(),
                PreferredContact::parse,
                ways,
                problems,
            ),
            notes: text("notes", self.notes.as_ref(), MAX_NOTES_CHARS, problems),
        }
    }
}

fn uuid(path: &str, value: Option<&Value>, problems: &mut Vec<Problem>) -> Option<Uuid> {
    let key = match value {
        None | Some(Value::Null) => "problem_required",
        Some(value) => match value.as_str().and_then(|text| text.parse().ok()) {
            Some(uuid) => return Some(uuid),
            None => "problem_uuid",
        },
    };
    problems.push(Problem::new(path, key));
    None
}

/// A text without white space around it; an empty one is none.
fn text(path: &str, value: Option<&Value>, limit: usize, problems: &mut Vec<Problem>) -> Option<String> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
            let text = text.trim();
            let length = text.chars().count();
            if length > limit {
                problems.push(
                    Problem::new(path, "problem_too_long")
                        .with("length", length)
                        .with("limit", limit),
                );
            }
            (length > 0).then(|| text.to_owned())
        }
        Some(_) => {
            problems.push(Problem::new(path, "problem_text"));
            None
        }
    }
}

fn choice<T>(
    path: &str,
    value: Option<&Value>,
    parse: impl Fn(&str) -> Option<T>,
    choices: impl Fn() -> String,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) if name.is_empty() => None,
        Some(value) => {
            let chosen = value.as_str().and_then(parse);
            if chosen.is_none() {
                problems.push(Problem::new(path, "problem_choice").with("choices", choices()));
            }
            chosen
        }
    }
}

/// Contacts need consent where the shop requires it, to the text as it is now; a text that is only offered may stay unanswered.
fn consent(
    request: &ConsentRequest,
    value: Option<&Value>,
    data: &CollectedData,
    now: Timestamp,
    problems: &mut Vec<Problem>,
) -> Option<ConsentGiven> {
    let field = |name: &str| value.and_then(|consent| consent.get(name));
    let is_accepted = field("accepted").and_then(Value::as_bool).unwrap_or(false);
    let is_current = field("version").and_then(Value::as_str) == Some(request.version.as_str());
    match (is_accepted, is_current) {
        (true, true) => return Some(request.given(now)),
        (true, false) => problems.push(Problem::new("consent.version", "problem_consent_changed")),
        (false, _) if request.is_required && data.is_personal() => {
            problems.push(Problem::new("consent.accepted", "problem_consent_required"));
        }
        (false, _) => {}
    }
    None
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn names(all: &[&str]) -> String {
    all.join(", ")
}
