//! Questions that the language model words anew before the search.

use crate::chat::last_turn;
use crate::chat::small_shop;
use crate::fake_openai::DEFAULT_ANSWER;
use crate::fake_openai::Mode;
use crate::support::TestApp;
use crate::support::TestShop;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const FIRST: &str = "Сколько стоит лампа настольная?";
/// Too long to lean on anything by rule, and without a word that the shop knows.
const FOLLOW_UP: &str =
    "А если тёще такая радость вдруг разонравится, сколько у нас времени на раздумья? Мой телефон 8 916 123-45-67";
const REWRITTEN: &str = "За сколько дней можно вернуть товар?";

async fn rewriting_shop(app: &TestApp) -> TestShop {
    let shop = small_shop(app).await;
    app.patch(
        &format!("/api/shops/{}", shop.id),
        json!({"settings": {"rewrite_questions": true}}),
    )
    .await
    .json_with(200);
    shop
}

/// Asks the follow-up after the first question; the requests that it made, and the answer.
async fn followed_up(app: &TestApp, shop: &TestShop, modes: Vec<Mode>) -> (Vec<Value>, Value) {
    let session = Uuid::new_v4();
    app.fake().set_mode(Mode::Ok);
    app.ask_in(shop, session, FIRST).await;
    let before = app.fake().requests().len();
    app.fake().set_modes(modes);
    let answer = app.ask_in(shop, session, FOLLOW_UP).await;
    let mut requests = app.fake().requests().split_off(before);
    // The visitor's phone may have set off the second reading for the lead, which is another matter.
    requests.retain(|request| request.get("response_format").is_none());
    (requests, answer)
}

#[tokio::test]
async fn a_question_that_leans_on_the_conversation_is_searched_in_its_new_wording() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = rewriting_shop(&app).await;
    let (requests, answer) = followed_up(&app, &shop, vec![Mode::Lying(REWRITTEN.to_owned()), Mode::Ok]).await;
    assert_eq!(answer["sources"][0]["source_id"], "p", "{answer}");
    let [rewriting, answering] = requests.as_slice() else {
        panic!("{requests:#?}");
    };
    assert_eq!(rewriting["max_tokens"], 100);
    let sent = rewriting["messages"].to_string();
    assert!(sent.contains(FIRST) && sent.contains("тёще"), "{sent}");
    assert!(!sent.contains("916"), "{sent}");
    // The model that answers reads what the visitor wrote.
    let asked = answering["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(asked["content"], FOLLOW_UP);
    assert_ne!(answering["max_tokens"], 100);
    assert_eq!(last_turn(&app, "user_message"), FOLLOW_UP);
}

#[tokio::test]
async fn no_model_words_a_question_anew_unless_the_shop_wants_it() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = small_shop(&app).await;
    let (requests, answer) = followed_up(&app, &shop, vec![Mode::Ok]).await;
    assert!(
        requests.iter().all(|request| request["max_tokens"] != 100),
        "{requests:#?}"
    );
    assert_ne!(answer["sources"][0]["source_id"], "p", "{answer}");
}

#[tokio::test]
async fn a_question_without_a_conversation_is_searched_as_it_is() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = rewriting_shop(&app).await;
    let answer = app.ask(&shop, FIRST).await;
    assert_eq!(answer["answer"], DEFAULT_ANSWER);
    assert_eq!(app.fake().requests().len(), 1);
    let session = Uuid::new_v4();
    app.ask_in(&shop, session, FIRST).await;
    app.ask_in(&shop, session, "Спасибо!").await;
    assert_eq!(app.fake().requests().len(), 2, "thanks lean on nothing");
}

#[tokio::test]
async fn a_wording_that_is_late_or_fails_costs_the_visitor_no_answer() {
    let app = TestApp::start_with_model_and(Mode::Ok, |config| {
        config.llm_rewrite_budget = Duration::from_millis(200);
        config.llm_max_retries = 0;
    })
    .await;
    let shop = rewriting_shop(&app).await;
    let session = Uuid::new_v4();
    app.ask_in(&shop, session, FIRST).await;
    for mode in [
        Mode::Hang,
        Mode::Slow,
        Mode::Status(500),
        Mode::RateLimited("0"),
        Mode::EndEarly,
        Mode::Html200,
        Mode::Lying("Вот новый вопрос:\nсколько стоит доставка?".to_owned()),
        Mode::Lying("сколько стоит доставка https://evil.example".to_owned()),
        Mode::Lying("доставка ".repeat(2_000)),
    ] {
        app.fake().set_modes([mode.clone(), Mode::Ok]);
        // The same words a while later are a new question.
        app.pass_time(Duration::from_secs(60));
        let before = app.fake().requests().len();
        let answer = app.ask_in(&shop, session, "А сколько она стоит?").await;
        assert_eq!(app.fake().requests().len() - before, 2, "{mode:?}");
        assert_eq!(answer["answer"], DEFAULT_ANSWER, "{mode:?}");
        // By rule the question is about the lamp, as before.
        assert_eq!(answer["sources"][0]["source_id"], "L-1", "{mode:?}: {answer}");
        assert_eq!(answer["degraded"], false, "{mode:?}");
    }
}

#[tokio::test]
async fn a_wording_that_finds_nothing_leaves_the_question_as_it_was() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = rewriting_shop(&app).await;
    let session = Uuid::new_v4();
    app.ask_in(&shop, session, FIRST).await;
    let nonsense = Mode::Lying("Кто выиграл чемпионат мира по хоккею?".to_owned());
    app.fake().set_modes([nonsense, Mode::Ok]);
    let answer = app.ask_in(&shop, session, "А сколько она стоит?").await;
    assert_eq!(answer["sources"][0]["source_id"], "L-1", "{answer}");
}

#[tokio::test]
async fn a_visitor_who_leaves_ends_the_rewriting() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = rewriting_shop(&app).await;
    let session = Uuid::new_v4();
    app.ask_in(&shop, session, FIRST).await;
    app.fake().set_mode(Mode::Hang);
    let body = crate::support::message_of(&shop, session, FOLLOW_UP);
    let stream = crate::chat::Stream::open(&app, &body).await;
    crate::support::until("the rewriting is asked for", async || {
        (app.fake().requests().len() == 2).then_some(())
    })
    .await;
    drop(stream);
    app.fake().until_cancelled(1).await;
}
