//! A service with OpenAI's interface that gives its first token at once and then goes on for as long as it is told.

use axum::Router;
use axum::response::IntoResponse;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::routing::post;
use axum::serve::ListenerExt;
use futures::StreamExt;
use futures::stream;
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use tokio::net::TcpListener;

/// Further words of an answer and the pause before each.
#[derive(Clone, Copy)]
pub struct Pace {
    pub words: usize,
    pub pause: Duration,
}

/// Starts the service and gives its base URL. It runs until the runtime ends.
pub async fn start(pace: Pace) -> String {
    let complete = move || async move {
        let first = stream::once(async { delta("Да, подойдёт [1]. ") });
        let further = stream::iter(0..pace.words).then(move |_| async move {
            tokio::time::sleep(pace.pause).await;
            delta("слово ")
        });
        let finish = json!({"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "fake",
            "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
        let end = [
            Event::default().data(finish.to_string()),
            Event::default().data("[DONE]"),
        ];
        let events = first.chain(further).chain(stream::iter(end)).map(Ok::<_, Infallible>);
        Sse::new(events).into_response()
    };
    let router = Router::new().route("/v1/chat/completions", post(complete));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Without it the service itself would hold the first token back for 40 ms.
    let prompt = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    tokio::spawn(async move { axum::serve(prompt, router).await.unwrap() });
    format!("http://{address}/v1")
}

fn delta(text: &str) -> Event {
    let chunk = json!({"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "fake",
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": null}]});
    Event::default().data(chunk.to_string())
}
