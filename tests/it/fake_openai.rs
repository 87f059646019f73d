//! A local stand-in for an OpenAI-compatible service that can misbehave in every way we know of.

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use futures::StreamExt;
use futures::stream;
use serde_json::Value;
use serde_json::json;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::vec::IntoIter;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub const DEFAULT_ANSWER: &str = "Ответ по фрагменту [1].";

#[derive(Debug, Clone, PartialEq)]
pub enum Mode {
    Ok,
    /// The first delta comes at once, each further one after a `release`.
    Slow,
    /// 429 with this `Retry-After`.
    RateLimited(&'static str),
    /// 429 that waiting does not cure.
    QuotaUsedUp,
    /// An error page with this status: 500, 401, …
    Status(u16),
    /// Accepts the request and never answers.
    Hang,
    /// Two deltas, then the connection breaks.
    CutMidStream,
    /// Two deltas, then an orderly end without a finish reason.
    EndEarly,
    /// One delta, then a chunk that is no JSON.
    InvalidJson,
    Html200,
    /// An error object as the first chunk of a 200 stream.
    ErrorInStream,
    /// Everything that compatible servers were seen to do differently, in one stream.
    Quirks,
    /// Refuses `max_tokens` and `temperature` as reasoning models do.
    NewerModel,
    /// Answers with this text whatever is asked.
    Lying(String),
    /// Sends this body as an event stream.
    Raw(Vec<u8>),
}

pub struct FakeOpenAi {
    base_url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    /// The last one stays.
    modes: Mutex<VecDeque<Mode>>,
    answer: Mutex<String>,
    requests: Mutex<Vec<Value>>,
    keys: Mutex<Vec<String>>,
    gate: Semaphore,
    cancelled: watch::Sender<usize>,
}

impl FakeOpenAi {
    pub async fn start(mode: Mode) -> FakeOpenAi {
        let shared = Arc::new(Shared {
            modes: Mutex::new(VecDeque::from([mode])),
            answer: Mutex::new(DEFAULT_ANSWER.to_owned()),
            requests: Mutex::default(),
            keys: Mutex::default(),
            gate: Semaphore::new(0),
            cancelled: watch::Sender::new(0),
        });
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        FakeOpenAi {
            base_url,
            shared,
            server,
        }
    }

    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }

    pub fn set_mode(&self, mode: Mode) {
        self.set_modes([mode]);
    }

    /// One mode for each request; the last one stays.
    pub fn set_modes(&self, modes: impl IntoIterator<Item = Mode>) {
        *self.shared.modes.lock().unwrap() = modes.into_iter().collect();
    }

    /// What `Ok`, `Slow` and `NewerModel` answer.
    pub fn set_answer(&self, answer: &str) {
        answer.clone_into(&mut self.shared.answer.lock().unwrap());
    }

    /// Lets `Slow` send so many further deltas.
    pub fn release(&self, deltas: usize) {
        self.shared.gate.add_permits(deltas);
    }

    /// The bodies received so far, in order.
    pub fn requests(&self) -> Vec<Value> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// The `Authorization` headers received so far, in order.
    pub fn keys(&self) -> Vec<String> {
        self.shared.keys.lock().unwrap().clone()
    }

    /// How many clients went away before their answer ended.
    pub fn cancelled(&self) -> usize {
        *self.shared.cancelled.borrow()
    }

    /// Waits until so many clients went away.
    pub async fn until_cancelled(&self, clients: usize) {
        let mut cancelled = self.shared.cancelled.subscribe();
        cancelled.wait_for(|count| *count >= clients).await.unwrap();
    }
}

impl Drop for FakeOpenAi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Counts its client as gone unless the answer ended first.
struct Watcher {
    shared: Arc<Shared>,
    is_ended: bool,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if !self.is_ended {
            self.shared.cancelled.send_modify(|count| *count += 1);
        }
    }
}

enum Part {
    Bytes(Vec<u8>),
    AwaitRelease,
    Break,
}

async fn complete(State(shared): State<Arc<Shared>>, headers: HeaderMap, Json(request): Json<Value>) -> Response {
    let key = headers.get(header::AUTHORIZATION).map(|key| key.to_str().unwrap());
    shared.keys.lock().unwrap().push(key.unwrap_or_default().to_owned());
    shared.requests.lock().unwrap().push(request.clone());
    let mode = {
        let mut modes = shared.modes.lock().unwrap();
        if modes.len() > 1 {
            modes.pop_front().unwrap()
        } else {
            modes.front().unwrap().clone()
        }
    };
    if let Some(response) = refusal(&mode, &request) {
        return response;
    }
    if mode == Mode::Hang {
        let _watcher = Watcher {
            shared,
            is_ended: false,
        };
        return std::future::pending().await;
    }
    let answer = shared.answer.lock().unwrap().clone();
    let parts = parts(&mode, &answer);
    streamed(shared, parts)
}

fn refusal(mode: &Mode, request: &Value) -> Option<Response> {
    let error = |code: &str, param: &str, message: &str| {
        Json(json!({"error": {"message": message, "type": "error", "param": param, "code": code}}))
    };
    let response = match mode {
        Mode::RateLimited(seconds) => (
            StatusCode::TOO_MANY_REQUESTS,
            [(header::RETRY_AFTER, *seconds)],
            error("rate_limit_exceeded", "", "slow down"),
        )
            .into_response(),
        Mode::QuotaUsedUp => (
            StatusCode::TOO_MANY_REQUESTS,
            error("insufficient_quota", "", "pay first"),
        )
            .into_response(),
        Mode::Status(status) => (
            StatusCode::from_u16(*status).unwrap(),
            "<html>secret words of the server</html>",
        )
            .into_response(),
        Mode::Html200 => axum::response::Html("<!doctype html><p>Sign in to the network</p>").into_response(),
        Mode::NewerModel if request.get("max_tokens").is_some() => {
            let message = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
            (
                StatusCode::BAD_REQUEST,
                error("unsupported_parameter", "max_tokens", message),
            )
                .into_response()
        }
        Mode::NewerModel if request.get("temperature").is_some() => {
            let message = "only the default (1) value is supported";
            (
                StatusCode::BAD_REQUEST,
                error("unsupported_value", "temperature", message),
            )
                .into_response()
        }
        _ => return None,
    };
    Some(response)
}

fn parts(mode: &Mode, answer: &str) -> Vec<Part> {
    let deltas: Vec<&str> = answer.split_inclusive(' ').collect();
    let first_two = deltas.iter().take(2).map(|text| event(&delta(text)));
    match mode {
        Mode::Slow => {
            let gated = deltas.iter().map(|text| [Part::AwaitRelease, event(&delta(text))]);
            gated.flatten().skip(1).chain(ending()).collect()
        }
        Mode::CutMidStream => first_two.chain([Part::Break]).collect(),
        Mode::EndEarly => first_two.collect(),
        Mode::InvalidJson => first_two.take(1).chain([raw("data: {\"choices\": [{\n\n")]).collect(),
        Mode::ErrorInStream => vec![event(
            &json!({"error": {"message": "overloaded", "type": "server_error"}}),
        )],
        Mode::Quirks => vec![Part::Bytes(QUIRKS.as_bytes().to_vec())],
        Mode::Lying(text) => vec![event(&delta(text))].into_iter().chain(ending()).collect(),
        Mode::Raw(bytes) => vec![Part::Bytes(bytes.clone())],
        _ => deltas.iter().map(|text| event(&delta(text))).chain(ending()).collect(),
    }
}

/// As seen from llama.cpp, Ollama, sglang and several gateways. The text is `DEFAULT_ANSWER`.
const QUIRKS: &str = concat!(
    "\u{feff}: keep-alive\r\n\r\n",
    "event: message\r\ndata: {\"choices\":[]}\r\n\r\n",
    "data:\r\n\r\n",
    "data:{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"hm\"},\"finish_reason\":\"\"}],\"usage\":{}}\r\n\r\n",
    "data: {\"id\":null,\"service_tier\":\"on_demand\",\"choices\":[{\"delta\":{\"content\":\"Ответ по \"}}]}\r\n\r\n",
    "data: {\"timings\":{},\"choices\":[{\"delta\":{\"content\":\"фрагменту [1].\"},\"finish_reason\":\"\"}]}\r\n\r\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"eos\"}]}\r\n\r\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"end\"}],\"usage\":{}}\r\n\r\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":5}}\r\n\r\n",
);

fn delta(text: &str) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "fake",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
}

fn ending() -> Vec<Part> {
    vec![
        event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})),
        event(&json!({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}})),
        raw("data: [DONE]\n\n"),
    ]
}

fn event(chunk: &Value) -> Part {
    raw(&format!("data: {chunk}\n\n"))
}

fn raw(text: &str) -> Part {
    Part::Bytes(text.as_bytes().to_vec())
}

fn streamed(shared: Arc<Shared>, parts: Vec<Part>) -> Response {
    let watcher = Watcher {
        shared,
        is_ended: false,
    };
    let bytes = stream::unfold((watcher, parts.into_iter()), |(watcher, parts)| {
        next_bytes(watcher, parts)
    });
    // Parts travel one by one, as from a model that thinks between them.
    let paced = bytes.then(|bytes| async {
        tokio::task::yield_now().await;
        bytes
    });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(paced)).into_response()
}

async fn next_bytes(
    mut watcher: Watcher,
    mut parts: IntoIter<Part>,
) -> Option<(io::Result<Vec<u8>>, (Watcher, IntoIter<Part>))> {
    loop {
        match parts.next() {
            Some(Part::Bytes(bytes)) => return Some((Ok(bytes), (watcher, parts))),
            Some(Part::AwaitRelease) => watcher.shared.gate.acquire().await.unwrap().forget(),
            Some(Part::Break) => {
                watcher.is_ended = true;
                return Some((Err(io::Error::other("cut on purpose")), (watcher, parts)));
            }
            None => {
                watcher.is_ended = true;
                return None;
            }
        }
    }
}
