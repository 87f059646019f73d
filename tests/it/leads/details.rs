//! What the model adds to a lead after the answer: only what the visitor said, and never his phone.

use super::leads;
use crate::chat::Stream;
use crate::fake_openai::Mode;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::message_of;
use crate::support::until;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

const ANSWER: &str = "Доставка стоит 300 рублей [1].";
const MESSAGE: &str = "Сколько стоит доставка? Это Аня, хочу рюкзак побольше, звоните после 18: 8 916 123-45-67";

async fn shop(app: &TestApp, settings: Value) -> TestShop {
    let shop = app.shop_with(settings).await;
    let faq = json!({"faq": [{"question": "Сколько стоит доставка?", "answer": "Доставка стоит 300 рублей."}]});
    app.import(&shop, faq).await;
    shop
}

/// The service answers the question first and the second reading then.
fn answers(app: &TestApp, details: &str) {
    app.fake()
        .set_modes([Mode::Lying(ANSWER.to_owned()), Mode::Lying(details.to_owned())]);
}

/// The events after `done`, with their data.
async fn after_done(app: &TestApp, shop: &TestShop, message: &str) -> Vec<(String, Value)> {
    let mut stream = Stream::open(app, &message_of(shop, Uuid::new_v4(), message)).await;
    let mut events = Vec::new();
    while let Some(event) = stream.event().await {
        events.push((event.name, event.data));
    }
    let done = events.iter().position(|(name, _)| name == "done").unwrap();
    events.split_off(done + 1)
}

#[tokio::test]
async fn the_model_adds_what_the_visitor_said_and_its_inventions_are_dropped() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = shop(&app, json!({})).await;
    let details = json!({"name": "Аня", "email": "anna@example.ru", "phone": "+79990000000", "intent": "order", "orderNumber": "12345",
        "preferredContact": "telegram", "notes": "рюкзак побольше, звонить после 18"});
    answers(&app, &details.to_string());
    let events = after_done(&app, &shop, MESSAGE).await;
    let expected = json!({"collectedData": {"name": "Аня", "email": null, "phone": "+79161234567", "intent": "order",
        "orderNumber": null, "preferredContact": "phone", "notes": "рюкзак побольше, звонить после 18"}});
    assert_eq!(events, [("collected".to_owned(), expected)]);
    let listed = leads(&app, &shop).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&listed[0]["name"], &listed[0]["notes"]),
        (&json!("Аня"), &json!("рюкзак побольше, звонить после 18"))
    );
    let stored: String = app
        .database()
        .query_row("select collected_data from chat_logs", [], |row| row.get(0))
        .unwrap();
    assert!(stored.contains("Аня"));
    let asked = &app.fake().requests()[1];
    assert_eq!(asked["response_format"]["type"], "json_schema");
    assert!(!asked.to_string().contains("123-45-67"), "{asked}");
    assert!(asked.to_string().contains("[phone]"));
}

#[tokio::test]
async fn without_contacts_the_model_is_asked_once() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = shop(&app, json!({})).await;
    answers(&app, "{}");
    assert!(after_done(&app, &shop, "Сколько стоит доставка?").await.is_empty());
    assert_eq!(app.fake().requests().len(), 1);
}

#[tokio::test]
async fn without_consent_the_model_reads_nothing_about_the_visitor() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = shop(&app, json!({"consent_required": true, "consent_text": "Согласен."})).await;
    answers(&app, "{}");
    assert!(after_done(&app, &shop, MESSAGE).await.is_empty());
    assert_eq!(app.fake().requests().len(), 1);
}

#[tokio::test]
async fn whatever_the_model_says_the_lead_stays() {
    for details in ["", "не знаю", "{\"name\": 5}", "[1, 2]", "{\"name\": \"Мария\"}"] {
        let app = TestApp::start_with_model(Mode::Ok).await;
        let shop = shop(&app, json!({})).await;
        answers(&app, details);
        assert!(after_done(&app, &shop, MESSAGE).await.is_empty(), "{details}");
        assert_eq!(leads(&app, &shop).await[0]["phone"], "+79161234567");
    }
}

#[tokio::test]
async fn a_page_that_takes_one_json_answer_gets_its_lead_completed_too() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = shop(&app, json!({})).await;
    answers(&app, &json!({"name": "Аня"}).to_string());
    let answer = app.ask(&shop, MESSAGE).await;
    assert_eq!(answer["collectedData"]["name"], Value::Null);
    until("the second reading", async || {
        (leads(&app, &shop).await[0]["name"] == "Аня").then_some(())
    })
    .await;
}
