use super::form;
use super::leads;
use super::send;
use crate::support::TestApp;
use crate::support::TestShop;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// A lead of its own for each number.
async fn fill(app: &TestApp, shop: &TestShop, numbers: std::ops::Range<usize>) {
    for n in numbers {
        let intent = if n % 2 == 0 { "order" } else { "callback" };
        let changes = json!({"phone": format!("+7916000{n:04}"), "name": format!("Имя {n}"), "intent": intent});
        send(app, &form(shop, Uuid::new_v4(), &changes)).await.json_with(201);
    }
}

fn names(list: &Value) -> Vec<String> {
    let list = list["leads"].as_array().unwrap();
    list.iter()
        .map(|lead| lead["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn leads_are_listed_page_by_page_and_by_what_is_asked_for() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    fill(&app, &shop, 0..3).await;
    app.pass_time(Duration::from_secs(60));
    fill(&app, &shop, 3..5).await;
    let path = format!("/api/shops/{}/leads", shop.id);
    let first = app.get(&format!("{path}?limit=2")).await.json_with(200);
    assert_eq!(
        (names(&first), &first["total"]),
        (vec!["Имя 4".to_owned(), "Имя 3".to_owned()], &json!(5))
    );
    let next = first["next"].as_str().unwrap();
    let second = app.get(&format!("{path}?limit=3&before={next}")).await.json_with(200);
    assert_eq!(names(&second), ["Имя 2", "Имя 1", "Имя 0"]);
    assert_eq!(second["next"], Value::Null);
    for (query, expected) in [
        ("intent=order&limit=1", vec!["Имя 4"]),
        ("status=new&to=2026-01-02T03:04:30Z&intent=callback", vec!["Имя 1"]),
        ("from=2026-01-02T03:04:30Z", vec!["Имя 4", "Имя 3"]),
        ("status=done", vec![]),
    ] {
        assert_eq!(
            names(&app.get(&format!("{path}?{query}")).await.json_with(200)),
            expected,
            "{query}"
        );
    }
    let fields = app
        .get(&format!("{path}?intent=x&status=x&from=x&to=x&limit=0"))
        .await
        .invalid_fields();
    assert_eq!(fields, ["from", "to", "intent", "status", "limit"]);
    assert_eq!(
        app.get(&format!("{path}?before={}", Uuid::nil())).await.error(404),
        "not_found"
    );
    assert_eq!(app.get(&format!("{path}?color=red")).await.error(400), "bad_request");
}

#[tokio::test]
async fn an_export_holds_every_lead_once_and_nothing_that_runs() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop().await, app.shop().await);
    let evil = json!({"name": "=HYPERLINK(\"http://evil.example\")", "notes": "@SUM(1+1)*cmd|' /C calc'!A0\nвторая строка; \"кавычки\""});
    send(&app, &form(&shop, Uuid::new_v4(), &evil)).await.json_with(201);
    fill(&app, &shop, 1..3).await;
    send(&app, &form(&other, Uuid::new_v4(), &json!({"name": "Чужая"})))
        .await
        .json_with(201);
    let path = format!("/api/shops/{}/leads/export", shop.id);
    let csv = app.get(&path).await;
    assert_eq!(csv.status, 200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("leads.csv"));
    assert!(
        csv.text
            .starts_with("\u{feff}\"created_at\",\"status\",\"intent\",\"name\",\"phone\"")
    );
    assert_eq!(csv.text.matches("\r\n").count(), 4, "a heading and three leads");
    assert!(csv.text.contains("\"'=HYPERLINK(\"\"http://evil.example\"\")\""));
    assert!(
        csv.text
            .contains("\"'@SUM(1+1)*cmd|' /C calc'!A0\nвторая строка; \"\"кавычки\"\"\"")
    );
    assert!(csv.text.contains("\"'+79160000001\"") && !csv.text.contains("Чужая"));
    let semicolons = app.get(&format!("{path}?separator=semicolon&intent=order")).await;
    assert!(semicolons.text.starts_with("\u{feff}\"created_at\";\"status\""));
    assert_eq!(semicolons.text.matches("\r\n").count(), 2);
    let json = app.get(&format!("{path}?format=json")).await.json_with(200);
    assert_eq!(json.as_array().unwrap().len(), 3);
    assert_eq!(json.as_array().unwrap(), &leads(&app, &shop).await);
    let fields = app.get(&format!("{path}?format=xml&intent=x")).await.invalid_fields();
    assert_eq!(fields, ["intent", "format"]);
    let empty = app.get(&format!("{path}?format=json&status=done")).await.json_with(200);
    assert_eq!(empty, json!([]));
}

#[tokio::test]
async fn a_lead_of_another_shop_does_not_exist() {
    let app = TestApp::start().await;
    let (own, other) = (app.shop().await, app.shop().await);
    let sent = send(&app, &form(&other, Uuid::new_v4(), &json!({})))
        .await
        .json_with(201);
    let id = sent["id"].as_str().unwrap();
    let path = format!("/api/shops/{}/leads/{id}", own.id);
    assert_eq!(app.get(&path).await.error(404), "not_found");
    assert_eq!(
        app.patch(&path, json!({"status": "done"})).await.error(404),
        "not_found"
    );
    assert_eq!(app.delete(&path).await.error(404), "not_found");
    let before = format!("/api/shops/{}/leads?before={id}", own.id);
    assert_eq!(app.get(&before).await.error(404), "not_found");
    assert_eq!(leads(&app, &other).await[0]["status"], "new");
    app.delete(&format!("/api/shops/{}", other.id)).await;
    let left: i64 = app
        .database()
        .query_row("select count(*) from leads", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0, "a shop takes its leads along");
}
