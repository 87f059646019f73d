//! The same message sent twice: a double Enter, a page that retries.

use crate::chat::Stream;
use crate::chat::small_shop;
use crate::fake_openai::DEFAULT_ANSWER;
use crate::fake_openai::Mode;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::message_of;
use crate::support::until;
use std::time::Duration;
use uuid::Uuid;

const QUESTION: &str = "Сколько стоит лампа настольная?";

fn turns(app: &TestApp) -> i64 {
    let sql = "select count(*) from chat_logs";
    app.database().query_row(sql, [], |row| row.get(0)).unwrap()
}

async fn slow_shop() -> (TestApp, TestShop) {
    let app = TestApp::start_with_model(Mode::Slow).await;
    let shop = small_shop(&app).await;
    (app, shop)
}

#[tokio::test]
async fn a_double_enter_is_one_turn_with_one_answer() {
    let (app, shop) = slow_shop().await;
    let body = message_of(&shop, Uuid::new_v4(), QUESTION);
    let mut first = Stream::open(&app, &body).await;
    assert_eq!(first.event().await.unwrap().name, "delta");
    let second = Stream::open(&app, &body).await;
    app.fake().release(100);
    let (first, second) = tokio::join!(first.rest(), second.rest());
    let names: Vec<&str> = second.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["sources", "done"]);
    assert_eq!(first.last().unwrap(), second.last().unwrap());
    assert_eq!((turns(&app), app.fake().requests().len()), (1, 1));
}

#[tokio::test]
async fn a_retry_just_after_the_answer_gets_it_again_and_a_later_one_a_new_one() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = small_shop(&app).await;
    let session = Uuid::new_v4();
    let first = app.ask_in(&shop, session, QUESTION).await;
    assert_eq!(app.ask_in(&shop, session, QUESTION).await, first);
    // Another conversation, another shop and another text are no repetition.
    app.ask(&shop, QUESTION).await;
    app.ask_in(&shop, session, "Сколько стоит лампа?").await;
    assert_eq!(turns(&app), 3);
    app.pass_time(Duration::from_secs(11));
    let later = app.ask_in(&shop, session, QUESTION).await;
    assert_ne!(later["messageId"], first["messageId"]);
    assert_eq!(turns(&app), 4);
}

#[tokio::test]
async fn a_retry_after_a_failure_is_answered_anew() {
    let app = TestApp::start_with_model(Mode::Status(500)).await;
    let shop = small_shop(&app).await;
    let session = Uuid::new_v4();
    assert_eq!(app.ask_in(&shop, session, QUESTION).await["degraded"], true);
    app.fake().set_mode(Mode::Ok);
    let again = app.ask_in(&shop, session, QUESTION).await;
    assert_eq!(
        (&again["degraded"], &again["answer"]),
        (&false.into(), &DEFAULT_ANSWER.into())
    );
}

#[tokio::test]
async fn a_retry_outlives_the_page_that_asked_first() {
    let (app, shop) = slow_shop().await;
    let body = message_of(&shop, Uuid::new_v4(), QUESTION);
    let mut first = Stream::open(&app, &body).await;
    first.event().await.unwrap();
    let again = tokio::spawn({
        let request = app.request(reqwest::Method::POST, "/api/chat").json(&body);
        async move { request.send().await.unwrap().text().await.unwrap() }
    });
    drop(first);
    app.fake().until_cancelled(1).await;
    app.fake().release(100);
    let again: serde_json::Value = serde_json::from_str(&again.await.unwrap()).unwrap();
    assert_eq!(again["answer"], DEFAULT_ANSWER);
    let statuses = until("both turns to end", async || {
        let conn = app.database();
        let mut statement = conn.prepare("select status from chat_logs order by id").unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        let statuses: Vec<String> = rows.collect::<Result<_, _>>().unwrap();
        (!statuses.contains(&"pending".to_owned())).then_some(statuses)
    })
    .await;
    assert_eq!(statuses, ["interrupted", "complete"]);
}
