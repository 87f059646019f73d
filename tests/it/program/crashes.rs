//! `kill -9` at any moment: what was acknowledged is there, what was not is whole or absent.

use crate::fake_openai::FakeOpenAi;
use crate::fake_openai::Mode;
use crate::program::Server;
use crate::program::database;
use crate::program::folder;
use crate::support::message_of;
use crate::support::until;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;
use uuid::Uuid;

const KILLS: usize = 10;
const ITEMS: usize = 300;
const QUESTION: &str = "Сколько стоит лампа настольная?";

/// One version of a catalogue, recognizable by its price.
fn catalogue(price: usize) -> Value {
    let products: Vec<Value> = (0..ITEMS)
        .map(|n| json!({"id": format!("B-{n}"), "name": format!("Лампа настольная {n}"), "price": price}))
        .collect();
    json!({ "products": products })
}

/// The file is sound, and each chunk has its terms and all its vectors and nothing has more.
fn assert_sound(folder: &Path) {
    let conn = database(folder);
    let number = |sql: &str| -> i64 { conn.query_row(sql, [], |row| row.get(0)).unwrap() };
    let verdict: String = conn.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    assert_eq!(number("select count(*) from pragma_foreign_key_check"), 0);
    let chunks = number("select count(*) from knowledge_chunks");
    assert_eq!(number("select count(*) from chunk_terms"), chunks);
    assert_eq!(
        number("select count(*) from chunk_vectors_1"),
        number("select coalesce(sum(embedding_count), 0) from knowledge_chunks")
    );
    assert_eq!(number("select count(*) from documents where state = 'staged'"), 0);
    assert_eq!(number("select count(*) from imports where status = 'running'"), 0);
    assert_eq!(number("select count(*) from chat_logs where status = 'pending'"), 0);
}

/// The prices of the shop's visible products, each once.
fn live_prices(folder: &Path) -> Vec<f64> {
    let conn = database(folder);
    let sql = "select distinct product ->> 'price' from documents where state = 'live' order by 1";
    let mut statement = conn.prepare(sql).unwrap();
    let prices = statement.query_map([], |row| row.get(0)).unwrap();
    prices.collect::<Result<_, _>>().unwrap()
}

/// Waits until what an earlier run left is cleared.
async fn until_swept(folder: &Path) {
    until("the sweep", async || {
        let left: i64 = database(folder)
            .query_row(
                "select count(*) from documents where state <> 'live' and not kept",
                [],
                |row| row.get(0),
            )
            .unwrap();
        (left == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_import_that_is_killed_is_there_whole_or_not_at_all() {
    let folder = folder();
    let mut server = Server::start(folder.path());
    let shop = server.shop().await;
    let path = format!("/api/shops/{}/data", shop.id);
    let started = Instant::now();
    server.post(&path, &catalogue(1)).await.json_with(200);
    let whole = started.elapsed();
    let mut acknowledged = 1.0;
    for kill in 0..KILLS {
        // From the first moment to a little after the end.
        let delay = whole.mul_f64(1.2 * kill as f64 / KILLS as f64) + Duration::from_millis(5);
        let price = kill + 2;
        let request = server.request(Method::POST, &path).json(&catalogue(price)).send();
        let importing = tokio::spawn(request);
        tokio::time::sleep(delay).await;
        server.kill();
        if let Ok(Ok(response)) = importing.await
            && response.status().is_success()
        {
            acknowledged = price as f64;
        }
        server = Server::start(folder.path());
        until_swept(folder.path()).await;
        assert_sound(folder.path());
        let prices = live_prices(folder.path());
        let is_whole = prices == [acknowledged] || prices == [price as f64];
        assert!(
            is_whole,
            "kill {kill} after {delay:?}: {prices:?}, acknowledged {acknowledged}"
        );
        acknowledged = prices[0];
    }
    let last = server.post(&path, &catalogue(99)).await.json_with(200);
    assert_eq!(
        (&last["changed"], &last["added"], &last["chunks"]),
        (&json!(ITEMS), &json!(0), &json!(ITEMS))
    );
}

#[tokio::test]
async fn a_killed_import_is_listed_as_failed() {
    let folder = folder();
    let mut server = Server::start(folder.path());
    let shop = server.shop().await;
    let path = format!("/api/shops/{}", shop.id);
    let request = server
        .request(Method::POST, &format!("{path}/data"))
        .json(&catalogue(1))
        .send();
    let importing = tokio::spawn(request);
    until("staged documents", async || {
        let imports = server.get(&format!("{path}/imports")).await;
        (imports["running"]["done"].as_u64()? > 0).then_some(())
    })
    .await;
    server.kill();
    assert!(importing.await.unwrap().is_err());
    let server = Server::start(folder.path());
    let imports = server.get(&format!("{path}/imports")).await;
    assert_eq!(
        (&imports["imports"][0]["status"], &imports["running"]),
        (&json!("failed"), &Value::Null)
    );
    until_swept(folder.path()).await;
    assert_sound(folder.path());
    assert!(live_prices(folder.path()).is_empty());
    let again = server.post(&format!("{path}/data"), &catalogue(1)).await.json_with(200);
    assert_eq!(again["added"], ITEMS);
}

#[tokio::test]
async fn a_message_whose_answer_is_killed_stays_and_is_marked_as_interrupted() {
    let fake = FakeOpenAi::start(Mode::Slow).await;
    let folder = folder();
    let base_url = fake.base_url();
    let variables = [("OPENAI_API_KEY", "sk-test"), ("OPENAI_BASE_URL", base_url.as_str())];
    let mut server = Server::start_with(folder.path(), &variables);
    let shop = server.shop().await;
    let data = json!({"products": [{"id": "L-1", "name": "Лампа настольная", "price": 5}]});
    server
        .post(&format!("/api/shops/{}/data", shop.id), &data)
        .await
        .json_with(200);
    for kill in 1..=KILLS {
        let body = message_of(&shop, Uuid::new_v4(), QUESTION);
        let answering = tokio::spawn(server.request(Method::POST, "/api/chat").json(&body).send());
        until("the request to the model", async || {
            (fake.requests().len() == kill).then_some(())
        })
        .await;
        fake.release(kill % 3);
        server.kill();
        assert!(answering.await.unwrap().is_err());
        server = Server::start_with(folder.path(), &variables);
        assert_sound(folder.path());
        let sql = "select count(*) from chat_logs where status = 'interrupted' and user_message = ?1";
        let turns: i64 = database(folder.path())
            .query_row(sql, [QUESTION], |row| row.get(0))
            .unwrap();
        assert_eq!(turns, kill as i64);
    }
    let body = message_of(&shop, Uuid::new_v4(), QUESTION);
    fake.set_mode(Mode::Ok);
    assert_eq!(server.post("/api/chat", &body).await.json_with(200)["degraded"], false);
}

#[tokio::test]
async fn answers_that_were_given_survive_a_kill() {
    let folder = folder();
    let mut server = Server::start(folder.path());
    let shop = server.shop().await;
    let data = json!({"products": [{"id": "L-1", "name": "Лампа настольная", "price": 5}]});
    server
        .post(&format!("/api/shops/{}/data", shop.id), &data)
        .await
        .json_with(200);
    let mut given = Vec::new();
    for _ in 0..10 {
        let body = message_of(&shop, Uuid::new_v4(), QUESTION);
        let answer = server.post("/api/chat", &body).await.json_with(200);
        given.push(answer["messageId"].as_str().unwrap().to_owned());
    }
    server.kill();
    let _server = Server::start(folder.path());
    assert_sound(folder.path());
    for id in given {
        let status: String = database(folder.path())
            .query_row("select status from chat_logs where message_id = ?1", [id], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(status, "complete");
    }
}
