//! Who may do what: the table of routes, the document that describes it and the program say the same.

use crate::support::ADMIN_TOKEN;
use crate::support::Reply;
use crate::support::TestApp;
use palompy::app::router::Access;
use palompy::app::router::ROUTES;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The path with its parameters filled in.
fn filled(path: &str, shop: i64) -> String {
    path.replace("{id}", &shop.to_string())
        .replace("{token_id}", "1")
        .replace("{job_id}", "1")
        .replace("{survey_id}", "1")
        .replace("{lead_id}", &Uuid::max().to_string())
        .replace("{delivery_id}", &Uuid::max().to_string())
        .replace("{source_id}", "1")
        .replace("{import_id}", "1")
        .replace("{name}", "some-model")
        .replace("{publicKey}", &Uuid::nil().to_string())
        .replace("{messageId}", &Uuid::nil().to_string())
}

/// A token for one shop only.
async fn token_of(app: &TestApp, shop: i64) -> String {
    let made = app.post("/api/tokens", json!({"name": "crm", "shop_id": shop})).await;
    made.json_with(201)["token"].as_str().unwrap().to_owned()
}

/// Sends a request with a body that the route would take.
async fn sent(app: &TestApp, method: &Method, path: &str, token: &str) -> Reply {
    let request = app.request(method.clone(), path).bearer_auth(token);
    let body = json!({"name": "x", "status": "done", "query": "x", "questions": [], "products": [], "entries": []});
    let known: &[&str] = match path.rsplit('/').next().unwrap() {
        "search" => &["query"],
        "evaluate" => &["questions"],
        "data" => &["products"],
        "lexicon" => &["entries"],
        "reindex" | "resend" | "webhook-secret" | "sync" => &[],
        _ if path.contains("/leads/") => &["status"],
        _ => &["name"],
    };
    let body: Value = known
        .iter()
        .map(|key| ((*key).to_owned(), body[*key].clone()))
        .collect();
    Reply::of(if *method == Method::GET {
        request
    } else {
        request.json(&body)
    })
    .await
}

#[tokio::test]
async fn the_table_of_routes_and_the_openapi_document_say_the_same() {
    let app = TestApp::start().await;
    let document = app.get("/api/openapi.json").await.json_with(200);
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let is_guarded = operation["security"] == json!([{"administrator": []}]);
            let is_exchange = operation["security"] == json!([{"exchange": []}]);
            let is_open = operation["security"].is_null();
            assert!(is_guarded || is_exchange || is_open, "{method} {path}");
            described.insert((method.to_uppercase(), path.clone(), is_guarded, is_exchange));
        }
    }
    let listed: BTreeSet<_> = ROUTES
        .iter()
        .map(|(method, path, access)| {
            let is_guarded = *access == Access::Administrator;
            (
                method.to_string(),
                (*path).to_owned(),
                is_guarded,
                *access == Access::Exchange,
            )
        })
        .collect();
    assert_eq!(described, listed);
    assert_eq!(
        document["components"]["securitySchemes"]["administrator"]["scheme"],
        "bearer"
    );
}

#[tokio::test]
async fn administration_needs_a_token() {
    let app = TestApp::start().await;
    let guarded = ROUTES.iter().filter(|(_, _, access)| *access == Access::Administrator);
    for (method, path, _) in guarded {
        let path = filled(path, 1);
        for authorization in ["", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", ADMIN_TOKEN] {
            let request = app.request(method.clone(), &path);
            let request = match authorization {
                "" => request,
                value => request.header("authorization", value),
            };
            let reply = Reply::of(request).await;
            assert_eq!(reply.error(401), "unauthorized", "{method} {path} {authorization}");
            assert_eq!(reply.header("www-authenticate"), "Bearer");
        }
    }
}

/// Of these there is none until a test makes it.
fn is_named_but_absent(path: &str) -> bool {
    let is_listed = ["/api/tokens/1", "/api/models/some-model"].contains(&path);
    is_listed || path.contains("/surveys/1") || path.contains(&Uuid::max().to_string())
}

/// These refuse what was sent to the API, which cannot be read again and neither changed nor deleted, and what has not happened.
fn needs_a_state(path: &str) -> bool {
    let is_source = path.ends_with("/{source_id}");
    is_source
        || ["/sync", "/undo", "/redo", "/approve"]
            .iter()
            .any(|end| path.ends_with(end))
}

/// These take files and nothing else.
fn is_form(path: &str) -> bool {
    path.ends_with("/upload") || path.ends_with("/preview")
}

#[tokio::test]
async fn every_listed_route_is_there() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    // Deleting the shop comes last, or the routes behind it would miss it.
    let (mut deleting, others): (Vec<_>, Vec<_>) = ROUTES.iter().partition(|(method, ..)| *method == Method::DELETE);
    deleting.sort_by_key(|(_, path, _)| *path == "/api/shops/{id}");
    for (method, path, _) in others.into_iter().chain(deleting) {
        let shops = app.get("/api/shops").await.json_with(200);
        let key = shops["shops"][0]["public_key"].as_str().unwrap();
        let filled = filled(path, shop.id).replace(&Uuid::nil().to_string(), key);
        let reply = sent(&app, method, &filled, ADMIN_TOKEN).await;
        let is_refused = reply.status == 409 && needs_a_state(path) || is_form(path) && reply.status == 415;
        let is_known = reply.status < 400 || reply.status == 422 || is_refused || is_named_but_absent(&filled);
        assert!(is_known, "{method} {path}: {}", reply.text);
    }
}

#[tokio::test]
async fn another_shop_looks_like_an_unknown_one() {
    let app = TestApp::start().await;
    let (own, other) = (app.shop().await, app.shop().await);
    let token = token_of(&app, own.id).await;
    let neutral = |reply: &Reply| {
        let mut body = reply.json();
        body["error"]["request_id"] = Value::Null;
        (reply.status, body)
    };
    for (method, path, _) in ROUTES.iter().filter(|(_, path, _)| path.contains("{id}")) {
        let foreign = sent(&app, method, &filled(path, other.id), &token).await;
        let unknown = sent(&app, method, &filled(path, 4711), &token).await;
        assert_eq!(foreign.error(404), "not_found", "{method} {path}");
        assert_eq!(neutral(&foreign), neutral(&unknown), "{method} {path}");
        let unknown_to_all = sent(&app, method, &filled(path, 4711), ADMIN_TOKEN).await;
        assert_eq!(neutral(&foreign), neutral(&unknown_to_all), "{method} {path}");
    }
    app.get(&format!("/api/shops/{}", other.id)).await.json_with(200);
}

#[tokio::test]
async fn a_token_of_one_shop_opens_that_shop_and_no_general_route() {
    let app = TestApp::start().await;
    let (own, _other) = (app.shop().await, app.shop().await);
    let token = token_of(&app, own.id).await;
    let read = sent(&app, &Method::GET, &format!("/api/shops/{}", own.id), &token).await;
    assert_eq!(read.json_with(200)["public_key"], own.key.as_str());
    let listed = sent(&app, &Method::GET, "/api/shops", &token).await.json_with(200);
    assert_eq!(listed["shops"].as_array().unwrap().len(), 1);
    for (method, path) in [
        (Method::POST, "/api/shops"),
        (Method::GET, "/api/tokens"),
        (Method::POST, "/api/tokens"),
        (Method::DELETE, "/api/tokens/1"),
        (Method::GET, "/api/models"),
        (Method::DELETE, "/api/models/some-model"),
    ] {
        assert_eq!(
            sent(&app, &method, path, &token).await.error(404),
            "not_found",
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_shop_id_that_is_no_number_is_an_unknown_shop() {
    let app = TestApp::start().await;
    for id in ["abc", "-1", "0", "1.0", "99999999999999999999", "%00", "1%20or%201=1"] {
        assert_eq!(
            app.get(&format!("/api/shops/{id}")).await.error(404),
            "not_found",
            "{id}"
        );
    }
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_at_once() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let made = app.post("/api/tokens", json!({"name": "till"})).await.json_with(201);
    let token = made["token"].as_str().unwrap();
    let path = format!("/api/shops/{}", shop.id);
    sent(&app, &Method::GET, &path, token).await.json_with(200);
    assert_eq!(app.delete(&format!("/api/tokens/{}", made["id"])).await.status, 204);
    assert_eq!(sent(&app, &Method::GET, &path, token).await.error(401), "unauthorized");
    assert_eq!(
        app.delete(&format!("/api/tokens/{}", made["id"])).await.error(404),
        "not_found"
    );
}

#[tokio::test]
async fn a_tokens_secret_is_shown_once_and_stored_nowhere() {
    let app = TestApp::start().await;
    let made = app.post("/api/tokens", json!({"name": "till"})).await.json_with(201);
    let secret = made["token"].as_str().unwrap();
    assert!(secret.len() > 40);
    let listed = app.get("/api/tokens").await;
    assert_eq!(listed.json_with(200)["tokens"][0]["name"], "till");
    assert!(!listed.text.contains(secret));
    for entry in std::fs::read_dir(app.folder.path().join("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

#[tokio::test]
async fn a_token_for_an_unknown_shop_or_without_a_name_is_refused() {
    let app = TestApp::start().await;
    let unknown = app.post("/api/tokens", json!({"name": "x", "shop_id": 4711})).await;
    assert_eq!(unknown.error(404), "not_found");
    assert_eq!(
        app.post("/api/tokens", json!({"name": " "})).await.invalid_fields(),
        ["name"]
    );
}

#[tokio::test]
async fn a_deleted_shops_token_opens_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let token = token_of(&app, shop.id).await;
    assert_eq!(app.delete(&format!("/api/shops/{}", shop.id)).await.status, 204);
    assert_eq!(
        sent(&app, &Method::GET, "/api/shops", &token).await.error(401),
        "unauthorized"
    );
}
