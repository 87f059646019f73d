//! What a client reads when something is wrong: one shape, the right status, its own language.

use crate::support::ADMIN_TOKEN;
use crate::support::Reply;
use crate::support::TestApp;
use palompy::app::router::ROUTES;
use reqwest::Method;
use serde_json::json;
use std::collections::HashSet;

const SMALL_LIMIT: usize = 64 * 1024;

async fn posted(app: &TestApp, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Reply {
    let request = app.request(Method::POST, path).bearer_auth(ADMIN_TOKEN);
    Reply::of(request.header("content-type", content_type).body(body)).await
}

/// A JSON object of exactly this many bytes that `POST /api/shops` would take.
fn padded(bytes: usize) -> String {
    let frame = r#"{"name":"x","pad":""}"#;
    format!(r#"{{"name":"x","pad":"{}"}}"#, "a".repeat(bytes - frame.len()))
}

#[tokio::test]
async fn an_unknown_address_is_a_json_404() {
    let app = TestApp::start().await;
    for path in [
        "/api/nothing",
        "/nothing",
        "/api/shops/1/nothing",
        "/api",
        "/api/shops/",
        "/widget/0/nothing.js",
        "/demo/../Cargo.toml",
        "/demo/%2e%2e/%2e%2e/Cargo.toml",
        "/widget/x/..%2f..%2fpalompy.db",
    ] {
        assert_eq!(app.get(path).await.error(404), "not_found", "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_a_json_405_that_names_the_right_ones() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for (_, path, _) in ROUTES {
        let filled = path
            .replace("{id}", &shop.id.to_string())
            .replace("{publicKey}", &shop.key)
            .replace("{token_id}", "1");
        let is_taken = |wrong: &Method| ROUTES.iter().any(|(method, other, _)| other == path && method == wrong);
        let wrong = [Method::PUT, Method::PATCH].into_iter().find(|wrong| !is_taken(wrong));
        let reply = app.call(wrong.unwrap(), &filled, None).await;
        assert_eq!(reply.error(405), "method_not_allowed", "{path}");
        for (method, ..) in ROUTES.iter().filter(|(_, other, _)| other == path) {
            let allowed = reply.header("allow");
            assert!(
                allowed.split(',').any(|name| name.trim() == method.as_str()),
                "{path}: {allowed}"
            );
        }
    }
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let app = TestApp::start().await;
    let body = r#"{"name":"x"}"#;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let reply = posted(&app, "/api/shops", content_type, body).await;
        assert_eq!(reply.error(415), "unsupported_media_type", "{content_type}");
    }
    for content_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/ld+json",
    ] {
        assert_eq!(posted(&app, "/api/shops", content_type, body).await.status, 201);
    }
}

#[tokio::test]
async fn broken_json_is_told_by_line_and_column() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let broken = "{\n  \"name\": \"x\",,\n}";
    for path in [
        "/api/shops".to_owned(),
        "/api/tokens".to_owned(),
        "/api/chat".to_owned(),
        format!("/api/shops/{}/data", shop.id),
        format!("/api/shops/{}/search", shop.id),
        format!("/api/shops/{}/evaluate", shop.id),
    ] {
        let reply = posted(&app, &path, "application/json", broken).await;
        assert_eq!(reply.error(400), "bad_request", "{path}");
        assert!(reply.text.contains("line 2 column"), "{path}: {}", reply.text);
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_and_endless_nesting_are_bad_requests() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let deep = format!("{{\"message\":{}", "[".repeat(30_000));
    for path in ["/api/chat".to_owned(), format!("/api/shops/{}/data", shop.id)] {
        for body in [
            Vec::new(),
            b"\xff\xfe\x00".to_vec(),
            deep.clone().into_bytes(),
            b"{\"message\":\"\\ud800\"}".to_vec(),
        ] {
            assert_eq!(
                posted(&app, &path, "application/json", body).await.error(400),
                "bad_request"
            );
        }
    }
}

#[tokio::test]
async fn a_small_body_may_have_64_kb_and_not_one_byte_more() {
    let app = TestApp::start().await;
    for (bytes, status) in [(SMALL_LIMIT - 1, 201), (SMALL_LIMIT, 201), (SMALL_LIMIT + 1, 413)] {
        let reply = posted(&app, "/api/shops", "application/json", padded(bytes)).await;
        assert_eq!(reply.status, status, "{bytes}: {}", reply.text);
        if status == 413 {
            assert_eq!(reply.error(413), "too_large");
            assert!(reply.text.contains(&SMALL_LIMIT.to_string()), "{}", reply.text);
        }
    }
}

#[tokio::test]
async fn shop_data_has_the_configured_limit() {
    let limit = 200_000;
    let app = TestApp::start_with(|config| config.max_body_bytes = limit).await;
    let shop = app.shop().await;
    let body = |bytes: usize| format!("{{\"products\":[]{}}}", " ".repeat(bytes - r#"{"products":[]}"#.len()));
    let path = format!("/api/shops/{}/data", shop.id);
    assert_eq!(posted(&app, &path, "application/json", body(limit)).await.status, 200);
    let reply = posted(&app, &path, "application/json", body(limit + 1)).await;
    assert_eq!(reply.error(413), "too_large");
    assert!(reply.text.contains(&limit.to_string()), "{}", reply.text);
}

#[tokio::test]
async fn a_large_body_without_a_token_is_refused_for_its_token() {
    let app = TestApp::start().await;
    let request = app.request(Method::POST, "/api/shops/1/data");
    let reply = Reply::of(request.json(&json!({"pad": "a".repeat(100_000)}))).await;
    assert_eq!(reply.error(401), "unauthorized");
}

#[tokio::test]
async fn a_page_gets_its_error_as_a_page_and_the_api_never_does() {
    let app = TestApp::start().await;
    let page = Reply::of(app.request(Method::GET, "/nowhere").header("accept", "text/html")).await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text.contains("Not found."), "{}", page.text);
    assert!(!page.header("x-request-id").is_empty());
    let api = Reply::of(app.request(Method::GET, "/api/nowhere").header("accept", "text/html")).await;
    assert_eq!(api.error(404), "not_found");
}

#[tokio::test]
async fn errors_speak_the_readers_language() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/{}/search", shop.id);
    let in_language = async |language: &str| {
        let request = app.request(Method::POST, &path).bearer_auth(ADMIN_TOKEN);
        let request = request
            .header("accept-language", language)
            .json(&json!({"query": "", "limit": 99}));
        Reply::of(request).await.json_with(422)["error"].clone()
    };
    let (russian, english) = (in_language("ru-RU,ru;q=0.9").await, in_language("de").await);
    assert_eq!(english["fields"][0]["message"], "must not be empty");
    assert_eq!(english["fields"][1]["message"], "must be from 1 to 50");
    for text in [&russian["message"], &russian["fields"][0]["message"]] {
        let is_russian = |c: char| ('а'..='я').contains(&c);
        assert!(text.as_str().unwrap().contains(is_russian), "{russian}");
    }
    assert_eq!(russian["code"], english["code"]);
}

#[tokio::test]
async fn each_answer_has_an_id_of_its_own() {
    let app = TestApp::start().await;
    let mut ids = HashSet::new();
    for path in ["/healthz", "/api/shops", "/api/nothing", "/widget.js"] {
        assert!(ids.insert(app.get(path).await.header("x-request-id").to_owned()));
    }
    assert!(!ids.contains(""));
}

#[tokio::test]
async fn an_unknown_query_parameter_is_named() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for query in ["mod=replace", "mode=wipe", "dry_run=perhaps"] {
        let reply = app
            .post(&format!("/api/shops/{}/data?{query}", shop.id), json!({}))
            .await;
        assert_eq!(reply.error(400), "bad_request", "{query}");
        let name = query.split('=').next().unwrap();
        assert!(
            reply.text.contains(name) || reply.text.contains("wipe"),
            "{}",
            reply.text
        );
    }
}

#[tokio::test]
async fn health_tells_what_runs_and_nothing_secret() {
    let app = TestApp::start().await;
    let reply = Reply::of(app.request(Method::GET, "/healthz")).await;
    let health = reply.json_with(200);
    assert_eq!(
        (health["status"].as_str(), health["generator"].as_str()),
        (Some("ok"), Some("extractive"))
    );
    assert!(health["embedding_model"].as_str().unwrap().starts_with("builtin@"));
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert!(health["schema"].as_u64().unwrap() >= 1);
    assert_eq!(health["backlog"], json!({"writes": 0, "passages": 0}));
    assert!(!reply.text.contains(app.folder.path().to_str().unwrap()));
}
