//! How often the widget's routes may be called.

use super::calling;
use super::widget_routes;
use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use palompy::app::router::budget_of;
use palompy::config::Config;
use palompy::http::limits::Budget;
use reqwest::Method;
use uuid::Uuid;

/// Every limit that is asked about here is this many calls a minute.
const CALLS: u32 = 3;

#[derive(Debug, Clone, Copy)]
enum Limited {
    Addresses,
    Visitors,
    Shops,
}

fn limit(config: &mut Config, limited: Limited) {
    let fields = match limited {
        Limited::Addresses => [
            &mut config.chats_per_minute,
            &mut config.events_per_minute,
            &mut config.forms_per_minute,
            &mut config.reads_per_minute,
        ],
        Limited::Visitors => [
            &mut config.visitor_chats_per_minute,
            &mut config.visitor_events_per_minute,
            &mut config.visitor_forms_per_minute,
            &mut config.visitor_reads_per_minute,
        ],
        Limited::Shops => [
            &mut config.shop_chats_per_minute,
            &mut config.shop_events_per_minute,
            &mut config.shop_forms_per_minute,
            &mut config.shop_reads_per_minute,
        ],
    };
    for field in fields {
        *field = CALLS;
    }
}

/// The statuses of calls in turn, each from this address and of this session.
async fn statuses(app: &TestApp, shop: &TestShop, route: (&Method, &str), callers: &[(&str, Uuid)]) -> Vec<bool> {
    let mut refused = Vec::new();
    for (address, session) in callers {
        let request = calling(app, shop, *session, route.0, route.1).header("x-forwarded-for", *address);
        let reply = Reply::of(request).await;
        if reply.status == 429 {
            assert_eq!(reply.error(429), "too_many_requests");
            let seconds: u32 = reply.header("retry-after").parse().unwrap();
            assert!((1..=61).contains(&seconds), "{seconds}");
        }
        refused.push(reply.status == 429);
    }
    refused
}

#[tokio::test]
async fn every_widget_route_is_limited_for_an_address() {
    for (method, path) in widget_routes() {
        let app = TestApp::start_with(|config| limit(config, Limited::Addresses)).await;
        let (shop, other) = (app.shop().await, app.shop().await);
        let new = Uuid::new_v4;
        let from_one: Vec<_> = (0..5).map(|_| ("192.0.2.1", new())).collect();
        let route = (&method, path);
        let refused = statuses(&app, &shop, route, &from_one).await;
        assert_eq!(refused, [false, false, false, true, true], "{method} {path}");
        assert_eq!(statuses(&app, &shop, route, &[("192.0.2.2", new())]).await, [false]);
        assert_eq!(statuses(&app, &other, route, &from_one[..1]).await, [false]);
    }
}

#[tokio::test]
async fn every_widget_route_is_limited_for_a_visitor() {
    for (method, path) in widget_routes() {
        let app = TestApp::start_with(|config| limit(config, Limited::Visitors)).await;
        let shop = app.shop().await;
        let session = Uuid::new_v4();
        let moving = [
            ("192.0.2.1", session),
            ("192.0.2.2", session),
            ("192.0.2.3", session),
            ("192.0.2.4", session),
        ];
        let route = (&method, path);
        let refused = statuses(&app, &shop, route, &moving).await;
        assert_eq!(refused, [false, false, false, true], "{method} {path}");
        assert_eq!(
            statuses(&app, &shop, route, &[("192.0.2.1", Uuid::new_v4())]).await,
            [false]
        );
    }
}

#[tokio::test]
async fn every_widget_route_is_limited_for_a_shop() {
    for (method, path) in widget_routes() {
        let app = TestApp::start_with(|config| limit(config, Limited::Shops)).await;
        let (shop, other) = (app.shop().await, app.shop().await);
        let all = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map(|address| (address, Uuid::new_v4()));
        let route = (&method, path);
        let refused = statuses(&app, &shop, route, &all).await;
        assert_eq!(refused, [false, false, false, true], "{method} {path}");
        assert_eq!(statuses(&app, &other, route, &all[..1]).await, [false]);
    }
}

#[tokio::test]
async fn calls_of_one_kind_leave_the_others_as_they_are() {
    let app = TestApp::start_with(|config| config.chats_per_minute = 1).await;
    let shop = app.shop().await;
    let refused = async |method: Method, path: &str| {
        let calls = [("192.0.2.1", Uuid::new_v4())];
        statuses(&app, &shop, (&method, path), &calls).await[0]
    };
    assert!(!refused(Method::POST, "/api/chat").await);
    assert!(refused(Method::POST, "/api/chat").await);
    assert!(!refused(Method::POST, "/api/analytics/events").await);
    assert!(!refused(Method::GET, "/api/shops/public/{publicKey}/widget").await);
}

#[tokio::test]
async fn guessing_keys_is_limited_too() {
    let app = TestApp::start_with(|config| limit(config, Limited::Addresses)).await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        let path = format!("/api/shops/public/{}/widget", Uuid::new_v4());
        seen.push(Reply::of(app.request(Method::GET, &path)).await.status);
    }
    assert_eq!(seen, [404, 404, 404, 429, 429]);
}

#[tokio::test]
async fn pages_that_are_not_allowed_take_nothing_from_the_shop() {
    let app = TestApp::start_with(|config| limit(config, Limited::Shops)).await;
    let shop = app
        .shop_with(serde_json::json!({"allowed_origins": ["https://shop.example"]}))
        .await;
    let path = "/api/shops/public/{publicKey}/widget";
    for _ in 0..10 {
        let foreign = super::called(&app, &shop, &Method::GET, path, "https://evil.example").await;
        assert_eq!(foreign.status, 403);
    }
    let own = super::called(&app, &shop, &Method::GET, path, "https://shop.example").await;
    assert_eq!(own.status, 200);
}

#[tokio::test]
async fn only_trusted_proxies_may_say_where_a_visitor_comes_from() {
    let asked = async |trusted: &str, forwarded: [&str; 2]| {
        let networks = palompy::config::value::parse_networks(trusted).unwrap();
        let app = TestApp::start_with(|config| {
            config.trusted_proxies = networks;
            config.reads_per_minute = 1;
        })
        .await;
        let shop = app.shop().await;
        let path = format!("/api/shops/public/{}/widget", shop.key);
        let mut seen = Vec::new();
        for value in forwarded {
            let request = app.request(Method::GET, &path).header("x-forwarded-for", value);
            seen.push(Reply::of(request).await.status);
        }
        seen
    };
    let near = "127.0.0.0/8, 10.0.0.0/8";
    assert_eq!(asked(near, ["192.0.2.1", "192.0.2.2"]).await, [200, 200]);
    assert_eq!(asked("none", ["192.0.2.1", "192.0.2.2"]).await, [200, 429]);
    assert_eq!(
        asked(near, ["192.0.2.1, 10.0.0.1", "192.0.2.2, 10.0.0.2"]).await,
        [200, 200]
    );
    assert_eq!(
        asked("127.0.0.1", ["192.0.2.1, 10.0.0.1", "192.0.2.2, 10.0.0.1"]).await,
        [200, 429]
    );
    assert_eq!(
        asked(near, ["1.1.1.1, 192.0.2.1", "2.2.2.2, 192.0.2.1"]).await,
        [200, 429]
    );
}

#[test]
fn a_route_that_nobody_thought_of_costs_what_a_form_does() {
    assert_eq!(budget_of(&Method::POST, "/api/chat"), Budget::Messages);
    assert_eq!(budget_of(&Method::POST, "/api/analytics/events"), Budget::Events);
    assert_eq!(budget_of(&Method::GET, "/api/chat/history"), Budget::Reads);
    for (method, path) in [
        (Method::POST, "/api/leads"),
        (Method::POST, "/api/surveys/{id}/responses"),
        (Method::POST, "/api/chat/{messageId}/vote"),
        (Method::DELETE, "/api/chat/history"),
        (Method::POST, "/api/something/new"),
    ] {
        assert_eq!(budget_of(&method, path), Budget::Forms, "{method} {path}");
    }
}
