//! Which model answers for a shop, from the start of the program on.

use super::change;
use super::minilm;
use super::models_of;
use super::queue;
use super::small_shop;
use super::start_with;
use crate::support::Reply;
use crate::support::source_ids;
use crate::support::until;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_new_shop_gets_the_configured_model_and_keeps_it() {
    let app = start_with("builtin").await;
    let (one, two) = (app.shop().await, app.shop().await);
    app.import(&one, small_shop()).await;
    app.import(&two, small_shop()).await;
    change(&app, &two, &minilm("f32")).await;
    assert_eq!(models_of(&app, &one).await, ["builtin"]);
    assert_eq!(models_of(&app, &two).await, [minilm("f32")]);
    let health = app.get("/healthz").await.json_with(200);
    assert_eq!(health["loaded_models"], json!(["builtin", minilm("f32")]));
    // Both answer at once, each with its own model.
    for shop in [&one, &two] {
        assert_eq!(source_ids(&app.hits(shop, "how long does delivery take").await)[0], "f");
    }
    // A model that no shop uses any more leaves the memory.
    change(&app, &two, "builtin").await;
    until("the model to be freed", async || {
        let health = app.get("/healthz").await.json_with(200);
        (health["loaded_models"] == json!(["builtin"])).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_installed_model_is_removed_only_when_nobody_uses_it() {
    let app = start_with("builtin").await;
    let folder = app.folder.path().join("data/models/mini");
    copy_model("f32", &folder);
    let shop = app.shop().await;
    app.import(&shop, small_shop()).await;
    change(&app, &shop, "mini").await;
    assert_eq!(app.delete("/api/models/mini").await.error(409), "conflict");
    assert!(folder.join("model.onnx").is_file());
    change(&app, &shop, "builtin").await;
    assert_eq!(app.delete("/api/models/mini").await.status, 204);
    assert!(!folder.exists());
    for name in ["mini", "builtin", "..", "%2e%2e%2fmodels"] {
        assert!(
            [404, 405].contains(&app.delete(&format!("/api/models/{name}")).await.status),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_token_of_one_shop_names_no_folder() {
    let app = start_with("builtin").await;
    let shop = app.shop().await;
    app.import(&shop, small_shop()).await;
    let token = app
        .post("/api/tokens", json!({"name": "crm", "shop_id": shop.id}))
        .await;
    let token = token.json_with(201)["token"].as_str().unwrap().to_owned();
    let path = format!("/api/shops/{}/reindex", shop.id);
    let request = |model: &str| {
        let request = app.request(Method::POST, &path).bearer_auth(&token);
        request.json(&json!({ "model": model }))
    };
    let refused = Reply::of(request(&minilm("f32"))).await;
    assert_eq!(refused.invalid_fields(), ["model"]);
    Reply::of(request("builtin")).await.json_with(202);
}

#[tokio::test]
async fn a_job_of_another_shop_is_an_unknown_one() {
    let app = start_with("builtin").await;
    let (own, other) = (app.shop().await, app.shop().await);
    app.import(&other, small_shop()).await;
    let job = queue(&app, &other, "builtin").await.json_with(202);
    let path = format!("/api/shops/{}/jobs/{}", own.id, job["id"]);
    assert_eq!(app.get(&path).await.error(404), "not_found");
    assert_eq!(app.delete(&path).await.error(404), "not_found");
    let jobs = app.get(&format!("/api/shops/{}/jobs", own.id)).await.json_with(200);
    assert_eq!(jobs["jobs"], json!([]));
}

/// Installs a test model in a folder.
pub fn copy_model(kind: &str, folder: &std::path::Path) {
    std::fs::create_dir_all(folder).unwrap();
    for entry in std::fs::read_dir(super::built(&format!("models/minilm-{kind}"))).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
}
