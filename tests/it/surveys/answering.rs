//! Surveys as a visitor answers them.

use super::active_survey;
use super::definition;
use super::respond;
use crate::support::TestApp;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn partial_answers_are_kept_and_completed_once() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (path, id) = active_survey(&app, &shop, definition()).await;
    let session = Uuid::new_v4();
    let send = async |answers: Value, partial: bool| {
        let body = json!({"shopPublicKey": shop.key, "sessionId": session, "answers": answers, "partial": partial,
            "metadata": {"url": "https://shop.example/cart", "lang": "ru"}});
        respond(&app, id, &body).await
    };
    let first = send(json!({"rating": 2}), true).await.json_with(201);
    assert_eq!(first, json!({"status": "partial", "answered": 1}));
    assert_eq!(send(json!({"nps": 3}), false).await.invalid_fields(), ["answers.why"]);
    let last = send(json!({"why": "Долго ждал", "nps": 3}), false).await.json_with(200);
    assert_eq!(last, json!({"status": "complete", "answered": 3}));
    // A completed response stays, however often and whatever is sent again.
    let again = send(json!({"rating": 5}), false).await.json_with(200);
    assert_eq!(again, last);
    let page = app.get(&format!("{path}/responses")).await.json_with(200);
    assert_eq!(page["responses"].as_array().unwrap().len(), 1);
    let stored = &page["responses"][0];
    assert_eq!(stored["answers"], json!({"rating": 2, "why": "Долго ждал", "nps": 3}));
    assert_eq!(
        (&stored["status"], &stored["metadata"]["lang"]),
        (&json!("complete"), &json!("ru"))
    );
    assert_eq!(page["next"], Value::Null);
}

#[tokio::test]
async fn a_hundred_equal_answers_at_once_are_one_response() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (path, id) = active_survey(&app, &shop, definition()).await;
    let body = json!({"sessionId": Uuid::new_v4(), "answers": {"rating": 5}});
    let sent = futures::future::join_all((0..100).map(|_| respond(&app, id, &body))).await;
    let made = sent.iter().filter(|reply| reply.status == 201).count();
    let known = sent.iter().filter(|reply| reply.status == 200).count();
    assert_eq!((made, known), (1, 99));
    assert_eq!(app.get(&path).await.json_with(200)["responses"]["total"], 1);
}

#[tokio::test]
async fn wrong_answers_are_all_told_with_their_places_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (path, id) = active_survey(&app, &shop, definition()).await;
    let session = Uuid::new_v4();
    let wrong = json!({"sessionId": session, "answers": {"rating": "5", "found": "maybe", "topics": ["price", 1], "contact": {"email": "a"},
        "stranger": true, "why": "x".repeat(5_001)}});
    let expected = [
        "answers.contact.email",
        "answers.found",
        "answers.rating",
        "answers.stranger",
        "answers.topics[1]",
        "answers.why",
    ];
    assert_eq!(respond(&app, id, &wrong).await.invalid_fields(), expected);
    for (body, fields) in [
        (json!({}), vec!["sessionId", "answers"]),
        (
            json!({"sessionId": "x", "answers": [], "metadata": 5, "partial": "yes", "version": 0, "shopPublicKey": "k"}),
            vec![
                "shopPublicKey",
                "sessionId",
                "answers",
                "metadata",
                "version",
                "partial",
            ],
        ),
        (
            json!({"sessionId": session, "answers": {"rating": 5}, "metadata": {"a": "x".repeat(4_001)}}),
            vec!["metadata"],
        ),
        (
            json!({"sessionId": session, "answers": {"rating": 5, "contact": {"email": "a@b.ru"}}}),
            vec!["answers.agree"],
        ),
    ] {
        assert_eq!(respond(&app, id, &body).await.invalid_fields(), fields);
    }
    assert_eq!(respond(&app, id, &json!([1])).await.invalid_fields(), [""]);
    let large = json!({"sessionId": session, "answers": {"why": "x".repeat(70_000)}});
    assert_eq!(respond(&app, id, &large).await.error(413), "too_large");
    assert_eq!(app.get(&path).await.json_with(200)["responses"]["total"], 0);
}

#[tokio::test]
async fn a_survey_of_another_shop_is_unknown_and_an_inactive_one_takes_no_answers() {
    let app = TestApp::start().await;
    let (own, other) = (app.shop().await, app.shop().await);
    let (path, id) = active_survey(&app, &own, definition()).await;
    let body = |key: &str| json!({"shopPublicKey": key, "sessionId": Uuid::new_v4(), "answers": {"rating": 5}});
    assert_eq!(respond(&app, id, &body(&other.key)).await.error(404), "not_found");
    let unknown_key = Uuid::new_v4().to_string();
    assert_eq!(respond(&app, id, &body(&unknown_key)).await.error(404), "not_found");
    assert_eq!(respond(&app, 4711, &body(&own.key)).await.error(404), "not_found");
    for status in ["draft", "archived"] {
        app.patch(&path, json!({"status": status})).await.json_with(200);
        assert_eq!(respond(&app, id, &body(&own.key)).await.error(409), "conflict");
    }
    let elsewhere = path.replace(&format!("/shops/{}/", own.id), &format!("/shops/{}/", other.id));
    for path in ["", "/responses", "/results", "/export"].map(|end| format!("{elsewhere}{end}")) {
        assert_eq!(app.get(&path).await.error(404), "not_found", "{path}");
    }
    let named = format!("/api/shops/public/{}/surveys/active?survey={id}", other.key);
    assert_eq!(app.get(&named).await.json_with(200)["survey"], Value::Null);
    assert_eq!(app.get(&path).await.json_with(200)["responses"]["total"], 0);
}

#[tokio::test]
async fn one_address_cannot_flood_a_shop_with_answers() {
    let app = TestApp::start_with(|config| config.forms_per_minute = 4).await;
    let shop = app.shop().await;
    let (path, id) = active_survey(&app, &shop, definition()).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let body = json!({"sessionId": Uuid::new_v4(), "answers": {"rating": 5}});
        statuses.push(respond(&app, id, &body).await.status);
    }
    assert_eq!(statuses, [201, 201, 201, 201, 429, 429]);
    assert_eq!(app.get(&path).await.json_with(200)["responses"]["total"], 4);
}
