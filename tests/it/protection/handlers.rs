//! Handlers and the guard: none acts without it.

use super::guarded_shop;
use crate::support::TestApp;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::routing::post;
use palompy::domain::id::ShopId;
use palompy::http::address::TrustedProxies;
use palompy::http::address::note_address;
use palompy::http::error::render_errors;
use palompy::http::limits::Budget;
use palompy::http::limits::Limits;
use palompy::http::limits::PerMinute;
use palompy::http::protection::WidgetCall;
use palompy::http::protection::WidgetGuard;
use palompy::http::protection::WidgetShop;
use palompy::http::protection::protect_widget;
use palompy::store::Store;
use serde_json::json;
use std::sync::Arc;
use tower::ServiceExt;

/// A route whose path names something of the shop `owner`, under a guard of its own that lets three calls a minute through.
fn route_that_admits(store: &Store, owner: i64) -> Router {
    let with_store = store.clone();
    let act = async move |call: WidgetCall| {
        let shop = with_store.shop(ShopId(owner)).await?;
        call.admit(&shop).map(|()| "done")
    };
    let all = PerMinute {
        address: 100,
        visitor: 100,
        shop: 3,
    };
    let guard = WidgetGuard {
        store: store.clone(),
        limits: Limits::new(all, all, all, all),
        budget_of: |_, _| Budget::Forms,
        public_url: None,
    };
    Router::new()
        .route("/act", post(act))
        .layer(from_fn_with_state(Arc::new(guard), protect_widget))
        .layer(from_fn_with_state(TrustedProxies::new(Vec::new()), note_address))
        .layer(from_fn(render_errors))
}

#[tokio::test]
async fn what_a_path_names_brings_its_shop_under_the_same_guard() {
    let app = TestApp::start().await;
    let (named, other) = (guarded_shop(&app).await, app.shop().await);
    let store = Store::open(&app.folder.path().join("data/palompy.db")).await.unwrap();
    let guarded = route_that_admits(&store, named.id);
    let send = async |origin: &str, body: serde_json::Value| {
        let request = Request::post("/act").header("origin", origin);
        let request = request.body(Body::from(body.to_string())).unwrap();
        let response = guarded.clone().oneshot(request).await.unwrap();
        let told = response.headers().contains_key("access-control-allow-origin");
        (response.status().as_u16(), told)
    };
    let (own, key) = ("https://shop.example", &named.key);
    assert_eq!(send("https://evil.example", json!({})).await, (403, false));
    assert_eq!(send(own, json!({"shopPublicKey": other.key})).await, (404, true));
    for _ in 0..2 {
        assert_eq!(send(own, json!({"shopPublicKey": key})).await, (200, true));
    }
    assert_eq!(send(own, json!({})).await, (200, true));
    assert_eq!(send(own, json!({})).await, (429, true));
}

#[tokio::test]
async fn a_route_mounted_without_the_guard_refuses() {
    let bare = Router::new()
        .route(
            "/bare",
            get(|WidgetShop(shop): WidgetShop| async move { shop.name.clone() }),
        )
        .layer(from_fn(render_errors));
    let response = bare
        .oneshot(Request::get("/bare").body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 403);
}
