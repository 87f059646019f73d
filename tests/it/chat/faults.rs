//! The model service fails in every way we know of; the visitor still gets an answer with its source.

use crate::chat::Stream;
use crate::chat::last_turn;
use crate::chat::small_shop;
use crate::fake_openai::DEFAULT_ANSWER;
use crate::fake_openai::Mode;
use crate::support::TestApp;
use crate::support::message_of;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const QUESTION: &str = "Сколько стоит лампа настольная?";
const SHORT: Duration = Duration::from_millis(200);

async fn app_with(mode: Mode) -> TestApp {
    TestApp::start_with_model_and(mode, |config| {
        config.llm_first_token_timeout = SHORT;
        config.llm_idle_timeout = SHORT;
    })
    .await
}

fn assert_extract(answer: &Value, mode: &Mode) {
    assert_eq!(
        (&answer["degraded"], &answer["refused"]),
        (&json!(true), &json!(false)),
        "{mode:?}: {answer}"
    );
    assert_eq!(answer["sources"][0]["source_id"], "L-1", "{mode:?}: {answer}");
    let text: String = answer["answer"].as_str().unwrap().split_whitespace().collect();
    assert!(text.contains("1490") && !text.contains("Ответпо"), "{mode:?}: {answer}");
}

/// Whole and as a stream: an extract with its source, logged as one.
async fn assert_survives(mode: Mode) {
    let app = app_with(mode.clone()).await;
    let shop = small_shop(&app).await;
    assert_extract(&app.ask(&shop, QUESTION).await, &mode);
    assert_eq!(last_turn(&app, "model"), "extractive", "{mode:?}");
    assert_eq!(last_turn(&app, "degraded"), "1");
    assert_eq!(last_turn(&app, "status"), "complete");
    assert!(last_turn(&app, "context_used").contains("Лампа"));

    let stream = Stream::open(&app, &message_of(&shop, Uuid::new_v4(), QUESTION)).await;
    let events = stream.rest().await;
    let names: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names[names.len() - 2..], ["sources", "done"], "{mode:?}: {names:?}");
    assert!(!names.contains(&"error"));
    assert_extract(&events.last().unwrap().data, &mode);
}

#[tokio::test]
async fn a_refusing_service_costs_the_visitor_nothing() {
    for mode in [
        Mode::RateLimited("0"),
        Mode::QuotaUsedUp,
        Mode::Status(500),
        Mode::Status(401),
        Mode::Status(404),
    ] {
        assert_survives(mode).await;
    }
}

#[tokio::test]
async fn a_service_that_hangs_is_given_up() {
    assert_survives(Mode::Hang).await;
}

#[tokio::test]
async fn a_service_that_stops_midway_is_replaced() {
    for mode in [Mode::CutMidStream, Mode::EndEarly, Mode::Slow] {
        assert_survives(mode).await;
    }
}

#[tokio::test]
async fn a_service_that_talks_rubbish_is_replaced() {
    for mode in [
        Mode::InvalidJson,
        Mode::Html200,
        Mode::ErrorInStream,
        Mode::Raw(b"\xff\xfe data: nothing".to_vec()),
        Mode::Lying(" \n ".to_owned()),
        Mode::Lying("https://evil.example".to_owned()),
        Mode::Lying("бла ".repeat(5_000)),
    ] {
        assert_survives(mode).await;
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_replaced() {
    let app = TestApp::start_with_model_and(Mode::Ok, |config| {
        // Nothing listens on the discard port of a test machine.
        config.openai_base_url = "http://127.0.0.1:9/v1".to_owned();
    })
    .await;
    let shop = small_shop(&app).await;
    assert_extract(&app.ask(&shop, QUESTION).await, &Mode::Ok);
}

#[tokio::test]
async fn after_one_failure_the_model_is_asked_again() {
    let app = app_with(Mode::Status(500)).await;
    let shop = small_shop(&app).await;
    assert_eq!(app.ask(&shop, QUESTION).await["degraded"], true);
    app.fake().set_mode(Mode::Ok);
    let answer = app.ask(&shop, QUESTION).await;
    assert_eq!(
        (&answer["degraded"], &answer["answer"]),
        (&json!(false), &json!(DEFAULT_ANSWER))
    );
}

#[tokio::test]
async fn compatible_servers_with_habits_of_their_own_are_understood() {
    for mode in [Mode::Quirks, Mode::NewerModel] {
        let app = app_with(mode.clone()).await;
        let shop = small_shop(&app).await;
        let answer = app.ask(&shop, QUESTION).await;
        assert_eq!(
            (&answer["degraded"], &answer["answer"]),
            (&json!(false), &json!(DEFAULT_ANSWER)),
            "{mode:?}"
        );
    }
}

#[tokio::test]
async fn no_word_of_the_service_and_no_key_reaches_the_visitor() {
    let app = app_with(Mode::Status(500)).await;
    let shop = small_shop(&app).await;
    let reply = app.chat(&message_of(&shop, Uuid::new_v4(), QUESTION)).await;
    assert!(!reply.text.contains("secret words of the server") && !reply.text.contains("sk-test"));
}
