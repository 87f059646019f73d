//! Sources on the command line, and `kill -9` while one is imported.

use crate::program::Server;
use crate::program::database;
use crate::program::folder;
use crate::program::output_of;
use crate::program::palompy;
use crate::program::run;
use crate::program::stderr_of;
use crate::support::until;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

const KILLS: u32 = 8;
const ITEMS: usize = 400;

fn lamps(count: usize, price: u32) -> String {
    let products: Vec<Value> = (0..count)
        .map(|n| json!({"id": format!("L-{n}"), "name": format!("Лампа настольная {n}"), "price": price}))
        .collect();
    json!({ "products": products }).to_string()
}

/// The prices of visible products, each once, and how many of them there are.
fn live_prices(folder: &Path) -> (Vec<f64>, i64) {
    let conn = database(folder);
    let mut statement = conn
        .prepare("select distinct product ->> 'price' from documents where state = 'live' order by 1")
        .unwrap();
    let prices = statement.query_map([], |row| row.get(0)).unwrap();
    let prices = prices.collect::<Result<_, _>>().unwrap();
    let count = conn
        .query_row("select count(*) from documents where state = 'live'", [], |row| {
            row.get(0)
        })
        .unwrap();
    (prices, count)
}

#[tokio::test]
async fn an_import_of_a_source_that_is_killed_goes_on_to_its_end() {
    let folder = folder();
    let mut server = Server::start(folder.path());
    let shop = server.shop().await;
    let file = folder.path().join("lamps.json");
    std::fs::write(&file, lamps(ITEMS, 1)).unwrap();
    let source = json!({"name": "лампы", "location": {"type": "file", "path": file}});
    let made = server
        .post(&format!("/api/shops/{}/sources", shop.id), &source)
        .await
        .json_with(201);
    let sync = format!("/api/shops/{}/sources/{}/sync", shop.id, made["id"]);
    let status = async |server: &Server, import: &Value| {
        let path = format!("/api/shops/{}/imports/{import}", shop.id);
        server.get(&path).await["import"]["status"].as_str().unwrap().to_owned()
    };
    let started = Instant::now();
    let first = server.post(&sync, &json!({})).await.json_with(202)["id"].clone();
    until("the first import", async || {
        (status(&server, &first).await == "done").then_some(())
    })
    .await;
    let whole = started.elapsed();
    for kill in 0..KILLS {
        let price = kill + 2;
        std::fs::write(&file, lamps(ITEMS, price)).unwrap();
        let import = server.post(&sync, &json!({})).await.json_with(202)["id"].clone();
        let before = live_prices(folder.path());
        tokio::time::sleep(whole.mul_f64(f64::from(kill) / f64::from(KILLS))).await;
        server.kill();
        // What the source says now is for the next import: this one has its own copy, or reads the file anew if it has none yet.
        let seen = live_prices(folder.path());
        assert!(
            seen == before || seen == (vec![f64::from(price)], ITEMS as i64),
            "{seen:?}"
        );
        server = Server::start(folder.path());
        until("the import to go on", async || {
            (status(&server, &import).await == "done").then_some(())
        })
        .await;
        assert_eq!(live_prices(folder.path()), (vec![f64::from(price)], ITEMS as i64));
        let conn = database(folder.path());
        let number = |sql: &str| -> i64 { conn.query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(number("select count(*) from documents where state = 'staged'"), 0);
        // In one snapshot: documents that no version keeps are being swept.
        let stray = "select (select count(*) from chunk_vectors_1)
             - (select coalesce(sum(embedding_count), 0) from knowledge_chunks)";
        assert_eq!(number(stray), 0);
    }
    let undo = format!("/api/shops/{}/sources/{}/undo", shop.id, made["id"]);
    server.post(&undo, &json!({})).await.json_with(200);
    assert_eq!(live_prices(folder.path()).0, [f64::from(KILLS)]);
}

#[tokio::test]
async fn files_become_sources_and_every_import_can_be_undone() {
    let folder = folder();
    let path = folder.path();
    output_of(path, &["admin", "shop", "create", "Лавка"]);
    std::fs::write(path.join("lamps.json"), lamps(10, 5)).unwrap();
    let import = ["import", "--shop", "1", "--source", "лампы", "lamps.json"];
    assert!(output_of(path, &import).contains("10 added"));
    std::fs::write(path.join("lamps.json"), lamps(10, 6)).unwrap();
    let preview = output_of(path, &[&import[..], &["--dry-run"]].concat());
    assert!(
        preview.contains("change 10") && live_prices(path).0 == [5.0],
        "{preview}"
    );
    assert!(output_of(path, &import).contains("10 changed"));
    std::fs::write(path.join("lamps.json"), lamps(2, 6)).unwrap();
    let held = run(path, &import);
    assert!(!held.status.success() && stderr_of(&held).contains("--yes"), "{held:?}");
    assert_eq!(live_prices(path).1, 10);
    assert!(output_of(path, &[&import[..], &["--yes"]].concat()).contains("8 removed"));
    for (verb, count) in [("undo", 10), ("redo", 2), ("undo", 10)] {
        output_of(path, &["sources", verb, "--shop", "1", "лампы"]);
        assert_eq!(live_prices(path).1, count, "{verb}");
    }
    let listed = output_of(path, &["sources", "list", "--shop", "1"]);
    assert!(listed.contains("лампы") && listed.contains("upload"), "{listed}");
    let versions = output_of(path, &["sources", "versions", "--shop", "1", "лампы"]);
    assert_eq!(
        versions.lines().filter(|line| line.starts_with('*')).count(),
        1,
        "{versions}"
    );
    assert!(
        versions.contains("undo") && versions.contains("cancelled") && versions.contains("palompy import"),
        "{versions}"
    );
    let unknown = run(path, &["sources", "undo", "--shop", "1", "торшеры"]);
    assert!(!unknown.status.success() && stderr_of(&unknown).contains("торшеры"));
}

#[tokio::test]
async fn a_preview_prints_the_chunks_of_a_file_and_stores_nothing() {
    let folder = folder();
    let path = folder.path();
    output_of(path, &["admin", "shop", "create", "Лавка"]);
    std::fs::write(path.join("rules.md"), "# Доставка\n\nПо Твери за день.\n").unwrap();
    let preview = output_of(path, &["import", "--shop", "1", "--preview", "rules.md"]);
    assert!(
        preview.contains("По Твери за день.") && preview.contains("markdown") && preview.contains("· Доставка"),
        "{preview}"
    );
    std::fs::write(path.join("price.csv"), "Товар;Цена\nЛампа;500\nСтол;дорого\n").unwrap();
    let table = ["import", "--shop", "1", "--preview", "--map", "name=Товар", "price.csv"];
    let preview = output_of(path, &table);
    assert!(preview.contains("\"price\":500.0"), "{preview}");
    std::fs::write(path.join("empty.pdf"), "").unwrap();
    let refused = run(path, &["import", "--shop", "1", "--preview", "empty.pdf"]);
    assert!(
        !refused.status.success() && stderr_of(&refused).contains("empty.pdf"),
        "{refused:?}"
    );
    let listed = output_of(path, &["sources", "list", "--shop", "1"]);
    assert!(!listed.contains("rules"), "{listed}");
    assert_eq!(std::fs::read_dir(path.join("data/imports")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_watched_folder_is_imported_when_its_files_change() {
    let folder = folder();
    let path = folder.path();
    output_of(path, &["admin", "shop", "create", "Лавка"]);
    let watched = path.join("watched");
    std::fs::create_dir(&watched).unwrap();
    std::fs::write(watched.join("lamps.json"), lamps(3, 5)).unwrap();
    let mut child = palompy(path, &["import", "--shop", "1", "--watch", "watched"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until_price = async |price: f64| {
        until("the change", async || (live_prices(path).0 == [price]).then_some(())).await;
    };
    until_price(5.0).await;
    // Longer than before, so that no clock of the file system has to be fine enough.
    std::fs::write(watched.join("lamps.json"), lamps(4, 10)).unwrap();
    until_price(10.0).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(live_prices(path).1, 4);
}
