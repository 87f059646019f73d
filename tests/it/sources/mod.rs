//! Sources: files that are read as jobs, their versions, and who may do what with them.

mod jobs;
mod preview;
mod schedules;
mod sites;
mod test_site;
mod uploads;
mod versions;

use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::until;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::path::PathBuf;

/// A source of one file, which the test writes.
pub struct FileSource {
    pub id: i64,
    pub file: PathBuf,
    shop: i64,
}

impl FileSource {
    pub async fn new(app: &TestApp, shop: &TestShop, name: &str) -> FileSource {
        let file = app.folder.path().join(format!("{name}.json"));
        let source = create(app, shop, name, json!({"type": "file", "path": file})).await;
        FileSource {
            id: source["id"].as_i64().unwrap(),
            file,
            shop: shop.id,
        }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/shops/{}/sources/{}{rest}", self.shop, self.id)
    }

    pub fn write(&self, data: &Value) {
        write(&self.file, data);
    }

    /// Writes the file, reads it, and gives the import as it ended.
    pub async fn sync(&self, app: &TestApp, data: &Value) -> Value {
        self.write(data);
        let queued = app.post(&self.path("/sync"), json!({})).await.json_with(202);
        ended(app, self.shop, &queued).await
    }
}

pub async fn create(app: &TestApp, shop: &TestShop, name: &str, location: Value) -> Value {
    let path = format!("/api/shops/{}/sources", shop.id);
    let body = json!({"name": name, "kind": "auto", "location": location});
    app.post(&path, body).await.json_with(201)
}

pub fn write(file: &Path, data: &Value) {
    std::fs::write(file, data.to_string()).unwrap();
}

/// The import once it has ended or waits for a yes.
pub async fn ended(app: &TestApp, shop: i64, import: &Value) -> Value {
    let path = format!("/api/shops/{shop}/imports/{}", import["id"]);
    until("the end of an import", async || {
        let import = app.get(&path).await.json_with(200)["import"].clone();
        let is_open = import["status"] == "queued" || import["status"] == "running";
        (!is_open).then_some(import)
    })
    .await
}

/// Lamps with these ids and prices.
pub fn lamps(prices: &[(u32, u32)]) -> Value {
    let products: Vec<Value> = prices
        .iter()
        .map(|(id, price)| json!({"id": format!("L-{id}"), "name": format!("Лампа {id}"), "price": price}))
        .collect();
    json!({ "products": products })
}

/// The visible lamps with their prices, by id.
pub async fn visible(app: &TestApp, shop: &TestShop) -> Vec<(String, f64)> {
    let hits = app.hits(shop, "лампа").await;
    let lamp = |hit: &Value| {
        (
            hit["source_id"].as_str().unwrap().to_owned(),
            hit["price"].as_f64().unwrap_or(-1.0),
        )
    };
    // One that differs from another in its price only is listed as its variant.
    let variants = hits
        .iter()
        .flat_map(|hit| hit["variants"].as_array().into_iter().flatten());
    let mut lamps: Vec<_> = hits.iter().chain(variants).map(lamp).collect();
    lamps.sort_by(|a, b| a.partial_cmp(b).unwrap());
    lamps
}

pub fn counts(import: &Value) -> [u64; 4] {
    ["added", "changed", "unchanged", "removed"].map(|name| import[name].as_u64().unwrap())
}
