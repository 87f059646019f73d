//! The model of each shop: assigning, changing, reindexing, and what searches find meanwhile.

pub mod mirror;
mod pull;
mod reindex;
mod reranking;
pub mod switching;

use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::until;
use palompy::domain::embedding::ModelSource;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::path::PathBuf;

/// A file or folder that `make models` makes.
pub fn built(path: &str) -> PathBuf {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join(".build").join(path);
    assert!(
        found.exists(),
        "{} is missing: run `make test`, which prepares the test models",
        found.display()
    );
    found
}

/// One of the two test models as a source.
pub fn minilm(kind: &str) -> String {
    format!("dir:{}", built(&format!("models/minilm-{kind}")).display())
}

/// The program with ONNX Runtime and this model for new shops.
pub async fn start_with(model: &str) -> TestApp {
    let source = ModelSource::parse(model).unwrap();
    TestApp::start_with(|config| {
        config.ort_dylib_path = Some(built("onnxruntime"));
        config.embedding_model = source;
    })
    .await
}

pub fn small_shop() -> Value {
    json!({
        "products": [
            {"id": "L-1", "name": "Desk lamp", "description": "Lights your desk. Uses little power.", "price": 20,
             "old_price": 30, "category": "Lamps"},
            {"id": "T-2", "name": "Tent for two", "description": "Keeps the rain out.", "price": 99}
        ],
        "faq": [{"id": "f", "question": "How long does delivery take?", "answer": "Two days. Sometimes three."}],
        "policies": [{"id": "p", "title": "Returns", "content": "## Time\nFourteen days.\n## Money\nWithin a week."}]
    })
}

pub async fn queue(app: &TestApp, shop: &TestShop, model: &str) -> Reply {
    app.post(&format!("/api/shops/{}/reindex", shop.id), json!({"model": model}))
        .await
}

/// The job once it has ended.
pub async fn ended(app: &TestApp, shop: &TestShop, job: &Value) -> Value {
    let path = format!("/api/shops/{}/jobs/{}", shop.id, job["id"]);
    until("the end of the job", async || {
        let job = app.get(&path).await.json_with(200);
        (!["queued", "running"].contains(&job["status"].as_str().unwrap())).then_some(job)
    })
    .await
}

/// Changes the shop's model and waits until that is done.
pub async fn change(app: &TestApp, shop: &TestShop, model: &str) -> Value {
    let job = queue(app, shop, model).await.json_with(202);
    let job = ended(app, shop, &job).await;
    assert_eq!(job["status"], "done", "{job}");
    job
}

/// The models that the shop is listed under.
pub async fn models_of(app: &TestApp, shop: &TestShop) -> Vec<String> {
    let listed = app.call(Method::GET, "/api/models", None).await.json_with(200);
    let models = listed["models"].as_array().unwrap().iter();
    let used = models.filter(|model| model["shops"].as_array().unwrap().contains(&json!(shop.id)));
    used.map(|model| model["model"].as_str().unwrap().to_owned()).collect()
}

/// The vectors of a shop by source, chunk and unit, whatever space they are in.
pub fn vectors_of(app: &TestApp, shop: &TestShop) -> Vec<(String, i64, i64, Vec<u8>)> {
    let conn = app.database();
    let space: i64 = conn
        .query_row(
            "select distinct space_id from documents where shop_id = ?1 and state = 'live'",
            [shop.id],
            |row| row.get(0),
        )
        .unwrap();
    let sql = format!(
        "select c.source_id, c.position, v.id - c.id * 256, v.embedding from knowledge_chunks c
         join documents d on d.id = c.document_id and d.state = 'live'
         join chunk_vectors_{space} v on v.id / 256 = c.id where c.shop_id = ?1 order by 1, 2, 3"
    );
    let mut statement = conn.prepare(&sql).unwrap();
    let rows = statement
        .query_map([shop.id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Waits until no space but the shop's own holds vectors of it.
pub async fn until_swept(app: &TestApp, shop: &TestShop) {
    until("the sweep of old vectors", async || {
        let conn = app.database();
        let spaces: Vec<i64> = conn
            .prepare("select id from embedding_spaces")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let filled = spaces.iter().filter(|space| {
            let sql = format!("select exists (select 1 from chunk_vectors_{space} where shop_id = ?1)");
            conn.query_row(&sql, [shop.id], |row| row.get::<_, bool>(0)).unwrap()
        });
        (filled.count() <= 1).then_some(())
    })
    .await;
}
