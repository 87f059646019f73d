//! A mirror of the hub on this machine, with the faults that networks have.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Response;
use axum::http::StatusCode;
use axum::http::Uri;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

#[derive(Default)]
struct Shared {
    files: BTreeMap<String, Vec<u8>>,
    /// Told as the hub tells the checksums of large files.
    checksums: BTreeMap<String, String>,
    /// A response for this path ends after so many bytes, as often as the second number says.
    cut: Option<(String, usize, usize)>,
    /// Path and `Range` header of each request.
    requests: Vec<(String, Option<String>)>,
}

#[derive(Clone, Default)]
struct Files(Arc<Mutex<Shared>>);

pub struct Mirror {
    pub url: String,
    files: Files,
    server: JoinHandle<()>,
}

impl Mirror {
    pub async fn start() -> Mirror {
        let files = Files::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(answer).with_state(files.clone());
        let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Mirror { url, files, server }
    }

    pub fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files.0.lock().unwrap().files.insert(path.to_owned(), bytes.into());
    }

    pub fn remove(&self, path: &str) {
        self.files.0.lock().unwrap().files.remove(path);
    }

    pub fn tell_checksum(&self, path: &str, sha256: &str) {
        let mut shared = self.files.0.lock().unwrap();
        shared.checksums.insert(path.to_owned(), sha256.to_owned());
    }

    pub fn cut(&self, path: &str, after_bytes: usize, times: usize) {
        self.files.0.lock().unwrap().cut = Some((path.to_owned(), after_bytes, times));
    }

    /// The `Range` headers of the requests for a path.
    pub fn ranges(&self, path: &str) -> Vec<Option<String>> {
        let shared = self.files.0.lock().unwrap();
        let asked = shared.requests.iter().filter(|(asked, _)| asked == path);
        asked.map(|(_, range)| range.clone()).collect()
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(files): State<Files>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let mut shared = files.0.lock().unwrap();
    let path = uri.path().to_owned();
    let range = headers.get("range").map(|value| value.to_str().unwrap().to_owned());
    shared.requests.push((path.clone(), range.clone()));
    let Some(bytes) = shared.files.get(&path).cloned() else {
        return Response::builder().status(404).body(Body::empty()).unwrap();
    };
    let from: usize = range.map_or(0, |range| {
        let start = range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap();
        start.parse().unwrap()
    });
    let mut response = Response::builder().header("etag", format!("\"{}\"", bytes.len()));
    if let Some(checksum) = shared.checksums.get(&path) {
        response = response.header("x-linked-etag", format!("\"{checksum}\""));
    }
    let rest = bytes[from..].to_vec();
    response = response.header("content-length", rest.len()).status(if from > 0 {
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    });
    if from > 0 {
        let total = bytes.len();
        response = response.header("content-range", format!("bytes {from}-{}/{total}", total - 1));
    }
    let body = match &mut shared.cut {
        Some((cut, after, times)) if *cut == path && *times > 0 => {
            *times -= 1;
            let first = rest[..(*after).min(rest.len())].to_vec();
            let parts = [Ok(first), Err(std::io::Error::other("cut as asked"))];
            Body::from_stream(futures::stream::iter(parts))
        }
        _ => Body::from(rest),
    };
    response.body(body).unwrap()
}
