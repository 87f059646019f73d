//! What a visitor is told: an answer with its sources, or that there is none.

use crate::chat::last_turn;
use crate::chat::small_shop;
use crate::fake_openai::DEFAULT_ANSWER;
use crate::fake_openai::Mode;
use crate::support::MODEL;
use crate::support::TestApp;
use crate::support::message_of;
use crate::support::source_ids;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const PRICE_RU: &str = "Сколько стоит рюкзак «Тропа 30»?";
const PRICE_EN: &str = "How much is the Cove Carbon Steel Wok?";
const UNKNOWN_RU: &str = "Кто выиграл чемпионат мира по хоккею?";
const UNKNOWN_EN: &str = "Who won the hockey championship?";

fn sources(answer: &Value) -> Vec<&str> {
    source_ids(answer["sources"].as_array().unwrap())
}

fn without_spaces(answer: &Value) -> String {
    let text = answer["answer"].as_str().unwrap();
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[tokio::test]
async fn without_a_key_the_answer_is_an_extract_with_price_and_source() {
    let app = TestApp::start().await;
    for (language, question, id, price, url) in [
        ("ru", PRICE_RU, "PL-BP101", "6490", "https://paloma.example/p/tropa-30"),
        ("en", PRICE_EN, "HP-105", "62", "https://harborandpine.example/p/"),
    ] {
        let shop = app.demo_shop(language).await;
        let answer = app.ask(&shop, question).await;
        assert_eq!(answer["language"], language);
        assert_eq!((&answer["degraded"], &answer["refused"]), (&json!(true), &json!(false)));
        assert!(without_spaces(&answer).replace(',', "").contains(price), "{answer}");
        assert_eq!(sources(&answer)[0], id, "{answer}");
        let source = &answer["sources"][0];
        assert_eq!(source["source_type"], "product");
        assert!(source["url"].as_str().unwrap().starts_with(url), "{source}");
        let mark = format!("[{}]", source["n"]);
        assert!(answer["answer"].as_str().unwrap().contains(&mark), "{answer}");
        assert!(answer["messageId"].as_str().unwrap().parse::<Uuid>().is_ok());
        assert_eq!(answer["collectedData"], Value::Null);
    }
}

#[tokio::test]
async fn with_a_key_the_model_words_the_answer_and_the_program_shows_the_sources() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = app.demo_shop("ru").await;
    let answer = app.ask(&shop, PRICE_RU).await;
    assert_eq!(answer["answer"], DEFAULT_ANSWER);
    assert_eq!(
        (&answer["degraded"], &answer["refused"]),
        (&json!(false), &json!(false))
    );
    let expected = json!([{"n": 1, "source_type": "product", "source_id": "PL-BP101", "title": "Рюкзак походный «Тропа 30»",
        "url": "https://paloma.example/p/tropa-30"}]);
    assert_eq!(answer["sources"], expected);
    assert_eq!(app.fake().keys(), ["Bearer sk-test"]);
}

#[tokio::test]
async fn what_the_shop_does_not_have_is_refused_without_asking_the_model() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    for (language, question) in [("ru", UNKNOWN_RU), ("en", UNKNOWN_EN)] {
        let shop = app.demo_shop(language).await;
        let answer = app.ask(&shop, question).await;
        assert_eq!(
            (&answer["refused"], &answer["degraded"]),
            (&json!(true), &json!(false)),
            "{answer}"
        );
        assert_eq!(
            (answer["language"].as_str(), sources(&answer)),
            (Some(language), Vec::new())
        );
        let is_russian = answer["answer"]
            .as_str()
            .unwrap()
            .contains(|c: char| ('а'..='я').contains(&c));
        assert_eq!(is_russian, language == "ru");
        assert_eq!(last_turn(&app, "refused"), "1");
        assert_eq!(last_turn(&app, "model"), "none");
    }
    assert!(app.fake().requests().is_empty());
}

#[tokio::test]
async fn a_greeting_is_returned_and_is_no_refusal() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = small_shop(&app).await;
    for greeting in ["Здравствуйте!", "спасибо большое"] {
        assert_eq!(app.ask(&shop, greeting).await["refused"], false);
    }
    assert!(app.fake().requests().is_empty());
}

#[tokio::test]
async fn the_answer_is_in_the_language_of_the_message() {
    let app = TestApp::start().await;
    let shop = app.demo_shop("ru").await;
    let session = Uuid::new_v4();
    assert_eq!(
        app.ask_in(&shop, session, "Сколько стоит доставка?").await["language"],
        "ru"
    );
    assert_eq!(
        app.ask_in(&shop, session, "How much is the delivery?").await["language"],
        "en"
    );
    assert_eq!(app.ask_in(&shop, session, "PL-BP101").await["language"], "en");
    for (lang, expected) in [(json!("en-US"), "en"), (json!("de"), "ru"), (Value::Null, "ru")] {
        let mut body = message_of(&shop, Uuid::new_v4(), "???");
        body["lang"] = lang;
        assert_eq!(app.chat(&body).await.json_with(200)["language"], expected);
    }
}

#[tokio::test]
async fn a_follow_up_is_about_the_product_spoken_of() {
    let app = TestApp::start().await;
    for (language, first, follow_ups, id) in [
        (
            "ru",
            "Расскажите про рюкзак «Тропа 45»",
            ["а в синем есть?", "сколько он весит?"],
            "PL-BP102",
        ),
        (
            "en",
            "Tell me about the Cove Carbon Steel Wok",
            ["is it in stock?", "how much does it weigh?"],
            "HP-105",
        ),
    ] {
        let shop = app.demo_shop(language).await;
        for follow_up in follow_ups {
            let session = Uuid::new_v4();
            let answer = app.ask_in(&shop, session, first).await;
            assert_eq!(sources(&answer)[0], id, "{answer}");
            let answer = app.ask_in(&shop, session, follow_up).await;
            assert!(sources(&answer).contains(&id), "{follow_up}: {answer}");
            assert_eq!(answer["language"], language);
        }
    }
}

#[tokio::test]
async fn another_visitor_another_shop_or_a_later_visit_starts_anew() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let (shop, other) = (small_shop(&app).await, small_shop(&app).await);
    let session = Uuid::new_v4();
    let question = "Сколько стоит лампа настольная?";
    app.ask_in(&shop, session, question).await;
    let messages = || {
        app.fake().requests().last().unwrap()["messages"]
            .as_array()
            .unwrap()
            .len()
    };
    let alone = messages();
    app.ask_in(&shop, Uuid::new_v4(), question).await;
    assert_eq!(messages(), alone, "another visitor");
    app.ask_in(&other, session, question).await;
    assert_eq!(messages(), alone, "another shop");
    app.pass_time(Duration::from_secs(29 * 60));
    app.ask_in(&shop, session, question).await;
    assert_eq!(messages(), alone + 2, "the same visit");
    app.pass_time(Duration::from_secs(31 * 60));
    app.ask_in(&shop, session, question).await;
    assert_eq!(messages(), alone, "a later visit");
}

#[tokio::test]
async fn contacts_that_the_visitor_wrote_are_collected_and_logged() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let answer = app
        .ask(&shop, "Сколько стоит лампа настольная? Пишите на anna@example.ru")
        .await;
    assert_eq!(answer["collectedData"]["email"], "anna@example.ru");
    assert!(last_turn(&app, "collected_data").contains("anna@example.ru"));
}

#[tokio::test]
async fn every_turn_is_logged_with_what_it_was_made_of() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = small_shop(&app).await;
    let session = Uuid::new_v4();
    let mut body = message_of(&shop, session, "Сколько стоит лампа настольная?");
    body["metadata"] = json!({"url": "https://shop.example/lamps"});
    let answer = app.chat(&body).await.json_with(200);
    let expected = [
        ("shop_id", shop.id.to_string()),
        ("session_id", session.to_string()),
        ("message_id", answer["messageId"].as_str().unwrap().to_owned()),
        ("status", "complete".to_owned()),
        ("user_message", "Сколько стоит лампа настольная?".to_owned()),
        ("assistant_answer", DEFAULT_ANSWER.to_owned()),
        ("language", "ru".to_owned()),
        ("metadata", r#"{"url":"https://shop.example/lamps"}"#.to_owned()),
        ("model", MODEL.to_owned()),
        ("prompt_tokens", "11".to_owned()),
        ("completion_tokens", "5".to_owned()),
        ("degraded", "0".to_owned()),
        ("refused", "0".to_owned()),
        ("created_at", "2026-01-02T03:04:05.000Z".to_owned()),
    ];
    for (column, value) in expected {
        assert_eq!(last_turn(&app, column), value, "{column}");
    }
    assert!(last_turn(&app, "context_used").contains("[Фрагмент 1]\nНазвание: Лампа настольная"));
    assert!(last_turn(&app, "citations").contains("L-1"));
    let (first, total) = (last_turn(&app, "first_delta_ms"), last_turn(&app, "total_ms"));
    assert!(
        first.parse::<u64>().unwrap() <= total.parse::<u64>().unwrap(),
        "{first} {total}"
    );
}
