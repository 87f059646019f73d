//! `POST /api/chat`, as one JSON answer or as a stream of events.

use crate::chat::Chat;
use crate::chat::ChatEvent;
use crate::chat::request::ChatRequest;
use crate::chat::view::ChatAnswer;
use crate::chat::view::sources;
use crate::domain::shop::Shop;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::RequestId;
use crate::http::error::Result;
use crate::http::protection::WidgetCall;
use crate::http::visitor::VisitorToken;
use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::response::sse::KeepAlive;
use futures::Stream;
use futures::StreamExt;
use futures::stream;
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::mpsc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Proxies close a silent connection after 30 to 60 seconds.
const HEARTBEAT: Duration = Duration::from_secs(10);

pub fn router(chat: Chat) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(answer)).with_state(chat)
}

/// Answers a visitor's message. With `Accept: text/event-stream` the answer comes as the events `delta`, `sources`, `done`
/// and `error`; the text in `done` is the one that counts. `collected` may follow `done` with what else the visitor told.
#[utoipa::path(post, path = "/api/chat", tag = "widget", request_body = ChatRequest,
    params(("x-palompy-visitor" = Option<String>, Header, description = "the visitor's token of the last answer")),
    responses((status = 200, body = ChatAnswer)))]
async fn answer(
    State(chat): State<Chat>,
    call: WidgetCall,
    token: VisitorToken,
    headers: HeaderMap,
    Extension(request_id): Extension<RequestId>,
    JsonBody(request): JsonBody<ChatRequest>,
) -> Result<Response> {
    let mut message = request.checked()?;
    let shop = call.shop()?;
    message.visitor = chat.visitor(shop.id, &token);
    let events = chat.answer(Shop::clone(&shop), message);
    if wants_stream(&headers) {
        Ok(stream_response(events, headers, request_id))
    } else {
        whole_response(events).await
    }
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/event-stream"))
}

async fn whole_response(mut events: mpsc::Receiver<ChatEvent>) -> Result<Response> {
    while let Some(event) = events.recv().await {
        match event {
            ChatEvent::Done(answer) => return Ok(Json(ChatAnswer::from(answer)).into_response()),
            ChatEvent::Failed(error) => return Err(error),
            ChatEvent::Delta(_) | ChatEvent::Sources(_) | ChatEvent::Collected(_) => {}
        }
    }
    Err(ApiError::new(Code::Internal))
}

fn stream_response(events: mpsc::Receiver<ChatEvent>, headers: HeaderMap, id: RequestId) -> Response {
    // The comment is the first byte, sent before anything is searched.
    let opening = stream::once(async { Ok::<_, Infallible>(Event::default().comment("palompy")) });
    let answers = received(events).map(move |event| Ok(sse_event(event, &headers, id)));
    let sse = Sse::new(opening.chain(answers)).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("ping"));
    let no_buffering = [
        (header::CACHE_CONTROL, "no-cache, no-transform"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (no_buffering, sse).into_response()
}

fn received(events: mpsc::Receiver<ChatEvent>) -> impl Stream<Item = ChatEvent> {
    stream::unfold(events, |mut events| async move {
        events.recv().await.map(|event| (event, events))
    })
}

fn sse_event(event: ChatEvent, headers: &HeaderMap, id: RequestId) -> Event {
    let (name, data) = match event {
        ChatEvent::Delta(text) => ("delta", json!({ "text": text })),
        ChatEvent::Sources(citations) => ("sources", json!({ "sources": sources(citations) })),
        ChatEvent::Done(answer) => ("done", json!(ChatAnswer::from(answer))),
        ChatEvent::Collected(data) => ("collected", json!({ "collectedData": data })),
        ChatEvent::Failed(error) => ("error", json!({ "error": error.content(headers, id) })),
    };
    Event::default().event(name).data(data.to_string())
}
