//! What an owner adds to the lexicon.

use crate::support::TestApp;
use crate::support::source_ids;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn an_owners_entry_makes_a_question_find_its_source_at_once() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let data = json!({"faq": [
        {"id": "a", "question": "Сроки доставки", "answer": "Два рабочих дня."},
        {"id": "b", "question": "Абажуры ручной работы", "answer": "Бумага и медная проволока."},
        {"id": "c", "question": "Способы оплаты", "answer": "Картой и наличными."},
        {"id": "d", "question": "Условия возврата", "answer": "Две недели с чеком."},
    ]});
    app.import(&shop, data).await;
    let path = format!("/api/shops/{}/lexicon", shop.id);
    let entries = json!({"entries": [{"say": [" глимбик "], "mean": ["абажур"]}]});
    let found = app.hits(&shop, "почём глимбики").await;
    assert!(
        found.first().is_none_or(|hit| hit["source_id"] != "b"),
        "{:?}",
        source_ids(&found)
    );

    let stored = app.call(Method::PUT, &path, Some(entries)).await.json_with(200);
    assert_eq!(stored, json!({"entries": [{"say": ["глимбик"], "mean": ["абажур"]}]}));
    assert_eq!(app.get(&path).await.json_with(200), stored);
    let found = app.hits(&shop, "почём глимбики").await;
    assert_eq!(found[0]["source_id"], "b", "{:?}", source_ids(&found));

    let emptied = app.call(Method::PUT, &path, Some(json!({"entries": []}))).await;
    assert_eq!(emptied.json_with(200), json!({"entries": []}));
    let found = app.hits(&shop, "почём глимбики").await;
    assert!(
        found.first().is_none_or(|hit| hit["source_id"] != "b"),
        "{:?}",
        source_ids(&found)
    );
}

#[tokio::test]
async fn wrong_entries_are_refused_with_their_places_and_change_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/{}/lexicon", shop.id);
    let wrong = json!({"entries": [{"say": [], "mean": ["абажур"]}, {"say": ["глимбик"], "mean": [" "]}]});
    let refused = app.call(Method::PUT, &path, Some(wrong)).await;
    assert_eq!(refused.invalid_fields(), ["entries[0].say", "entries[1].mean[0]"]);
    let unknown = app.call(Method::PUT, &path, Some(json!({"entry": []}))).await;
    assert_eq!(unknown.error(400), "bad_request");
    assert_eq!(app.get(&path).await.json_with(200), json!({"entries": []}));
}

#[tokio::test]
async fn one_shops_words_mean_nothing_in_another() {
    let app = TestApp::start().await;
    let (own, other) = (app.shop().await, app.shop().await);
    let entries = json!({"entries": [{"say": ["глимбик"], "mean": ["абажур"]}]});
    let path = format!("/api/shops/{}/lexicon", own.id);
    app.call(Method::PUT, &path, Some(entries)).await.json_with(200);
    let other = app.get(&format!("/api/shops/{}/lexicon", other.id)).await;
    assert_eq!(other.json_with(200), json!({"entries": []}));
}
