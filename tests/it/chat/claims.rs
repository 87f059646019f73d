//! A model that lies about prices, stock, article numbers and links, and rows that change while it speaks.

use crate::chat::Stream;
use crate::chat::last_turn;
use crate::fake_openai::Mode;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::message_of;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const QUESTION: &str = "Сколько стоит чайник «Уют»?";

async fn kettle_shop(app: &TestApp, price: u32) -> TestShop {
    let shop = app.shop().await;
    import(app, &shop, price).await;
    shop
}

async fn import(app: &TestApp, shop: &TestShop, price: u32) {
    let product = json!({"id": "KT-100", "name": "Чайник «Уют»", "sku": "KT-100", "price": price, "currency": "RUB", "in_stock": true,
        "url": "https://shop.example/k1", "description": "Эмалированный чайник на 2 литра."});
    app.import(shop, json!({"products": [product]})).await;
}

async fn streamed(app: &TestApp, shop: &TestShop) -> (String, Value) {
    let events = Stream::open(app, &message_of(shop, Uuid::new_v4(), QUESTION))
        .await
        .rest()
        .await;
    let deltas = events.iter().filter(|event| event.name == "delta");
    let deltas: String = deltas.map(|event| event.data["text"].as_str().unwrap()).collect();
    let done = events.iter().find(|event| event.name == "done").unwrap().data.clone();
    (deltas, done)
}

#[tokio::test]
async fn no_wrong_price_reaches_the_visitor_or_the_log() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    for (lie, wrong, right) in [
        ("Чайник «Уют» стоит 990 ₽ [1].", "990", "2490 ₽"),
        (
            "Хороший выбор. Чайник «Уют» — 1 000 руб., в наличии [1].",
            "1 000",
            "2 490 руб.",
        ),
        (
            "Эмалированный [1]. Чайник «Уют» доставим за 77 рублей [1].",
            "77",
            "Эмалированный",
        ),
        ("Чайник «Уют», арт. KT-999 [1].", "999", "KT-100"),
        (
            "Чайник «Уют», осталось 9 штук [1]. Он эмалированный [1].",
            "9 штук",
            "эмалированный",
        ),
        ("Чайник «Уют» [1]: [купить](https://evil.example/k1).", "evil", "купить"),
    ] {
        let shop = kettle_shop(&app, 2490).await;
        app.fake().set_answer(lie);
        let (deltas, done) = streamed(&app, &shop).await;
        let answer = done["answer"].as_str().unwrap();
        let logged = last_turn(&app, "assistant_answer");
        for text in [&deltas, answer, &logged] {
            assert!(!text.contains(wrong), "{lie}: {text}");
        }
        assert!(answer.contains(right), "{lie}: {answer}");
        let checked = &done["checked"];
        let wrong_count = checked["corrected"].as_u64().unwrap() + checked["dropped"].as_u64().unwrap();
        assert!(wrong_count > 0, "{lie}: {done}");
        assert_eq!(
            last_turn(&app, "claims_corrected + claims_dropped"),
            wrong_count.to_string()
        );
    }
}

#[tokio::test]
async fn an_answer_of_which_nothing_is_left_is_made_by_extraction() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = kettle_shop(&app, 2490).await;
    app.fake().set_answer("Доставка чайника «Уют» стоит 77 рублей [1].");
    let (_, done) = streamed(&app, &shop).await;
    assert_eq!(
        (&done["degraded"], &done["refused"]),
        (&json!(true), &json!(false)),
        "{done}"
    );
    assert!(done["answer"].as_str().unwrap().contains("2\u{a0}490"), "{done}");
    assert_eq!(done["checked"]["dropped"], 1);
}

#[tokio::test]
async fn a_price_that_an_import_changes_meanwhile_is_told_as_it_is_now() {
    let app = TestApp::start_with_model(Mode::Slow).await;
    let shop = kettle_shop(&app, 2490).await;
    app.fake().set_answer("Чайник «Уют» стоит 2490 ₽ [1].");
    let mut stream = Stream::open(&app, &message_of(&shop, Uuid::new_v4(), QUESTION)).await;
    stream.event().await.unwrap();
    import(&app, &shop, 2990).await;
    app.fake().release(20);
    let events = stream.rest().await;
    let done = events.iter().find(|event| event.name == "done").unwrap();
    assert_eq!(done.data["answer"], "Чайник «Уют» стоит 2990 ₽ [1].");
    assert_eq!(done.data["checked"], json!({"claims": 1, "corrected": 1, "dropped": 0}));
}

#[tokio::test]
async fn an_owner_sees_how_many_answers_were_corrected() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = kettle_shop(&app, 2490).await;
    for answer in ["Чайник «Уют» стоит 10 ₽ [1].", "Чайник «Уют» стоит 2490 ₽ [1]."]
    {
        app.fake().set_answer(answer);
        streamed(&app, &shop).await;
    }
    let summary = app
        .get(&format!("/api/analytics/shops/{}/summary", shop.id))
        .await
        .json_with(200);
    assert_eq!(summary["corrected"], 1, "{summary}");
}

#[tokio::test]
async fn a_price_that_was_confirmed_too_long_ago_is_no_fact() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = kettle_shop(&app, 2490).await;
    app.patch(
        &format!("/api/shops/{}", shop.id),
        json!({"settings": {"price_max_age_hours": 24}}),
    )
    .await
    .json_with(200);
    app.fake()
        .set_answer("Чайник «Уют» стоит 2490 ₽ [1]. Он эмалированный [1].");
    let (_, done) = streamed(&app, &shop).await;
    assert_eq!(done["cards"][0]["price"], 2490.0);
    app.pass_time(Duration::from_secs(25 * 3_600));
    let (deltas, done) = streamed(&app, &shop).await;
    assert_eq!(done["answer"], "Он эмалированный [1].", "{done}");
    assert!(!deltas.contains("2490"));
    assert_eq!(done["cards"][0]["price"], Value::Null);
    let requests = app.fake().requests();
    assert!(!requests.last().unwrap().to_string().contains("2490"));
    app.fake().set_mode(Mode::Status(500));
    let (_, done) = streamed(&app, &shop).await;
    assert!(done["answer"].as_str().unwrap().contains("цену уточните"), "{done}");
    import(&app, &shop, 2490).await;
    app.fake().set_mode(Mode::Ok);
    let (_, done) = streamed(&app, &shop).await;
    assert_eq!(done["answer"], "Чайник «Уют» стоит 2490 ₽ [1]. Он эмалированный [1].");
}
