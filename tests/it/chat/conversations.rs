//! A conversation belongs to the visitor that began it: who may continue it, read it again and have it forgotten.

use crate::chat::Stream;
use crate::chat::small_shop;
use crate::fake_openai::Mode;
use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::message_of;
use crate::support::until;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const DELIVERY: &str = "Сколько стоит доставка?";
const LAMP: &str = "Сколько стоит лампа настольная?";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Asks with a token, which may be none or rubbish.
pub async fn ask_as(app: &TestApp, shop: &TestShop, session: Uuid, token: &str, message: &str) -> Reply {
    let body = message_of(shop, session, message);
    let request = app
        .request(Method::POST, "/api/chat")
        .header("x-palompy-visitor", token);
    Reply::of(request.json(&body)).await
}

/// The token of a visitor who has just asked.
pub async fn begin(app: &TestApp, shop: &TestShop, session: Uuid) -> String {
    let answer = app.ask_in(shop, session, DELIVERY).await;
    answer["visitorToken"].as_str().unwrap().to_owned()
}

pub async fn history(app: &TestApp, shop: &TestShop, session: Uuid, token: &str) -> Reply {
    let path = format!("/api/chat/history?shopPublicKey={}&sessionId={session}", shop.key);
    Reply::of(app.request(Method::GET, &path).header("x-palompy-visitor", token)).await
}

async fn forget(app: &TestApp, shop: &TestShop, token: &str) -> Reply {
    let request = app
        .request(Method::DELETE, "/api/chat/history")
        .header("x-palompy-visitor", token);
    Reply::of(request.json(&json!({"shopPublicKey": shop.key}))).await
}

/// How many rows the table has for the session.
fn rows(app: &TestApp, table: &str, session: Uuid) -> i64 {
    let sql = format!("select count(*) from {table} where session_id = ?1");
    app.database()
        .query_row(&sql, [session.to_string()], |row| row.get(0))
        .unwrap()
}

#[tokio::test]
async fn a_visitor_reads_their_conversation_again_oldest_first() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let session = Uuid::new_v4();
    let first = app.ask_in(&shop, session, DELIVERY).await;
    let token = first["visitorToken"].as_str().unwrap();
    let second = ask_as(&app, &shop, session, token, LAMP).await.json_with(200);
    let reply = history(&app, &shop, session, token).await;
    assert_eq!(reply.header("cache-control"), "no-store");
    let body = reply.json_with(200);
    assert_eq!(body["sessionId"], json!(session));
    let messages = body["messages"].as_array().unwrap();
    for (message, answer, question) in [(&messages[0], &first, DELIVERY), (&messages[1], &second, LAMP)] {
        assert_eq!(message["question"], question);
        for field in ["messageId", "answer", "sources", "refused", "degraded", "language"] {
            assert_eq!(message[field], answer[field], "{field}");
        }
        assert_eq!(
            (&message["status"], &message["vote"]),
            (&json!("complete"), &Value::Null)
        );
        assert_eq!(message["at"], "2026-01-02T03:04:05Z");
    }
    assert_eq!(messages.len(), 2);
}

#[tokio::test]
async fn the_token_comes_with_the_stream_as_well_and_is_renewed_with_each_answer() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let session = Uuid::new_v4();
    let events = Stream::open(&app, &message_of(&shop, session, DELIVERY))
        .await
        .rest()
        .await;
    let first = events.last().unwrap().data["visitorToken"].as_str().unwrap().to_owned();
    app.pass_time(59 * DAY);
    let answer = ask_as(&app, &shop, session, &first, LAMP).await.json_with(200);
    let second = answer["visitorToken"].as_str().unwrap();
    assert_ne!(first, second);
    app.pass_time(2 * DAY);
    // The one has expired, the other has not.
    assert_eq!(
        history(&app, &shop, session, &first).await.error(401),
        "unknown_visitor"
    );
    let messages = history(&app, &shop, session, second).await.json_with(200);
    assert_eq!(messages["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_token_that_is_forged_foreign_or_absent_opens_no_history() {
    let app = TestApp::start().await;
    let (shop, other) = (small_shop(&app).await, small_shop(&app).await);
    let session = Uuid::new_v4();
    let token = begin(&app, &shop, session).await;
    let of_other_shop = begin(&app, &other, Uuid::new_v4()).await;
    let mut forged = token.clone().into_bytes();
    forged[20] = if forged[20] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for wrong in ["", "x", &forged, &of_other_shop, &token[..95]] {
        let reply = history(&app, &shop, session, wrong).await;
        assert_eq!(reply.error(401), "unknown_visitor", "{wrong}");
        assert_eq!(
            forget(&app, &shop, wrong).await.error(401),
            "unknown_visitor",
            "{wrong}"
        );
    }
    history(&app, &shop, session, &token).await.json_with(200);
}

#[tokio::test]
async fn another_visitors_session_looks_like_an_unknown_one_and_cannot_be_continued() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let (mine, theirs) = (Uuid::new_v4(), Uuid::new_v4());
    let (my_token, their_token) = (begin(&app, &shop, mine).await, begin(&app, &shop, theirs).await);
    let neutral = |reply: Reply| {
        let mut body = reply.json_with(404);
        body["error"]["request_id"] = Value::Null;
        body
    };
    let foreign = neutral(history(&app, &shop, theirs, &my_token).await);
    assert_eq!(foreign, neutral(history(&app, &shop, Uuid::new_v4(), &my_token).await));
    let refused = ask_as(&app, &shop, theirs, &my_token, LAMP).await;
    assert_eq!(refused.error(409), "conflict");
    let session = history(&app, &shop, theirs, &their_token).await.json_with(200);
    assert_eq!(session["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_client_without_a_token_goes_on_but_proves_nothing_by_it() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let session = Uuid::new_v4();
    let token = begin(&app, &shop, session).await;
    app.pass_time(60 * DAY);
    for old in ["", "rubbish", &token] {
        let answer = ask_as(&app, &shop, session, old, LAMP).await.json_with(200);
        assert_eq!(answer["visitorToken"], Value::Null, "{old}");
    }
    // A visitor whose token has expired begins a new conversation with it.
    let answer = ask_as(&app, &shop, Uuid::new_v4(), &token, LAMP).await.json_with(200);
    assert!(answer["visitorToken"].is_string());
}

#[tokio::test]
async fn one_visitor_has_several_conversations() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let token = begin(&app, &shop, first).await;
    ask_as(&app, &shop, second, &token, LAMP).await.json_with(200);
    for session in [first, second] {
        let body = history(&app, &shop, session, &token).await.json_with(200);
        assert_eq!(body["messages"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_was_stopped_is_in_the_history_as_far_as_it_came() {
    let app = TestApp::start_with_model(Mode::Slow).await;
    let shop = small_shop(&app).await;
    let session = Uuid::new_v4();
    let token = {
        app.fake().set_mode(Mode::Ok);
        begin(&app, &shop, session).await
    };
    app.fake().set_mode(Mode::Slow);
    let mut stream = Stream::open(&app, &message_of(&shop, session, LAMP)).await;
    let delta = stream.event().await.unwrap().data["text"].as_str().unwrap().to_owned();
    drop(stream);
    let stopped = until("the turn to end", async || {
        let body = history(&app, &shop, session, &token).await.json_with(200);
        let last = body["messages"][1].clone();
        (last["status"] != "pending").then_some(last)
    })
    .await;
    assert_eq!(stopped["status"], "interrupted");
    assert_eq!(
        (&stopped["question"], &stopped["answer"]),
        (&json!(LAMP), &json!(delta))
    );
}

#[tokio::test]
async fn a_visitor_who_wants_to_be_forgotten_leaves_nothing() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let (mine, theirs) = (Uuid::new_v4(), Uuid::new_v4());
    let (token, their_token) = (begin(&app, &shop, mine).await, begin(&app, &shop, theirs).await);
    let secret = "Мой тайный адрес: улица Незабудковая";
    let answer = ask_as(&app, &shop, mine, &token, secret).await.json_with(200);
    let vote = json!({"shopPublicKey": shop.key, "sessionId": mine, "value": "down", "comment": secret});
    let path = format!("/api/chat/{}/vote", answer["messageId"].as_str().unwrap());
    Reply::of(app.request(Method::POST, &path).json(&vote)).await;
    assert_eq!((rows(&app, "chat_logs", mine), rows(&app, "votes", mine)), (2, 1));
    for _ in 0..2 {
        assert_eq!(forget(&app, &shop, &token).await.status, 204);
    }
    for table in ["chat_logs", "votes", "chat_sessions"] {
        assert_eq!(rows(&app, table, mine), 0, "{table}");
    }
    assert_eq!(history(&app, &shop, mine, &token).await.error(404), "not_found");
    history(&app, &shop, theirs, &their_token).await.json_with(200);
    assert_no_bytes(&app, secret);
    // The visitor can begin anew.
    ask_as(&app, &shop, mine, &token, LAMP).await.json_with(200);
}

/// No file of the data folder holds the text.
fn assert_no_bytes(app: &TestApp, text: &str) {
    for entry in std::fs::read_dir(app.folder.path().join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let is_found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!is_found, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn what_a_visitor_said_amid_others_is_overwritten_when_it_is_forgotten() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let session = Uuid::new_v4();
    let token = begin(&app, &shop, session).await;
    let secret = "незабудковая";
    // Turns of many visitors begin and end at once, so that rows move about in the file.
    for round in 0..6 {
        let filler = "и ещё слово ".repeat(round * 5);
        let mine = format!("доставка {secret} {round} {filler}");
        let own = ask_as(&app, &shop, session, &token, &mine);
        let others = futures::future::join_all((0..8).map(|n| {
            let message = format!("Сколько стоит доставка {n} {filler}?");
            let (app, shop) = (&app, &shop);
            async move { app.ask(shop, &message).await }
        }));
        let (own, _) = tokio::join!(own, others);
        own.json_with(200);
    }
    assert_eq!(forget(&app, &shop, &token).await.status, 204);
    assert_no_bytes(&app, secret);
    assert_eq!(rows(&app, "chat_logs", session), 0);
}

#[tokio::test]
async fn a_page_that_the_shop_does_not_allow_reads_no_history() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let session = Uuid::new_v4();
    let token = begin(&app, &shop, session).await;
    let settings = json!({"settings": {"allowed_origins": ["https://shop.example"]}});
    app.patch(&format!("/api/shops/{}", shop.id), settings)
        .await
        .json_with(200);
    let path = format!("/api/chat/history?shopPublicKey={}&sessionId={session}", shop.key);
    let from = async |origin: &str| {
        let request = app
            .request(Method::GET, &path)
            .header("x-palompy-visitor", &token)
            .header("origin", origin);
        Reply::of(request).await
    };
    assert_eq!(from("https://evil.example").await.error(403), "forbidden_origin");
    from("https://shop.example").await.json_with(200);
    let preflight = app
        .request(Method::OPTIONS, "/api/chat/history")
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "DELETE")
        .header("access-control-request-headers", "x-palompy-visitor,content-type");
    let preflight = Reply::of(preflight).await;
    let allowed = preflight.header("access-control-allow-headers");
    assert!(allowed.contains("x-palompy-visitor"), "{allowed}");
    assert!(preflight.header("access-control-allow-methods").contains("DELETE"));
}
