//! Shops as an owner manages them.

use crate::support::Reply;
use crate::support::TestApp;
use crate::support::demo_data;
use crate::support::message_of;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_shop_is_made_read_renamed_and_listed() {
    let app = TestApp::start().await;
    let made = app
        .post("/api/shops", json!({"name": "  Лавка  "}))
        .await
        .json_with(201);
    assert_eq!(made["name"], "Лавка");
    assert_eq!(made["created_at"], "2026-01-02T03:04:05Z");
    assert!(made["public_key"].as_str().unwrap().parse::<Uuid>().is_ok());
    let path = format!("/api/shops/{}", made["id"]);
    assert_eq!(app.get(&path).await.json_with(200), made);
    let renamed = app.patch(&path, json!({"name": "Лавка у дома"})).await.json_with(200);
    assert_eq!(renamed["name"], "Лавка у дома");
    assert_eq!(renamed["public_key"], made["public_key"]);
    let listed = app.get("/api/shops").await.json_with(200);
    assert_eq!(listed["shops"], json!([renamed]));
}

#[tokio::test]
async fn a_shops_name_must_be_there_and_not_be_too_long() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/{}", shop.id);
    for name in ["", " \n ", &"я".repeat(201)] {
        let body = json!({"name": name});
        assert_eq!(app.post("/api/shops", body.clone()).await.invalid_fields(), ["name"]);
        assert_eq!(app.patch(&path, body).await.invalid_fields(), ["name"]);
    }
    assert_eq!(app.post("/api/shops", json!([])).await.invalid_fields(), [""]);
    for body in [json!({}), json!({"name": 5}), json!("x")] {
        assert_eq!(app.post("/api/shops", body).await.error(400), "bad_request");
    }
    assert_eq!(
        app.post("/api/shops", json!({"name": "я".repeat(200)})).await.status,
        201
    );
}

#[tokio::test]
async fn settings_are_changed_one_by_one_and_kept() {
    let app = TestApp::start().await;
    let shop = app.shop_with(json!({"language": "en", "context_items": 3})).await;
    let path = format!("/api/shops/{}", shop.id);
    let changes = json!({"greeting": "Hi!", "allowed_origins": ["https://shop.example"], "chunk_size_tokens": 90});
    app.patch(&path, json!({"settings": changes})).await.json_with(200);
    let settings = app.get(&path).await.json_with(200)["settings"].clone();
    let expected = json!({"language": "en", "context_items": 3, "greeting": "Hi!", "chunk_size_tokens": 90,
        "allowed_origins": ["https://shop.example"], "chunk_overlap_tokens": 20, "rewrite_questions": false,
        "consent_required": false, "consent_text": null, "consent_url": null, "lead_webhook_url": null, "daily_llm_tokens": null, "price_max_age_hours": null,
        "widget_title": null, "widget_color": null, "widget_scheme": "auto", "widget_position": "right", "widget_prompts": [],
        "widget_perks": [], "kept_versions": 3, "time_zone": "Europe/Moscow"});
    assert_eq!(settings, expected);
    app.patch(&path, json!({"settings": {"greeting": null}}))
        .await
        .json_with(200);
    assert_eq!(app.get(&path).await.json_with(200)["settings"]["greeting"], Value::Null);
}

#[tokio::test]
async fn wrong_settings_are_all_told_and_change_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/{}", shop.id);
    let before = app.get(&path).await.json_with(200);
    let wrong = json!({"language": "de", "context_items": 0, "greeting": 5, "chunk_size_tokens": -1, "chunk_overlap_tokens": 1.5,
        "allowed_origins": ["https://shop.example/path"], "langage": "ru", "rewrite_questions": "yes"});
    let reply = app.patch(&path, json!({"name": "новое имя", "settings": wrong})).await;
    let expected = [
        "settings.allowed_origins",
        "settings.chunk_overlap_tokens",
        "settings.chunk_size_tokens",
        "settings.context_items",
        "settings.greeting",
        "settings.langage",
        "settings.language",
        "settings.rewrite_questions",
    ];
    assert_eq!(reply.invalid_fields(), expected);
    assert!(reply.text.contains("did you mean \\\"language\\\"?"), "{}", reply.text);
    assert_eq!(
        app.patch(&path, json!({"settings": []})).await.invalid_fields(),
        ["settings"]
    );
    assert_eq!(app.get(&path).await.json_with(200), before);
}

#[tokio::test]
async fn a_body_cannot_choose_what_the_program_chooses() {
    let app = TestApp::start().await;
    let chosen = json!({"name": "x", "id": 4711, "created_at": "2000-01-01T00:00:00Z", "public_key": Uuid::nil()});
    let made = app.post("/api/shops", chosen.clone()).await.json_with(201);
    let path = format!("/api/shops/{}", made["id"]);
    app.patch(&path, chosen.clone()).await;
    let read = app.get(&path).await.json_with(200);
    for key in ["id", "created_at", "public_key"] {
        assert_eq!(read[key], made[key]);
        assert_ne!(read[key], chosen[key], "{key}");
    }
    let token = app
        .post("/api/tokens", json!({"name": "x", "token": "mine", "id": 4711}))
        .await;
    assert_eq!(token.error(400), "bad_request");
}

#[tokio::test]
async fn a_rotated_key_closes_the_old_one() {
    let app = TestApp::start().await;
    let shop = app.demo_shop("ru").await;
    let rotated = app.post(&format!("/api/shops/{}/rotate-key", shop.id), json!({})).await;
    let new_key = rotated.json_with(200)["public_key"].as_str().unwrap().to_owned();
    assert_ne!(new_key, shop.key);
    let old = app
        .chat(&message_of(&shop, Uuid::new_v4(), "Сколько стоит доставка?"))
        .await;
    assert_eq!(old.error(404), "not_found");
    let widget = app.request(Method::GET, &format!("/api/shops/public/{}/widget", shop.key));
    assert_eq!(Reply::of(widget).await.error(404), "not_found");
    let mut renewed = shop.clone();
    renewed.key = new_key;
    assert_eq!(app.ask(&renewed, "Сколько стоит доставка?").await["refused"], false);
}

#[tokio::test]
async fn a_deleted_shop_is_gone_for_everybody() {
    let app = TestApp::start().await;
    let (gone, kept) = (app.demo_shop("ru").await, app.shop().await);
    app.import(&kept, demo_data("ru")).await;
    app.ask(&gone, "Сколько стоит доставка?").await;
    let path = format!("/api/shops/{}", gone.id);
    assert_eq!(app.delete(&path).await.status, 204);
    assert_eq!(app.delete(&path).await.error(404), "not_found");
    assert_eq!(app.get(&path).await.error(404), "not_found");
    let chat = app
        .chat(&message_of(&gone, Uuid::new_v4(), "Сколько стоит доставка?"))
        .await;
    assert_eq!(chat.error(404), "not_found");
    assert_eq!(app.ask(&kept, "Сколько стоит доставка?").await["refused"], false);
    let rows = |table: &str| -> i64 {
        let sql = format!("select count(*) from {table} where shop_id = ?1");
        app.database().query_row(&sql, [gone.id], |row| row.get(0)).unwrap()
    };
    for table in [
        "documents",
        "knowledge_chunks",
        "document_identifiers",
        "imports",
        "chat_logs",
        "settings",
        "chunk_vectors_1",
    ] {
        assert_eq!(rows(table), 0, "{table}");
    }
}
