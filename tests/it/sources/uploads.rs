//! Files that are sent to a source.

use crate::sources::counts;
use crate::sources::create;
use crate::sources::ended;
use crate::sources::lamps;
use crate::sources::visible;
use crate::support::ADMIN_TOKEN;
use crate::support::Reply;
use crate::support::TestApp;
use reqwest::Method;
use serde_json::json;

const BOUNDARY: &str = "----a-boundary-of-tests";

/// Parts as a browser writes them: name, file name, content.
pub fn multipart(parts: &[(&str, Option<&str>, &str)]) -> String {
    let mut body = String::new();
    for (name, file, content) in parts {
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        body.push_str(&format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
        ));
    }
    format!("{body}--{BOUNDARY}--\r\n")
}

pub async fn send(app: &TestApp, path: &str, body: String) -> Reply {
    let request = app.request(Method::POST, path).bearer_auth(ADMIN_TOKEN);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    Reply::of(request.header("content-type", kind).body(body)).await
}

#[tokio::test]
async fn files_that_are_sent_are_all_that_the_source_says() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = create(&app, &shop, "прайс", json!({"type": "upload"})).await;
    let path = format!("/api/shops/{}/sources/{}/upload", shop.id, source["id"]);
    let (first, second) = (lamps(&[(1, 10), (2, 20)]).to_string(), lamps(&[(3, 30)]).to_string());
    let both = multipart(&[
        ("file", Some("C:\\\\price\\\\a.json"), &first),
        ("file", Some("../../b.json"), &second),
    ]);
    let queued = send(&app, &path, both).await.json_with(202);
    let done = ended(&app, shop.id, &queued).await;
    assert_eq!(
        (counts(&done), &done["origin"]),
        ([3, 0, 0, 0], &json!("a.json, b.json"))
    );
    let parts = [("mode", None, "merge"), ("file", Some("a.json"), second.as_str())];
    let merged = send(&app, &path, multipart(&parts)).await.json_with(202);
    assert_eq!(counts(&ended(&app, shop.id, &merged).await), [0, 0, 1, 0]);
    assert_eq!(visible(&app, &shop).await.len(), 3);
    let preview = multipart(&[("dry_run", None, "true"), ("file", Some("a.json"), &first)]);
    let preview = send(&app, &path, preview).await.json_with(202);
    assert_eq!(counts(&ended(&app, shop.id, &preview).await), [0, 0, 2, 1]);
    assert_eq!(visible(&app, &shop).await.len(), 3);
}

#[tokio::test]
async fn a_wrong_upload_is_told_and_leaves_no_file() {
    let app = TestApp::start_with(|config| config.max_upload_bytes = 4_096).await;
    let shop = app.shop().await;
    let source = create(&app, &shop, "прайс", json!({"type": "upload"})).await;
    let path = format!("/api/shops/{}/sources/{}/upload", shop.id, source["id"]);
    let large = "x".repeat(10_000);
    let cases = [
        (multipart(&[]), 400, "bad_request"),
        (multipart(&[("picture", Some("a.json"), "{}")]), 400, "bad_request"),
        (
            multipart(&[("mode", None, "some"), ("file", Some("a"), "{}")]),
            400,
            "bad_request",
        ),
        (multipart(&[("file", Some("a.json"), &large)]), 413, "too_large"),
        ("not multipart at all".to_owned(), 400, "bad_request"),
    ];
    for (body, status, code) in cases {
        assert_eq!(send(&app, &path, body.clone()).await.error(status), code, "{body:.80}");
    }
    assert_eq!(app.post(&path, json!({})).await.error(415), "unsupported_media_type");
    let sync = path.replace("/upload", "/sync");
    assert_eq!(app.post(&sync, json!({})).await.error(409), "conflict");
    let left = std::fs::read_dir(app.folder.path().join("data/imports"))
        .unwrap()
        .count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn an_answer_from_a_document_tells_the_section_that_it_cites() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let source = create(&app, &shop, "правила", json!({"type": "upload"})).await;
    let path = format!("/api/shops/{}/sources/{}/upload", shop.id, source["id"]);
    let text = "# Правила магазина\n\nМы рады покупателям.\n\n## Возврат товара\n\nВернуть товар можно в течение 14 дней после покупки.\n";
    let sent = multipart(&[("file", Some("rules.md"), text)]);
    let queued = send(&app, &path, sent).await.json_with(202);
    ended(&app, shop.id, &queued).await;
    let answer = app.ask(&shop, "В течение скольких дней можно вернуть товар?").await;
    assert_eq!(answer["sources"][0]["section"], "Возврат товара", "{answer}");
}
