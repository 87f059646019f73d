//! Undo and redo.

use crate::sources::FileSource;
use crate::sources::counts;
use crate::sources::lamps;
use crate::sources::visible;
use crate::support::TestApp;
use serde_json::Value;
use serde_json::json;

fn at(id: u32, price: u32) -> (String, f64) {
    (format!("L-{id}"), f64::from(price))
}

#[tokio::test]
async fn undo_and_redo_restore_each_version_exactly() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    let first = source.sync(&app, &lamps(&[(1, 10), (2, 20), (3, 30)])).await;
    assert_eq!((first["status"].as_str(), counts(&first)), (Some("done"), [3, 0, 0, 0]));
    let second = source.sync(&app, &lamps(&[(1, 11), (2, 20), (4, 40)])).await;
    assert_eq!(counts(&second), [1, 1, 1, 1]);
    let third = source.sync(&app, &lamps(&[(1, 12), (2, 20), (4, 40), (5, 50)])).await;
    assert_eq!(counts(&third), [1, 1, 2, 0]);
    let states = [
        vec![],
        vec![at(1, 10), at(2, 20), at(3, 30)],
        vec![at(1, 11), at(2, 20), at(4, 40)],
        vec![at(1, 12), at(2, 20), at(4, 40), at(5, 50)],
    ];
    let mut answers = vec![answer(&app, &shop).await];
    for step in [2, 1, 0] {
        let undone = app.post(&source.path("/undo"), json!({})).await.json_with(200);
        assert_eq!((&undone["kind"], &undone["status"]), (&json!("undo"), &json!("done")));
        assert_eq!(visible(&app, &shop).await, states[step], "{undone}");
        answers.push(answer(&app, &shop).await);
    }
    assert_eq!(app.post(&source.path("/undo"), json!({})).await.error(409), "conflict");
    for step in [1, 2, 3] {
        let redone = app.post(&source.path("/redo"), json!({})).await.json_with(200);
        assert_eq!(visible(&app, &shop).await, states[step], "{redone}");
        assert_eq!(answer(&app, &shop).await, answers[3 - step]);
    }
    assert_eq!(app.post(&source.path("/redo"), json!({})).await.error(409), "conflict");
}

/// Everything that a search tells, scores included.
async fn answer(app: &TestApp, shop: &crate::support::TestShop) -> Value {
    let path = format!("/api/shops/{}/search", shop.id);
    app.post(&path, json!({"query": "лампа 2", "limit": 10}))
        .await
        .json_with(200)
}

#[tokio::test]
async fn an_undo_counts_what_it_changes_and_the_journal_tells_it() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    let first = source.sync(&app, &lamps(&[(1, 10), (2, 20), (3, 30)])).await;
    source.sync(&app, &lamps(&[(1, 11), (2, 20), (4, 40)])).await;
    let undone = app.post(&source.path("/undo"), json!({})).await.json_with(200);
    assert_eq!(counts(&undone), [1, 1, 1, 1]);
    assert_eq!(undone["restored_version"], first["id"]);
    let versions = app.get(&source.path("/versions")).await.json_with(200);
    assert_eq!(versions["version"], first["id"]);
    assert_eq!((&versions["undo"], versions["redo"].is_i64()), (&json!(0), true));
    let kinds: Vec<_> = versions["imports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|import| &import["kind"])
        .collect();
    assert_eq!(kinds, ["undo", "import", "import"]);
}

#[tokio::test]
async fn an_import_after_an_undo_discards_what_was_undone() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    source.sync(&app, &lamps(&[(1, 10), (2, 20)])).await;
    source.sync(&app, &lamps(&[(1, 11), (2, 20)])).await;
    app.post(&source.path("/undo"), json!({})).await.json_with(200);
    let third = source.sync(&app, &lamps(&[(1, 10), (2, 22)])).await;
    assert_eq!(counts(&third), [0, 1, 1, 0]);
    assert_eq!(app.post(&source.path("/redo"), json!({})).await.error(409), "conflict");
    app.post(&source.path("/undo"), json!({})).await.json_with(200);
    assert_eq!(visible(&app, &shop).await, [at(1, 10), at(2, 20)]);
    app.post(&source.path("/redo"), json!({})).await.json_with(200);
    assert_eq!(visible(&app, &shop).await, [at(1, 10), at(2, 22)]);
}

#[tokio::test]
async fn as_many_versions_are_kept_as_the_setting_says() {
    let app = TestApp::start().await;
    let shop = app.shop_with(json!({"kept_versions": 1})).await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    for price in 1..=4 {
        source.sync(&app, &lamps(&[(1, price), (2, 20)])).await;
    }
    crate::support::until("the sweep", async || {
        let rows: i64 = app
            .database()
            .query_row("select count(*) from documents", [], |row| row.get(0))
            .unwrap();
        (rows == 3).then_some(())
    })
    .await;
    app.post(&source.path("/undo"), json!({})).await.json_with(200);
    assert_eq!(visible(&app, &shop).await, [at(1, 3), at(2, 20)]);
    assert_eq!(app.post(&source.path("/undo"), json!({})).await.error(409), "conflict");
}

#[tokio::test]
async fn what_was_sent_to_the_api_can_be_undone_too() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.import(&shop, lamps(&[(1, 10)])).await;
    app.import(&shop, lamps(&[(1, 99), (2, 20)])).await;
    let sources = app.get(&format!("/api/shops/{}/sources", shop.id)).await.json_with(200);
    let api = &sources["sources"][0];
    assert_eq!((&api["name"], &api["documents"]), (&json!("api"), &json!(2)));
    let path = format!("/api/shops/{}/sources/{}/undo", shop.id, api["id"]);
    app.post(&path, json!({})).await.json_with(200);
    assert_eq!(visible(&app, &shop).await, [at(1, 10)]);
    let again = app.import(&shop, lamps(&[(1, 99), (2, 20)])).await;
    assert_eq!(counts(&again), [1, 1, 0, 0]);
}

#[tokio::test]
async fn the_journal_names_the_fields_that_changed() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    let lamp = |price: u32, color: &str, text: &str| {
        json!({"products": [{"id": "a", "name": "Лампа", "price": price, "description": text,
            "attributes": {"Цвет": color}}, {"id": "b", "name": "Торшер"}]})
    };
    source.sync(&app, &lamp(1, "белый", "Светит.")).await;
    let second = source.sync(&app, &lamp(2, "синий", "Светит.")).await;
    let path = format!("/api/shops/{}/imports/{}", shop.id, second["id"]);
    let changes = app.get(&path).await.json_with(200)["changes"].clone();
    let expected = json!([{"change": "changed", "source_type": "product", "source_id": "a", "title": "Лампа",
        "fields": ["attributes.Цвет", "price"]}]);
    assert_eq!(changes, expected);
}
