use super::form;
use super::leads;
use super::send;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::message_of;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

const TEXT: &str = "Согласен на обработку персональных данных.";

/// What was stored with the session's last message.
fn logged(app: &TestApp) -> Option<String> {
    app.database()
        .query_row(
            "select collected_data from chat_logs order by id desc limit 1",
            [],
            |row| row.get(0),
        )
        .unwrap()
}

async fn shop(app: &TestApp, settings: Value) -> TestShop {
    let shop = app.shop_with(settings).await;
    let faq = json!({"faq": [{"question": "Сколько стоит доставка?", "answer": "Доставка стоит 300 рублей."}]});
    app.import(&shop, faq).await;
    shop
}

#[tokio::test]
async fn contacts_in_a_conversation_become_one_lead_with_all_that_was_told() {
    let app = TestApp::start().await;
    let shop = shop(&app, json!({})).await;
    let session = Uuid::new_v4();
    let named = app
        .ask_in(&shop, session, "Меня зовут Анна. Сколько стоит доставка?")
        .await;
    assert_eq!(named["collectedData"]["name"], "Анна");
    assert_eq!(named["refused"], false);
    assert!(leads(&app, &shop).await.is_empty(), "a name alone is no lead");
    let mut message = message_of(&shop, session, "Сколько стоит доставка? Мой номер 8 916 123-45-67");
    message["metadata"] = json!({"url": "https://shop.example/cart?promo=1"});
    let answer = app.chat(&message).await.json_with(200);
    let expected = json!({"name": "Анна", "email": null, "phone": "+79161234567", "intent": null, "orderNumber": null,
        "preferredContact": null, "notes": null});
    assert_eq!(answer["collectedData"], expected);
    assert_eq!(
        (&answer["consentNeeded"], &answer["refused"]),
        (&json!(false), &json!(false))
    );
    assert!(logged(&app).unwrap().contains("+79161234567"));
    let plain = app.ask_in(&shop, session, "Сколько стоит доставка?").await;
    assert_eq!(plain["collectedData"], Value::Null);
    app.ask_in(&shop, session, "напишите лучше на anna@example.ru").await;
    let listed = leads(&app, &shop).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["email"], "anna@example.ru");
    assert_eq!(listed[0]["phone"], "+79161234567");
    assert_eq!(listed[0]["source"], "chat");
    assert_eq!(listed[0]["page_url"], "https://shop.example/cart");
    assert_eq!(listed[0]["message_id"], answer["messageId"]);
}

#[tokio::test]
async fn a_message_of_contacts_only_is_thanked_for_and_not_refused() {
    let app = TestApp::start().await;
    let shop = shop(&app, json!({})).await;
    let answer = app.ask(&shop, "8 916 123-45-67").await;
    assert_eq!(answer["refused"], false);
    assert!(answer["answer"].as_str().unwrap().starts_with("Спасибо!"), "{answer}");
}

#[tokio::test]
async fn a_visitor_who_asks_for_a_person_gets_one_and_no_search_result() {
    let app = TestApp::start().await;
    let shop = shop(&app, json!({})).await;
    let session = Uuid::new_v4();
    let answer = app.ask_in(&shop, session, "Позовите живого человека, пожалуйста").await;
    assert!(
        answer["answer"].as_str().unwrap().contains("Я передал разговор"),
        "{answer}"
    );
    assert_eq!(answer["collectedData"]["intent"], "handoff");
    assert_eq!(answer["refused"], false);
    app.ask_in(&shop, session, "мой телефон +7 916 123-45-67").await;
    let listed = leads(&app, &shop).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&listed[0]["intent"], &listed[0]["phone"]),
        (&json!("handoff"), &json!("+79161234567"))
    );
}

#[tokio::test]
async fn with_consent_required_nothing_but_the_conversation_is_kept_until_it_is_given() {
    let app = TestApp::start().await;
    let shop = shop(&app, json!({"consent_required": true, "consent_text": TEXT})).await;
    let session = Uuid::new_v4();
    let answer = app.ask_in(&shop, session, "мой телефон 8 916 123-45-67").await;
    assert_eq!(answer["consentNeeded"], true);
    assert_eq!(
        answer["collectedData"]["phone"], "+79161234567",
        "the page fills the form in with it"
    );
    assert!(answer["answer"].as_str().unwrap().contains("согласие"), "{answer}");
    assert_eq!(logged(&app), None);
    app.ask_in(&shop, session, "меня зовут Анна").await;
    assert_eq!(logged(&app), None);
    assert!(leads(&app, &shop).await.is_empty());
    let wanted = app.ask_in(&shop, session, "позовите оператора").await;
    assert_eq!(wanted["consentNeeded"], true);
    let listed = leads(&app, &shop).await;
    assert_eq!(listed.len(), 1, "that a person is wanted names nobody");
    assert_eq!(
        (&listed[0]["intent"], &listed[0]["phone"]),
        (&json!("handoff"), &Value::Null)
    );
    let config = app
        .get(&format!("/api/shops/public/{}/widget", shop.key))
        .await
        .json_with(200);
    let consent = json!({"accepted": true, "version": config["consent"]["version"]});
    send(
        &app,
        &form(&shop, session, &json!({"consent": consent, "intent": null})),
    )
    .await
    .json_with(201);
    let later = app.ask_in(&shop, session, "и почта anna@example.ru").await;
    assert_eq!(later["consentNeeded"], false, "it was given in this session");
    assert!(logged(&app).unwrap().contains("anna@example.ru"));
}

#[tokio::test]
async fn what_is_no_contact_makes_no_lead() {
    let app = TestApp::start().await;
    let shop = shop(&app, json!({})).await;
    for message in [
        "Сколько стоит доставка?",
        "Хочу заказать 100 стаканов",
        "Есть товар 4607001234567?",
        "заказ 89161234567",
    ] {
        app.ask(&shop, message).await;
    }
    assert!(leads(&app, &shop).await.is_empty());
}
