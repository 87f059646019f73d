//! Imports of a source as jobs.

use crate::sources::FileSource;
use crate::sources::counts;
use crate::sources::create;
use crate::sources::ended;
use crate::sources::lamps;
use crate::sources::visible;
use crate::sources::write;
use crate::support::Reply;
use crate::support::TestApp;
use crate::support::until;
use serde_json::Value;
use serde_json::json;

fn prices(count: u32, price: u32) -> Vec<(u32, u32)> {
    (0..count).map(|id| (id, price)).collect()
}

#[tokio::test]
async fn two_sources_do_not_replace_each_others_documents() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (first, second) = (
        FileSource::new(&app, &shop, "первый").await,
        FileSource::new(&app, &shop, "второй").await,
    );
    first.sync(&app, &lamps(&[(1, 10), (2, 20)])).await;
    second.sync(&app, &lamps(&[(2, 25), (3, 30)])).await;
    app.import(&shop, lamps(&[(4, 40)])).await;
    let seen: Vec<f64> = visible(&app, &shop).await.into_iter().map(|(_, price)| price).collect();
    assert_eq!(seen, [10.0, 20.0, 25.0, 30.0, 40.0]);
    assert_eq!(
        counts(&first.sync(&app, &lamps(&[(1, 10), (2, 20)])).await),
        [0, 0, 2, 0]
    );
    assert_eq!(app.delete(&first.path("")).await.status, 204);
    let seen: Vec<f64> = visible(&app, &shop).await.into_iter().map(|(_, price)| price).collect();
    assert_eq!(seen, [25.0, 30.0, 40.0]);
}

#[tokio::test]
async fn a_source_that_loses_more_than_half_waits_for_a_yes() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    source.sync(&app, &lamps(&[(1, 10), (2, 20), (3, 30)])).await;
    let held = source.sync(&app, &lamps(&[(1, 10)])).await;
    assert_eq!(
        (held["status"].as_str(), counts(&held)),
        (Some("waiting"), [0, 0, 1, 2])
    );
    assert_eq!(visible(&app, &shop).await.len(), 3);
    let path = |id: &Value, verb: &str| format!("/api/shops/{}/imports/{id}/{verb}", shop.id);
    let rejected = app.post(&path(&held["id"], "reject"), json!({})).await.json_with(200);
    assert_eq!(rejected["status"], "cancelled");
    assert_eq!(
        app.post(&path(&held["id"], "approve"), json!({})).await.error(409),
        "conflict"
    );
    // What the file says now is not what was agreed to.
    let held = source.sync(&app, &lamps(&[(1, 10)])).await;
    source.write(&lamps(&[]));
    app.post(&path(&held["id"], "approve"), json!({})).await.json_with(202);
    let done = ended(&app, shop.id, &held).await;
    assert_eq!((&done["status"], &done["is_approved"]), (&json!("done"), &json!(true)));
    assert_eq!(visible(&app, &shop).await.len(), 1);
}

#[tokio::test]
async fn a_newer_import_takes_the_place_of_one_that_waits() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    source.sync(&app, &lamps(&[(1, 10), (2, 20), (3, 30)])).await;
    let held = source.sync(&app, &lamps(&[(1, 10)])).await;
    let newer = source.sync(&app, &lamps(&[(1, 10), (2, 21), (3, 30)])).await;
    assert_eq!((newer["status"].as_str(), counts(&newer)), (Some("done"), [0, 1, 2, 0]));
    assert_eq!(ended(&app, shop.id, &held).await["status"], "cancelled");
}

#[tokio::test]
async fn a_dry_run_tells_the_changes_and_makes_none() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    source.sync(&app, &lamps(&[(1, 10), (2, 20)])).await;
    source.write(&lamps(&[(1, 11), (3, 30)]));
    let body = json!({"dry_run": true, "by": "владелец"});
    let queued = app.post(&source.path("/sync"), body).await.json_with(202);
    let done = ended(&app, shop.id, &queued).await;
    assert_eq!((done["status"].as_str(), counts(&done)), (Some("done"), [1, 1, 0, 1]));
    assert_eq!((&done["is_preview"], &done["by"]), (&json!(true), &json!("владелец")));
    let details = app
        .get(&format!("/api/shops/{}/imports/{}", shop.id, done["id"]))
        .await
        .json_with(200);
    assert_eq!(details["changes"].as_array().unwrap().len(), 3);
    assert_eq!(visible(&app, &shop).await.len(), 2);
    assert_eq!(app.get(&source.path("/versions")).await.json()["undo"], 0);
}

#[tokio::test]
async fn a_wrong_entry_is_told_and_what_was_known_of_it_stays() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    source.sync(&app, &lamps(&[(1, 10), (2, 20)])).await;
    let mut data = lamps(&[(1, 11), (2, 20)]);
    data["products"][1]["price"] = json!("дорого");
    let done = source.sync(&app, &data).await;
    assert_eq!((counts(&done), &done["problems"]), ([0, 1, 0, 0], &json!(1)));
    let details = app
        .get(&format!("/api/shops/{}/imports/{}", shop.id, done["id"]))
        .await
        .json_with(200);
    assert_eq!(details["problems"][0]["element"], "products[1].price");
    assert_eq!(
        visible(&app, &shop).await,
        [("L-1".to_owned(), 11.0), ("L-2".to_owned(), 20.0)]
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_read_leaves_everything_and_makes_the_source_stale() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    source.sync(&app, &lamps(&[(1, 10)])).await;
    for text in ["{\"products\": [{\"id\": 1", "", "\u{0}\u{1}"] {
        std::fs::write(&source.file, text).unwrap();
        let queued = app.post(&source.path("/sync"), json!({})).await.json_with(202);
        let failed = ended(&app, shop.id, &queued).await;
        assert_eq!(failed["status"], "failed", "{failed}");
        assert!(!failed["error"].as_str().unwrap().contains("problem_"), "{failed}");
    }
    std::fs::remove_file(&source.file).unwrap();
    let queued = app.post(&source.path("/sync"), json!({})).await.json_with(202);
    assert_eq!(ended(&app, shop.id, &queued).await["status"], "failed");
    let view = until("the count of failures", async || {
        let view = app.get(&source.path("")).await.json_with(200);
        (view["failures"] == 4).then_some(view)
    })
    .await;
    assert!(view["stale_since"].is_string(), "{view}");
    assert_eq!(visible(&app, &shop).await, [("L-1".to_owned(), 10.0)]);
    source.sync(&app, &lamps(&[(1, 10)])).await;
    until("the source to be current", async || {
        let view = app.get(&source.path("")).await.json_with(200);
        (view["failures"] == 0 && view["stale_since"].is_null()).then_some(())
    })
    .await;
    let left = std::fs::read_dir(app.folder.path().join("data/imports"))
        .unwrap()
        .count();
    assert_eq!(left, 0, "files of imports that have ended are left");
}

#[tokio::test]
async fn a_damaged_file_of_a_folder_is_told_and_removes_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let folder = app.folder.path().join("знания");
    std::fs::create_dir_all(folder.join("inner")).unwrap();
    write(&folder.join("a.json"), &lamps(&[(1, 10)]));
    write(&folder.join("inner/b.json"), &lamps(&[(2, 20)]));
    let source = create(&app, &shop, "папка", json!({"type": "folder", "path": folder})).await;
    let sync = async || {
        let path = format!("/api/shops/{}/sources/{}/sync", shop.id, source["id"]);
        let queued = app.post(&path, json!({})).await.json_with(202);
        ended(&app, shop.id, &queued).await
    };
    assert_eq!(counts(&sync().await), [2, 0, 0, 0]);
    std::fs::write(folder.join("inner/b.json"), "{").unwrap();
    write(&folder.join("a.json"), &lamps(&[(1, 11)]));
    let done = sync().await;
    assert_eq!((done["status"].as_str(), counts(&done)), (Some("done"), [0, 1, 0, 0]));
    let details = app
        .get(&format!("/api/shops/{}/imports/{}", shop.id, done["id"]))
        .await
        .json_with(200);
    assert_eq!(details["problems"][0]["file"], "inner/b.json");
    assert_eq!(visible(&app, &shop).await.len(), 2);
}

#[tokio::test]
async fn an_import_can_be_cancelled_while_it_runs_and_another_cannot_begin() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    source.write(&lamps(&prices(3_000, 5)));
    let queued = app.post(&source.path("/sync"), json!({})).await.json_with(202);
    let path = format!("/api/shops/{}/imports/{}", shop.id, queued["id"]);
    until("staged documents", async || {
        let progress = app.get(&path).await.json_with(200)["progress"].clone();
        (progress["phase"] == "embedding" && progress["done"].as_u64()? > 0).then_some(())
    })
    .await;
    assert_eq!(app.post(&source.path("/sync"), json!({})).await.error(409), "conflict");
    assert_eq!(app.post(&source.path("/undo"), json!({})).await.error(409), "conflict");
    assert_eq!(app.delete(&source.path("")).await.error(409), "conflict");
    assert_eq!(app.delete(&path).await.json_with(200)["status"], "cancelled");
    assert!(visible(&app, &shop).await.is_empty());
    let after = until("the shop to be free", async || {
        let reply = app.post(&source.path("/sync"), json!({"dry_run": true})).await;
        (reply.status == 202).then(|| reply.json())
    })
    .await;
    assert_eq!(counts(&ended(&app, shop.id, &after).await), [3_000, 0, 0, 0]);
    let staged: i64 = app
        .database()
        .query_row("select count(*) from documents where state = 'staged'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(staged, 0);
}

#[tokio::test]
async fn progress_is_streamed_to_the_end() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = FileSource::new(&app, &shop, "лампы").await;
    source.write(&lamps(&prices(200, 5)));
    let queued = app.post(&source.path("/sync"), json!({})).await.json_with(202);
    let path = format!("/api/shops/{}/imports/{}/events", shop.id, queued["id"]);
    let stream = app.get(&path).await;
    assert!(stream.header("content-type").starts_with("text/event-stream"));
    let last = stream.text.trim_end().rsplit("\n\n").next().unwrap();
    let (event, data) = last.split_once('\n').unwrap();
    assert_eq!(event, "event: end");
    let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(
        (&data["import"]["status"], &data["import"]["added"]),
        (&json!("done"), &json!(200))
    );
}

#[tokio::test]
async fn wrong_sources_are_refused_with_every_field() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/{}/sources", shop.id);
    for (body, fields) in [
        (json!({}), vec!["name", "location"]),
        (
            json!({"name": " ", "kind": "exe", "location": {"type": "ftp"}, "schedule": {"often": 1}}),
            vec!["name", "kind", "location", "schedule"],
        ),
        (
            json!({"name": "api", "location": {"type": "file", "path": "a.json"}}),
            vec!["name", "location.path"],
        ),
        (
            json!({"name": "x", "location": {"type": "url", "url": "file:///etc/passwd"}}),
            vec!["location.url"],
        ),
        (json!({"name": "x", "location": {"type": "api"}}), vec!["location"]),
    ] {
        assert_eq!(app.post(&path, body).await.invalid_fields(), fields);
    }
    create(&app, &shop, "x", json!({"type": "upload"})).await;
    let again = json!({"name": "x", "location": {"type": "upload"}});
    assert_eq!(app.post(&path, again).await.error(409), "conflict");
}

#[tokio::test]
async fn only_who_administers_all_shops_may_name_paths() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let made = app
        .post("/api/tokens", json!({"name": "crm", "shop_id": shop.id}))
        .await;
    let token = made.json_with(201)["token"].as_str().unwrap().to_owned();
    let source = create(&app, &shop, "x", json!({"type": "upload"})).await;
    let sources = format!("/api/shops/{}/sources", shop.id);
    let sync = format!("{sources}/{}/sync", source["id"]);
    for (path, body, field) in [
        (
            &sources,
            json!({"name": "y", "location": {"type": "file", "path": "/etc/passwd"}}),
            "location.path",
        ),
        (&sync, json!({"file": "/etc/passwd"}), "file"),
    ] {
        let request = app.request(reqwest::Method::POST, path).bearer_auth(&token).json(&body);
        assert_eq!(Reply::of(request).await.invalid_fields(), [field]);
    }
    let missing = app.post(&sync, json!({"file": "/nowhere/at/all.json"})).await;
    assert_eq!(missing.invalid_fields(), ["file"]);
}
