//! The chat as a page sees it, whole and as a stream.

mod answers;
mod budget;
mod claims;
mod conversations;
mod faults;
mod prompts;
mod repeats;
mod rewriting;
mod streams;
mod suggestions;
mod visitors;
mod votes;

use crate::support::TestApp;
use crate::support::TestShop;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

/// A chat's event, without comments.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub name: String,
    pub data: Value,
}

/// An answer that is still coming.
pub struct Stream {
    pub response: reqwest::Response,
    received: Vec<u8>,
}

impl Stream {
    pub async fn open(app: &TestApp, body: &Value) -> Stream {
        let request = app
            .request(Method::POST, "/api/chat")
            .header("accept", "text/event-stream")
            .header("accept-encoding", "gzip");
        Stream {
            response: request.json(body).send().await.unwrap(),
            received: Vec::new(),
        }
    }

    /// The next block up to its blank line, or `None` at the end.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.received.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.received.drain(..end + 2).collect();
                return Some(String::from_utf8(block).unwrap());
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.received.extend_from_slice(&chunk);
        }
    }

    /// The next event; comments are skipped.
    pub async fn event(&mut self) -> Option<Event> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
            if let (Some(name), Some(data)) = (field("event: "), field("data: ")) {
                return Some(Event {
                    name: name.to_owned(),
                    data: serde_json::from_str(data).unwrap(),
                });
            }
        }
    }

    pub async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.event().await {
            events.push(event);
        }
        events
    }
}

/// A shop with one lamp, one question and one policy.
pub async fn small_shop(app: &TestApp) -> TestShop {
    let shop = app.shop().await;
    app.import(
        &shop,
        json!({
            "products": [{"id": "L-1", "name": "Лампа настольная", "description": "Тёплый свет для чтения.", "price": 1490,
                "currency": "RUB", "url": "https://shop.example/lamp"}],
            "faq": [{"id": "f", "question": "Сколько стоит доставка?", "answer": "Доставка стоит 300 рублей."}],
            "policies": [{"id": "p", "title": "Возврат", "content": "Вернуть товар можно за 14 дней."}]}),
    )
    .await;
    shop
}

/// One column of the last turn in the log, as text; empty for null.
pub fn last_turn(app: &TestApp, column: &str) -> String {
    let sql = format!("select coalesce(cast({column} as text), '') from chat_logs order by id desc limit 1");
    app.database().query_row(&sql, [], |row| row.get(0)).unwrap()
}
