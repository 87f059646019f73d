//! Measuring a shop's knowledge over the API.

use crate::support::TestApp;
use serde_json::Value;
use serde_json::json;

async fn small_shop(app: &TestApp) -> String {
    let shop = app.shop().await;
    let lamp = json!({"id": "L-1", "name": "Лампа настольная", "description": "Светит тепло."});
    let vase = json!({"id": "V-1", "name": "Ваза стеклянная", "description": "Для цветов."});
    let answers = json!([{"id": "f", "question": "Сколько стоит доставка?", "answer": "300 рублей."}]);
    app.import(&shop, json!({"products": [lamp, vase], "faq": answers}))
        .await;
    format!("/api/shops/{}/evaluate", shop.id)
}

#[tokio::test]
async fn figures_come_with_their_intervals_and_the_space_that_was_searched() {
    let app = TestApp::start().await;
    let path = small_shop(&app).await;
    let questions = json!([
        {"question": "настольная лампа", "expect": ["L-1"], "kind": "plain"},
        {"question": "V-1", "expect": ["V-1"], "kind": "sku"},
        {"question": "кто выиграл чемпионат мира по хоккею", "expect": [], "kind": "unanswerable"}
    ]);
    let report = app.post(&path, json!({"questions": questions})).await.json_with(200);
    assert_eq!(report["total"]["hit_at_1"], 1.0, "{report}");
    let interval = report["total"]["intervals"]["hit_at_1"].as_array().unwrap();
    assert!(
        interval[0].as_f64().unwrap() < 0.5 && interval[1] == 1.0,
        "{interval:?}"
    );
    assert_eq!(report["refusals"]["recall_at_5_percent"], 1.0, "{report}");
    assert_eq!(report["refusal_recall"], report["refusals"]["recall"]);
    assert_eq!(report["space"]["model"], "builtin");
    assert!(report.get("outcomes").is_none() && report.get("misses").is_none());
}

#[tokio::test]
async fn outcomes_tell_what_was_found_and_misses_why() {
    let app = TestApp::start().await;
    let path = small_shop(&app).await;
    let questions = json!([
        {"question": "настольная лампа", "expect": ["L-1"], "kind": "plain"},
        {"question": "стеклянная ваза", "expect": ["L-1"], "kind": "plain"}
    ]);
    let body = json!({"questions": questions, "outcomes": true, "explain": true});
    let report = app.post(&path, body).await.json_with(200);
    let outcomes = report["outcomes"].as_array().unwrap();
    assert_eq!(outcomes.len(), 2);
    assert_eq!(outcomes[0]["found"][0]["source_id"], "L-1");
    assert!(outcomes[0]["found"][0]["score"].as_f64().unwrap() > 0.0);
    assert!(outcomes[0]["confidence"].as_f64().unwrap() > 0.0);
    let misses = report["misses"].as_array().unwrap();
    assert_eq!(misses.len(), 1, "{report:#}");
    assert_eq!(misses[0]["question"], "стеклянная ваза");
    assert_eq!(misses[0]["found"][0]["source_id"], "V-1");
    assert!(misses[0]["found"][0]["evidence"]["lexical"].as_f64().unwrap() > 0.0);
    assert_eq!(misses[0]["explanation"]["meant"], "стеклянная ваза");
    let is_right = |right: &Value| right.is_null() || right["source_id"] == "L-1";
    assert!(is_right(&misses[0]["right"]), "{}", misses[0]);
}

#[tokio::test]
async fn a_question_is_asked_after_what_was_said_before() {
    let app = TestApp::start().await;
    let shop = app.demo_shop("ru").await;
    let path = format!("/api/shops/{}/evaluate", shop.id);
    let alone = json!({"question": "а сколько он стоит?", "expect": ["PL-BP102"], "kind": "follow_up"});
    let mut after = alone.clone();
    after["history"] = json!(["Расскажите про рюкзак «Тропа 45»"]);
    for (question, hit) in [(alone, 0.0), (after, 1.0)] {
        let report = app.post(&path, json!({"questions": [question]})).await.json_with(200);
        assert_eq!(report["total"]["hit_at_1"], hit, "{report}");
    }
}

#[tokio::test]
async fn twins_that_the_search_cannot_tell_apart_are_not_found() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let twins: Vec<Value> = (0..30)
        .map(|n| json!({"id": format!("T-{n}"), "question": "Кружка синяя?", "answer": "Одинаковая."}))
        .collect();
    // Products would differ in their article numbers.
    app.import(&shop, json!({ "faq": twins })).await;
    let path = format!("/api/shops/{}/evaluate", shop.id);
    for id in ["T-0", "T-9", "T-29"] {
        let questions = json!([{"question": "синяя кружка", "expect": [id], "kind": "plain"}]);
        let report = app.post(&path, json!({"questions": questions})).await.json_with(200);
        assert_eq!(
            (&report["total"]["hit_at_5"], &report["total"]["mrr"]),
            (&json!(0.0), &json!(0.0)),
            "{id}"
        );
    }
}
