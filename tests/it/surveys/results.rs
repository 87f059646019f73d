//! What the responses say, as an owner reads it.

use super::active_survey;
use super::answered;
use super::definition;
use super::respond;
use crate::support::TestApp;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

fn question<'a>(results: &'a Value, id: &str) -> &'a Value {
    let questions = results["questions"].as_array().unwrap();
    questions.iter().find(|question| question["id"] == id).unwrap()
}

fn counts(question: &Value) -> Vec<u64> {
    let counts = question["counts"].as_array().unwrap();
    counts.iter().map(|count| count["count"].as_u64().unwrap()).collect()
}

/// All cells of a CSV whose cells are all quoted, as a spreadsheet reads them.
fn cells(csv: &str, separator: char) -> Vec<String> {
    let mut cells = Vec::new();
    let mut rest = csv;
    while let Some(inside) = rest.strip_prefix('"') {
        let mut cell = String::new();
        let mut pieces = inside.split('"');
        let mut read = 0;
        loop {
            let piece = pieces.next().unwrap();
            cell.push_str(piece);
            read += piece.len() + 1;
            if !inside[read..].starts_with('"') {
                break;
            }
            cell.push('"');
            pieces.next();
            read += 1;
        }
        cells.push(cell);
        rest = inside[read..].trim_start_matches([separator, '\r', '\n']);
    }
    assert_eq!(rest, "");
    cells
}

#[tokio::test]
async fn answers_are_counted_question_by_question() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (path, id) = active_survey(&app, &shop, definition()).await;
    answered(
        &app,
        id,
        json!({"rating": 5, "nps": 10, "found": "yes", "topics": ["price", "stock"]}),
    )
    .await;
    answered(
        &app,
        id,
        json!({"rating": 4, "nps": 9, "found": "yes", "topics": ["price"]}),
    )
    .await;
    answered(&app, id, json!({"rating": 1, "why": "плохо", "nps": 0, "found": "no"})).await;
    let partial = json!({"sessionId": Uuid::new_v4(), "answers": {"rating": 5, "nps": 7}, "partial": true});
    respond(&app, id, &partial).await.json_with(201);
    let results = app.get(&format!("{path}/results")).await.json_with(200);
    assert_eq!(results["responses"], json!({"total": 4, "complete": 3, "partial": 1}));
    let rating = question(&results, "rating");
    assert_eq!(
        (&rating["answered"], &rating["average"], &rating["csat"]),
        (&json!(4), &json!(3.75), &json!(0.75))
    );
    assert_eq!((counts(rating), &rating["nps"]), (vec![1, 0, 0, 1, 2], &Value::Null));
    assert_eq!(rating["title"], "Как вам магазин?");
    let nps = question(&results, "nps");
    assert_eq!(
        (&nps["nps"], &nps["average"], &nps["csat"]),
        (&json!(25.0), &json!(6.5), &Value::Null)
    );
    assert_eq!(counts(nps), [1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1]);
    let found = question(&results, "found");
    assert_eq!(found["counts"][0], json!({"value": "yes", "title": "Да", "count": 2}));
    assert_eq!(counts(question(&results, "topics")), [2, 1]);
    assert_eq!(
        (
            &question(&results, "why")["answered"],
            &question(&results, "why")["average"]
        ),
        (&json!(1), &Value::Null)
    );
    let unanswered = question(&results, "agree");
    assert_eq!((&unanswered["answered"], counts(unanswered)), (&json!(0), vec![0, 0]));
}

#[tokio::test]
async fn versions_are_counted_together_where_the_question_is_the_same() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let old = json!({"questions": [{"id": "mood", "kind": "rating", "title": "Раньше"}, {"id": "gone", "kind": "text", "title": "Ушёл"},
        {"id": "way", "kind": "single", "title": "Как?", "options": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]}]});
    let (path, id) = active_survey(&app, &shop, old).await;
    answered(&app, id, json!({"mood": 2, "gone": "слово", "way": "b"})).await;
    let new = json!({"questions": [{"id": "mood", "kind": "rating", "title": "Теперь"}, {"id": "way", "kind": "single", "title": "Как?",
        "options": [{"id": "a", "title": "A"}, {"id": "c", "title": "C"}]}]});
    app.patch(&path, json!({"definition": new})).await.json_with(200);
    answered(&app, id, json!({"mood": 4, "way": "c"})).await;
    let results = app.get(&format!("{path}/results")).await.json_with(200);
    let ids: Vec<&Value> = results["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(ids, ["mood", "way", "gone"]);
    let mood = question(&results, "mood");
    assert_eq!((&mood["title"], &mood["average"]), (&json!("Теперь"), &json!(3.0)));
    let options: Vec<&Value> = question(&results, "way")["counts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["value"])
        .collect();
    assert_eq!(
        (options, counts(question(&results, "way"))),
        (vec![&json!("a"), &json!("c"), &json!("b")], vec![0, 1, 1])
    );
    let csv = app.get(&format!("{path}/export")).await;
    let lines: Vec<&str> = csv.text.trim_end().split("\r\n").collect();
    assert!(
        lines[0].ends_with("\"mood: Теперь\";\"way: Как?\";\"gone: Ушёл\""),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].ends_with("\"2\";\"B\";\"слово\"") && lines[2].ends_with("\"4\";\"C\";\"\""),
        "{lines:?}"
    );
}

#[tokio::test]
async fn an_export_holds_every_response_and_no_formula() {
    let app = TestApp::start().await;
    let shop = app.shop_with(json!({"language": "en"})).await;
    let (path, id) = active_survey(&app, &shop, definition()).await;
    let attacks = [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\"=1",
        "обычный; \"текст\"",
    ];
    for attack in attacks {
        answered(
            &app,
            id,
            json!({"rating": 1, "why": attack, "found": "no", "topics": ["price", "stock"],
            "contact": {"email": "a@b.ru", "phone": "+79161234567"}, "agree": true}),
        )
        .await;
    }
    let csv = app.get(&format!("{path}/export")).await;
    assert_eq!(csv.status, 200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        csv.header("content-disposition"),
        format!("attachment; filename=\"survey-{id}.csv\"")
    );
    let text = csv.text.strip_prefix('\u{feff}').unwrap();
    let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), attacks.len() + 1);
    assert!(lines[0].contains("\"rating: How was the shop?\""), "{}", lines[0]);
    assert!(lines[1].contains(",\"'=cmd|' /C calc'!A0\","), "{}", lines[1]);
    assert!(
        lines[1].ends_with(",\"'=Нет\",\"Цена; Наличие\",\"a@b.ru\",\"'+79161234567\",\"yes\""),
        "{}",
        lines[1]
    );
    assert!(lines[7].contains("\"обычный; \"\"текст\"\"\""), "{}", lines[7]);
    for cell in cells(text, ',') {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "{cell}");
    }
    let semicolons = app.get(&format!("{path}/export?separator=semicolon")).await;
    assert!(semicolons.text.contains("\"id\";\"created_at\""), "{}", semicolons.text);
    let json = app.get(&format!("{path}/export?format=json")).await.json_with(200);
    assert_eq!(json.as_array().unwrap().len(), attacks.len());
    assert_eq!(json[0]["answers"]["why"], attacks[0]);
    assert_eq!(
        app.get(&format!("{path}/export?format=xls")).await.invalid_fields(),
        ["format"]
    );
    assert_eq!(
        app.get(&format!("{path}/export?separator=x")).await.invalid_fields(),
        ["separator"]
    );
}

#[tokio::test]
async fn responses_come_page_by_page_and_an_export_takes_all_pages() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (path, id) = active_survey(&app, &shop, definition()).await;
    let one = json!({"rating": 5});
    futures::future::join_all((0..1_003).map(|_| answered(&app, id, one.clone()))).await;
    let mut seen = Vec::new();
    let mut next = Value::Null;
    loop {
        let before = next.as_i64().map(|id| format!("&before={id}")).unwrap_or_default();
        let page = app
            .get(&format!("{path}/responses?limit=200{before}"))
            .await
            .json_with(200);
        seen.extend(
            page["responses"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["id"].as_i64().unwrap()),
        );
        next = page["next"].clone();
        if next.is_null() {
            break;
        }
    }
    assert_eq!(seen.len(), 1_003);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
    let csv = app.get(&format!("{path}/export")).await;
    assert_eq!(csv.text.trim_end().split("\r\n").count(), 1_004);
    assert_eq!(
        app.get(&format!("{path}/export?format=json"))
            .await
            .json_with(200)
            .as_array()
            .unwrap()
            .len(),
        1_003
    );
    assert_eq!(
        app.get(&format!("{path}/results")).await.json_with(200)["responses"]["complete"],
        1_003
    );
    assert_eq!(
        app.get(&format!("{path}/responses?limit=0")).await.invalid_fields(),
        ["limit"]
    );
    assert_eq!(
        app.get(&format!("{path}/responses?limit=201")).await.invalid_fields(),
        ["limit"]
    );
}
