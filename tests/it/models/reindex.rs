//! The job that changes a shop's space.

use super::change;
use super::ended;
use super::minilm;
use super::models_of;
use super::queue;
use super::small_shop;
use super::start_with;
use super::until_swept;
use super::vectors_of;
use crate::support::demo_data;
use crate::support::source_ids;
use crate::support::until;
use serde_json::Value;
use serde_json::json;

/// Enough documents for many batches.
fn catalogue(count: usize) -> Value {
    let products: Vec<Value> = (0..count)
        .map(|n| json!({"id": format!("B-{n}"), "name": format!("Лампа {n}")}))
        .collect();
    json!({ "products": products })
}

#[tokio::test]
async fn a_reindex_makes_the_vectors_that_an_import_with_the_model_makes() {
    let app = start_with(&minilm("f32")).await;
    let shop = app.shop_with(json!({"language": "en"})).await;
    app.import(&shop, small_shop()).await;
    let first = vectors_of(&app, &shop);
    change(&app, &shop, &minilm("int8")).await;
    until_swept(&app, &shop).await;
    let reindexed = vectors_of(&app, &shop);

    let other = start_with(&minilm("int8")).await;
    let fresh = other.shop_with(json!({"language": "en"})).await;
    other.import(&fresh, small_shop()).await;
    assert_eq!(reindexed, vectors_of(&other, &fresh));
    assert!(first.len() > 15 && first != reindexed);

    // Back again, and nothing is left to do for an import of the same.
    change(&app, &shop, &minilm("f32")).await;
    assert_eq!(vectors_of(&app, &shop), first);
    let again = app.import(&shop, small_shop()).await;
    assert_eq!((&again["unchanged"], &again["changed"]), (&json!(4), &json!(0)));
}

#[tokio::test]
async fn a_shop_has_its_vectors_again_after_a_change_and_back() {
    let app = start_with("builtin").await;
    let shop = app.shop_with(json!({"language": "en"})).await;
    let mut data = demo_data("en");
    for section in ["products", "faq", "policies"] {
        data[section].as_array_mut().unwrap().truncate(3);
    }
    app.import(&shop, data).await;
    let before = vectors_of(&app, &shop);
    change(&app, &shop, &minilm("int8")).await;
    assert_eq!(models_of(&app, &shop).await, [minilm("int8")]);
    assert!(!app.hits(&shop, "delivery").await.is_empty());
    change(&app, &shop, "builtin").await;
    until_swept(&app, &shop).await;
    assert!(before == vectors_of(&app, &shop));
}

#[tokio::test]
async fn one_job_of_a_shop_at_a_time() {
    let app = start_with("builtin").await;
    let (shop, other) = (app.shop().await, app.shop().await);
    for shop in [&shop, &other] {
        app.import(shop, catalogue(64)).await;
    }
    let job = queue(&app, &shop, &minilm("f32")).await.json_with(202);
    assert_eq!(queue(&app, &shop, &minilm("int8")).await.error(409), "conflict");
    // Another shop's job waits its turn.
    let waiting = queue(&app, &other, &minilm("f32")).await.json_with(202);
    let path = format!("/api/shops/{}/jobs/{}", other.id, waiting["id"]);
    assert_eq!(app.delete(&path).await.json_with(200)["status"], "cancelled");
    let job = ended(&app, &shop, &job).await;
    assert_eq!(
        (&job["status"], &job["done"], &job["total"]),
        (&json!("done"), &json!(64), &json!(64))
    );
    assert_eq!(models_of(&app, &other).await, ["builtin"]);
}

#[tokio::test]
async fn a_cancelled_job_leaves_the_shop_as_it_was() {
    let app = start_with("builtin").await;
    let shop = app.shop().await;
    app.import(&shop, catalogue(64)).await;
    let before = vectors_of(&app, &shop);
    let job = queue(&app, &shop, &minilm("f32")).await.json_with(202);
    let path = format!("/api/shops/{}/jobs/{}", shop.id, job["id"]);
    until("some progress", async || {
        (app.get(&path).await.json()["done"].as_u64()? > 0).then_some(())
    })
    .await;
    let cancelled = app.delete(&path).await.json_with(200);
    assert_eq!(cancelled["status"], "cancelled");
    until_swept(&app, &shop).await;
    assert_eq!(models_of(&app, &shop).await, ["builtin"]);
    assert!(before == vectors_of(&app, &shop));
    // Cancelling again changes nothing, and a new job begins from the start.
    assert_eq!(app.delete(&path).await.json_with(200), cancelled);
    assert_eq!(change(&app, &shop, &minilm("f32")).await["done"], 64);
}

#[tokio::test]
async fn an_import_while_a_job_runs_is_found_after_the_change() {
    let app = start_with("builtin").await;
    let shop = app.shop().await;
    app.import(&shop, catalogue(64)).await;
    let job = queue(&app, &shop, &minilm("f32")).await.json_with(202);
    let path = format!("/api/shops/{}/jobs/{}", shop.id, job["id"]);
    until("some progress", async || {
        (app.get(&path).await.json()["done"].as_u64()? > 0).then_some(())
    })
    .await;
    let changes = json!({"products": [{"id": "B-1", "name": "Утюг дорожный", "price": 7},
        {"id": "N-1", "name": "Чайник походный", "price": 8}]});
    let imported = app.import(&shop, changes).await;
    assert_eq!((&imported["changed"], &imported["added"]), (&json!(1), &json!(1)));
    // Searches go on with the old vectors.
    let found = app.hits(&shop, "Чайник походный").await;
    assert_eq!(source_ids(&found)[0], "N-1");
    let job = ended(&app, &shop, &job).await;
    assert_eq!(job["status"], "done", "{job}");
    until_swept(&app, &shop).await;
    let of_source = |vectors: &[(String, i64, i64, Vec<u8>)], id: &str| {
        vectors
            .iter()
            .filter(|vector| vector.0 == id)
            .cloned()
            .collect::<Vec<_>>()
    };
    let vectors = vectors_of(&app, &shop);
    for id in ["B-1", "N-1", "B-63"] {
        assert!(!of_source(&vectors, id).is_empty(), "{id}");
    }
    let found = app.hits(&shop, "Утюг дорожный").await;
    assert_eq!(source_ids(&found)[0], "B-1");
}

#[tokio::test]
async fn a_model_that_is_not_there_is_refused_and_changes_nothing() {
    let app = start_with("builtin").await;
    let shop = app.shop().await;
    app.import(&shop, small_shop()).await;
    for model in ["not-installed", "dir:/nowhere"] {
        assert_eq!(queue(&app, &shop, model).await.error(409), "conflict", "{model}");
    }
    for model in ["", "dir:", "a/b"] {
        assert_eq!(queue(&app, &shop, model).await.invalid_fields(), ["model"], "{model}");
    }
    assert_eq!(models_of(&app, &shop).await, ["builtin"]);
    let jobs = app.get(&format!("/api/shops/{}/jobs", shop.id)).await.json_with(200);
    assert_eq!(jobs["jobs"], json!([]));
}
