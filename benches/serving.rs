//! The running program: start-up, memory, an import beside chats, time before the first token, the widget's weight.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run stops with its cause")]

#[path = "support/mod.rs"]
mod support;

use futures::future::join_all;
use regex::Regex;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use support::Sample;
use support::Table;
use support::catalog;
use support::fake_llm;
use support::fake_llm::Pace;
use support::least;
use support::server::Server;
use tempfile::TempDir;

const PRODUCTS: usize = 10_000;
const STARTS: usize = 5;
const STREAMS: usize = 50;
/// An answer of a second and a half, as a service words it.
const ANSWER: Pace = Pace {
    words: 30,
    pause: Duration::from_millis(50),
};

#[tokio::main]
async fn main() {
    let mut table = Table::new();
    demo_memory(&mut table).await;
    let folder = TempDir::new().unwrap();
    let at_once = Pace {
        words: 0,
        pause: Duration::ZERO,
    };
    let llm = fake_llm::start(at_once).await;
    let server = Arc::new(Server::start("serve", folder.path(), Some(&llm)));
    let key = import_beside_chats(&mut table, &server).await;
    first_tokens_one_by_one(&mut table, &server, &key).await;
    burst(&mut table, &server, &key).await;
    drop(server);

    let llm = fake_llm::start(ANSWER).await;
    let server = Arc::new(Server::start("serve", folder.path(), Some(&llm)));
    first_tokens_of_open_streams(&mut table, &server, &key).await;
    if let Some(megabytes) = server.resident_megabytes() {
        table.known("memory after that, 10,000 products", &format!("{megabytes:.0} MB"));
    }
    drop(server);
    start_up(&mut table, folder.path()).await;
}

async fn start_up(table: &mut Table, data_dir: &Path) {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(Server::time_to_first_answer(data_dir).await.as_secs_f64() * 1e3);
    }
    table.at_most(
        "start to first healthy answer, 10,000 products in the folder",
        least(times),
        300.0,
        "ms",
    );
}

async fn demo_memory(table: &mut Table) {
    let folder = TempDir::new().unwrap();
    let server = Server::start("demo", folder.path(), None);
    let page = server
        .client
        .get(format!("{}/demo", server.url))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let key = page
        .split("data-shop-id=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    for number in 0..20 {
        server.time_to_first_delta(key, &catalog::question(number)).await;
    }
    if let Some(megabytes) = server.resident_megabytes() {
        table.at_most(
            "memory serving the demo shops, after 20 questions",
            megabytes,
            120.0,
            "MB",
        );
    }
    widget_weight(table, &server).await;
}

/// As a browser gets it, compressed by the server: all that a visitor of one language can load. The heavier language counts.
async fn widget_weight(table: &mut Table, server: &Server) {
    let folder = Regex::new("/widget/[0-9a-f]{16}/").unwrap();
    let neighbor = Regex::new("(?:import|from)\\(?[\"'`]\\./([\\w-]+\\.js)[\"'`]").unwrap();
    let launcher = text(server, "/widget.js").await;
    let folder = folder.find(&launcher).unwrap().as_str();
    let loader = gzipped_size(server, "/widget.js").await;
    let mut heaviest: f64 = 0.0;
    for language in ["ru", "en"] {
        let mut found = BTreeSet::new();
        let mut waiting = vec!["panel.js".to_owned(), "more.js".to_owned()];
        let mut all = loader;
        while let Some(name) = waiting.pop() {
            if found.insert(name.clone()) {
                let address = format!("{folder}{language}/{name}");
                all += gzipped_size(server, &address).await;
                let script = text(server, &address).await;
                waiting.extend(neighbor.captures_iter(&script).map(|name| name[1].to_owned()));
            }
        }
        heaviest = heaviest.max(all);
    }
    table.at_most("widget: loader, gzip", loader, 5.0, "KB");
    table.at_most("widget: everything, gzip", heaviest, 30.0, "KB");
}

async fn text(server: &Server, path: &str) -> String {
    let answer = server.client.get(format!("{}{path}", server.url)).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}");
    answer.text().await.unwrap()
}

async fn gzipped_size(server: &Server, path: &str) -> f64 {
    let request = server
        .client
        .get(format!("{}{path}", server.url))
        .header("accept-encoding", "gzip");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers().get("content-encoding").unwrap(), "gzip", "{path}");
    answer.bytes().await.unwrap().len() as f64 / 1024.0
}

/// Ten questions a second, one after the other, until `ended`.
async fn chat_steadily(server: &Server, key: &str, ended: impl Fn(usize) -> bool) -> Sample {
    let mut times = Vec::new();
    while !ended(times.len()) {
        times.push(server.time_to_first_delta(key, &catalog::question(times.len())).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Sample::of_milliseconds(times)
}

/// Chats with a shop of 1,000 products, alone and while another shop's products come in. The other shop's public key.
async fn import_beside_chats(table: &mut Table, server: &Arc<Server>) -> String {
    let (small, small_key) = server.new_shop().await;
    let (large, large_key) = server.new_shop().await;
    server
        .send(&format!("/api/shops/{small}/data"), &catalog::catalog(0..1000))
        .await;
    chat_steadily(server, &small_key, |count| count >= 20).await;
    let idle = chat_steadily(server, &small_key, |count| count >= 100).await;

    let body = catalog::catalog(0..PRODUCTS);
    let path = format!("/api/shops/{large}/data");
    let sender = Arc::clone(server);
    let import = tokio::spawn(async move {
        let started = Instant::now();
        sender.send(&path, &body).await;
        started.elapsed()
    });
    let busy = chat_steadily(server, &small_key, |_| import.is_finished()).await;
    let took = import.await.unwrap().as_secs_f64();
    table.at_most("import of 10,000 products beside chats", took, 6.0, "s");
    let (before, during) = (idle.percentile(95.0), busy.percentile(95.0));
    table.known("chat p95 to the first token, idle", &format!("{before:.2} ms"));
    table.known(
        &format!("chat p95 to the first token, importing ({} asked)", busy.len()),
        &format!("{during:.2} ms"),
    );
    table.at_most("chat p95 importing, against idle", during / before, 2.0, "times");
    large_key
}

async fn first_tokens_one_by_one(table: &mut Table, server: &Server, key: &str) {
    chat_steadily(server, key, |count| count >= 20).await;
    let times = chat_steadily(server, key, |count| count >= 200).await;
    table.known(
        "time before the first token, 10,000 products, alone: p50 / p99",
        &times.summary(),
    );
}

/// All ask at the same instant: the worst case, in which most of the time is waiting for a core.
async fn burst(table: &mut Table, server: &Arc<Server>, key: &str) {
    let mut times = Vec::new();
    for round in 0..10 {
        let asked = (0..STREAMS).map(|visitor| ask(server, key, round * STREAMS + visitor));
        times.extend(join_all(asked).await);
    }
    let times = Sample::of_milliseconds(times);
    table.known("- all 50 asking at the same instant: p50 / p99", &times.summary());
}

/// Fifty answers are being streamed at any time; when one ends, the next visitor asks.
async fn first_tokens_of_open_streams(table: &mut Table, server: &Arc<Server>, key: &str) {
    let length = ANSWER.pause * u32::try_from(ANSWER.words).unwrap();
    let visitors = (0..STREAMS).map(|visitor| async move {
        tokio::time::sleep(length * u32::try_from(visitor).unwrap() / u32::try_from(STREAMS).unwrap()).await;
        let mut times = Vec::new();
        for round in 0..8 {
            times.push(ask(server, key, round * STREAMS + visitor).await);
        }
        // The first round finds cold caches and fewer streams.
        times.split_off(1)
    });
    let times: Vec<_> = join_all(visitors).await.into_iter().flatten().collect();
    let times = Sample::of_milliseconds(times);
    table.at_most("- 50 streams open at once: p50", times.percentile(50.0), 5.0, "ms");
    table.at_most("- 50 streams open at once: p99", times.percentile(99.0), 30.0, "ms");
}

async fn ask(server: &Arc<Server>, key: &str, number: usize) -> Duration {
    let (server, key) = (Arc::clone(server), key.to_owned());
    tokio::spawn(async move { server.time_to_first_delta(&key, &catalog::question(number)).await })
        .await
        .unwrap()
}
