//! What visitors leave: in the form, in their messages, and what the administrator does with it.

mod chat;
mod details;
mod export;
mod form;

use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

/// A form as the widget sends it, with these fields changed.
fn form(shop: &TestShop, session: Uuid, changes: &Value) -> Value {
    let mut form = json!({"shopPublicKey": shop.key, "sessionId": session, "name": "Анна", "email": null,
        "phone": "8 (916) 123-45-67", "intent": "callback", "orderNumber": null, "preferredContact": "phone", "notes": "",
        "consent": null, "website": "", "pageUrl": "https://shop.example/p/1?token=secret#top"});
    for (name, value) in changes.as_object().unwrap() {
        form[name] = value.clone();
    }
    form
}

/// Sends a form as a page would, without a token.
async fn send(app: &TestApp, form: &Value) -> Reply {
    Reply::of(app.request(Method::POST, "/api/leads").json(form)).await
}

/// The shop's leads, newest first.
async fn leads(app: &TestApp, shop: &TestShop) -> Vec<Value> {
    let listed = app.get(&format!("/api/shops/{}/leads", shop.id)).await.json_with(200);
    listed["leads"].as_array().unwrap().clone()
}
