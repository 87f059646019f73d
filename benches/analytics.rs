//! A shop with a million events and thirty thousand messages in thirty days: taking events, and summing them up.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run stops with its cause")]

#[path = "support/mod.rs"]
mod support;

use futures::StreamExt;
use futures::stream;
use jiff::Timestamp;
use palompy::domain::chat::Checked;
use palompy::domain::chat::Claim;
use palompy::domain::chat::NewTurn;
use palompy::domain::chat::TurnOutcome;
use palompy::domain::chat::TurnStatus;
use palompy::domain::event::EventMetadata;
use palompy::domain::event::NewEvent;
use palompy::domain::id::MessageId;
use palompy::domain::id::PublicKey;
use palompy::domain::id::SessionId;
use palompy::domain::id::ShopId;
use palompy::domain::id::VisitorId;
use palompy::domain::language::Language;
use palompy::domain::settings::ShopSettings;
use palompy::store::Store;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;
use support::Sample;
use support::Table;
use support::server::Server;
use tempfile::TempDir;
use uuid::Uuid;

const SESSIONS: u64 = 50_000;
/// Of each session, in two batches.
const EVENTS: u64 = 20;
const TURNS: u64 = 30_000;
const PAGES: u64 = 500;
const BUTTONS: u64 = 12;
const DAYS: u64 = 30;
const WRITERS: usize = 32;
const REQUESTS: u64 = 5_000;
const SUMMARIES: usize = 21;
const NAMES: [&str; 10] = [
    "page_view",
    "page_view",
    "page_visible",
    "page_hidden",
    "widget_init",
    "widget_toggle",
    "quick_prompt_click",
    "message_sent",
    "session_duration",
    "survey_shown",
];

#[tokio::main]
async fn main() {
    let mut table = Table::new();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("palompy.db");
    let key = PublicKey(Uuid::new_v4());
    let shop = fill(&mut table, &path, key).await;
    let megabytes = std::fs::metadata(&path).unwrap().len() as f64 / 1024.0 / 1024.0;
    table.known(
        "1M events, 30k messages: size of the database",
        &format!("{megabytes:.0} MB"),
    );
    let server = Server::start("serve", folder.path(), None);
    summaries(&mut table, &server, shop).await;
    take_events(&mut table, &server, key).await;
}

/// Stores all of it and tells how fast events were stored.
async fn fill(table: &mut Table, path: &Path, key: PublicKey) -> ShopId {
    let store = Store::open(path).await.unwrap();
    let now = Timestamp::now();
    let shop = store
        .insert_shop("Лавка".to_owned(), key, ShopSettings::default(), now)
        .await
        .unwrap()
        .id;
    let started = Instant::now();
    stream::iter(0..SESSIONS * 2)
        .map(|number| {
            let (session, half) = (number / 2, number % 2);
            let events = (0..EVENTS / 2)
                .map(|n| event(session, half * EVENTS / 2 + n, now))
                .collect();
            store.insert_events(shop, session_id(session), events)
        })
        .buffer_unordered(WRITERS)
        .for_each(|stored| async { stored.unwrap() })
        .await;
    let rate = (SESSIONS * EVENTS) as f64 / started.elapsed().as_secs_f64();
    table.known("storing events, ten at a time", &format!("{rate:.0} events/s"));
    stream::iter(0..TURNS)
        .map(|number| insert_turn(&store, shop, number, now))
        .buffer_unordered(WRITERS)
        .for_each(|()| async {})
        .await;
    shop
}

fn session_id(number: u64) -> SessionId {
    SessionId(Uuid::from_u64_pair(mixed(number), number))
}

/// Scatters numbers evenly, the same on every run (the finalizer of SplitMix64, Steele et al. 2014).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Sessions begin at any second of the thirty days and have an event about every half a minute.
fn moment(session: u64, number: u64, now: Timestamp) -> Timestamp {
    let begin = mixed(session) % (DAYS * 24 * 3600);
    now - Duration::from_secs(DAYS * 24 * 3600) + Duration::from_secs(begin + number * 27)
}

fn event(session: u64, number: u64, now: Timestamp) -> NewEvent {
    let chance = mixed(session * EVENTS + number);
    let name = NAMES[(chance % NAMES.len() as u64) as usize];
    let mut metadata = EventMetadata::default();
    match name {
        "page_view" => {
            // A few pages have most of the views.
            let page = (chance >> 8) % PAGES * ((chance >> 24) % PAGES) / PAGES;
            metadata.page_url = Some(format!("https://shop.example/catalog/product-{page}"));
            metadata.language = Some(["ru", "ru", "ru", "en"][(chance >> 40) as usize % 4].to_owned());
        }
        "quick_prompt_click" | "widget_toggle" => {
            metadata.button_id = Some(format!("button:{}", (chance >> 8) % BUTTONS));
        }
        "session_duration" => metadata.focus_ms = Some((chance >> 8) as u32 % 60_000),
        _ => {}
    }
    NewEvent {
        name: name.to_owned(),
        at: moment(session, number, now),
        metadata,
    }
}

async fn insert_turn(store: &Store, shop: ShopId, number: u64, now: Timestamp) {
    let session = number % SESSIONS;
    let turn = NewTurn {
        message_id: MessageId(Uuid::new_v4()),
        session_id: session_id(session),
        claim: Claim::Unproven(VisitorId(Uuid::nil())),
        user_message: "Сколько стоит доставка?".to_owned(),
        language: Language::Ru,
        metadata: None,
        created_at: moment(session, number % EVENTS, now),
    };
    let outcome = TurnOutcome {
        status: TurnStatus::Complete,
        assistant_answer: "Доставка стоит 300 рублей.".to_owned(),
        context_used: String::new(),
        citations: Vec::new(),
        model: "extractive".to_owned(),
        prompt_tokens: None,
        completion_tokens: None,
        first_delta_ms: None,
        total_ms: 5,
        degraded: number.is_multiple_of(7),
        refused: number.is_multiple_of(5),
        collected_data: None,
        checked: Checked::default(),
    };
    let id = turn.message_id;
    store.insert_turn(shop, turn).await.unwrap();
    store.finish_turn(shop, id, outcome).await.unwrap();
}

async fn summaries(table: &mut Table, server: &Server, shop: ShopId) {
    let path = format!("/api/analytics/shops/{shop}/summary");
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let first = today.saturating_sub(jiff::Span::new().days(DAYS as i64));
    let (whole, _) = server.read(&format!("{path}?from={first}&to={today}")).await;
    assert_eq!(counted(&whole), SESSIONS * EVENTS);
    for (what, query) in [
        ("all days, UTC", format!("?from={first}&to={today}")),
        ("all days, Moscow", format!("?from={first}&to={today}&tz=Europe/Moscow")),
        ("one day", format!("?from={today}&to={today}")),
    ] {
        let mut times = Vec::new();
        for _ in 0..SUMMARIES {
            times.push(server.read(&format!("{path}{query}")).await.1);
        }
        let sample = Sample::of_milliseconds(times);
        table.at_most(
            &format!("summary at 1M events, {what}: p50"),
            sample.percentile(50.0),
            200.0,
            "ms",
        );
    }
}

fn counted(summary: &Value) -> u64 {
    let events = summary["events"].as_object().unwrap();
    events.values().filter_map(Value::as_u64).sum()
}

/// Batches of ten over HTTP, as widgets send them.
async fn take_events(table: &mut Table, server: &Server, key: PublicKey) {
    let started = Instant::now();
    let taken = stream::iter(0..REQUESTS)
        .map(|number| async move {
            let event = |n: u64| {
                json!({"name": NAMES[n as usize % NAMES.len()], "metadata": {"language": "ru",
                "pageUrl": format!("https://shop.example/catalog/product-{}?utm_source=x", mixed(number + n) % PAGES)}})
            };
            let events: Vec<_> = (0..10).map(event).collect();
            let body = json!({"shopPublicKey": key.0, "sessionId": session_id(number).0, "events": events});
            let request = server
                .client
                .post(format!("{}/api/analytics/events", server.url))
                .json(&body);
            let started = Instant::now();
            let reply = request.send().await.unwrap();
            assert_eq!(reply.status().as_u16(), 202);
            started.elapsed()
        })
        .buffer_unordered(WRITERS)
        .collect::<Vec<_>>()
        .await;
    let rate = (REQUESTS * 10) as f64 / started.elapsed().as_secs_f64();
    table.known("taking events over HTTP, ten a request", &format!("{rate:.0} events/s"));
    table.known(
        "one request of ten events: p50 / p99",
        &Sample::of_milliseconds(taken).summary(),
    );
}
