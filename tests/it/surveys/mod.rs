//! Surveys: as an owner writes them, as a visitor answers them, as their results are read.

mod answering;
mod definitions;
mod results;

use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

/// A rating, its reason when it is low, a choice and a contact with consent.
pub fn definition() -> Value {
    json!({"questions": [
        {"id": "rating", "kind": "rating", "required": true, "title": {"ru": "Как вам магазин?", "en": "How was the shop?"}},
        {"id": "why", "kind": "text", "required": true, "title": {"ru": "Что не так?"}, "showIf": {"question": "rating", "atMost": 3}},
        {"id": "nps", "kind": "rating", "scale": 10, "title": "NPS"},
        {"id": "found", "kind": "single", "title": "Нашли?", "options": [{"id": "yes", "title": "Да"}, {"id": "no", "title": "=Нет"}]},
        {"id": "topics", "kind": "multiple", "title": "Темы", "options": [{"id": "price", "title": "Цена"}, {"id": "stock", "title": "Наличие"}]},
        {"id": "contact", "kind": "contact", "title": "Контакт", "fields": ["email", "phone"]},
        {"id": "agree", "kind": "consent", "required": true, "title": "Согласен", "showIf": {"question": "contact", "answered": true}}],
        "triggers": {"afterMessages": 3}})
}

pub fn surveys_of(shop: &TestShop) -> String {
    format!("/api/shops/{}/surveys", shop.id)
}

/// An active survey with this definition; the path to administer it and its id.
pub async fn active_survey(app: &TestApp, shop: &TestShop, definition: Value) -> (String, i64) {
    let body = json!({"title": "Опрос", "status": "active", "definition": definition});
    let made = app.post(&surveys_of(shop), body).await.json_with(201);
    let id = made["id"].as_i64().unwrap();
    (format!("{}/{id}", surveys_of(shop)), id)
}

/// Sends answers as a page would, without a token.
pub async fn respond(app: &TestApp, survey: i64, body: &Value) -> Reply {
    let path = format!("/api/surveys/{survey}/responses");
    Reply::of(app.request(Method::POST, &path).json(body)).await
}

/// Answers in a visit of their own, which must be taken.
pub async fn answered(app: &TestApp, survey: i64, answers: Value) {
    let body = json!({"sessionId": Uuid::new_v4(), "answers": answers});
    respond(app, survey, &body).await.json_with(201);
}
