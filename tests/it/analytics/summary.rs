use super::sent;
use super::summary;
use crate::chat::small_shop;
use crate::support::TestApp;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const KEYS: [&str; 16] = [
    "answers",
    "by_day",
    "by_language",
    "clicks",
    "corrected",
    "csat",
    "degraded",
    "events",
    "leads",
    "messages",
    "online",
    "pages",
    "refusals",
    "sessions",
    "surveys",
    "votes",
];

#[tokio::test]
async fn a_shop_where_nothing_happened_has_a_whole_summary_of_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let mut seen = summary(&app, &shop, "").await;
    let keys: Vec<_> = seen.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, KEYS);
    let days = seen["by_day"].take();
    assert_eq!(days.as_array().unwrap().len(), 30);
    assert_eq!(
        days[29],
        json!({"date": "2026-01-02", "sessions": 0, "messages": 0, "answers": 0, "refusals": 0, "degraded": 0, "corrected": 0,
        "votes": {"up": 0, "down": 0}, "leads": 0, "events": 0})
    );
    let expected = json!({"sessions": 0, "messages": 0, "answers": 0, "refusals": 0, "degraded": 0, "corrected": 0, "votes": {"up": 0, "down": 0},
        "csat": null, "leads": 0, "events": {}, "clicks": {}, "online": {"average_s": null, "median_s": null},
        "surveys": {"shown": 0, "started": 0, "completed": 0}, "pages": [], "by_day": null, "by_language": {}});
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_summary_holds_what_visitors_did() {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let (one, two) = (Uuid::new_v4(), Uuid::new_v4());
    let page = |path: &str| json!({"name": "page_view", "metadata": {"pageUrl": format!("https://shop.example/{path}"), "language": "ru"}});
    let session = |seconds: u32| json!({"name": "session_duration", "metadata": {"focusMs": seconds * 1000}});
    let click = |id: &str| json!({"name": "quick_prompt_click", "metadata": {"buttonId": id}});
    let survey = |what: &str| json!({"name": format!("survey_{what}")});
    let first = json!([
        page("a"),
        page("b"),
        page("a"),
        click("opening:0"),
        session(10),
        survey("shown"),
        survey("started")
    ]);
    sent(&app, &shop, one, first).await.json_with(202);
    let second = json!([
        page("a"),
        click("opening:0"),
        click("opening:1"),
        session(30),
        session(5),
        survey("shown"),
        survey("completed")
    ]);
    sent(&app, &shop, two, second).await.json_with(202);
    assert_eq!(
        app.ask_in(&shop, one, "Сколько стоит доставка?").await["refused"],
        false
    );
    assert_eq!(app.ask_in(&shop, one, "Вы чините самолёты?").await["refused"], true);
    assert_eq!(
        app.ask_in(&shop, Uuid::new_v4(), "How much is delivery?").await["language"],
        "en"
    );
    let seen = summary(&app, &shop, "?from=2026-01-02&to=2026-01-02").await;
    assert_eq!(seen["sessions"], 3);
    assert_eq!(seen["messages"], 3);
    assert_eq!(
        seen["answers"].as_u64().unwrap() + seen["refusals"].as_u64().unwrap(),
        3
    );
    assert_eq!(seen["degraded"], seen["answers"]);
    assert_eq!(
        seen["events"],
        json!({"page_view": 4, "quick_prompt_click": 3, "session_duration": 3, "survey_shown": 2,
        "survey_started": 1, "survey_completed": 1})
    );
    assert_eq!(seen["clicks"], json!({"opening:0": 2, "opening:1": 1}));
    assert_eq!(seen["online"], json!({"average_s": 22.5, "median_s": 22.5}));
    assert_eq!(seen["surveys"], json!({"shown": 2, "started": 1, "completed": 1}));
    assert_eq!(
        seen["pages"],
        json!([{"url": "https://shop.example/a", "views": 3}, {"url": "https://shop.example/b", "views": 1}])
    );
    assert_eq!(
        seen["by_language"],
        json!({"ru": {"sessions": 2, "messages": 2}, "en": {"sessions": 1, "messages": 1}})
    );
    assert_eq!(
        (&seen["by_day"][0]["events"], &seen["by_day"][0]["sessions"]),
        (&json!(14), &json!(3))
    );
}

#[tokio::test]
async fn days_are_those_of_the_zone_that_is_asked_for() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    // Late in the evening in London, already the next day in Moscow.
    app.pass_time(Duration::from_secs(19 * 3600));
    sent(&app, &shop, Uuid::new_v4(), json!([{"name": "page_view"}]))
        .await
        .json_with(202);
    let date_of_event = async |tz: &str| {
        let seen = summary(&app, &shop, &format!("?from=2026-01-01&to=2026-01-04&tz={tz}")).await;
        let days = seen["by_day"].as_array().unwrap().clone();
        let day = days.iter().find(|day| day["events"] == 1).unwrap();
        day["date"].as_str().unwrap().to_owned()
    };
    assert_eq!(date_of_event("Europe/London").await, "2026-01-02");
    assert_eq!(date_of_event("Europe/Moscow").await, "2026-01-03");
    assert_eq!(date_of_event("Asia/Kathmandu").await, "2026-01-03");
    assert_eq!(date_of_event("America/Los_Angeles").await, "2026-01-02");
}

#[tokio::test]
async fn a_wrong_period_is_told_by_its_parameter() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/analytics/shops/{}/summary", shop.id);
    for (query, fields) in [
        ("from=yesterday", &["from"][..]),
        ("from=2026-02-30&to=2026-1-1&tz=Mars", &["tz", "from", "to"]),
        ("from=2026-01-02T00:00:00Z", &["from"]),
        ("to=", &["to"]),
        ("tz=", &["tz"]),
        ("tz=%2B03:00", &["tz"]),
        ("from=2026-01-03&to=2026-01-02", &["from"]),
        ("from=2026-02-01", &["from"]),
        ("from=2020-01-01&to=2026-01-01", &["from"]),
        ("from=-009999-01-01", &["from"]),
        ("to=9999-12-31", &["from"]),
    ] {
        assert_eq!(
            app.get(&format!("{path}?{query}")).await.invalid_fields(),
            fields,
            "{query}"
        );
    }
    assert_eq!(
        app.get(&format!("{path}?since=2026-01-01")).await.error(400),
        "bad_request"
    );
    let longest = summary(&app, &shop, "?from=2024-01-01&to=2025-12-31&tz=europe/moscow").await;
    assert_eq!(longest["by_day"].as_array().unwrap().len(), 731);
}

#[tokio::test]
async fn a_summary_is_of_one_shop_only() {
    let app = TestApp::start().await;
    let (mine, other) = (app.shop().await, app.shop().await);
    let session = Uuid::new_v4();
    sent(&app, &mine, session, json!([{"name": "page_view"}]))
        .await
        .json_with(202);
    assert_eq!(
        summary(&app, &other, "").await["events"],
        Value::from(serde_json::Map::new())
    );
    assert_eq!(summary(&app, &other, "").await["sessions"], 0);
    assert_eq!(summary(&app, &mine, "").await["sessions"], 1);
}

#[tokio::test]
async fn votes_and_leads_are_counted_and_csat_is_the_share_of_votes_that_are_up() {
    let app = TestApp::start().await;
    let (shop, other) = (small_shop(&app).await, app.shop().await);
    let database = app.database();
    database.execute_batch(
        "create table if not exists votes (id integer primary key, shop_id integer not null, session_id text not null,
             message_id text not null unique, value text not null, created_at text not null, updated_at text not null) strict;
         create table if not exists leads (id integer primary key, shop_id integer not null, lead_id text not null unique,
             session_id text not null, source text not null, language text not null, created_at text not null,
             updated_at text not null) strict;",
    ).unwrap();
    let session = Uuid::new_v4();
    for (value, day) in [("up", 1), ("up", 2), ("down", 2), ("up", 2), ("down", 5)] {
        let answer = app.ask_in(&shop, session, "Сколько стоит доставка?").await;
        let sql = "insert into votes (shop_id, session_id, message_id, value, created_at, updated_at) values (?1, ?2, ?3, ?4, ?5, ?5)";
        let at = format!("2026-01-0{day}T12:00:00.000Z");
        let message = answer["messageId"].as_str().unwrap();
        database
            .execute(sql, rusqlite::params![shop.id, session.to_string(), message, value, at])
            .unwrap();
    }
    for (shop, day) in [(shop.id, 1), (shop.id, 1), (shop.id, 3), (other.id, 1)] {
        let sql = "insert into leads (shop_id, lead_id, session_id, source, language, created_at, updated_at)
             values (?1, ?2, ?3, 'form', 'ru', ?4, ?4)";
        let at = format!("2026-01-0{day}T23:30:00.000Z");
        database
            .execute(
                sql,
                rusqlite::params![shop, Uuid::new_v4().to_string(), session.to_string(), at],
            )
            .unwrap();
    }
    let seen = summary(&app, &shop, "?from=2026-01-01&to=2026-01-02&tz=UTC").await;
    assert_eq!(seen["votes"], json!({"up": 3, "down": 1}));
    assert_eq!(seen["csat"], 0.75);
    assert_eq!(seen["leads"], 2);
    assert_eq!(seen["by_day"][1]["votes"], json!({"up": 2, "down": 1}));
    assert_eq!(seen["by_day"][0]["leads"], 2);
    // Half past eleven at night in Greenwich is the next day in Moscow.
    let moscow = summary(&app, &shop, "?from=2026-01-01&to=2026-01-02&tz=Europe/Moscow").await;
    assert_eq!(
        (&moscow["by_day"][0]["leads"], &moscow["by_day"][1]["leads"]),
        (&json!(0), &json!(2))
    );
}
