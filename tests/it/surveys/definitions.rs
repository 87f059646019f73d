//! Surveys as an owner writes and switches them.

use super::active_survey;
use super::answered;
use super::definition;
use super::respond;
use super::surveys_of;
use crate::support::Reply;
use crate::support::TestApp;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

#[tokio::test]
async fn a_survey_is_made_read_changed_and_listed() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let body = json!({"title": " После покупки ", "description": "для весны", "definition": definition()});
    let made = app.post(&surveys_of(&shop), body).await.json_with(201);
    assert_eq!(
        (&made["title"], &made["status"], &made["version"]),
        (&json!("После покупки"), &json!("draft"), &json!(1))
    );
    assert_eq!(made["definition"]["pauseDays"], 14);
    assert_eq!(
        made["definition"]["questions"][1]["showIf"],
        json!({"question": "rating", "atMost": 3})
    );
    let path = format!("{}/{}", surveys_of(&shop), made["id"]);
    assert_eq!(app.get(&path).await.json_with(200), made);
    let changes = json!({"title": "Весна", "description": null, "status": "active", "version": 1});
    let changed = app.patch(&path, changes).await.json_with(200);
    assert_eq!(changed["title"], "Весна");
    assert_eq!(
        (&changed["description"], &changed["status"], &changed["shown"]),
        (&Value::Null, &json!("active"), &json!(true))
    );
    assert_eq!(changed["definition"], made["definition"]);
    assert_eq!(
        app.get(&surveys_of(&shop)).await.json_with(200)["surveys"],
        json!([changed])
    );
    // What was read can be sent back as it is.
    let same = app
        .patch(&path, json!({"definition": made["definition"]}))
        .await
        .json_with(200);
    assert_eq!(same["version"], 1);
}

#[tokio::test]
async fn everything_wrong_with_a_survey_is_told_at_once_in_the_readers_language() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let body = json!({"titel": "x", "status": "on", "definition": {"questions": [
        {"id": "q1", "kind": "text", "title": "x"}, {"id": "q1", "kind": "text", "title": "x"},
        {"id": "q2", "kind": "rating", "scale": 7, "title": {"ru": 5}, "showIf": {"question": "q3", "answered": true}}]}});
    let expected = [
        "titel",
        "title",
        "status",
        "definition.questions[1].id",
        "definition.questions[2].scale",
        "definition.questions[2].title.ru",
        "definition.questions[2].showIf.question",
    ];
    assert_eq!(
        app.post(&surveys_of(&shop), body.clone()).await.invalid_fields(),
        expected
    );
    for (language, sentence) in [("ru", "от 1 до 5"), ("en", "1 to 5")] {
        let request = app
            .request(Method::POST, &surveys_of(&shop))
            .bearer_auth(crate::support::ADMIN_TOKEN);
        let reply = Reply::of(request.header("accept-language", language).json(&body)).await;
        assert!(reply.text.contains(sentence), "{}", reply.text);
        assert!(!reply.text.contains("problem_"), "{}", reply.text);
    }
    for body in [json!([]), json!("x"), json!(null)] {
        assert_eq!(app.post(&surveys_of(&shop), body).await.invalid_fields(), [""]);
    }
    assert_eq!(app.get(&surveys_of(&shop)).await.json_with(200)["surveys"], json!([]));
}

#[tokio::test]
async fn changed_questions_of_an_active_survey_are_a_new_version_and_responses_keep_theirs() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (path, id) = active_survey(&app, &shop, definition()).await;
    answered(&app, id, json!({"rating": 5})).await;
    let other = json!({"questions": [{"id": "rating", "kind": "rating", "scale": 10, "title": "Оцените"}]});
    let changed = app
        .patch(&path, json!({"definition": other, "version": 1}))
        .await
        .json_with(200);
    assert_eq!(changed["version"], 2);
    answered(&app, id, json!({"rating": 9})).await;
    // A page that was open before the change answers what it was asked.
    let old = json!({"sessionId": Uuid::new_v4(), "version": 1, "answers": {"rating": 5, "found": "yes"}});
    respond(&app, id, &old).await.json_with(201);
    let unknown = json!({"sessionId": Uuid::new_v4(), "version": 3, "answers": {}});
    assert_eq!(respond(&app, id, &unknown).await.invalid_fields(), ["version"]);
    let page = app.get(&format!("{path}/responses")).await.json_with(200);
    let versions: Vec<&Value> = page["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["version"])
        .collect();
    assert_eq!(versions, [1, 2, 1]);
    assert_eq!(
        app.patch(&path, json!({"title": "x", "version": 1})).await.error(409),
        "conflict"
    );
}

#[tokio::test]
async fn a_survey_with_responses_is_archived_instead_of_deleted() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (path, id) = active_survey(&app, &shop, definition()).await;
    let (unanswered, _) = active_survey(&app, &shop, definition()).await;
    answered(&app, id, json!({"rating": 5})).await;
    let removal = app.delete(&path).await.json_with(200);
    assert_eq!(removal, json!({"result": "archived", "responses": 1}));
    assert_eq!(app.get(&path).await.json_with(200)["status"], "archived");
    assert_eq!(
        app.get(&format!("{path}/results")).await.json_with(200)["responses"]["total"],
        1
    );
    assert_eq!(app.delete(&unanswered).await.json_with(200)["result"], "deleted");
    assert_eq!(app.get(&unanswered).await.error(404), "not_found");
}

#[tokio::test]
async fn visitors_are_shown_the_survey_that_was_activated_last() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let public = format!("/api/shops/public/{}", shop.key);
    let active = format!("{public}/surveys/active");
    let widget = format!("{public}/widget");
    assert_eq!(app.get(&active).await.json_with(200), json!({"survey": null}));
    assert_eq!(app.get(&widget).await.json_with(200)["survey"], Value::Null);
    let (first, first_id) = active_survey(&app, &shop, definition()).await;
    app.pass_time(Duration::from_secs(1));
    let (_, second_id) = active_survey(&app, &shop, definition()).await;
    let shown = app.get(&active).await;
    assert_eq!(shown.json_with(200)["survey"]["id"], second_id);
    assert_eq!(
        shown.json()["survey"]["definition"]["questions"][0]["title"]["en"],
        "How was the shop?"
    );
    assert!(!shown.text.contains("Опрос"), "{}", shown.text);
    let summary = app.get(&widget).await.json_with(200)["survey"].clone();
    let expected = json!({"id": second_id, "version": 1, "triggers": {"afterMessages": 3, "exitIntent": false}, "share": 1.0,
        "oncePerVisitor": true, "pauseDays": 14});
    assert_eq!(summary, expected);
    // A page may ask for one of the others by its id.
    let named = app.get(&format!("{active}?survey={first_id}")).await.json_with(200);
    assert_eq!(named["survey"]["id"], first_id);
    app.patch(&first, json!({"status": "draft"})).await.json_with(200);
    let paused = app.get(&format!("{active}?survey={first_id}")).await.json_with(200);
    assert_eq!(paused["survey"], Value::Null);
    app.pass_time(Duration::from_secs(1));
    app.patch(&first, json!({"status": "active"})).await.json_with(200);
    assert_eq!(app.get(&active).await.json_with(200)["survey"]["id"], first_id);
}

#[tokio::test]
async fn a_page_that_the_shop_does_not_allow_gets_no_survey_and_leaves_no_answer() {
    let app = TestApp::start().await;
    let shop = app
        .shop_with(json!({"allowed_origins": ["https://shop.example"]}))
        .await;
    let (path, id) = active_survey(&app, &shop, definition()).await;
    let active = format!("/api/shops/public/{}/surveys/active", shop.key);
    let body = json!({"sessionId": Uuid::new_v4(), "answers": {"rating": 5}});
    for (origin, status) in [("https://evil.example", 403), ("https://shop.example", 200)] {
        let reply = Reply::of(app.request(Method::GET, &active).header("origin", origin)).await;
        assert_eq!(reply.status, status, "{origin}");
        let posting = app.request(Method::POST, &format!("/api/surveys/{id}/responses"));
        let reply = Reply::of(posting.header("origin", origin).json(&body)).await;
        assert_eq!(reply.status, if status == 200 { 201 } else { 403 }, "{origin}");
    }
    assert_eq!(app.get(&path).await.json_with(200)["responses"]["total"], 1);
}

#[tokio::test]
async fn the_surveys_of_the_demo_are_right() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for demo in palompy::app::demo::DEMO_SHOPS {
        let survey: Value = serde_json::from_str(demo.survey).unwrap();
        let made = app.post(&surveys_of(&shop), survey).await.json_with(201);
        assert_eq!(made["status"], "active");
    }
}
