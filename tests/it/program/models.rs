//! Models across the ends of the program: killed amid a reindex, started with another configuration, with other files.

use crate::models::built;
use crate::models::minilm;
use crate::models::small_shop;
use crate::models::switching::copy_model;
use crate::program::Server;
use crate::program::database;
use crate::program::folder;
use crate::support::TestShop;
use crate::support::source_ids;
use crate::support::until;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

const DOCUMENTS: usize = 64;

/// With ONNX Runtime and this model for new shops.
fn start(folder: &Path, model: &str) -> Server {
    let runtime = built("onnxruntime");
    let variables = [
        ("PALOMPY_EMBEDDING_MODEL", model),
        ("ORT_DYLIB_PATH", runtime.to_str().unwrap()),
    ];
    Server::start_with(folder, &variables)
}

async fn import(server: &Server, shop: &TestShop, data: &Value) {
    server
        .post(&format!("/api/shops/{}/data", shop.id), data)
        .await
        .json_with(200);
}

async fn queue(server: &Server, shop: &TestShop, model: &str) -> i64 {
    let path = format!("/api/shops/{}/reindex", shop.id);
    let job = server.post(&path, &json!({ "model": model })).await.json_with(202);
    job["id"].as_i64().unwrap()
}

async fn until_done(server: &Server, shop: &TestShop, job: i64) -> Value {
    let path = format!("/api/shops/{}/jobs/{job}", shop.id);
    until("the end of the job", async || {
        let job = server.get(&path).await;
        assert_ne!(job["status"], "failed", "{job}");
        (job["status"] == "done").then_some(job)
    })
    .await
}

async fn found(server: &Server, shop: &TestShop, query: &str) -> String {
    let path = format!("/api/shops/{}/search", shop.id);
    let found = server.post(&path, &json!({ "query": query })).await.json_with(200);
    source_ids(found["hits"].as_array().unwrap())[0].to_owned()
}

async fn models_of(server: &Server, shop: &TestShop) -> Vec<String> {
    let listed = server.get("/api/models").await;
    let models = listed["models"].as_array().unwrap().iter();
    let used = models.filter(|model| model["shops"].as_array().unwrap().contains(&json!(shop.id)));
    used.map(|model| model["model"].as_str().unwrap().to_owned()).collect()
}

/// How many vectors each space has, the empty ones left out.
fn vector_counts(folder: &Path) -> Vec<(i64, i64)> {
    let conn = database(folder);
    let mut statement = conn.prepare("select id from embedding_spaces order by id").unwrap();
    let spaces = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    let counts = spaces.map(|space| {
        let space = space.unwrap();
        let sql = format!("select count(*) from chunk_vectors_{space}");
        (space, conn.query_row(&sql, [], |row| row.get(0)).unwrap())
    });
    counts.filter(|(_, count)| *count > 0).collect()
}

/// Every chunk has all its vectors in its own space, and no other space has any.
fn assert_sound(folder: &Path) {
    let conn = database(folder);
    let verdict: String = conn.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let one = "select distinct d.space_id, sum(c.embedding_count) from documents d
         join knowledge_chunks c on c.document_id = d.id where d.state = 'live'";
    let expected: (i64, i64) = conn.query_row(one, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(vector_counts(folder), [expected]);
}

#[tokio::test]
async fn a_reindex_survives_being_killed_and_goes_on_where_it_was() {
    let folder = folder();
    let mut server = start(folder.path(), "builtin");
    let shop = server.shop().await;
    let products: Vec<Value> = (0..DOCUMENTS)
        .map(|n| json!({"id": format!("B-{n}"), "name": format!("Desk lamp {n}")}))
        .collect();
    import(&server, &shop, &json!({ "products": products })).await;
    let job = queue(&server, &shop, &minilm("int8")).await;
    let path = format!("/api/shops/{}/jobs/{job}", shop.id);
    let mut seen = 0;
    for _ in 0..3 {
        let progress = until("progress", async || {
            let job = server.get(&path).await;
            let done = job["done"].as_u64()?;
            (done > seen || job["status"] == "done").then_some(done)
        })
        .await;
        // The old space answers all the time.
        assert_eq!(found(&server, &shop, "B-7").await, "B-7");
        server.kill();
        server = start(folder.path(), "builtin");
        assert!(server.get(&path).await["done"].as_u64().unwrap() >= progress);
        seen = progress;
    }
    let done = until_done(&server, &shop, job).await;
    assert_eq!((&done["done"], &done["total"]), (&json!(DOCUMENTS), &json!(DOCUMENTS)));
    assert_eq!(models_of(&server, &shop).await, [minilm("int8")]);
    assert_eq!(found(&server, &shop, "desk lamp 7").await, "B-7");
    until("the sweep", async || {
        (vector_counts(folder.path()).len() == 1).then_some(())
    })
    .await;
    assert_sound(folder.path());
    let jobs = server.get(&format!("/api/shops/{}/jobs", shop.id)).await;
    assert_eq!(jobs["jobs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_sweep_that_was_killed_goes_on_after_the_start() {
    let folder = folder();
    let mut server = start(folder.path(), "builtin");
    let shop = server.shop().await;
    import(&server, &shop, &small_shop()).await;
    let job = queue(&server, &shop, &minilm("int8")).await;
    until_done(&server, &shop, job).await;
    server.kill();
    let _server = start(folder.path(), "builtin");
    until("the sweep", async || {
        (vector_counts(folder.path()).len() == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_shop_whose_model_is_gone_is_searched_by_words_and_can_change_to_another() {
    let folder = folder();
    let installed = folder.path().join("data/models/mini");
    copy_model("int8", &installed);
    let mut server = start(folder.path(), "builtin");
    let shop = server.shop().await;
    import(&server, &shop, &small_shop()).await;
    let job = queue(&server, &shop, "mini").await;
    until_done(&server, &shop, job).await;
    server.kill();
    std::fs::remove_dir_all(&installed).unwrap();
    let server = start(folder.path(), "builtin");
    assert_eq!(found(&server, &shop, "desk lamp").await, "L-1");
    let refused = server
        .post(&format!("/api/shops/{}/data", shop.id), &small_shop())
        .await;
    assert_eq!(refused.error(409), "conflict");
    let job = queue(&server, &shop, "builtin").await;
    until_done(&server, &shop, job).await;
    import(&server, &shop, &small_shop()).await;
    assert_eq!(models_of(&server, &shop).await, ["builtin"]);
}

#[tokio::test]
async fn a_model_whose_files_changed_is_embedded_anew_by_itself() {
    let folder = folder();
    let installed = folder.path().join("data/models/mini");
    copy_model("f32", &installed);
    let mut server = start(folder.path(), "mini");
    let shop = server.shop().await;
    import(&server, &shop, &small_shop()).await;
    server.kill();
    copy_model("int8", &installed);
    let server = start(folder.path(), "mini");
    let job = until("a job", async || {
        let jobs = server.get(&format!("/api/shops/{}/jobs", shop.id)).await;
        jobs["jobs"][0]["id"].as_i64()
    })
    .await;
    let done = until_done(&server, &shop, job).await;
    assert_eq!((&done["model"], &done["done"]), (&json!("mini"), &json!(4)));
    let sql = "select distinct s.revision from documents d join embedding_spaces s on s.id = d.space_id
         where d.state = 'live'";
    let revision: String = database(folder.path()).query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(revision.starts_with("int8"), "{revision}");
}

#[tokio::test]
async fn a_shop_of_an_earlier_version_keeps_the_model_that_made_its_vectors() {
    let folder = folder();
    let mut server = start(folder.path(), "builtin");
    let shop = server.shop().await;
    import(&server, &shop, &small_shop()).await;
    server.kill();
    database(folder.path())
        .execute("delete from settings where key = 'embedding'", [])
        .unwrap();
    let server = start(folder.path(), &minilm("int8"));
    assert_eq!(models_of(&server, &shop).await, ["builtin"]);
    assert_eq!(found(&server, &shop, "how long does delivery take").await, "f");
    let new = server.shop().await;
    import(&server, &new, &small_shop()).await;
    assert_eq!(models_of(&server, &new).await, [minilm("int8")]);
}
