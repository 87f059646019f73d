//! A visitor's request, checked: all that is wrong is told at once.

use crate::chat::Message;
use crate::domain::id::SessionId;
use crate::domain::language::Language;
use crate::domain::problem::Problem;
use crate::http::error::ApiError;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

const MAX_MESSAGE_CHARS: usize = 2_000;
const MAX_METADATA_CHARS: usize = 4_000;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct ChatRequest {
    /// The shop's public key.
    #[schema(value_type = Uuid)]
    shop_public_key: Option<Value>,
    /// A UUID that the page keeps for one visit.
    #[schema(value_type = Uuid)]
    session_id: Option<Value>,
    /// At most 2000 characters.
    #[schema(value_type = String)]
    message: Option<Value>,
    /// `ru` or `en`, for messages that do not tell their language.
    #[schema(value_type = Option<String>)]
    lang: Option<Value>,
    /// What the page tells about itself, such as `url` and `title`.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

impl ChatRequest {
    /// The message, whose visitor only the shop's signature tells. The shop is looked up by its key before this.
    pub fn checked(self) -> Result<Message, ApiError> {
        let mut problems = Vec::new();
        uuid("shopPublicKey", self.shop_public_key.as_ref(), &mut problems);
        let session = uuid("sessionId", self.session_id.as_ref(), &mut problems);
        let text = message_text(self.message.as_ref(), &mut problems);
        let language = language(self.lang.as_ref(), &mut problems);
        let metadata = metadata(self.metadata.as_ref(), &mut problems);
        if !problems.is_empty() {
            return Err(ApiError::invalid(problems));
        }
        Ok(Message {
            session_id: SessionId(session),
            visitor: None,
            text,
            language,
            metadata,
        })
    }
}

pub(super) fn uuid(name: &str, value: Option<&Value>, problems: &mut Vec<Problem>) -> Uuid {
    let key = match value {
        None | Some(Value::Null) => "problem_required",
        Some(value) => match value.as_str().and_then(|text| text.parse().ok()) {
            Some(uuid) => return uuid,
            None => "problem_uuid",
        },
    };
    problems.push(Problem::new(name, key));
    Uuid::nil()
}

fn message_text(value: Option<&Value>, problems: &mut Vec<Problem>) -> String {
    let problem = match value {
        None | Some(Value::Null) => Problem::new("message", "problem_required"),
        Some(Value::String(text)) => {
            let text = text.trim();
            let length = text.chars().count();
            match length {
                0 => Problem::new("message", "problem_empty"),
                1..=MAX_MESSAGE_CHARS => return text.to_owned(),
                _ => Problem::new("message", "problem_too_long")
                    .with("length", length)
                    .with("limit", MAX_MESSAGE_CHARS),
            }
        }
        Some(_) => Problem::new("message", "problem_text"),
    };
    problems.push(problem);
    String::new()
}

/// A language that we do not speak is no error: the page's own may be any.
fn language(value: Option<&Value>, problems: &mut Vec<Problem>) -> Option<Language> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(tag)) => Language::parse(tag),
        Some(_) => {
            problems.push(Problem::new("lang", "problem_text"));
            None
        }
    }
}

fn metadata(value: Option<&Value>, problems: &mut Vec<Problem>) -> Option<String> {
    let value = value.filter(|value| !value.is_null())?;
    if !value.is_object() {
        problems.push(Problem::new("metadata", "problem_object"));
        return None;
    }
    let text = value.to_string();
    let length = text.chars().count();
    if length > MAX_METADATA_CHARS {
        problems.push(
            Problem::new("metadata", "problem_too_long")
                .with("length", length)
                .with("limit", MAX_METADATA_CHARS),
        );
    }
    Some(text)
}
