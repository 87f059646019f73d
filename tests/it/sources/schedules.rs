//! Sources with an address, and those that are read by themselves.

use crate::sources::counts;
use crate::sources::ended;
use crate::sources::lamps;
use crate::sources::visible;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::until;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::net::TcpListener;

const HOUR: Duration = Duration::from_secs(3_600);

/// A server of the shop on this machine.
#[derive(Clone, Default)]
struct Feed {
    /// The status, and the file with its tag.
    says: Arc<Mutex<(u16, String, String)>>,
    /// The `if-none-match` of each request.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Feed {
    async fn start() -> (Feed, u16) {
        let feed = Feed::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inside = Redirect::temporary(&format!("http://localhost:{port}/feed.json"));
        let router = Router::new()
            .route("/feed.json", get(answer))
            .route("/inside", get(move || async move { inside }))
            .with_state(feed.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (feed, port)
    }

    fn say(&self, status: u16, data: &Value, tag: &str) {
        *self.says.lock().unwrap() = (status, data.to_string(), tag.to_owned());
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(State(feed): State<Feed>, headers: HeaderMap) -> Response {
    let known = headers.get("if-none-match").map_or("", |value| value.to_str().unwrap());
    feed.asked.lock().unwrap().push(known.to_owned());
    let (status, text, tag) = feed.says.lock().unwrap().clone();
    if known == tag {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    (StatusCode::from_u16(status).unwrap(), [("etag", tag)], text).into_response()
}

async fn url_source(app: &TestApp, shop: &TestShop, url: &str) -> Value {
    let body = json!({"name": "фид", "location": {"type": "url", "url": url}, "schedule": {"every_hours": 6}});
    app.post(&format!("/api/shops/{}/sources", shop.id), body)
        .await
        .json_with(201)
}

/// Lets time pass, reads what is due, and gives the newest import once it has ended.
async fn later(app: &TestApp, shop: &TestShop, time: Duration) -> Option<Value> {
    let path = format!("/api/shops/{}/imports", shop.id);
    let newest = async || app.get(&path).await.json_with(200)["imports"][0].clone();
    let before = newest().await;
    app.pass_time(time);
    app.sync_due().await;
    let after = newest().await;
    if after["id"] == before["id"] {
        return None;
    }
    Some(ended(app, shop.id, &after).await)
}

/// The source once nothing of it is at work.
async fn settled(app: &TestApp, shop: &TestShop, source: &Value, failures: u32) -> Value {
    let path = format!("/api/shops/{}/sources/{}", shop.id, source["id"]);
    let now = app.get(&path).await.json_with(200)["next_sync_at"].clone();
    until("the source to be settled", async || {
        let view = app.get(&path).await.json_with(200);
        (view["failures"] == failures && (view["next_sync_at"] != now || !view["checked_at"].is_null() || failures > 0))
            .then_some(view)
    })
    .await
}

#[tokio::test]
async fn a_source_is_read_when_its_time_comes_and_fetched_when_it_has_changed() {
    let app = TestApp::start_with(|config| config.source_private_hosts = Some("127.0.0.1".to_owned())).await;
    let shop = app.shop().await;
    let (feed, port) = Feed::start().await;
    feed.say(200, &lamps(&[(1, 10), (2, 20)]), "\"one\"");
    let source = url_source(&app, &shop, &format!("http://127.0.0.1:{port}/feed.json")).await;
    assert_eq!(source["next_sync_at"], "2026-01-02T09:04:05Z");
    assert_eq!(later(&app, &shop, 5 * HOUR).await, None);
    let first = later(&app, &shop, HOUR).await.unwrap();
    assert_eq!((&first["by"], counts(&first)), (&json!("schedule"), [2, 0, 0, 0]));
    settled(&app, &shop, &source, 0).await;
    assert_eq!(later(&app, &shop, HOUR).await, None);
    let same = later(&app, &shop, 6 * HOUR).await.unwrap();
    assert_eq!((&same["status"], counts(&same)), (&json!("done"), [0, 0, 0, 0]));
    settled(&app, &shop, &source, 0).await;
    feed.say(200, &lamps(&[(1, 11), (2, 20)]), "\"two\"");
    let changed = later(&app, &shop, 7 * HOUR).await.unwrap();
    assert_eq!(counts(&changed), [0, 1, 1, 0]);
    assert_eq!(feed.asked(), ["", "\"one\"", "\"one\""]);
    assert_eq!(visible(&app, &shop).await[0], ("L-1".to_owned(), 11.0));
}

#[tokio::test]
async fn a_source_that_fails_is_tried_again_and_told_to_be_stale() {
    let app = TestApp::start_with(|config| config.source_private_hosts = Some("127.0.0.1".to_owned())).await;
    let shop = app.shop().await;
    let (feed, port) = Feed::start().await;
    feed.say(200, &lamps(&[(1, 10)]), "\"one\"");
    let source = url_source(&app, &shop, &format!("http://127.0.0.1:{port}/feed.json")).await;
    later(&app, &shop, 6 * HOUR).await.unwrap();
    settled(&app, &shop, &source, 0).await;
    feed.say(503, &json!({}), "\"none\"");
    let failed = later(&app, &shop, 6 * HOUR).await.unwrap();
    assert_eq!(failed["status"], "failed");
    assert!(failed["error"].as_str().unwrap().contains("503"), "{failed}");
    let view = settled(&app, &shop, &source, 1).await;
    assert_eq!(view["stale_since"], "2026-01-02T09:04:05Z");
    assert_eq!(later(&app, &shop, Duration::from_secs(4 * 60)).await, None);
    assert_eq!(
        later(&app, &shop, Duration::from_secs(60)).await.unwrap()["status"],
        "failed"
    );
    settled(&app, &shop, &source, 2).await;
    feed.say(200, &lamps(&[(1, 12)]), "\"two\"");
    assert_eq!(later(&app, &shop, Duration::from_secs(9 * 60)).await, None);
    assert_eq!(
        counts(&later(&app, &shop, Duration::from_secs(60)).await.unwrap()),
        [0, 1, 0, 0]
    );
    assert_eq!(settled(&app, &shop, &source, 0).await["stale_since"], Value::Null);
}

#[tokio::test]
async fn no_source_leads_into_the_own_network_neither_at_once_nor_by_a_redirect() {
    let (feed, port) = Feed::start().await;
    feed.say(200, &lamps(&[(1, 10)]), "\"one\"");
    let closed = TestApp::start().await;
    let open = TestApp::start_with(|config| config.source_private_hosts = Some("127.0.0.1".to_owned())).await;
    for (app, url) in [
        (&closed, format!("http://127.0.0.1:{port}/feed.json")),
        (&closed, format!("http://localhost:{port}/feed.json")),
        (&closed, format!("http://2130706433:{port}/feed.json")),
        (&closed, format!("http://[::ffff:127.0.0.1]:{port}/feed.json")),
        (&open, format!("http://127.0.0.1:{port}/inside")),
    ] {
        let shop = app.shop().await;
        let source = url_source(app, &shop, &url).await;
        let path = format!("/api/shops/{}/sources/{}/sync", shop.id, source["id"]);
        let queued = app.post(&path, json!({})).await.json_with(202);
        let failed = ended(app, shop.id, &queued).await;
        assert_eq!(failed["status"], "failed", "{url}");
        assert!(
            failed["error"].as_str().unwrap().contains("source_private_hosts"),
            "{failed}"
        );
    }
    assert_eq!(feed.asked(), Vec::<String>::new());
}
