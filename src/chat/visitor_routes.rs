//! `/api/chat/history` and `/api/chat/{messageId}/vote`: what visitors do with their conversations.

use crate::chat::Chat;
use crate::chat::cards::Card;
use crate::chat::request::uuid;
use crate::chat::view::SourceView;
use crate::chat::view::sources;
use crate::chat::vote_request::VoteRequest;
use crate::domain::chat::LoggedTurn;
use crate::domain::id::MessageId;
use crate::domain::id::SessionId;
use crate::domain::vote::Vote;
use crate::http::body::JsonBody;
use crate::http::body::QueryParams;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::http::protection::WidgetCall;
use crate::http::visitor::VisitorToken;
use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub fn router(chat: Chat) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(history, forget))
        .routes(routes!(vote))
        .with_state(chat)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HistoryQuery {
    shop_public_key: Option<Value>,
    session_id: Option<Value>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct ForgetRequest {
    /// The shop's public key.
    #[schema(value_type = Uuid)]
    shop_public_key: Option<Value>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct HistoryView {
    session_id: Uuid,
    /// At most the last 100, oldest first.
    messages: Vec<TurnView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct TurnView {
    message_id: Uuid,
    question: String,
    /// Empty while it is being made; what there was of it when it was interrupted.
    answer: String,
    /// When the message came, in UTC.
    at: String,
    /// `pending`, `complete` or `interrupted`: the visitor left or the program ended before the answer was whole.
    status: &'static str,
    /// `ru` or `en`.
    language: &'static str,
    sources: Vec<SourceView>,
    /// The products that the answer cites, as they are now.
    cards: Vec<Card>,
    refused: bool,
    degraded: bool,
    /// The visitor's last vote; null without one.
    vote: Option<VoteView>,
}

#[derive(Serialize, ToSchema)]
struct VoteView {
    /// `up` or `down`.
    value: &'static str,
    #[schema(value_type = Vec<String>)]
    reasons: Value,
    comment: Option<String>,
}

/// Shows a visitor their own conversation again.
#[utoipa::path(get, path = "/api/chat/history", tag = "widget",
    params(("shopPublicKey" = Uuid, Query, description = "the shop's public key"),
        ("sessionId" = Uuid, Query, description = "a session of the token's visitor"),
        ("x-palompy-visitor" = String, Header, description = "the visitor's token of the last answer")),
    responses((status = 200, body = HistoryView)))]
async fn history(
    State(chat): State<Chat>,
    call: WidgetCall,
    QueryParams(query): QueryParams<HistoryQuery>,
    token: VisitorToken,
) -> Result<impl IntoResponse> {
    let mut problems = Vec::new();
    uuid("shopPublicKey", query.shop_public_key.as_ref(), &mut problems);
    let session = uuid("sessionId", query.session_id.as_ref(), &mut problems);
    if !problems.is_empty() {
        return Err(ApiError::invalid(problems));
    }
    let shop = call.shop()?;
    let turns = chat.history(shop.id, SessionId(session), &token).await?;
    let view = HistoryView {
        session_id: session,
        messages: turns.into_iter().map(TurnView::from).collect(),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(view)))
}

/// Forgets the visitor: deletes the conversations, votes, events and survey responses of all their sessions.
#[utoipa::path(delete, path = "/api/chat/history", tag = "widget", request_body = ForgetRequest,
    params(("x-palompy-visitor" = String, Header, description = "the visitor's token of the last answer")),
    responses((status = 204)))]
async fn forget(
    State(chat): State<Chat>,
    call: WidgetCall,
    token: VisitorToken,
    JsonBody(request): JsonBody<ForgetRequest>,
) -> Result<StatusCode> {
    let mut problems = Vec::new();
    uuid("shopPublicKey", request.shop_public_key.as_ref(), &mut problems);
    if !problems.is_empty() {
        return Err(ApiError::invalid(problems));
    }
    let shop = call.shop()?;
    chat.forget(shop.id, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stores what the visitor thinks of an answer; the last vote counts, and `none` takes it back.
#[utoipa::path(post, path = "/api/chat/{messageId}/vote", tag = "widget", request_body = VoteRequest,
    params(("messageId" = Uuid, Path, description = "the answer's message id"),
        ("x-palompy-visitor" = Option<String>, Header, description = "the visitor's token of the last answer")),
    responses((status = 204)))]
async fn vote(
    State(chat): State<Chat>,
    call: WidgetCall,
    Path(message): Path<String>,
    token: VisitorToken,
    JsonBody(request): JsonBody<VoteRequest>,
) -> Result<StatusCode> {
    let (session, vote) = request.checked()?;
    let message = message.parse().map_err(|_| ApiError::new(Code::NotFound))?;
    let shop = call.shop()?;
    chat.vote(shop.id, session, MessageId(message), &token, vote).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<(LoggedTurn, Vec<Card>)> for TurnView {
    fn from((turn, cards): (LoggedTurn, Vec<Card>)) -> TurnView {
        TurnView {
            message_id: turn.message_id.0,
            question: turn.user_message,
            answer: turn.assistant_answer,
            at: turn.created_at.to_string(),
            status: turn.status.name(),
            language: turn.language.code(),
            sources: sources(turn.citations),
            cards,
            refused: turn.refused,
            degraded: turn.degraded,
            vote: turn.vote.map(VoteView::from),
        }
    }
}

impl From<Vote> for VoteView {
    fn from(vote: Vote) -> VoteView {
        VoteView {
            value: vote.value.name(),
            reasons: serde_json::json!(vote.reasons),
            comment: vote.comment,
        }
    }
}
