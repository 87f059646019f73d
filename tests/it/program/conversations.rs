//! A conversation across `kill -9`: what was said is shown again, and the token still opens it.

use crate::fake_openai::FakeOpenAi;
use crate::fake_openai::Mode;
use crate::program::Server;
use crate::program::folder;
use crate::support::Reply;
use crate::support::message_of;
use crate::support::until;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

const QUESTION: &str = "Сколько стоит лампа настольная?";

#[tokio::test]
async fn an_answer_that_was_killed_midway_is_shown_as_interrupted_after_the_restart() {
    let fake = FakeOpenAi::start(Mode::Ok).await;
    let folder = folder();
    let base_url = fake.base_url();
    let variables = [("OPENAI_API_KEY", "sk-test"), ("OPENAI_BASE_URL", base_url.as_str())];
    let mut server = Server::start_with(folder.path(), &variables);
    let shop = server.shop().await;
    let data = json!({"products": [{"id": "L-1", "name": "Лампа настольная", "price": 5}]});
    let path = format!("/api/shops/{}/data", shop.id);
    server.post(&path, &data).await.json_with(200);
    let limit = json!({"settings": {"daily_llm_tokens": 100_000}});
    let settings = server.request(Method::PATCH, &format!("/api/shops/{}", shop.id));
    Reply::of(settings.json(&limit)).await.json_with(200);
    let session = Uuid::new_v4();
    let first = server
        .post("/api/chat", &message_of(&shop, session, QUESTION))
        .await
        .json_with(200);
    let token = first["visitorToken"].as_str().unwrap().to_owned();
    fake.set_mode(Mode::Slow);
    let body = message_of(&shop, session, "А лампа настольная есть?");
    let request = server.request(Method::POST, "/api/chat");
    let request = request.header("x-palompy-visitor", &token);
    let request = request.header("accept", "text/event-stream").json(&body);
    let mut answering = request.send().await.unwrap();
    let mut received = String::new();
    while !received.contains("event: delta") {
        received.push_str(&String::from_utf8_lossy(&answering.chunk().await.unwrap().unwrap()));
    }
    let history = |server: &Server| {
        let path = format!("/api/chat/history?shopPublicKey={}&sessionId={session}", shop.key);
        let request = server.request(Method::GET, &path).header("x-palompy-visitor", &token);
        Reply::of(request)
    };
    let seen = history(&server).await.json_with(200);
    assert_eq!(seen["messages"][1]["status"], "pending");
    server.kill();
    let server = Server::start_with(folder.path(), &variables);
    let seen = history(&server).await.json_with(200);
    assert_eq!(seen["messages"][0]["answer"], first["answer"]);
    assert_eq!(seen["messages"][1]["question"], "А лампа настольная есть?");
    assert_eq!(seen["messages"][1]["status"], "interrupted");
    // What was set aside for the lost answer counts as used.
    let usage = server.get(&format!("/api/shops/{}/llm-usage", shop.id)).await;
    assert!(usage["days"][0]["tokens"].as_u64().unwrap() > 100, "{usage}");
    // A retry goes on where the conversation was.
    fake.set_mode(Mode::Ok);
    let again = server.request(Method::POST, "/api/chat");
    let again = Reply::of(again.header("x-palompy-visitor", &token).json(&body)).await;
    assert_eq!(again.json_with(200)["degraded"], false);
    let seen = until("the answer in the history", async || {
        let seen = history(&server).await.json_with(200);
        (seen["messages"].as_array()?.len() == 3).then_some(seen)
    })
    .await;
    assert_eq!(seen["messages"][2]["status"], "complete");
}
