//! What the log says, and what it never says.

use crate::fake_openai::FakeOpenAi;
use crate::fake_openai::Mode;
use crate::program::Server;
use crate::program::folder;
use crate::program::log_of;
use crate::support::Reply;
use crate::support::message_of;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

const KEY: &str = "sk-canary-key";
const WORD: &str = "канарейка-слово";
const EMAIL: &str = "canary@example.ru";
const PHONE: &str = "+79161234567";

/// Messages that are answered, refused, too long and no JSON, searches and imports, all full of canaries.
async fn use_everything(server: &Server) -> Vec<String> {
    let shop = server.shop().await;
    let path = format!("/api/shops/{}", shop.id);
    let data = json!({"products": [{"id": "L-1", "name": format!("Лампа {WORD}"), "price": 5}]});
    let mut replies = vec![
        server.post(&format!("{path}/data"), &data).await.text,
        server.post(&format!("{path}/data"), &json!({WORD: [EMAIL]})).await.text,
        server
            .post(&format!("{path}/search"), &json!({"query": WORD}))
            .await
            .text,
    ];
    for text in [
        format!("Сколько стоит лампа {WORD}?"),
        format!("Кто выиграл чемпионат? {EMAIL} {PHONE}"),
        WORD.repeat(500),
    ] {
        let mut body = message_of(&shop, Uuid::new_v4(), &text);
        body["metadata"] = json!({"url": format!("https://shop.example/?mail={EMAIL}")});
        let request = server.http.post(format!("{}/api/chat?mail={EMAIL}", server.url));
        let request = request
            .header("user-agent", WORD.len().to_string() + EMAIL)
            .header("x-forwarded-for", "192.0.2.77");
        replies.push(Reply::of(request.json(&body)).await.text);
    }
    let broken = server
        .request(Method::POST, "/api/chat")
        .header("content-type", "application/json");
    replies.push(Reply::of(broken.body(format!("{{\"message\": {WORD}"))).await.text);
    replies.push(Reply::of(server.request(Method::GET, &format!("/{EMAIL}"))).await.text);
    replies
}

#[tokio::test]
async fn no_word_of_a_visitor_and_no_secret_is_logged_or_shown() {
    let fake = FakeOpenAi::start(Mode::Ok).await;
    let folder = folder();
    let base_url = fake.base_url();
    let variables = [
        ("OPENAI_API_KEY", KEY),
        ("OPENAI_BASE_URL", base_url.as_str()),
        ("PALOMPY_LLM_MAX_RETRIES", "0"),
    ];
    let server = Server::start_with(folder.path(), &variables);
    for mode in [Mode::Ok, Mode::Status(500), Mode::CutMidStream, Mode::Html200] {
        fake.set_mode(mode);
        for reply in use_everything(&server).await {
            for secret in [KEY, crate::support::ADMIN_TOKEN, "secret words of the server"] {
                assert!(!reply.contains(secret), "{reply}");
            }
        }
    }
    let log = log_of(folder.path());
    assert!(
        log.contains("answered") && log.contains("answering by extraction"),
        "{log}"
    );
    for canary in [
        "\u{1b}",
        KEY,
        crate::support::ADMIN_TOKEN,
        "канарейка",
        EMAIL,
        PHONE,
        "192.0.2.77",
        "secret words of the server",
    ] {
        assert!(!log.contains(canary), "{canary} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn each_line_of_a_json_log_is_json_and_each_request_is_one_line() {
    let folder = folder();
    let server = Server::start_with(folder.path(), &[("PALOMPY_LOG_FORMAT", "json")]);
    let shop = server.shop().await;
    let message = message_of(
        &shop,
        Uuid::new_v4(),
        "строка\r\n\u{1b}[31mкрасная\u{2028}{\"level\":\"ERROR\"}",
    );
    let reply = server.post("/api/chat", &message).await;
    server.request(Method::GET, "/api/%0a%1b%5b31m").send().await.unwrap();
    let log = log_of(folder.path());
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let id = reply.header("x-request-id");
    let mine = lines.iter().filter(|line| line["fields"]["request_id"] == id);
    let mine: Vec<_> = mine.collect();
    assert_eq!(mine.len(), 1, "{log}");
    assert_eq!(
        (&mine[0]["fields"]["route"], &mine[0]["fields"]["status"]),
        (&json!("/api/chat"), &json!(200))
    );
    assert!(!log.contains('\u{1b}'), "{log}");
}
