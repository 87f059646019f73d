//! Which pages may ask, and what their browsers are told.

use super::called;
use super::calling;
use super::guarded_shop;
use super::preflight;
use super::widget_routes;
use crate::support::ADMIN_TOKEN;
use crate::support::Reply;
use crate::support::TestApp;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

/// What a page of an attacker can have as its origin, and what a client that is no browser can write, beside
/// `https://shop.example`, `https://*.shop.example`, `http://localhost:3000` and `https://пример.рф:8443`.
const FOREIGN: [&str; 52] = [
    "",
    "null",
    "Null",
    "*",
    "undefined",
    "https://",
    "https://*",
    "https://evil.example",
    "http://shop.example",
    "http://www.shop.example",
    "https://shop.example.evil.example",
    "https://shop.example.",
    "https://www.shop.example.",
    "https://evilshop.example",
    "https://evil-shop.example",
    "https://shop.example-evil.example",
    "https://shop.exampleevil",
    "https://shop.exampl",
    "https://hop.example",
    "https://.shop.example",
    "https://..shop.example",
    "https://evil..shop.example",
    "https://*.shop.example",
    "https://shop.example:443",
    "https://shop.example:444",
    "https://www.shop.example:8443",
    "https://shop.example:80",
    "https://shop.example:0",
    "https://shop.example/",
    "https://shop.example/path",
    "https://shop.example?",
    "https://shop.example#",
    "https://evil.example#https://shop.example",
    "https://evil.example/https://shop.example",
    "https://evil.example?.shop.example",
    "https://evil.example\\.shop.example",
    "https://evil.example%2f.shop.example",
    "https://evil.example%00.shop.example",
    "https://evil.example_.shop.example/",
    "https://user@shop.example",
    "https://shop.example@evil.example",
    "https://shop.example:x@evil.example",
    "https://SHOP.example",
    "HTTPS://shop.example",
    "https:shop.example",
    "https:///shop.example",
    "//shop.example",
    "shop.example",
    "https://shop.example, https://evil.example",
    "https://shop.example https://evil.example",
    "file://shop.example",
    "chrome-extension://shop.example",
];
/// Others, for rules that these would fool if they were sloppy.
const FOREIGN_TOO: [&str; 10] = [
    "http://localhost",
    "http://localhost:30001",
    "https://localhost:3000",
    "http://127.0.0.1:3000",
    "http://localhost.evil.example:3000",
    "https://xn--e1afmkfd.xn--p1ai",
    "https://xn--e1afmkfd.xn--p1ai.evil.example:8443",
    "https://www.xn--e1afmkfd.xn--p1ai:8443",
    "https://xn--e1afmkfd:8443",
    "https://shop.xn--example-5fg",
];
const OWN: [&str; 6] = [
    "https://shop.example",
    "https://www.shop.example",
    "https://a.b.shop.example",
    "http://localhost:3000",
    "https://xn--e1afmkfd.xn--p1ai:8443",
    "https://xn--80ak6aa92e.shop.example",
];

#[tokio::test]
async fn every_widget_route_answers_allowed_pages_with_their_exact_origin() {
    let app = TestApp::start().await;
    let shop = guarded_shop(&app).await;
    assert!(widget_routes().count() >= 3);
    for (method, path) in widget_routes() {
        for origin in OWN {
            let reply = called(&app, &shop, &method, path, origin).await;
            assert_ne!(reply.status, 403, "{method} {path} {origin}: {}", reply.text);
            assert_eq!(reply.header("access-control-allow-origin"), origin, "{method} {path}");
            assert_eq!(reply.header("access-control-allow-credentials"), "");
            assert!(varies_by_origin(&reply), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_widget_route_refuses_other_pages_and_tells_their_browsers_nothing() {
    let app = TestApp::start().await;
    let shop = guarded_shop(&app).await;
    for (method, path) in widget_routes() {
        for origin in FOREIGN.into_iter().chain(FOREIGN_TOO) {
            let reply = called(&app, &shop, &method, path, origin).await;
            assert_eq!(reply.error(403), "forbidden_origin", "{method} {path} {origin}");
            assert_eq!(
                reply.headers.get("access-control-allow-origin"),
                None,
                "{method} {path} {origin}"
            );
            assert!(varies_by_origin(&reply), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_preflight_is_answered_for_pages_that_the_shop_allows_only() {
    let app = TestApp::start().await;
    let shop = guarded_shop(&app).await;
    for (method, path) in widget_routes() {
        for origin in OWN {
            let reply = preflight(&app, &shop, &method, path, origin).await;
            assert_eq!(reply.status, 204, "{method} {path} {origin}: {}", reply.text);
            assert_eq!(reply.header("access-control-allow-origin"), origin);
            assert!(reply.header("access-control-allow-methods").contains(method.as_str()));
            for name in ["content-type", "x-palompy-visitor"] {
                assert!(reply.header("access-control-allow-headers").contains(name), "{name}");
            }
            assert!(varies_by_origin(&reply));
        }
        for origin in FOREIGN.into_iter().chain(FOREIGN_TOO) {
            let reply = preflight(&app, &shop, &method, path, origin).await;
            assert_eq!(reply.error(403), "forbidden_origin", "{method} {path} {origin}");
            assert_eq!(reply.headers.get("access-control-allow-origin"), None);
            assert_eq!(reply.header("access-control-allow-methods"), "");
        }
    }
}

#[tokio::test]
async fn a_shop_without_origins_is_tried_out_from_any_page_a_browser_can_show() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for (method, path) in widget_routes() {
        for origin in ["https://anywhere.example", "null", "http://localhost:1"] {
            let reply = called(&app, &shop, &method, path, origin).await;
            assert_eq!(
                reply.header("access-control-allow-origin"),
                origin,
                "{method} {path}: {}",
                reply.text
            );
        }
        let malformed = called(&app, &shop, &method, path, "https://anywhere.example/").await;
        assert_eq!(malformed.error(403), "forbidden_origin");
    }
}

#[tokio::test]
async fn a_client_that_is_no_browser_passes_and_gets_no_permission_for_one() {
    let app = TestApp::start().await;
    let shop = guarded_shop(&app).await;
    for (method, path) in widget_routes() {
        let reply = Reply::of(calling(&app, &shop, Uuid::new_v4(), &method, path)).await;
        assert_ne!(reply.status, 403, "{method} {path}");
        assert_eq!(reply.headers.get("access-control-allow-origin"), None);
        assert!(varies_by_origin(&reply));
    }
}

#[tokio::test]
async fn one_shops_page_cannot_ask_another_shop() {
    let app = TestApp::start().await;
    let one = app.shop_with(json!({"allowed_origins": ["https://one.example"]})).await;
    let two = app.shop_with(json!({"allowed_origins": ["https://two.example"]})).await;
    for (method, path) in widget_routes() {
        let crossed = called(&app, &one, &method, path, "https://two.example").await;
        assert_eq!(crossed.error(403), "forbidden_origin", "{method} {path}");
        let own = called(&app, &two, &method, path, "https://two.example").await;
        assert_ne!(own.status, 403, "{method} {path}");
    }
}

#[tokio::test]
async fn a_request_cannot_show_the_guard_one_shop_and_the_handler_another() {
    let app = TestApp::start().await;
    let (open, closed) = (app.shop().await, guarded_shop(&app).await);
    let session = Uuid::new_v4();
    let send = async |query: &str, body: String| {
        let request = app
            .request(Method::POST, &format!("/api/chat{query}"))
            .header("origin", "https://evil.example")
            .header("content-type", "application/json");
        Reply::of(request.body(body)).await
    };
    let body = format!(
        r#""shopPublicKey":"{}","sessionId":"{session}","message":"x"}}"#,
        closed.key
    );
    let in_query = send(&format!("?shopPublicKey={}", open.key), format!("{{{body}")).await;
    assert_eq!(in_query.error(403), "forbidden_origin");
    let twice = send("", format!(r#"{{"shopPublicKey":"{}",{body}"#, open.key)).await;
    assert_eq!(twice.error(403), "forbidden_origin");
    let escaped = send(
        "",
        format!("{{{}", body.replace("shopPublicKey", "shop\\u0050ublicKey")),
    )
    .await;
    assert_eq!(escaped.error(403), "forbidden_origin");
    let deep = send("", format!(r#"{{"x":{}{},{body}"#, "[".repeat(500), "]".repeat(500))).await;
    assert_eq!(deep.error(400), "bad_request");
    let stored: i64 = app
        .database()
        .query_row("select count(*) from chat_logs", [], |row| row.get(0))
        .unwrap();
    assert_eq!(stored, 0);
}

#[tokio::test]
async fn a_name_that_points_at_this_server_is_not_its_own_page() {
    let app = TestApp::start_with(|config| config.public_url = Some("https://chat.example".to_owned())).await;
    let shop = guarded_shop(&app).await;
    let path = format!("/api/shops/public/{}/widget", shop.key);
    let status = async |host: &str, origin: &str| {
        let request = app.request(Method::GET, &path).header("host", host);
        Reply::of(request.header("origin", origin)).await.status
    };
    assert_eq!(status("rebound.example", "http://rebound.example").await, 403);
    assert_eq!(status("rebound.example", "https://chat.example").await, 200);
    assert_eq!(status("127.0.0.1:8080", "http://127.0.0.1:8080").await, 200);
    assert_eq!(status("127.0.0.1:8080", "http://127.0.0.1:8081").await, 403);
    assert_eq!(status("localhost:8080", "http://localhost:8080").await, 200);
}

#[tokio::test]
async fn only_origins_can_be_allowed() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/{}", shop.id);
    for origin in [
        "https://shop.example",
        "https://*.shop.example",
        "https://*.shop.example:8443",
        "http://localhost:3000",
        "https://пример.рф",
        "https://*.пример.рф",
        "http://[::1]:3000",
        "http://192.0.2.1",
    ] {
        let body = json!({"settings": {"allowed_origins": [origin]}});
        assert_eq!(app.patch(&path, body).await.status, 200, "{origin}");
    }
    for origin in [
        "*",
        "null",
        "https://*",
        "https://*.ru",
        "https://*.example.",
        "https://*.*.shop.example",
        "https://www.*.example",
        "https://*shop.example",
        "https://*.192.0.2.1",
        "https://shop.example/",
        "https://shop.example/path",
        "https://shop.example?x",
        "https://user@shop.example",
        "ftp://shop.example",
        "shop.example",
        "https://shop.example:99999",
        "https://",
        "",
    ] {
        let body = json!({"settings": {"allowed_origins": [origin]}});
        assert_eq!(
            app.patch(&path, body).await.invalid_fields(),
            ["settings.allowed_origins"],
            "{origin}"
        );
    }
}

#[tokio::test]
async fn a_request_that_names_no_shop_does_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for (method, path) in widget_routes().filter(|(_, path)| !path.contains("{publicKey}")) {
        let body = json!({"sessionId": Uuid::new_v4(), "message": "x", "events": [], "answers": {}, "value": "up",
            "name": "x", "phone": "+79161234567"});
        let request = app.request(method.clone(), &super::filled(&shop, path)).json(&body);
        let status = Reply::of(request).await.status;
        assert!((400..500).contains(&status), "{method} {path}: {status}");
    }
}

#[tokio::test]
async fn administration_tells_no_page_anything() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for origin in ["https://shop.example", "null", app.url.as_str()] {
        let request = app
            .request(Method::GET, &format!("/api/shops/{}", shop.id))
            .bearer_auth(ADMIN_TOKEN);
        let reply = Reply::of(request.header("origin", origin)).await;
        assert_eq!(
            (reply.status, reply.headers.get("access-control-allow-origin")),
            (200, None)
        );
    }
}

fn varies_by_origin(reply: &Reply) -> bool {
    let values = reply.headers.get_all("vary").iter();
    values
        .flat_map(|value| value.to_str().unwrap().split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("origin"))
}
