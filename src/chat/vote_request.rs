//! A vote as it comes from a page, checked: all that is wrong is told at once.

use crate::chat::request::uuid;
use crate::domain::id::SessionId;
use crate::domain::problem::Problem;
use crate::domain::vote::Vote;
use crate::domain::vote::VoteReason;
use crate::domain::vote::VoteValue;
use crate::http::error::ApiError;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

const MAX_COMMENT_CHARS: usize = 1_000;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct VoteRequest {
    /// The shop's public key.
    #[schema(value_type = Uuid)]
    shop_public_key: Option<Value>,
    /// The session of the answer.
    #[schema(value_type = Uuid)]
    session_id: Option<Value>,
    /// `up`, `down` or `none`.
    #[schema(value_type = String)]
    value: Option<Value>,
    /// Any of `wrong`, `incomplete`, `not_understood`, `rude` and `other`.
    #[schema(value_type = Option<Vec<String>>)]
    reasons: Option<Value>,
    /// At most 1000 characters.
    #[schema(value_type = Option<String>)]
    comment: Option<Value>,
}

impl VoteRequest {
    /// The session and the vote; `None` takes an earlier one back.
    pub fn checked(self) -> Result<(SessionId, Option<Vote>), ApiError> {
        let mut problems = Vec::new();
        uuid("shopPublicKey", self.shop_public_key.as_ref(), &mut problems);
        let session = uuid("sessionId", self.session_id.as_ref(), &mut problems);
        let value = vote_value(self.value.as_ref(), &mut problems);
        let reasons = vote_reasons(self.reasons.as_ref(), &mut problems);
        let comment = comment(self.comment.as_ref(), &mut problems);
        if !problems.is_empty() {
            return Err(ApiError::invalid(problems));
        }
        let vote = value.map(|value| Vote {
            value,
            reasons,
            comment,
        });
        Ok((SessionId(session), vote))
    }
}

fn vote_value(value: Option<&Value>, problems: &mut Vec<Problem>) -> Option<VoteValue> {
    let problem = match value {
        None | Some(Value::Null) => "problem_required",
        Some(value) => match value.as_str() {
            Some("none") => return None,
            text => match text.and_then(VoteValue::parse) {
                Some(value) => return Some(value),
                None => "problem_vote",
            },
        },
    };
    problems.push(Problem::new("value", problem));
    None
}

/// Each reason once, in the order of the enum.
fn vote_reasons(value: Option<&Value>, problems: &mut Vec<Problem>) -> Vec<VoteReason> {
    let written = match value {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(written)) => written,
        Some(_) => {
            problems.push(Problem::new("reasons", "problem_list"));
            return Vec::new();
        }
    };
    let mut reasons = Vec::new();
    for (index, reason) in written.iter().enumerate() {
        match VoteReason::deserialize(reason) {
            Ok(reason) => reasons.push(reason),
            Err(_) => {
                problems.push(Problem::new(format!("reasons[{index}]"), "problem_reason"));
                // A list of rubbish needs no list of problems.
                break;
            }
        }
    }
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

fn comment(value: Option<&Value>, problems: &mut Vec<Problem>) -> Option<String> {
    let text = match value {
        None | Some(Value::Null) => return None,
        Some(Value::String(text)) => text.trim(),
        Some(_) => {
            problems.push(Problem::new("comment", "problem_text"));
            return None;
        }
    };
    let length = text.chars().count();
    if length > MAX_COMMENT_CHARS {
        let problem = Problem::new("comment", "problem_too_long");
        problems.push(problem.with("length", length).with("limit", MAX_COMMENT_CHARS));
    }
    (!text.is_empty()).then(|| text.to_owned())
}
