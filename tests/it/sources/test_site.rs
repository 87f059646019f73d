//! A site on this machine, for crawls.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::response::IntoResponse;
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::net::TcpListener;

/// A page as its server sends it.
#[derive(Clone)]
struct Page {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// A site on this machine; what it has no page for is not found.
#[derive(Clone, Default)]
pub struct TestSite {
    pages: Arc<Mutex<BTreeMap<String, Page>>>,
    asked: Arc<Mutex<Vec<String>>>,
    port: u16,
}

impl TestSite {
    /// With a robots.txt that lets a test ask quickly.
    pub async fn start() -> TestSite {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = TestSite {
            port: listener.local_addr().unwrap().port(),
            ..TestSite::default()
        };
        let router = Router::new().fallback(answer).with_state(site.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        site.rules("");
        site
    }

    pub fn rules(&self, more: &str) {
        let text = format!("User-agent: *\nCrawl-delay: 0.001\n{more}");
        self.put("/robots.txt", 200, &[("content-type", "text/plain")], text.as_bytes());
    }

    pub fn put(&self, path: &str, status: u16, headers: &[(&'static str, &str)], body: &[u8]) {
        let page = Page {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            body: body.to_vec(),
        };
        self.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// A page with this head and body.
    pub fn page(&self, path: &str, head: &str, body: &str) {
        let title = path.trim_matches('/');
        let html = format!("<html><head><title>{title}</title>{head}</head><body>{body}</body></html>");
        let tag = format!("\"{}\"", html.len());
        self.put(
            path,
            200,
            &[("content-type", "text/html; charset=utf-8"), ("etag", &tag)],
            html.as_bytes(),
        );
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What was asked for since the last call, with ` 304` after what had not changed; sorted.
    pub fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }
}

async fn answer(State(site): State<TestSite>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path_and_query().unwrap().to_string();
    let Some(page) = site.pages.lock().unwrap().get(&path).cloned() else {
        site.asked.lock().unwrap().push(format!("{path} 404"));
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = page.headers.iter().find(|(name, _)| *name == "etag");
    let known = headers.get("if-none-match").and_then(|value| value.to_str().ok());
    if page.status == 200 && tag.is_some() && tag.map(|(_, tag)| tag.as_str()) == known {
        site.asked.lock().unwrap().push(format!("{path} 304"));
        return StatusCode::NOT_MODIFIED.into_response();
    }
    site.asked.lock().unwrap().push(path);
    let mut response = (StatusCode::from_u16(page.status).unwrap(), page.body).into_response();
    for (name, value) in page.headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
