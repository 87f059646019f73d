//! What a shop may spend on the language model in a day.

use crate::chat::Stream;
use crate::chat::small_shop;
use crate::fake_openai::Mode;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::message_of;
use crate::support::until;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const QUESTION: &str = "Сколько стоит лампа настольная?";
/// What the fake service counts for one answer.
const ANSWER_TOKENS: u64 = 16;
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn limit(app: &TestApp, shop: &TestShop, tokens: Value) {
    let settings = json!({"settings": {"daily_llm_tokens": tokens}});
    let changed = app.patch(&format!("/api/shops/{}", shop.id), settings).await;
    assert_eq!(changed.json_with(200)["settings"]["daily_llm_tokens"], tokens);
}

async fn usage(app: &TestApp, shop: &TestShop) -> Value {
    app.get(&format!("/api/shops/{}/llm-usage", shop.id))
        .await
        .json_with(200)
}

#[tokio::test]
async fn the_owner_sees_what_was_used_with_and_without_a_limit() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = small_shop(&app).await;
    assert_eq!(usage(&app, &shop).await, json!({"daily_llm_tokens": null, "days": []}));
    app.ask(&shop, QUESTION).await;
    limit(&app, &shop, json!(100_000)).await;
    app.ask(&shop, QUESTION).await;
    app.pass_time(DAY);
    app.ask(&shop, QUESTION).await;
    let days = json!([
        {"day": "2026-01-03", "tokens": ANSWER_TOKENS}, {"day": "2026-01-02", "tokens": 2 * ANSWER_TOKENS}]);
    assert_eq!(
        usage(&app, &shop).await,
        json!({"daily_llm_tokens": 100_000, "days": days})
    );
}

#[tokio::test]
async fn a_shop_whose_day_is_spent_answers_by_extraction_until_the_next() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let (shop, other) = (small_shop(&app).await, small_shop(&app).await);
    limit(&app, &shop, json!(10)).await;
    for _ in 0..3 {
        let answer = app.ask(&shop, QUESTION).await;
        assert_eq!((&answer["degraded"], &answer["refused"]), (&json!(true), &json!(false)));
        assert_eq!(answer["sources"][0]["source_id"], "L-1");
    }
    assert!(app.fake().requests().is_empty());
    assert_eq!(app.ask(&other, QUESTION).await["degraded"], false);
    limit(&app, &shop, json!(100_000)).await;
    assert_eq!(app.ask(&shop, QUESTION).await["degraded"], false);
    limit(&app, &shop, json!(0)).await;
    assert_eq!(app.ask(&shop, QUESTION).await["degraded"], true);
    limit(&app, &shop, Value::Null).await;
    assert_eq!(app.ask(&shop, QUESTION).await["degraded"], false);
}

#[tokio::test]
async fn answers_at_the_same_time_share_one_budget() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = small_shop(&app).await;
    app.ask(&shop, QUESTION).await;
    let before = app.fake().requests().len();
    // Room for a few answers at their upper limit, which is far above what they use.
    limit(&app, &shop, json!(6_000)).await;
    let answers = futures::future::join_all((0..40).map(|_| app.ask(&shop, QUESTION))).await;
    let by_model = answers.iter().filter(|answer| answer["degraded"] == false).count();
    assert_eq!(app.fake().requests().len() - before, by_model);
    assert!(by_model > 0, "none fits");
    let used = usage(&app, &shop).await["days"][0]["tokens"].as_u64().unwrap();
    assert_eq!(used, ANSWER_TOKENS * (1 + by_model as u64));
}

#[tokio::test]
async fn a_refusing_service_costs_nothing_and_a_visitor_who_leaves_costs_what_was_sent() {
    let app = TestApp::start_with_model(Mode::Status(500)).await;
    let shop = small_shop(&app).await;
    limit(&app, &shop, json!(100_000)).await;
    app.ask(&shop, QUESTION).await;
    assert_eq!(usage(&app, &shop).await["days"][0]["tokens"], 0);
    app.fake().set_mode(Mode::Slow);
    let mut stream = Stream::open(&app, &message_of(&shop, Uuid::new_v4(), QUESTION)).await;
    stream.event().await.unwrap();
    let reserved = usage(&app, &shop).await["days"][0]["tokens"].as_u64().unwrap();
    drop(stream);
    let settled = until("the answer to be settled", async || {
        let tokens = usage(&app, &shop).await["days"][0]["tokens"].as_u64().unwrap();
        (tokens != reserved).then_some(tokens)
    })
    .await;
    assert!(0 < settled && settled < reserved, "{settled} of {reserved}");
}

#[tokio::test]
async fn a_limit_that_is_no_number_of_tokens_is_refused() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for wrong in [json!(-1), json!("many"), json!(1.5), json!(2_000_000_000)] {
        let settings = json!({"settings": {"daily_llm_tokens": wrong}});
        let refused = app.patch(&format!("/api/shops/{}", shop.id), settings).await;
        assert_eq!(refused.invalid_fields(), ["settings.daily_llm_tokens"]);
    }
}
