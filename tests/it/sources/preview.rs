//! What files would become, before anything is imported.

use crate::sources::create;
use crate::sources::uploads::multipart;
use crate::sources::uploads::send;
use crate::support::Reply;
use crate::support::TestApp;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

const RULES: &str = "# Правила\n\nВступление.\n\n## Доставка\n\n| Город | Цена |\n|---|---|\n| Тверь | 300 |\n| Омск | 500 |\n\n\
                     ## Возврат\n\n- Чек\n- Паспорт\n";

fn path(shop: i64) -> String {
    format!("/api/shops/{shop}/sources/preview")
}

fn texts(document: &Value) -> Vec<&str> {
    let chunks = document["chunks"].as_array().unwrap();
    chunks.iter().map(|chunk| chunk["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_preview_shows_the_chunks_of_a_document_and_stores_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let form = multipart(&[("file", Some("rules.md"), RULES)]);
    let preview = send(&app, &path(shop.id), form).await.json_with(200);
    assert_eq!(preview["files"], json!([{"name": "rules.md", "kind": "markdown"}]));
    assert_eq!(
        (&preview["documents_total"], &preview["size_unit"], &preview["error"]),
        (&json!(1), &json!("words"), &Value::Null)
    );
    let document = &preview["documents"][0];
    assert_eq!(
        texts(document),
        [
            "Название: Правила\nТекст: ## Правила\nВступление.",
            "Название: Правила\nТекст: ## Правила › Доставка\nГород: Тверь; Цена: 300\nГород: Омск; Цена: 500",
            "Название: Правила\nТекст: ## Правила › Возврат\n- Чек\n- Паспорт",
        ]
    );
    let second = &document["chunks"][1];
    assert_eq!(second["headings"], json!(["Правила", "Доставка"]));
    assert!(second["size"].as_u64() > Some(8) && second["size"].as_u64() <= preview["chunk_size"].as_u64());
    let imports = app.get(&format!("/api/shops/{}/imports", shop.id)).await.json_with(200);
    assert_eq!(imports["imports"], json!([]));
    let left = app.folder.path().join("data/imports");
    crate::support::until("the files to go", async || {
        (std::fs::read_dir(&left).unwrap().count() == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_preview_of_a_table_takes_its_kind_and_columns_from_the_source_or_the_form() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let table = "Что;Почём\nЛампа;500\n;3\nСтол;900\n";
    let source = create(&app, &shop, "прайс", json!({"type": "upload"})).await;
    let own = format!("/api/shops/{}/sources/{}", shop.id, source["id"]);
    let mapping = json!({"name": "Что", "price": "Почём"});
    app.patch(&own, json!({"kind": "csv", "mapping": mapping}))
        .await
        .json_with(200);
    let id = source["id"].to_string();
    let of_source = [("source", None, id.as_str()), ("file", Some("p"), table)];
    let mapping = mapping.to_string();
    let of_form = [
        ("kind", None, "csv"),
        ("mapping", None, mapping.as_str()),
        ("file", Some("p"), table),
    ];
    let of_source = send(&app, &path(shop.id), multipart(&of_source)).await.json_with(200);
    let of_form = send(&app, &path(shop.id), multipart(&of_form)).await.json_with(200);
    assert_eq!(of_source, of_form);
    assert_eq!(of_form["documents_total"], 2);
    let first = &of_form["documents"][0];
    assert_eq!((&first["product"]["price"], &first["line"]), (&json!(500.0), &json!(2)));
    assert_eq!(
        (&of_form["problems_total"], &of_form["problems"][0]["line"]),
        (&json!(1), &json!(3))
    );
    let page = [
        ("source", None, id.as_str()),
        ("offset", None, "1"),
        ("limit", None, "1"),
        ("file", Some("p"), table),
    ];
    let page = send(&app, &path(shop.id), multipart(&page)).await.json_with(200);
    assert_eq!(page["documents_total"], 2);
    assert_eq!(page["documents"].as_array().unwrap().len(), 1);
    assert_eq!(page["documents"][0]["title"], "Стол");
}

#[tokio::test]
async fn a_preview_says_what_is_wrong() {
    let app = TestApp::start_with(|config| config.max_upload_bytes = 4_096).await;
    let (shop, other) = (app.shop().await, app.shop().await);
    let foreign = create(&app, &other, "прайс", json!({"type": "upload"})).await["id"].to_string();
    let path = path(shop.id);
    let file = ("file", Some("a.md"), "текст");
    let large = "x".repeat(10_000);
    for (parts, status, code) in [
        (vec![], 400, "bad_request"),
        (vec![("picture", None, "x"), file], 400, "bad_request"),
        (vec![("kind", None, "doc"), file], 422, "invalid"),
        (vec![("mapping", None, "[]"), file], 422, "invalid"),
        (vec![("limit", None, "0"), file], 422, "invalid"),
        (vec![("limit", None, "101"), file], 422, "invalid"),
        (vec![("offset", None, "-1"), file], 422, "invalid"),
        (vec![("path", None, "a.md")], 422, "invalid"),
        (vec![("path", None, "/nowhere/a.md")], 422, "invalid"),
        (vec![("source", None, "x"), file], 404, "not_found"),
        (vec![("source", None, foreign.as_str()), file], 404, "not_found"),
        (vec![("file", Some("a.md"), large.as_str())], 413, "too_large"),
    ] {
        assert_eq!(
            send(&app, &path, multipart(&parts)).await.error(status),
            code,
            "{parts:?}"
        );
    }
    for (name, text, words) in [("a.pdf", "%PDF-1.7\nnothing", "damaged"), ("a.bin", "\0\0\0", "format")] {
        let answer = send(&app, &path, multipart(&[("file", Some(name), text)]))
            .await
            .json_with(200);
        assert_eq!(answer["documents_total"], 0);
        assert!(
            answer["error"].as_str().unwrap().to_lowercase().contains(words),
            "{answer}"
        );
    }
    let made = app
        .post("/api/tokens", json!({"name": "crm", "shop_id": shop.id}))
        .await;
    let token = made.json_with(201)["token"].as_str().unwrap().to_owned();
    let body = "--b\r\ncontent-disposition: form-data; name=\"path\"\r\n\r\n/etc/hostname\r\n--b--\r\n";
    for (shop, status) in [(shop.id, 422), (other.id, 404)] {
        let request = app.request(Method::POST, &self::path(shop)).bearer_auth(&token);
        let request = request.header("content-type", "multipart/form-data; boundary=b");
        Reply::of(request.body(body)).await.error(status);
    }
}
