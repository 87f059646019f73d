//! Many shops of 1,000 products in one database: searches spread over all of them, while the memory for their indexes holds a part.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run stops with its cause")]

#[path = "support/mod.rs"]
mod support;

use palompy::domain::clock::Clock;
use palompy::domain::embedding::ModelSource;
use palompy::domain::id::PublicKey;
use palompy::domain::id::ShopId;
use palompy::domain::import::ImportMode;
use palompy::domain::settings::ShopSettings;
use palompy::embed::registry::ModelRegistry;
use palompy::jobs::Jobs;
use palompy::knowledge::Knowledge;
use palompy::knowledge::parsing::json::parse_payload;
use palompy::net::Fetcher;
use palompy::retrieval::Retriever;
use palompy::retrieval::models::ShopModels;
use palompy::store::Store;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;
use support::Sample;
use support::Table;
use support::catalog;
use support::server::Server;
use tempfile::TempDir;
use uuid::Uuid;

const PRODUCTS: usize = 1_000;
const SHOPS: usize = 60;
const SEARCHES: usize = 2_000;

#[tokio::main]
async fn main() {
    let wanted = std::env::var("PALOMPY_BENCH_SHOPS")
        .ok()
        .and_then(|text| text.parse().ok());
    let shops = wanted.unwrap_or(SHOPS);
    let mut table = Table::new();
    let folder = TempDir::new().unwrap();
    let keys = search_all(&mut table, folder.path(), shops).await;
    let server = Server::start("serve", folder.path(), None);
    for (number, key) in keys.iter().enumerate() {
        server.time_to_first_delta(key, &catalog::question(number)).await;
    }
    if let Some(megabytes) = server.resident_megabytes() {
        table.at_most(
            &format!("{shops} shops: memory after a question to each"),
            megabytes,
            250.0,
            "MB",
        );
    }
}

/// The shops' public keys.
async fn search_all(table: &mut Table, folder: &Path, count: usize) -> Vec<String> {
    let clock = Clock::System;
    let store = Store::open(&folder.join("palompy.db")).await.unwrap();
    let registry = ModelRegistry::new(folder.join("models"), Vec::new(), clock.clone());
    let models = ShopModels::start(store.clone(), registry, ModelSource::Builtin, clock.clone())
        .await
        .unwrap();
    let retriever = Retriever::new(store.clone(), models.clone(), None);
    let jobs = Jobs::new(store.clone(), clock.clone());
    let knowledge = Knowledge::new(
        store.clone(),
        models,
        jobs,
        retriever.clone(),
        clock.clone(),
        folder,
        Fetcher::public().unwrap(),
    );
    let (mut shops, mut keys) = (Vec::new(), Vec::new());
    let started = Instant::now();
    for number in 0..count {
        let key = PublicKey(Uuid::new_v4());
        keys.push(key.to_string());
        let shop = store
            .insert_shop(format!("Лавка {number}"), key, ShopSettings::default(), clock.now())
            .await;
        let id = shop.unwrap().id;
        let products = number * PRODUCTS..(number + 1) * PRODUCTS;
        let items = parse_payload(catalog::catalog(products).to_string().as_bytes()).unwrap();
        knowledge.import(id, items, ImportMode::Merge).await.unwrap();
        shops.push(id);
    }
    table.known(
        &format!("{count} shops of 1k products: imported in"),
        &format!("{:.0} s", started.elapsed().as_secs_f64()),
    );
    let search = async |shop: ShopId, number: usize| -> Duration {
        let started = Instant::now();
        retriever
            .search(shop, &catalog::question(number), &[], 5)
            .await
            .unwrap();
        started.elapsed()
    };
    let mut cold = Vec::new();
    for (number, shop) in shops.iter().enumerate() {
        cold.push(search(*shop, number).await);
    }
    table.known(
        &format!("{count} shops: first search of each: p50 / p99"),
        &Sample::of_milliseconds(cold).summary(),
    );
    let mut spread = Vec::new();
    for number in 0..SEARCHES {
        // A step that shares no factor with the number of shops visits all of them, far apart.
        spread.push(search(shops[number * 7_919 % count], number).await);
    }
    table.known(
        &format!("{count} shops: searches spread over all: p50 / p99"),
        &Sample::of_milliseconds(spread).summary(),
    );
    let mut few = Vec::new();
    for number in 0..SEARCHES {
        few.push(search(shops[number % 20], number).await);
    }
    table.known(
        &format!("{count} shops: searches of twenty that are in memory: p50 / p99"),
        &Sample::of_milliseconds(few).summary(),
    );
    keys
}
