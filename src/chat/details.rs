//! A second reading of what a visitor told about himself, by the language model, after the answer has gone out. Asked only when the
//! visitor has left contacts, and without these: phones and e-mails are found by rule, and the model never sees them. What it
//! returns counts only if the visitor said it.

use crate::chat::Chat;
use crate::chat::Message;
use crate::chat::collecting::Collected;
use crate::domain::chat::PastTurn;
use crate::domain::generation::Allowance;
use crate::domain::generation::GeneratorEvent;
use crate::domain::generation::Prompt;
use crate::domain::id::MessageId;
use crate::domain::language::Language;
use crate::domain::lead::CollectedData;
use crate::domain::lead::Intent;
use crate::domain::lead::PreferredContact;
use crate::domain::shop::Shop;
use crate::llm::Generator;
use crate::text::contacts::hints_at_contact;
use crate::text::contacts::replaced;
use crate::text::contacts::said_by::said_by;
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Nobody waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
const MAX_TOKENS: u32 = 250;
const MAX_ANSWER_BYTES: usize = 4_000;
/// Of all that the visitor wrote, the end.
const MAX_CHARS: usize = 3_000;
/// What the answer must look like, as JSON Schema.
const SCHEMA: &str = include_str!("../../templates/details_schema.json");

/// What to ask the model about.
#[derive(Debug)]
pub struct Details {
    known: CollectedData,
    /// The visitor's messages, oldest first, without contacts.
    said: String,
}

impl Details {
    /// `None` when the rules have told all there is to tell, when there is no model, or when nothing may be kept.
    pub fn worth_asking(
        generator: &Generator,
        history: &[PastTurn],
        message: &str,
        told: &CollectedData,
        kept: Option<&Collected>,
    ) -> Option<Details> {
        let is_model = matches!(generator, Generator::OpenAi(_));
        let has_reason = told.is_reachable() || hints_at_contact(message);
        if !is_model || !has_reason || kept.is_some_and(|kept| kept.needs_consent) {
            return None;
        }
        let messages = history.iter().map(|turn| turn.user_message.as_str()).chain([message]);
        let masked: Vec<String> = messages.map(|text| replaced(text, "[phone]", "[e-mail]")).collect();
        let all = masked.join("\n");
        let surplus = all.chars().count().saturating_sub(MAX_CHARS);
        Some(Details {
            known: kept.map(|kept| kept.data.clone()).unwrap_or_default(),
            said: all.chars().skip(surplus).collect(),
        })
    }
}

impl Chat {
    /// All that is known when the model has found something new, recorded like what the rules find. Whatever goes wrong, what is
    /// known stays.
    pub(super) async fn add_details(
        &self,
        shop: &Shop,
        message: &Message,
        id: MessageId,
        language: Language,
        details: Details,
    ) -> Option<CollectedData> {
        let prompt = Arc::new(prompt(&details.said, language));
        let text = match timeout(PATIENCE, whole_text(&self.generator, prompt)).await {
            Ok(Some(text)) => text,
            Ok(None) | Err(_) => {
                tracing::debug!(message_id = %id, "the model told no details of a lead");
                return None;
            }
        };
        let found = said_by(&details.said, parsed(&text)?);
        let all = details.known.completed_by(&found);
        if all == details.known || !all.is_personal() {
            return None;
        }
        let kept = self.keep(shop, message, id, language, all).await;
        let entry = kept.log_entry()?;
        if let Err(error) = self.store.update_collected_data(shop.id, id, entry).await {
            tracing::warn!(%error, message_id = %id, "could not store the details of a lead");
        }
        Some(kept.data)
    }
}

fn prompt(said: &str, language: Language) -> Prompt {
    let system = match language {
        Language::Ru => include_str!("../../templates/details_ru.txt"),
        Language::En => include_str!("../../templates/details_en.txt"),
    };
    Prompt {
        system: system.to_owned(),
        context: String::new(),
        fragments: Vec::new(),
        opening: None,
        history: Vec::new(),
        question: said.to_owned(),
        language,
        allowance: Allowance {
            max_tokens: Some(MAX_TOKENS),
            schema: Some(SCHEMA),
            ..Allowance::default()
        },
    }
}

async fn whole_text(generator: &Generator, prompt: Arc<Prompt>) -> Option<String> {
    let mut stream = generator.generate(prompt);
    let mut text = String::new();
    while text.len() <= MAX_ANSWER_BYTES {
        match stream.next().await? {
            Ok(GeneratorEvent::Delta(delta)) => text.push_str(&delta),
            Ok(GeneratorEvent::Done { .. }) => return Some(text),
            Err(_) => return None,
        }
    }
    None
}

/// The object in the model's answer, which may stand in a fence or among words. What is no value of its field is left out.
fn parsed(text: &str) -> Option<CollectedData> {
    let object = text.get(text.find('{')?..=text.rfind('}')?)?;
    let value: serde_json::Value = serde_json::from_str(object).ok()?;
    let field = |name: &str| {
        let text = value.get(name)?.as_str()?.trim();
        let is_told = !text.is_empty() && !text.eq_ignore_ascii_case("null") && !text.contains('[');
        is_told.then(|| text.to_owned())
    };
    Some(CollectedData {
        name: field("name"),
        email: field("email"),
        phone: field("phone"),
        // To be called for is said plainly, or not at all.
        intent: field("intent")
            .and_then(|name| Intent::parse(&name))
            .filter(|intent| *intent != Intent::Handoff),
        order_number: field("orderNumber"),
        preferred_contact: field("preferredContact").and_then(|name| PreferredContact::parse(&name)),
        notes: field("notes"),
    })
}

#[cfg(test)]
mod tests {
    use super::SCHEMA;
    use super::parsed;
    use crate::domain::lead::CollectedData;
    use crate::domain::lead::Intent;

    #[test]
    fn an_object_is_found_among_words_and_rubbish_is_nothing() {
        let fenced = "Вот:\n```json\n{\"name\": \"Анна\", \"intent\": \"order\", \"phone\": \"[phone]\", \"notes\": null, \"x\": 1}\n```";
        let found = parsed(fenced).unwrap();
        assert_eq!(
            (found.name.as_deref(), found.intent, found.phone),
            (Some("Анна"), Some(Intent::Order), None)
        );
        let odd = parsed(r#"{"name": 5, "intent": "handoff", "preferredContact": "pigeon", "email": "NULL"}"#).unwrap();
        assert!(odd.is_empty());
        for text in ["", "нет данных", "}{", "{", "{\"name\": }"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn the_schema_names_the_fields_and_closes_the_lists() {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        let data = serde_json::to_value(CollectedData::default()).unwrap();
        let mut names: Vec<_> = data.as_object().unwrap().keys().collect();
        let mut described: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        names.sort();
        described.sort();
        assert_eq!(names, described);
        assert_eq!(schema["required"].as_array().unwrap().len(), names.len());
        let intents = schema["properties"]["intent"]["enum"].as_array().unwrap();
        assert!(
            intents
                .iter()
                .flat_map(|name| name.as_str())
                .all(|name| Intent::parse(name).is_some())
        );
    }
}
