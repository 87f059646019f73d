//! Telling a shop's own system of leads: signed, again and again until it is taken, and never into a private network.

use crate::program::Server;
use crate::program::folder;
use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::until;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use palompy::config::Config;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use sha2::Sha256;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub enum Mode {
    Status(u16),
    RedirectTo(String),
    /// Takes the request and never answers.
    Hang,
}

#[derive(Debug, Clone)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: String,
}

/// A shop's system that answers as told; the last mode stays.
pub struct Receiver {
    pub url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    modes: Mutex<VecDeque<Mode>>,
    received: Mutex<Vec<Received>>,
}

impl Receiver {
    pub async fn start(modes: impl IntoIterator<Item = Mode>) -> Receiver {
        let shared = Arc::new(Shared {
            modes: Mutex::new(modes.into_iter().collect()),
            received: Mutex::default(),
        });
        let router = Router::new().fallback(any(take)).with_state(shared.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Receiver { url, shared, server }
    }

    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    async fn until_received(&self, count: usize) -> Vec<Received> {
        let enough = async || Some(self.received()).filter(|all| all.len() >= count);
        until("a notification", enough).await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    shared.received.lock().unwrap().push(Received { headers, body });
    let mode = {
        let mut modes = shared.modes.lock().unwrap();
        if modes.len() > 1 {
            modes.pop_front().unwrap()
        } else {
            modes[0].clone()
        }
    };
    match mode {
        Mode::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Mode::RedirectTo(url) => Redirect::temporary(&url).into_response(),
        Mode::Hang => std::future::pending().await,
    }
}

pub fn beside(config: &mut Config) {
    config.webhook_private_hosts = Some("127.0.0.1".to_owned());
}

async fn shop_with(app: &TestApp, url: &str) -> TestShop {
    app.shop_with(json!({"lead_webhook_url": url})).await
}

/// A visitor's form; the answer.
async fn leave(app: &TestApp, shop: &TestShop, session: Uuid, fields: Value) -> Value {
    let mut form = json!({"shopPublicKey": shop.key, "sessionId": session});
    for (name, value) in fields.as_object().unwrap() {
        form[name] = value.clone();
    }
    let sent = Reply::of(app.request(Method::POST, "/api/leads").json(&form)).await;
    sent.json_with(201)
}

async fn deliveries(app: &TestApp, shop: &TestShop) -> Vec<Value> {
    let listed = app
        .get(&format!("/api/shops/{}/deliveries", shop.id))
        .await
        .json_with(200);
    listed["deliveries"].as_array().unwrap().clone()
}

/// The shop's only notification once it has this status.
async fn until_status(app: &TestApp, shop: &TestShop, status: &str) -> Value {
    until(status, async || {
        let all = deliveries(app, shop).await;
        Some(all[0].clone()).filter(|delivery| delivery["status"] == status)
    })
    .await
}

/// Whether a receiver that knows the secret would believe the request.
fn is_signed_with(secret: &str, received: &Received) -> bool {
    let header = |name: &str| received.headers[name].to_str().unwrap();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let signed = format!(
        "{}.{}.{}",
        header("webhook-id"),
        header("webhook-timestamp"),
        received.body
    );
    mac.update(signed.as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    header("webhook-signature").split(' ').any(|one| one == expected)
}

async fn new_secret(app: &TestApp, shop: &TestShop) -> String {
    let path = format!("/api/shops/{}/webhook-secret", shop.id);
    app.post(&path, json!({})).await.json_with(201)["secret"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_lead_reaches_the_shops_system_signed() {
    let app = TestApp::start_with(beside).await;
    app.resume();
    let receiver = Receiver::start([Mode::Status(204)]).await;
    let shop = shop_with(&app, &receiver.url).await;
    let secret = new_secret(&app, &shop).await;
    let answer = leave(
        &app,
        &shop,
        Uuid::new_v4(),
        json!({"phone": "8 916 123-45-67", "name": "Анна", "intent": "order"}),
    )
    .await;
    let received = receiver.until_received(1).await.remove(0);
    assert!(is_signed_with(&secret, &received));
    assert_eq!(received.headers["content-type"], "application/json");
    let body: Value = serde_json::from_str(&received.body).unwrap();
    assert_eq!(body["type"], "lead.created");
    assert_eq!(body["data"]["shop"]["id"], shop.id);
    assert_eq!(body["data"]["lead"]["id"], answer["id"]);
    assert_eq!(body["data"]["lead"]["phone"], "+79161234567");
    assert_eq!(body["data"]["conversation"], json!([]));
    let delivery = until_status(&app, &shop, "delivered").await;
    assert_eq!(
        (&delivery["attempts"], &delivery["response_status"]),
        (&json!(1), &json!(204))
    );
    let id = delivery["id"].as_str().unwrap().replace('-', "");
    assert_eq!(received.headers["webhook-id"].to_str().unwrap(), format!("msg_{id}"));
    // The secret is shown once and is in no other answer.
    let settings = app.get(&format!("/api/shops/{}", shop.id)).await.text;
    assert!(!settings.contains("whsec_"));
    // During a rotation both secrets sign.
    let newer = new_secret(&app, &shop).await;
    let resend = format!(
        "/api/shops/{}/deliveries/{}/resend",
        shop.id,
        delivery["id"].as_str().unwrap()
    );
    app.post(&resend, json!({})).await.json_with(202);
    let again = receiver.until_received(2).await.remove(1);
    assert!(is_signed_with(&secret, &again) && is_signed_with(&newer, &again));
    assert_eq!(again.headers["webhook-id"], received.headers["webhook-id"]);
}

#[tokio::test]
async fn who_wants_a_person_hands_the_conversation_over() {
    let app = TestApp::start_with(beside).await;
    app.resume();
    let receiver = Receiver::start([Mode::Status(200)]).await;
    let shop = shop_with(&app, &receiver.url).await;
    let session = Uuid::new_v4();
    app.ask_in(&shop, session, "Сколько стоит доставка на Луну?").await;
    leave(&app, &shop, session, json!({"intent": "handoff"})).await;
    let received = receiver.until_received(1).await.remove(0);
    let body: Value = serde_json::from_str(&received.body).unwrap();
    assert_eq!(body["type"], "handoff.requested");
    assert_eq!(
        body["data"]["conversation"][0]["question"],
        "Сколько стоит доставка на Луну?"
    );
    assert_eq!(body["data"]["lead"]["phone"], Value::Null);
}

#[tokio::test]
async fn a_receiver_that_fails_is_told_again_until_it_takes_it() {
    let app = TestApp::start_with(beside).await;
    app.resume();
    let receiver = Receiver::start([Mode::Status(500), Mode::Status(429), Mode::Status(200)]).await;
    let shop = shop_with(&app, &receiver.url).await;
    leave(&app, &shop, Uuid::new_v4(), json!({"email": "anna@example.ru"})).await;
    let waiting = until_status(&app, &shop, "waiting").await;
    let first = receiver.until_received(1).await.remove(0);
    let waiting = if waiting["attempts"] == 0 {
        until_failed_once(&app, &shop).await
    } else {
        waiting
    };
    assert_eq!(waiting["response_status"], 500);
    assert!(
        waiting["error"].as_str().unwrap().contains("did not take it"),
        "{waiting}"
    );
    assert_eq!(waiting["next_at"], "2026-01-02T03:04:10Z");
    app.pass_time(Duration::from_secs(5));
    receiver.until_received(2).await;
    until("the second failure", async || {
        (deliveries(&app, &shop).await[0]["response_status"] == 429).then_some(())
    })
    .await;
    app.pass_time(Duration::from_secs(60));
    let third = receiver.until_received(3).await.remove(2);
    assert_eq!(first.headers["webhook-id"], third.headers["webhook-id"]);
    assert_ne!(first.headers["webhook-timestamp"], third.headers["webhook-timestamp"]);
    let delivered = until_status(&app, &shop, "delivered").await;
    assert_eq!((&delivered["attempts"], &delivered["error"]), (&json!(3), &Value::Null));
}

async fn until_failed_once(app: &TestApp, shop: &TestShop) -> Value {
    until("the first failure", async || {
        let all = deliveries(app, shop).await;
        Some(all[0].clone()).filter(|one| one["status"] == "waiting" && !one["response_status"].is_null())
    })
    .await
}

#[tokio::test]
async fn a_receiver_that_is_gone_or_leads_elsewhere_is_not_followed() {
    let app = TestApp::start_with(beside).await;
    app.resume();
    let hidden = Receiver::start([Mode::Status(200)]).await;
    let receiver = Receiver::start([Mode::RedirectTo(hidden.url.clone()), Mode::Status(410)]).await;
    let shop = shop_with(&app, &receiver.url).await;
    leave(&app, &shop, Uuid::new_v4(), json!({"email": "anna@example.ru"})).await;
    receiver.until_received(1).await;
    let waiting = until_failed_once(&app, &shop).await;
    assert_eq!(waiting["response_status"], 307);
    assert!(hidden.received().is_empty());
    app.pass_time(Duration::from_secs(5));
    let failed = until_status(&app, &shop, "failed").await;
    assert_eq!(
        (&failed["attempts"], &failed["response_status"]),
        (&json!(2), &json!(410))
    );
}

#[tokio::test]
async fn a_private_address_is_never_asked_unless_the_configuration_names_it() {
    let app = TestApp::start().await;
    app.resume();
    let receiver = Receiver::start([Mode::Status(200)]).await;
    let port = receiver.url.rsplit(':').next().unwrap().to_owned();
    for host in [
        "http://127.0.0.1:",
        "https://127.0.0.1:",
        "https://[::ffff:127.0.0.1]:",
        "https://localhost:",
    ] {
        let shop = shop_with(&app, &format!("{host}{port}")).await;
        leave(&app, &shop, Uuid::new_v4(), json!({"email": "anna@example.ru"})).await;
        let failed = until_status(&app, &shop, "failed").await;
        assert_eq!(
            (&failed["attempts"], &failed["response_status"]),
            (&json!(1), &Value::Null),
            "{host}"
        );
        assert!(
            failed["error"].as_str().unwrap().contains("webhook_private_hosts"),
            "{failed}"
        );
    }
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn a_slow_receiver_holds_up_nobody_else() {
    let app = TestApp::start_with(beside).await;
    app.resume();
    let (slow, quick) = (
        Receiver::start([Mode::Hang]).await,
        Receiver::start([Mode::Status(200)]).await,
    );
    let (stuck, other) = (shop_with(&app, &slow.url).await, shop_with(&app, &quick.url).await);
    for _ in 0..3 {
        leave(
            &app,
            &stuck,
            Uuid::new_v4(),
            json!({"email": format!("{}@example.ru", Uuid::new_v4())}),
        )
        .await;
    }
    slow.until_received(1).await;
    leave(&app, &other, Uuid::new_v4(), json!({"email": "anna@example.ru"})).await;
    quick.until_received(1).await;
    until_status(&app, &other, "delivered").await;
    assert_eq!(slow.received().len(), 1, "one at a time");
}

#[tokio::test]
async fn a_shop_without_an_address_queues_nothing_and_one_that_lost_it_says_so() {
    let app = TestApp::start_with(beside).await;
    let shop = app.shop().await;
    leave(&app, &shop, Uuid::new_v4(), json!({"email": "anna@example.ru"})).await;
    assert!(deliveries(&app, &shop).await.is_empty());
    let path = format!("/api/shops/{}", shop.id);
    app.patch(&path, json!({"settings": {"lead_webhook_url": "http://127.0.0.1:9/"}}))
        .await
        .json_with(200);
    leave(&app, &shop, Uuid::new_v4(), json!({"email": "oleg@example.ru"})).await;
    app.patch(&path, json!({"settings": {"lead_webhook_url": null}}))
        .await
        .json_with(200);
    app.resume();
    let failed = until_status(&app, &shop, "failed").await;
    assert!(
        failed["error"].as_str().unwrap().contains("lead_webhook_url"),
        "{failed}"
    );
}

#[tokio::test]
async fn a_notification_survives_the_end_of_the_program_under_its_id() {
    let (folder, variables) = (folder(), [("PALOMPY_WEBHOOK_PRIVATE_HOSTS", "127.0.0.1")]);
    let receiver = Receiver::start([Mode::Hang, Mode::Status(200)]).await;
    let mut server = Server::start_with(folder.path(), &variables);
    let shop = server.shop().await;
    let settings = json!({"settings": {"lead_webhook_url": receiver.url}});
    let path = format!("/api/shops/{}", shop.id);
    Reply::of(server.request(Method::PATCH, &path).json(&settings))
        .await
        .json_with(200);
    let form = json!({"shopPublicKey": shop.key, "sessionId": Uuid::new_v4(), "email": "anna@example.ru"});
    server.post("/api/leads", &form).await.json_with(201);
    let first = receiver.until_received(1).await.remove(0);
    server.kill();
    let _server = Server::start_with(folder.path(), &variables);
    let second = receiver.until_received(2).await.remove(1);
    assert_eq!(first.headers["webhook-id"], second.headers["webhook-id"]);
}
