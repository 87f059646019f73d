//! Bringing a shop's knowledge in.

use crate::support::ADMIN_TOKEN;
use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::demo_data;
use crate::support::source_ids;
use crate::support::until;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

fn lamp(price: u32) -> Value {
    json!({"id": "L-1", "name": "Лампа настольная", "description": "Тёплый свет.", "price": price, "currency": "RUB",
        "url": "https://shop.example/lamp"})
}

fn data_path(shop: &TestShop) -> String {
    format!("/api/shops/{}/data", shop.id)
}

/// Added, changed, unchanged, removed.
fn counts(result: &Value) -> [u64; 4] {
    ["added", "changed", "unchanged", "removed"].map(|name| result[name].as_u64().unwrap())
}

/// So many products that an import of them is still running when the test looks.
fn large_catalogue(items: usize) -> Value {
    let products: Vec<Value> = (0..items)
        .map(|n| json!({"id": format!("B-{n}"), "name": format!("Товар {n}"), "description": "Крепкий и удобный."}))
        .collect();
    json!({ "products": products })
}

/// Starts an import and gives the task that will have its reply, once the import is listed as running.
async fn import_in_background(app: &TestApp, shop: &TestShop, data: &Value) -> tokio::task::JoinHandle<Reply> {
    let request = app
        .request(Method::POST, &data_path(shop))
        .bearer_auth(ADMIN_TOKEN)
        .json(data);
    let task = tokio::spawn(Reply::of(request));
    let path = format!("/api/shops/{}/imports", shop.id);
    until("the running import", async || {
        let imports = app.get(&path).await.json_with(200);
        (imports["running"]["total"].as_u64()? > 0).then_some(())
    })
    .await;
    task
}

#[tokio::test]
async fn the_same_data_twice_changes_nothing_and_embeds_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let first = app.import(&shop, demo_data("ru")).await;
    let total = first["added"].as_u64().unwrap();
    assert!(total > 50, "{first}");
    assert_eq!(counts(&first), [total, 0, 0, 0]);
    assert_eq!((&first["status"], &first["dry_run"]), (&json!("ok"), &json!(false)));
    let rows = || -> (i64, i64) {
        let sql = "select count(*), max(id) from knowledge_chunks";
        app.database()
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
    };
    let before = rows();
    let second = app.import(&shop, demo_data("ru")).await;
    assert_eq!(counts(&second), [0, 0, total, 0]);
    assert_eq!(second["chunks"], first["chunks"]);
    assert_eq!(rows(), before);
}

#[tokio::test]
async fn a_changed_item_is_replaced_whole_and_the_others_stay() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let faq = json!([{"id": "q", "question": "Есть самовывоз?", "answer": "Да, с девяти до шести."}]);
    app.import(&shop, json!({"products": [lamp(1000)], "faq": faq.clone()}))
        .await;
    let result = app.import(&shop, json!({"products": [lamp(1200)], "faq": faq})).await;
    assert_eq!(counts(&result), [0, 1, 1, 0]);
    let hits = app.hits(&shop, "лампа настольная").await;
    assert_eq!(
        (&hits[0]["source_id"], &hits[0]["price"]),
        (&json!("L-1"), &json!(1200.0))
    );
    assert!(hits[0]["text"].as_str().unwrap().contains("1200"));
    let rows: i64 = app
        .database()
        .query_row(
            "select count(*) from knowledge_chunks c join documents d on d.id = c.document_id where not d.kept",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(rows, 2, "chunks are left that no version has");
}

#[tokio::test]
async fn a_changed_price_is_what_answers_show() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.import(&shop, json!({"products": [lamp(1000)]})).await;
    assert!(
        app.ask(&shop, "Сколько стоит лампа настольная?").await["answer"]
            .as_str()
            .unwrap()
            .replace(['\u{a0}', '\u{202f}', ' '], "")
            .contains("1000")
    );
    app.import(&shop, json!({"products": [lamp(2345)]})).await;
    let answer = app.ask(&shop, "Сколько стоит лампа настольная?").await;
    let text = answer["answer"]
        .as_str()
        .unwrap()
        .replace(['\u{a0}', '\u{202f}', ' '], "");
    assert!(text.contains("2345") && !text.contains("1000"), "{answer}");
}

#[tokio::test]
async fn merge_keeps_and_replace_removes_what_is_not_mentioned() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let other = json!({"id": "L-2", "name": "Торшер"});
    app.import(&shop, json!({"products": [lamp(1), other]})).await;
    let merged = app.import(&shop, json!({"products": [lamp(1)]})).await;
    assert_eq!(counts(&merged), [0, 0, 1, 0]);
    assert_eq!(merged["chunks"], 2);
    let path = format!("{}?mode=replace", data_path(&shop));
    let replaced = app.post(&path, json!({"products": [lamp(1)]})).await.json_with(200);
    assert_eq!(counts(&replaced), [0, 0, 1, 1]);
    assert_eq!(replaced["chunks"], 1);
    assert!(
        !app.hits(&shop, "торшер")
            .await
            .iter()
            .any(|hit| hit["source_id"] == "L-2")
    );
}

#[tokio::test]
async fn items_without_an_id_are_the_same_items_next_time() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let data = |answer: &str| {
        json!({"products": [{"name": "Лампа"}], "faq": [{"question": "Когда?", "answer": answer}],
            "policies": [{"title": "Возврат", "content": "14 дней."}]})
    };
    assert_eq!(counts(&app.import(&shop, data("Завтра.")).await), [3, 0, 0, 0]);
    assert_eq!(counts(&app.import(&shop, data("Завтра.")).await), [0, 0, 3, 0]);
    assert_eq!(counts(&app.import(&shop, data("Сегодня.")).await), [0, 1, 2, 0]);
}

#[tokio::test]
async fn extra_fields_of_a_product_can_be_searched() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let data = json!({"products": [
        {"id": 1, "name": "Кружка", "brand": "Жостово", "category": "Посуда", "attributes": {"Цвет": "бирюзовый"}},
        {"id": 2, "name": "Кружка", "глазурь": "кракле"}, {"id": 3, "name": "Ложка"}]});
    app.import(&shop, data).await;
    for (query, id) in [("жостово", "1"), ("бирюзовый", "1"), ("кракле", "2")] {
        assert_eq!(app.hits(&shop, query).await[0]["source_id"], id, "{query}");
    }
}

#[tokio::test]
async fn every_problem_is_told_with_its_place_and_nothing_is_taken() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.import(&shop, json!({"products": [lamp(1000)]})).await;
    let bad = json!({"products": [lamp(9999), {"id": "x", "price": "дорого"}, {"name": "n", "url": "javascript:1"}, 7],
        "faq": [{"question": "q"}], "policy": []});
    let reply = app.post(&data_path(&shop), bad).await;
    let expected = [
        "policy",
        "products[1].name",
        "products[1].price",
        "products[2].url",
        "products[3]",
        "faq[0].answer",
    ];
    assert_eq!(reply.invalid_fields(), expected);
    assert_eq!(app.hits(&shop, "лампа").await[0]["price"], 1000.0);
    assert_eq!(
        app.get(&format!("/api/shops/{}/imports", shop.id)).await.json()["imports"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn fields_that_are_too_long_are_refused_by_name() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let attributes: serde_json::Map<String, Value> = (0..201).map(|n| (format!("k{n}"), json!("v"))).collect();
    let data = json!({"products": [{"id": "a", "name": "n".repeat(1001)}, {"id": "i".repeat(2001), "name": "n"},
        {"id": "c", "name": "n", "attributes": attributes}, {"id": "d", "name": "n", "price": -1}]});
    let fields = app.post(&data_path(&shop), data).await.invalid_fields();
    assert_eq!(
        fields,
        [
            "products[0].name",
            "products[1].id",
            "products[2].attributes",
            "products[3].price"
        ]
    );
}

#[tokio::test]
async fn a_dry_run_tells_what_would_change_and_changes_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.import(&shop, json!({"products": [lamp(1000)]})).await;
    let data = json!({"products": [lamp(1), {"id": "L-2", "name": "Торшер"}]});
    let path = format!("{}?dry_run=true&mode=replace", data_path(&shop));
    let preview = app.post(&path, data.clone()).await.json_with(200);
    assert_eq!(counts(&preview), [1, 1, 0, 0]);
    assert_eq!(preview["dry_run"], true);
    let hits = app.hits(&shop, "лампа торшер").await;
    assert_eq!(source_ids(&hits), ["L-1"]);
    assert_eq!(hits[0]["price"], 1000.0);
    assert_eq!(counts(&app.import(&shop, data).await), [1, 1, 0, 0]);
}

#[tokio::test]
async fn a_second_import_of_the_same_shop_waits_for_nobody_and_is_refused() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop().await, app.shop().await);
    let data = large_catalogue(600);
    let first = import_in_background(&app, &shop, &data).await;
    let second = app.post(&data_path(&shop), json!({"products": [lamp(1)]})).await;
    assert_eq!(second.error(409), "conflict");
    assert_eq!(
        counts(&app.import(&other, json!({"products": [lamp(1)]})).await),
        [1, 0, 0, 0]
    );
    assert_eq!(counts(&first.await.unwrap().json_with(200)), [600, 0, 0, 0]);
    assert_eq!(
        counts(&app.import(&shop, json!({"products": [lamp(1)]})).await),
        [1, 0, 0, 0]
    );
}

#[tokio::test]
async fn nothing_of_a_running_import_is_found_before_all_of_it() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.import(&shop, json!({"products": [lamp(1000)]})).await;
    let mut data = large_catalogue(600);
    data["products"].as_array_mut().unwrap().insert(0, lamp(5));
    let task = import_in_background(&app, &shop, &data).await;
    let mut looks = 0;
    while !task.is_finished() {
        let hits = app.hits(&shop, "лампа настольная товар").await;
        let found_new = hits.iter().any(|hit| hit["source_id"] != "L-1");
        let lamp_price = hits
            .iter()
            .find(|hit| hit["source_id"] == "L-1")
            .map(|hit| hit["price"].clone());
        assert_eq!(found_new, lamp_price == Some(json!(5.0)), "{hits:?}");
        looks += 1;
    }
    task.await.unwrap().json_with(200);
    assert!(looks > 0);
}

#[tokio::test]
async fn a_client_that_leaves_does_not_stop_the_import() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    import_in_background(&app, &shop, &large_catalogue(300)).await.abort();
    let path = format!("/api/shops/{}/imports", shop.id);
    let done = until("the end of the import", async || {
        let imports = app.get(&path).await.json_with(200);
        (imports["imports"][0]["status"] != "running").then(|| imports["imports"][0].clone())
    })
    .await;
    assert_eq!((&done["status"], &done["added"]), (&json!("done"), &json!(300)));
}

#[tokio::test]
async fn a_shop_deleted_during_its_import_leaves_nothing_and_breaks_nothing() {
    let app = TestApp::start().await;
    let (gone, kept) = (app.shop().await, app.shop().await);
    let task = import_in_background(&app, &gone, &large_catalogue(600)).await;
    assert_eq!(app.delete(&format!("/api/shops/{}", gone.id)).await.status, 204);
    assert_eq!(task.await.unwrap().error(404), "not_found");
    assert_eq!(
        counts(&app.import(&kept, json!({"products": [lamp(1)]})).await),
        [1, 0, 0, 0]
    );
    let left: i64 = app
        .database()
        .query_row("select count(*) from documents where shop_id = ?1", [gone.id], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn imports_are_listed_newest_first_with_their_counts() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.import(&shop, json!({"products": [lamp(1)]})).await;
    app.pass_time(std::time::Duration::from_secs(60));
    app.import(&shop, json!({"products": [lamp(2)]})).await;
    let list = app.get(&format!("/api/shops/{}/imports", shop.id)).await.json_with(200);
    assert_eq!(list["running"], Value::Null);
    let imports = list["imports"].as_array().unwrap();
    let all: Vec<_> = imports.iter().map(counts).collect();
    assert_eq!(all, [[0, 1, 0, 0], [1, 0, 0, 0]]);
    assert_eq!(imports[0]["started_at"], "2026-01-02T03:05:05Z");
    assert_eq!(imports[0]["error"], Value::Null);
}

#[tokio::test]
async fn odd_texts_are_taken_as_they_are() {
    let app = TestApp::start().await;
    let texts = [
        "\u{0}\u{1}\u{202e}\u{feff}".to_owned(),
        "🎒".repeat(3_000),
        "безпробелов".repeat(2_000),
        "А. ".repeat(5_000),
        "\n".repeat(5_000) + "конец",
        "# ".repeat(2_000),
        "e\u{301}".repeat(3_000),
        "<script>alert(1)</script>".to_owned(),
    ];
    for size in [20, 2000] {
        let shop = app
            .shop_with(json!({"chunk_size_tokens": size, "chunk_overlap_tokens": 0}))
            .await;
        let products: Vec<Value> = texts
            .iter()
            .enumerate()
            .map(|(n, text)| json!({"id": format!("O-{n}"), "name": "Странность", "description": text}))
            .collect();
        let result = app.import(&shop, json!({ "products": products })).await;
        assert_eq!(counts(&result), [texts.len() as u64, 0, 0, 0]);
        assert_eq!(app.hits(&shop, "O-4").await[0]["source_id"], "O-4");
    }
}
