//! The program on a data folder of its own, behind a real socket, with a clock that stands still and, when a test wants one,
//! a model service that misbehaves as told.

use crate::fake_openai::FakeOpenAi;
use crate::fake_openai::Mode;
use clap::Command;
use jiff::Timestamp;
use palompy::app;
use palompy::app::App;
use palompy::app::lock::DataFolder;
use palompy::config;
use palompy::config::Config;
use palompy::config::environment::Variables;
use palompy::config::flag::arguments;
use palompy::domain::clock::Clock;
use palompy::domain::secret::Secret;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub const ADMIN_TOKEN: &str = "an-administrator-of-tests";
pub const MODEL: &str = "fake-model";
/// Long enough for a loaded machine; nothing waits for it unless it is broken.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(10);

pub struct TestApp {
    pub url: String,
    pub folder: TempDir,
    pub http: reqwest::Client,
    fake: Option<FakeOpenAi>,
    clock: Arc<Mutex<Timestamp>>,
    server: JoinHandle<()>,
    app: App,
}

/// An answer of the API, with its body read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// A shop that a test made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestShop {
    pub id: i64,
    pub key: String,
}

/// The configuration that `serve` would read from these variables, and from nothing else.
pub fn config_of(folder: &Path, variables: &[(&str, &str)]) -> Config {
    let matches = Command::new("palompy")
        .args(arguments())
        .get_matches_from(["palompy", "--data-dir", "data"]);
    let mut all = Variables::new();
    all.insert("PALOMPY_ADMIN_TOKEN".to_owned(), ADMIN_TOKEN.into());
    for (name, value) in variables {
        all.insert((*name).to_owned(), value.into());
    }
    config::load(&matches, &all, folder).unwrap()
}

impl TestApp {
    /// Without a key: answers are extracts.
    pub async fn start() -> TestApp {
        TestApp::start_with(|_| {}).await
    }

    /// As `start`, with a changed configuration.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> TestApp {
        TestApp::launch(None, change).await
    }

    /// With a model service in this mode.
    pub async fn start_with_model(mode: Mode) -> TestApp {
        TestApp::launch(Some(FakeOpenAi::start(mode).await), |_| {}).await
    }

    /// With a model service in this mode and a changed configuration.
    pub async fn start_with_model_and(mode: Mode, change: impl FnOnce(&mut Config)) -> TestApp {
        TestApp::launch(Some(FakeOpenAi::start(mode).await), change).await
    }

    async fn launch(fake: Option<FakeOpenAi>, change: impl FnOnce(&mut Config)) -> TestApp {
        app::serve::install_tls();
        let folder = TempDir::new().unwrap();
        let base_url = fake.as_ref().map(FakeOpenAi::base_url);
        let variables: Vec<(&str, &str)> = match &base_url {
            None => Vec::new(),
            Some(url) => vec![
                ("OPENAI_API_KEY", "sk-test"),
                ("OPENAI_BASE_URL", url),
                ("OPENAI_MODEL", MODEL),
            ],
        };
        let mut config = config_of(folder.path(), &variables);
        config.program = env!("CARGO_BIN_EXE_palompy").into();
        config.llm_max_retries = 0;
        config.chats_per_minute = 10_000;
        config.visitor_chats_per_minute = 10_000;
        config.shop_chats_per_minute = 10_000;
        config.events_per_minute = 10_000;
        config.visitor_events_per_minute = 10_000;
        config.forms_per_minute = 10_000;
        config.visitor_forms_per_minute = 10_000;
        config.shop_forms_per_minute = 10_000;
        config.reads_per_minute = 10_000;
        config.visitor_reads_per_minute = 10_000;
        change(&mut config);
        let time: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let clock = Arc::new(Mutex::new(time));
        let app = App::start(
            &config,
            DataFolder::lock(&config.data_dir).unwrap(),
            app::Mode::Demo,
            Clock::Manual(clock.clone()),
            Secret::new("a-token-of-this-run".to_owned()),
        )
        .await
        .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = app.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        TestApp {
            url,
            folder,
            http: client(),
            fake,
            clock,
            server,
            app,
        }
    }

    pub fn fake(&self) -> &FakeOpenAi {
        self.fake.as_ref().unwrap()
    }

    /// Begins what the program does beside requests, such as sending notifications.
    pub fn resume(&self) {
        self.app.resume_in_background();
    }

    /// Reads the sources whose time has come, as the program does every few seconds.
    pub async fn sync_due(&self) {
        self.app.sync_due().await.unwrap();
    }

    /// Tells owners of stale sources, as the program does every few seconds.
    pub async fn tell_stale_sources(&self) {
        self.app.tell_stale_sources().await.unwrap();
    }

    pub fn pass_time(&self, time: Duration) {
        let mut now = self.clock.lock().unwrap();
        *now += time;
    }

    /// What a running server does beside its requests.
    pub fn resume_in_background(&self) {
        self.app.resume_in_background();
    }

    /// The database file, read beside the running program.
    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("data/palompy.db")).unwrap()
    }

    /// A request that a test completes by itself, without a token.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// A request of the administrator.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let request = self.request(method, path).bearer_auth(ADMIN_TOKEN);
        let request = match body {
            None => request,
            Some(body) => request.json(&body),
        };
        Reply::of(request).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, None).await
    }

    /// A new shop with these settings.
    pub async fn shop_with(&self, settings: Value) -> TestShop {
        let made = self
            .post("/api/shops", json!({"name": "Лавка", "settings": settings}))
            .await;
        let made = made.json_with(201);
        TestShop {
            id: made["id"].as_i64().unwrap(),
            key: made["public_key"].as_str().unwrap().to_owned(),
        }
    }

    /// A new shop with the default settings.
    pub async fn shop(&self) -> TestShop {
        self.shop_with(json!({})).await
    }

    /// One of the two demo shops with all its knowledge.
    pub async fn demo_shop(&self, language: &str) -> TestShop {
        let shop = self.shop_with(json!({"language": language})).await;
        self.import(&shop, demo_data(language)).await;
        shop
    }

    /// The result of an import that must succeed.
    pub async fn import(&self, shop: &TestShop, data: Value) -> Value {
        let path = format!("/api/shops/{}/data", shop.id);
        self.post(&path, data).await.json_with(200)
    }

    /// The hits of a search that must succeed.
    pub async fn hits(&self, shop: &TestShop, query: &str) -> Vec<Value> {
        let path = format!("/api/shops/{}/search", shop.id);
        let found = self
            .post(&path, json!({"query": query, "limit": 10}))
            .await
            .json_with(200);
        found["hits"].as_array().unwrap().clone()
    }

    /// An answer that must come, in a conversation of its own.
    pub async fn ask(&self, shop: &TestShop, message: &str) -> Value {
        self.ask_in(shop, Uuid::new_v4(), message).await
    }

    pub async fn ask_in(&self, shop: &TestShop, session: Uuid, message: &str) -> Value {
        self.chat(&message_of(shop, session, message)).await.json_with(200)
    }

    /// Sends a body to the chat as a page would, without a token.
    pub async fn chat(&self, body: &Value) -> Reply {
        Reply::of(self.request(Method::POST, "/api/chat").json(body)).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Reply {
    pub async fn of(request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body, when the status is this one.
    pub fn json_with(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The `code` of an error with this status, whose body has the shape of all errors.
    pub fn error(&self, status: u16) -> String {
        let body = self.json_with(status);
        let error = &body["error"];
        assert_eq!(error["request_id"], self.header("x-request-id"), "{body}");
        assert!(!error["message"].as_str().unwrap().is_empty(), "{body}");
        assert!(error["fields"].is_array(), "{body}");
        error["code"].as_str().unwrap().to_owned()
    }

    /// The paths of the fields that an `invalid` error names.
    pub fn invalid_fields(&self) -> Vec<String> {
        assert_eq!(self.error(422), "invalid");
        let body = self.json();
        let fields = body["error"]["fields"].as_array().unwrap();
        fields
            .iter()
            .map(|field| field["path"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A client that sees loopback only and does not wait forever.
pub fn client() -> reqwest::Client {
    app::serve::install_tls();
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

pub fn message_of(shop: &TestShop, session: Uuid, message: &str) -> Value {
    json!({"shopPublicKey": shop.key, "sessionId": session, "message": message})
}

pub fn demo_data(language: &str) -> Value {
    let path = format!("{}/data/demo/demo-shop-{language}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Looks again and again until there is something to see.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The source ids of hits or of an answer's sources, in order.
pub fn source_ids(list: &[Value]) -> Vec<&str> {
    list.iter().map(|entry| entry["source_id"].as_str().unwrap()).collect()
}
