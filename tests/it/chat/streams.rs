//! Answers that come bit by bit, and visitors who do not wait for the end.

use crate::chat::Event;
use crate::chat::Stream;
use crate::chat::last_turn;
use crate::chat::small_shop;
use crate::fake_openai::DEFAULT_ANSWER;
use crate::fake_openai::Mode;
use crate::support::TestApp;
use crate::support::message_of;
use crate::support::until;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

const QUESTION: &str = "Сколько стоит лампа настольная?";

fn text_of(events: &[Event]) -> String {
    let deltas = events.iter().filter(|event| event.name == "delta");
    deltas.map(|event| event.data["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_stream_says_the_same_as_the_whole_answer() {
    for app in [TestApp::start().await, TestApp::start_with_model(Mode::Ok).await] {
        let shop = small_shop(&app).await;
        for question in [QUESTION, "Кто выиграл чемпионат мира по хоккею?", "Привет"]
        {
            let mut whole = app.ask(&shop, question).await;
            let stream = Stream::open(&app, &message_of(&shop, Uuid::new_v4(), question)).await;
            let events = stream.rest().await;
            let mut done = events.last().unwrap().clone();
            assert_eq!(done.name, "done");
            assert_eq!(text_of(&events), done.data["answer"].as_str().unwrap());
            let sources = &events[events.len() - 2];
            assert_eq!(
                (sources.name.as_str(), &sources.data["sources"]),
                ("sources", &done.data["sources"])
            );
            for answer in [&mut whole, &mut done.data] {
                assert!(answer["visitorToken"].is_string());
                for field in ["messageId", "visitorToken"] {
                    answer[field] = json!(null);
                }
            }
            assert_eq!(whole, done.data);
        }
    }
}

#[tokio::test]
async fn the_first_byte_does_not_wait_for_the_model() {
    let app = TestApp::start_with_model(Mode::Hang).await;
    let shop = small_shop(&app).await;
    let mut stream = Stream::open(&app, &message_of(&shop, Uuid::new_v4(), QUESTION)).await;
    let header = |name: &str| {
        stream
            .response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
            .to_owned()
    };
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("cache-control"), "no-cache, no-transform");
    assert_eq!(header("x-accel-buffering"), "no");
    assert_eq!(header("content-encoding"), "");
    assert_eq!(stream.block().await.unwrap(), ": palompy\n\n");
}

#[tokio::test]
async fn words_reach_the_visitor_as_the_model_says_them() {
    let app = TestApp::start_with_model(Mode::Slow).await;
    let shop = small_shop(&app).await;
    let mut stream = Stream::open(&app, &message_of(&shop, Uuid::new_v4(), QUESTION)).await;
    assert_eq!(stream.event().await.unwrap().data["text"], "Ответ ");
    assert_eq!(last_turn(&app, "status"), "pending");
    app.fake().release(1);
    assert_eq!(stream.event().await.unwrap().data["text"], "по ");
    app.fake().release(100);
    let events = stream.rest().await;
    assert_eq!(events.last().unwrap().data["answer"], DEFAULT_ANSWER);
}

#[tokio::test]
async fn a_visitor_who_leaves_cancels_the_model_and_is_logged_as_interrupted() {
    let app = TestApp::start_with_model(Mode::Slow).await;
    let shop = small_shop(&app).await;
    let mut stream = Stream::open(&app, &message_of(&shop, Uuid::new_v4(), QUESTION)).await;
    assert_eq!(stream.event().await.unwrap().data["text"], "Ответ ");
    drop(stream);
    app.fake().until_cancelled(1).await;
    until("the end of the turn", async || {
        (last_turn(&app, "status") == "interrupted").then_some(())
    })
    .await;
    assert_eq!(last_turn(&app, "assistant_answer"), "Ответ ");
    assert_eq!(last_turn(&app, "user_message"), QUESTION);
}

#[tokio::test]
async fn the_message_is_on_the_disk_before_the_model_is_asked() {
    let app = TestApp::start_with_model(Mode::Hang).await;
    let shop = small_shop(&app).await;
    let body = message_of(&shop, Uuid::new_v4(), QUESTION);
    let request = app.request(Method::POST, "/api/chat").json(&body).send();
    let waiting = tokio::spawn(request);
    until("the request to the model", async || {
        (!app.fake().requests().is_empty()).then_some(())
    })
    .await;
    assert_eq!(last_turn(&app, "user_message"), QUESTION);
    assert_eq!(last_turn(&app, "status"), "pending");
    waiting.abort();
    app.fake().until_cancelled(1).await;
    until("the end of the turn", async || {
        (last_turn(&app, "status") == "interrupted").then_some(())
    })
    .await;
}

#[tokio::test]
async fn many_visitors_at_once_each_get_their_own_answer() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let questions = [
        (QUESTION, "L-1"),
        ("Сколько стоит доставка?", "f"),
        ("Можно ли вернуть товар?", "p"),
    ];
    let asked = (0..30).map(|n| {
        let (question, id) = questions[n % questions.len()];
        let (app, shop) = (&app, &shop);
        async move {
            let stream = Stream::open(app, &message_of(shop, Uuid::new_v4(), question)).await;
            let done = stream.rest().await.pop().unwrap();
            assert_eq!(done.data["sources"][0]["source_id"], id, "{question}: {done:?}");
        }
    });
    futures::future::join_all(asked).await;
    let turns: i64 = app
        .database()
        .query_row("select count(*) from chat_logs where status = 'complete'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(turns, 30);
}
