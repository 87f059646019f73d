//! Who may ask, how often, and from which page.

use crate::chat::small_shop;
use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::message_of;
use reqwest::Method;
use reqwest::RequestBuilder;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

const QUESTION: &str = "Сколько стоит доставка?";

fn asking(app: &TestApp, shop: &TestShop) -> RequestBuilder {
    let body = message_of(shop, Uuid::new_v4(), QUESTION);
    app.request(Method::POST, "/api/chat").json(&body)
}

#[tokio::test]
async fn a_request_that_is_wrong_in_many_ways_is_told_all_of_them() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let all = ["shopPublicKey", "sessionId", "message"];
    assert_eq!(app.chat(&json!({})).await.invalid_fields(), all);
    let wrong = json!({"shopPublicKey": "x", "sessionId": 5, "message": " \n", "lang": 7, "metadata": []});
    assert_eq!(
        app.chat(&wrong).await.invalid_fields(),
        ["shopPublicKey", "sessionId", "message", "lang", "metadata"]
    );
    let mut body = message_of(&shop, Uuid::new_v4(), &"я".repeat(2001));
    body["metadata"] = json!({"x": "y".repeat(4000)});
    assert_eq!(app.chat(&body).await.invalid_fields(), ["message", "metadata"]);
    let longest = message_of(&shop, Uuid::new_v4(), &"я".repeat(2000));
    app.chat(&longest).await.json_with(200);
    assert_eq!(app.chat(&json!([])).await.invalid_fields(), [""]);
}

#[tokio::test]
async fn an_unknown_shop_is_not_found_and_no_other_shop_answers_for_it() {
    let app = TestApp::start().await;
    let mut shop = small_shop(&app).await;
    shop.key = Uuid::new_v4().to_string();
    assert_eq!(Reply::of(asking(&app, &shop)).await.error(404), "not_found");
}

#[tokio::test]
async fn a_visitor_who_asks_too_often_is_asked_to_wait() {
    let app = TestApp::start_with(|config| config.chats_per_minute = 3).await;
    let (shop, other) = (small_shop(&app).await, small_shop(&app).await);
    let from = |shop: &TestShop, address: &str| asking(&app, shop).header("x-forwarded-for", address);
    for _ in 0..3 {
        Reply::of(from(&shop, "192.0.2.1")).await.json_with(200);
    }
    let refused = Reply::of(from(&shop, "192.0.2.1")).await;
    assert_eq!(refused.error(429), "too_many_requests");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    // What a client writes before the proxy's own entry does not help it.
    assert_eq!(Reply::of(from(&shop, "8.8.8.8, 192.0.2.1")).await.status, 429);
    Reply::of(from(&shop, "192.0.2.2")).await.json_with(200);
    Reply::of(from(&other, "192.0.2.1")).await.json_with(200);
}

#[tokio::test]
async fn only_allowed_pages_may_carry_the_widget() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let path = format!("/api/shops/{}", shop.id);
    let widget = format!("/api/shops/public/{}/widget", shop.key);
    let status = async |origin: &str| {
        let chat = Reply::of(asking(&app, &shop).header("origin", origin)).await;
        let config = Reply::of(app.request(Method::GET, &widget).header("origin", origin)).await;
        assert_eq!(chat.status, config.status, "{origin}");
        if chat.status != 200 {
            assert_eq!(chat.error(403), "forbidden_origin");
        }
        chat.status
    };
    assert_eq!(status("https://anywhere.example").await, 200);
    let allowed = json!({"allowed_origins": ["https://shop.example", "http://localhost:3000"]});
    app.patch(&path, json!({ "settings": allowed })).await.json_with(200);
    for origin in ["https://shop.example", "http://localhost:3000", app.url.as_str()] {
        assert_eq!(status(origin).await, 200, "{origin}");
    }
    for origin in [
        "https://evil.example",
        "http://shop.example",
        "https://shop.example.evil.example",
        "https://www.shop.example",
        "https://shop.example:444",
        "https://shop.example/",
        "https://evil.example#https://shop.example",
        "null",
        "",
    ] {
        assert_eq!(status(origin).await, 403, "{origin}");
    }
    Reply::of(asking(&app, &shop)).await.json_with(200);
}

#[tokio::test]
async fn a_browser_on_another_site_may_ask_and_read_the_answer() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let preflight = app
        .request(Method::OPTIONS, "/api/chat")
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    let preflight = Reply::of(preflight).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), "https://shop.example");
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("content-type")
    );
    assert!(preflight.header("access-control-allow-methods").contains("POST"));
    let answer = Reply::of(asking(&app, &shop).header("origin", "https://shop.example")).await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, "https://shop.example")
    );
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn a_browser_on_another_site_may_read_why_it_was_refused() {
    let app = TestApp::start_with(|config| config.chats_per_minute = 1).await;
    let shop = small_shop(&app).await;
    let bodies: [Value; 3] = [
        json!({}),
        message_of(&shop, Uuid::new_v4(), QUESTION),
        message_of(&shop, Uuid::new_v4(), QUESTION),
    ];
    let mut seen = Vec::new();
    for body in bodies {
        let request = app.request(Method::POST, "/api/chat").json(&body);
        let reply = Reply::of(request.header("origin", "https://shop.example")).await;
        let allowed = reply.header("access-control-allow-origin");
        assert_eq!(allowed, "https://shop.example", "{}", reply.text);
        seen.push(reply.status);
    }
    assert_eq!(seen, [422, 200, 429]);
}

#[tokio::test]
async fn administration_is_closed_to_other_sites() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    for method in [Method::OPTIONS, Method::GET, Method::POST] {
        let request = app
            .request(method, &format!("/api/shops/{}", shop.id))
            .bearer_auth(crate::support::ADMIN_TOKEN)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "DELETE");
        let reply = Reply::of(request).await;
        assert_eq!(reply.header("access-control-allow-origin"), "");
        assert_eq!(reply.header("access-control-allow-methods"), "");
    }
}
