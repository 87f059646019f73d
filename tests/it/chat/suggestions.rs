//! What stands under an answer beside its sources: product cards, and questions that the shop's data answers.

use crate::chat::conversations::history;
use crate::chat::small_shop;
use crate::fake_openai::Mode;
use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::demo_data;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

async fn prompts(app: &TestApp, shop: &TestShop, product: &str, language: &str) -> Vec<String> {
    let path = format!("/api/shops/public/{}/prompts", shop.key);
    let query = [("productId", product), ("lang", language)];
    let reply = Reply::of(app.request(Method::GET, &path).query(&query)).await;
    let body = reply.json_with(200);
    let prompts = body["prompts"].as_array().unwrap();
    prompts
        .iter()
        .map(|prompt| prompt.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_cited_product_comes_as_a_card_of_its_row_and_again_in_the_history() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = app.shop().await;
    let mug = json!({"id": "M-1", "name": "Кружка походная", "price": 790, "old_price": 990, "currency": "RUB",
        "image": "https://shop.example/m.jpg", "url": "https://shop.example/m", "in_stock": true});
    let data = json!({"products": [mug], "policies": [{"id": "p", "title": "Возврат", "content": "Вернуть можно за 14 дней."}]});
    app.import(&shop, data).await;
    let session = Uuid::new_v4();
    app.fake().set_answer("Кружка стоит 790 рублей [1].");
    let answer = app.ask_in(&shop, session, "Сколько стоит кружка походная?").await;
    let card = json!({"sourceId": "M-1", "title": "Кружка походная", "url": "https://shop.example/m",
        "image": "https://shop.example/m.jpg", "price": 790.0, "oldPrice": 990.0, "currency": "RUB", "inStock": true});
    assert_eq!(answer["cards"], json!([card]));
    let token = answer["visitorToken"].as_str().unwrap();
    let shown = history(&app, &shop, session, token).await.json_with(200);
    assert_eq!(shown["messages"][0]["cards"], json!([card]));
    // The history shows what the product costs now, and nothing of one that is gone.
    let cheaper = json!({"products": [{"id": "M-1", "name": "Кружка походная", "price": 500, "old_price": 500}]});
    app.import(&shop, cheaper).await;
    let shown = history(&app, &shop, session, token).await.json_with(200);
    let card = &shown["messages"][0]["cards"][0];
    assert_eq!(
        (&card["price"], &card["oldPrice"], &card["inStock"]),
        (&json!(500.0), &Value::Null, &Value::Null)
    );
    let replaced = json!({"products": [{"id": "X", "name": "Фонарь"}]});
    let path = format!("/api/shops/{}/data?mode=replace", shop.id);
    app.post(&path, replaced).await.json_with(200);
    let shown = history(&app, &shop, session, token).await.json_with(200);
    assert_eq!(shown["messages"][0]["cards"], json!([]));
}

#[tokio::test]
async fn a_policy_or_a_refusal_has_no_card() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    for question in [
        "За сколько дней можно вернуть товар?",
        "Кто выиграл чемпионат по шахматам?",
    ] {
        assert_eq!(app.ask(&shop, question).await["cards"], json!([]), "{question}");
    }
}

#[tokio::test]
async fn a_page_without_a_known_product_offers_nothing() {
    let app = TestApp::start().await;
    let (shop, other) = (small_shop(&app).await, app.shop().await);
    assert!(!prompts(&app, &shop, "L-1", "ru").await.is_empty());
    for unknown in ["", "nothing", "f", "' or 1=1 --"] {
        assert!(prompts(&app, &shop, unknown, "ru").await.is_empty(), "{unknown}");
    }
    assert!(prompts(&app, &other, "L-1", "ru").await.is_empty());
    let path = format!("/api/shops/public/{}/prompts?productId=L-1", Uuid::new_v4());
    assert_eq!(Reply::of(app.request(Method::GET, &path)).await.error(404), "not_found");
}

#[tokio::test]
async fn prompts_follow_the_shops_data() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let before = prompts(&app, &shop, "L-1", "ru").await;
    assert_eq!(before, ["Сколько стоит доставка?", "Как вернуть или обменять товар?"]);
    let lamp = json!({"id": "L-1", "name": "Лампа настольная", "price": 1490, "attributes": {"Вес": "2 кг"}});
    app.import(&shop, json!({ "products": [lamp] })).await;
    let after = prompts(&app, &shop, "L-1", "ru").await;
    assert_eq!(after[0], "Лампа настольная: сколько весит?");
    assert!(
        app.ask(&shop, &after[0]).await["answer"]
            .as_str()
            .unwrap()
            .contains("2 кг")
    );
}

/// Every question offered on any page of a demo shop, and under the answers to them, is answered by the shop.
async fn assert_all_answered(language: &str) {
    let app = TestApp::start().await;
    let shop = app.demo_shop(language).await;
    let mut offered = BTreeSet::new();
    let (mut pages, mut asking) = (0, 0);
    for product in demo_data(language)["products"].as_array().unwrap().iter().step_by(2) {
        let prompts = prompts(&app, &shop, product["id"].as_str().unwrap(), language).await;
        assert!((2..=4).contains(&prompts.len()), "{product}: {prompts:?}");
        pages += 1;
        asking += usize::from(prompts[0].contains(':'));
        offered.extend(prompts);
    }
    assert!(
        asking * 4 >= pages * 3,
        "{asking} of {pages} pages ask about their product"
    );
    let first: Vec<String> = offered.iter().step_by(9).cloned().collect();
    for question in first {
        let answer = app.ask(&shop, &question).await;
        assert_eq!(answer["refused"], false, "{question}");
        let follow_ups = answer["followUps"].as_array().unwrap();
        assert!(follow_ups.len() <= 3);
        for follow_up in follow_ups {
            let follow_up = follow_up.as_str().unwrap();
            assert_ne!(follow_up, question);
            let answer = app.ask(&shop, follow_up).await;
            assert_eq!(answer["refused"], false, "{question} -> {follow_up}");
        }
    }
}

#[tokio::test]
async fn a_russian_shop_answers_every_question_that_it_offers() {
    assert_all_answered("ru").await;
}

#[tokio::test]
async fn an_english_shop_answers_every_question_that_it_offers() {
    assert_all_answered("en").await;
}

#[tokio::test]
async fn a_greeting_and_a_refusal_are_followed_by_what_the_shop_can_answer() {
    let app = TestApp::start().await;
    let shop = app.demo_shop("ru").await;
    for message in ["Здравствуйте!", "Кто выиграл чемпионат мира по шахматам?"]
    {
        let answer = app.ask(&shop, message).await;
        let follow_ups = answer["followUps"].as_array().unwrap();
        assert!(!follow_ups.is_empty(), "{message}");
        for follow_up in follow_ups {
            let answer = app.ask(&shop, follow_up.as_str().unwrap()).await;
            assert_eq!(answer["refused"], false, "{message} -> {follow_up}");
        }
    }
}
