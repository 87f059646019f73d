//! Owners are told of sources that could not be read for long.

use crate::notify::Mode;
use crate::notify::Receiver;
use crate::notify::beside;
use crate::sources::FileSource;
use crate::sources::create;
use crate::sources::lamps;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::until;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

/// Bodies that the shop's system has taken.
fn told(receiver: &Receiver) -> Vec<Value> {
    let received = receiver.received().into_iter();
    received.map(|one| serde_json::from_str(&one.body).unwrap()).collect()
}

/// Once as many notifications as this were delivered; their events, the newest first.
async fn events(app: &TestApp, shop: &TestShop, count: usize) -> Vec<String> {
    let path = format!("/api/shops/{}/deliveries?status=delivered", shop.id);
    until("a notification", async || {
        let list = app.get(&path).await.json_with(200)["deliveries"]
            .as_array()
            .unwrap()
            .clone();
        let events = list
            .iter()
            .map(|one| one["event"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>();
        (events.len() == count).then_some(events)
    })
    .await
}

/// The source has failed so often and nothing of it is at work.
async fn failed(app: &TestApp, source: &FileSource, failures: u32) {
    until("the source to be settled", async || {
        let view = app.get(&source.path("")).await.json_with(200);
        (view["failures"] == failures && !view["checked_at"].is_null()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_owner_is_told_once_that_a_source_is_stale_and_once_that_it_is_not() {
    let app = TestApp::start_with(beside).await;
    app.resume();
    let receiver = Receiver::start([Mode::Status(204)]).await;
    let shop = app
        .shop_with(json!({"lead_webhook_url": receiver.url, "stale_after_hours": 12}))
        .await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    source.sync(&app, &lamps(&[(1, 10)])).await;
    failed(&app, &source, 0).await;
    std::fs::write(&source.file, "{").unwrap();
    app.pass_time(11 * HOUR);
    app.post(&source.path("/sync"), json!({})).await.json_with(202);
    failed(&app, &source, 1).await;
    app.tell_stale_sources().await;
    assert_eq!(app.get("/healthz").await.json_with(200)["stale_sources"], 0);
    app.pass_time(HOUR);
    app.tell_stale_sources().await;
    app.tell_stale_sources().await;
    assert_eq!(app.get("/healthz").await.json_with(200)["stale_sources"], 1);
    assert_eq!(events(&app, &shop, 1).await, ["source.stale"]);
    source.sync(&app, &lamps(&[(1, 11)])).await;
    failed(&app, &source, 0).await;
    app.tell_stale_sources().await;
    app.tell_stale_sources().await;
    assert_eq!(events(&app, &shop, 2).await, ["source.recovered", "source.stale"]);
    assert_eq!(app.get("/healthz").await.json_with(200)["stale_sources"], 0);
    let told = told(&receiver);
    assert_eq!(
        (&told[0]["type"], &told[1]["type"], told.len()),
        (&json!("source.stale"), &json!("source.recovered"), 2)
    );
    let stale = &told[0]["data"]["source"];
    assert_eq!(
        (&stale["name"], &stale["staleSince"], &stale["failures"]),
        (&json!("лампы"), &json!("2026-01-02T03:04:05Z"), &json!(1))
    );
    assert!(!stale["error"].as_str().unwrap().is_empty());
    assert_eq!(told[1]["data"]["source"]["staleSince"], Value::Null);
    assert!(receiver.received()[0].headers.contains_key("webhook-signature"));
}

#[tokio::test]
async fn a_source_whose_files_were_to_be_sent_and_did_not_come_is_stale_too() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = create(&app, &shop, "1С", json!({"type": "upload"})).await;
    let path = format!("/api/shops/{}/sources/{}", shop.id, source["id"]);
    app.patch(&path, json!({"schedule": {"every_hours": 24}}))
        .await
        .json_with(200);
    app.pass_time(23 * HOUR);
    app.sync_due().await;
    assert_eq!(app.get(&path).await.json_with(200)["stale_since"], Value::Null);
    app.pass_time(HOUR);
    app.sync_due().await;
    app.tell_stale_sources().await;
    assert_eq!(
        app.get(&path).await.json_with(200)["stale_since"],
        "2026-01-02T03:04:05Z"
    );
    assert_eq!(app.get("/healthz").await.json_with(200)["stale_sources"], 1);
    // Without an address nobody is notified, and a deleted source is not stale.
    let deliveries = app
        .get(&format!("/api/shops/{}/deliveries", shop.id))
        .await
        .json_with(200);
    assert_eq!(deliveries["deliveries"], json!([]));
    assert_eq!(app.delete(&path).await.status, 204);
    assert_eq!(app.get("/healthz").await.json_with(200)["stale_sources"], 0);
}
