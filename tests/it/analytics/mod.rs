//! Events as pages send them, and the summary as an owner reads it.

mod events;
mod summary;

use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

/// Sends events of one visit, as the widget does.
async fn sent(app: &TestApp, shop: &TestShop, session: Uuid, events: Value) -> Reply {
    let body = json!({"shopPublicKey": shop.key, "sessionId": session, "events": events});
    Reply::of(app.request(Method::POST, "/api/analytics/events").json(&body)).await
}

async fn summary(app: &TestApp, shop: &TestShop, query: &str) -> Value {
    let path = format!("/api/analytics/shops/{}/summary{query}", shop.id);
    app.get(&path).await.json_with(200)
}

/// Names and metadata of all stored events, in the order in which they came.
fn stored(app: &TestApp) -> Vec<(String, String, String)> {
    let database = app.database();
    let sql = "select event_name, coalesce(metadata, ''), created_at from widget_events order by id";
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}
