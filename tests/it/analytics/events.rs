use super::sent;
use super::stored;
use super::summary;
use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

async fn posted(app: &TestApp, content_type: &str, body: &Value) -> Reply {
    let request = app.request(Method::POST, "/api/analytics/events");
    Reply::of(request.header("content-type", content_type).body(body.to_string())).await
}

fn single(shop: &TestShop, name: &str) -> Value {
    json!({"shopPublicKey": shop.key, "sessionId": Uuid::new_v4(), "eventName": name})
}

#[tokio::test]
async fn a_batch_is_taken_and_one_wrong_event_does_not_lose_the_others() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let events = json!([
        {"name": "page_view", "at": "2026-01-02T03:00:00Z", "metadata": {"pageUrl": "https://shop.example/a?utm=x#y", "language": "ru"}},
        {"name": "Not a name"},
        {"metadata": {}},
        5,
        null,
        {"name": "quick_prompt_click", "metadata": {"id": "opening:0", "text": "Где мой заказ?"}},
    ]);
    let reply = sent(&app, &shop, Uuid::new_v4(), events).await;
    assert_eq!(reply.json_with(202), json!({"accepted": 2, "dropped": 4}));
    let row = |name: &str, metadata: &str, at: &str| (name.to_owned(), metadata.to_owned(), at.to_owned());
    let expected = [
        row(
            "page_view",
            r#"{"language":"ru","pageUrl":"https://shop.example/a"}"#,
            "2026-01-02T03:00:00.000Z",
        ),
        row(
            "quick_prompt_click",
            r#"{"buttonId":"opening:0"}"#,
            "2026-01-02T03:04:05.000Z",
        ),
    ];
    assert_eq!(stored(&app), expected);
}

#[tokio::test]
async fn a_simple_client_may_send_one_event_without_a_list() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let mut named = single(&shop, "widget_init");
    assert_eq!(
        posted(&app, "application/json", &named).await.json_with(202),
        json!({"accepted": 1, "dropped": 0})
    );
    let name = named.as_object_mut().unwrap().remove("eventName").unwrap();
    named["name"] = name;
    named["metadata"] = json!({"language": "en"});
    assert_eq!(
        posted(&app, "application/json", &named).await.json_with(202)["accepted"],
        1
    );
    assert_eq!(stored(&app).len(), 2);
    assert_eq!(stored(&app)[1].1, r#"{"language":"en"}"#);
}

#[tokio::test]
async fn a_beacon_of_plain_text_is_read_as_json() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for content_type in ["text/plain;charset=UTF-8", "text/plain", "application/json"] {
        let reply = posted(&app, content_type, &single(&shop, "page_hidden")).await;
        assert_eq!(reply.json_with(202)["accepted"], 1, "{content_type}");
    }
    let form = posted(&app, "application/x-www-form-urlencoded", &single(&shop, "page_hidden")).await;
    assert_eq!(form.error(415), "unsupported_media_type");
    // Everywhere else plain text stays refused.
    let chat = app
        .request(Method::POST, "/api/chat")
        .header("content-type", "text/plain");
    let chat = Reply::of(chat.body(single(&shop, "x").to_string())).await;
    assert_eq!(chat.error(415), "unsupported_media_type");
}

#[tokio::test]
async fn a_request_that_is_wrong_as_a_whole_says_what_is_missing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let fields = async |body: Value| posted(&app, "application/json", &body).await.invalid_fields();
    let key = &shop.key;
    assert_eq!(
        fields(json!({"sessionId": Uuid::nil(), "events": []})).await,
        ["shopPublicKey"]
    );
    assert_eq!(fields(json!({"shopPublicKey": key})).await, ["sessionId", "events"]);
    let wrong = json!({"shopPublicKey": key, "sessionId": "x", "events": {}});
    assert_eq!(fields(wrong).await, ["sessionId", "events"]);
    assert_eq!(fields(json!([])).await, [""]);
    let empty = json!({"shopPublicKey": key, "sessionId": Uuid::nil(), "events": []});
    assert_eq!(
        posted(&app, "application/json", &empty).await.json_with(202),
        json!({"accepted": 0, "dropped": 0})
    );
    let unknown = json!({"shopPublicKey": Uuid::new_v4(), "sessionId": Uuid::nil(), "events": []});
    assert_eq!(posted(&app, "application/json", &unknown).await.error(404), "not_found");
}

#[tokio::test]
async fn more_than_a_hundred_events_at_once_are_not_taken() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let events: Vec<_> = (0..120).map(|_| json!({"name": "page_view"})).collect();
    let reply = sent(&app, &shop, Uuid::new_v4(), json!(events)).await;
    assert_eq!(reply.json_with(202), json!({"accepted": 100, "dropped": 20}));
    let large = json!([{"name": "page_view", "metadata": {"x": "y".repeat(70_000)}}]);
    assert_eq!(sent(&app, &shop, Uuid::new_v4(), large).await.error(413), "too_large");
}

#[tokio::test]
async fn nothing_that_belongs_to_a_person_is_stored() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let canaries = [
        "canary@mail.ru",
        "+79161234567",
        "8 (916) 123-45-67",
        "canary%40mail.ru",
        "Иван Канарейкин",
    ];
    let keys = [
        "language",
        "pageUrl",
        "buttonId",
        "id",
        "productId",
        "messageId",
        "surveyId",
        "vote",
        "kind",
        "text",
        "email",
        "name",
    ];
    for canary in canaries {
        let all: serde_json::Map<_, _> = keys.iter().map(|key| ((*key).to_owned(), json!(canary))).collect();
        let mut in_path = all.clone();
        in_path.insert(
            "pageUrl".to_owned(),
            json!(format!("https://shop.example/orders/{canary}?q={canary}#{canary}")),
        );
        let events = json!([
            {"name": "page_view", "at": canary, "metadata": all},
            {"name": "page_view", "metadata": in_path},
            {"name": canary},
            {"name": "page_view", "metadata": canary, "note": canary},
        ]);
        sent(&app, &shop, Uuid::new_v4(), events).await.json_with(202);
    }
    let database = app.database();
    database.pragma_update(None, "wal_checkpoint", "truncate").ok();
    for (_, metadata, _) in stored(&app) {
        assert!(
            metadata.is_empty() || !metadata.contains("916") && !metadata.contains("canary"),
            "{metadata}"
        );
    }
    for entry in std::fs::read_dir(app.folder.path().join("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for canary in ["canary@", "canary%40", "79161234567", "123-45-67"] {
            assert!(
                !bytes.windows(canary.len()).any(|window| window == canary.as_bytes()),
                "{canary}"
            );
        }
    }
}

#[tokio::test]
async fn a_visitor_who_must_not_be_tracked_leaves_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for header in ["dnt", "sec-gpc"] {
        let request = app.request(Method::POST, "/api/analytics/events").header(header, "1");
        let reply = Reply::of(request.json(&single(&shop, "page_view"))).await;
        assert_eq!(reply.json_with(202), json!({"accepted": 0, "dropped": 1}));
    }
    let allowed = app.request(Method::POST, "/api/analytics/events").header("dnt", "0");
    assert_eq!(
        Reply::of(allowed.json(&single(&shop, "page_view")))
            .await
            .json_with(202)["accepted"],
        1
    );
    assert_eq!(stored(&app).len(), 1);
}

#[tokio::test]
async fn events_go_after_their_time_and_the_counts_stay() {
    let app = TestApp::start_with(|config| config.event_retention_days = 7).await;
    let shop = app.shop().await;
    sent(&app, &shop, Uuid::new_v4(), json!([{"name": "page_view"}]))
        .await
        .json_with(202);
    app.pass_time(Duration::from_secs(6 * 24 * 3600));
    sent(&app, &shop, Uuid::new_v4(), json!([{"name": "page_view"}]))
        .await
        .json_with(202);
    app.pass_time(Duration::from_secs(2 * 24 * 3600));
    app.resume_in_background();
    crate::support::until("the old event to go", async || (stored(&app).len() == 1).then_some(())).await;
    assert_eq!(summary(&app, &shop, "").await["events"], json!({"page_view": 2}));
}
