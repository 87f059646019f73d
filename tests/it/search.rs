//! Searching a shop's knowledge as its owner does.

use crate::support::TestApp;
use crate::support::source_ids;
use serde_json::Value;
use serde_json::json;
use std::collections::HashSet;

const SHOPS: usize = 50;

#[tokio::test]
async fn an_article_number_comes_first_however_it_is_typed() {
    let app = TestApp::start().await;
    let shop = app.demo_shop("ru").await;
    // The last but one is written with Cyrillic letters that look like Latin ones.
    for query in [
        "PL-BP101",
        "pl-bp101",
        "PLBP101",
        "PL BP 101",
        "PL–BP–101",
        "есть PL-BP101 в наличии?",
        "РL-ВР101",
        "сколько стоит рюкзак pl bp101",
    ] {
        let hits = app.hits(&shop, query).await;
        assert_eq!(hits[0]["source_id"], "PL-BP101", "{query}: {:?}", source_ids(&hits));
        assert_eq!(hits[0]["price"], 6490.0);
        assert_eq!(hits[0]["url"], "https://paloma.example/p/tropa-30");
    }
}

#[tokio::test]
async fn an_item_of_many_chunks_is_one_hit() {
    let app = TestApp::start().await;
    let shop = app
        .shop_with(json!({"chunk_size_tokens": 40, "chunk_overlap_tokens": 10}))
        .await;
    let content = "Вернуть товар можно за четырнадцать дней. Деньги вернём на карту. ".repeat(30);
    let result = app
        .import(
            &shop,
            json!({"policies": [{"id": "p", "title": "Возврат", "content": content}],
        "faq": [{"id": "f", "question": "Как вернуть товар?", "answer": "Позвоните."}]}),
        )
        .await;
    assert!(result["chunks"].as_u64().unwrap() > 5, "{result}");
    let hits = app.hits(&shop, "вернуть товар").await;
    let ids = source_ids(&hits);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{ids:?}");
    assert!(ids.contains(&"p") && ids.contains(&"f"), "{ids:?}");
}

#[tokio::test]
async fn the_same_question_finds_the_same_in_the_same_order() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let twins: Vec<Value> = (0..20)
        .map(|n| json!({"id": format!("T-{n}"), "question": "Кружка синяя?", "answer": "Одинаковая."}))
        .collect();
    // Products would be variants of one.
    app.import(&shop, json!({ "faq": twins })).await;
    let first = app.hits(&shop, "синяя кружка").await;
    assert_eq!(first.len(), 10);
    for _ in 0..5 {
        assert_eq!(app.hits(&shop, "синяя кружка").await, first);
    }
    let scores: Vec<f64> = first.iter().map(|hit| hit["score"].as_f64().unwrap()).collect();
    assert!(
        scores.is_sorted_by(|a, b| a >= b) && scores.iter().all(|score| (0.0..=1.0).contains(score)),
        "{scores:?}"
    );
}

#[tokio::test]
async fn a_longer_list_begins_with_the_shorter_one() {
    let app = TestApp::start().await;
    let shop = app.demo_shop("ru").await;
    let path = format!("/api/shops/{}/search", shop.id);
    let found = async |limit: u32| {
        let reply = app
            .post(&path, json!({"query": "доставка рюкзака", "limit": limit}))
            .await;
        reply.json_with(200)["hits"].as_array().unwrap().clone()
    };
    let all = found(50).await;
    for limit in [1, 3, 10] {
        assert_eq!(found(limit).await, all[..limit as usize]);
    }
}

#[tokio::test]
async fn a_search_has_limits_that_are_told_all_at_once() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/{}/search", shop.id);
    let long = "я".repeat(2001);
    for (body, fields) in [
        (json!({"query": " ", "limit": 0}), vec!["query", "limit"]),
        (json!({"query": long, "limit": 51}), vec!["query", "limit"]),
        (json!({"query": "x", "limit": 51}), vec!["limit"]),
    ] {
        assert_eq!(app.post(&path, body).await.invalid_fields(), fields);
    }
    for body in [
        json!({}),
        json!({"query": 5}),
        json!({"query": "x", "limit": -1}),
        json!({"query": "x", "k": 1}),
    ] {
        assert_eq!(app.post(&path, body).await.error(400), "bad_request");
    }
    assert_eq!(
        app.post(&path, json!({"query": "я".repeat(2000), "limit": 50}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn hostile_text_is_only_text() {
    let app = TestApp::start().await;
    let shop = app.demo_shop("ru").await;
    let many_words = "слово ".repeat(333);
    for query in [
        "\"",
        "\"\"\"",
        "*",
        "NEAR(",
        "NEAR(a b)",
        "a AND b",
        "title:x",
        "{title}:x",
        "^x",
        "-x",
        "a OR",
        "'; drop table shops; --",
        "%s%n",
        "\\",
        "\u{0}",
        "\u{202e}рюкзак",
        "🎒",
        "ё",
        "-",
        "()",
        &many_words,
    ] {
        let path = format!("/api/shops/{}/search", shop.id);
        let reply = app.post(&path, json!({ "query": query })).await;
        assert_eq!(reply.status, 200, "{query:?}: {}", reply.text);
    }
    assert!(!app.hits(&shop, "рюкзак").await.is_empty());
}

#[tokio::test]
async fn an_empty_shop_finds_nothing_and_answers_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/{}/search", shop.id);
    let found = app.post(&path, json!({"query": "рюкзак"})).await.json_with(200);
    assert_eq!(found, json!({"hits": [], "answerable": false, "unmet": false}));
}

#[tokio::test]
async fn no_shop_ever_sees_anothers_goods() {
    let app = TestApp::start().await;
    let mut shops = Vec::new();
    for n in 0..SHOPS {
        let shop = app.shop().await;
        let secret = format!("канарейка{n}");
        app.import(
            &shop,
            json!({
                "products": [{"id": format!("K-{n}"), "name": format!("Клетка {secret}"), "description": "Для птиц.", "price": 100 + n},
                    {"id": "SAME-1", "name": "Корм", "description": format!("Для {secret}.")}],
                "faq": [{"id": "f", "question": "Как ухаживать?", "answer": format!("Кормить: {secret}.")}]}),
        )
        .await;
        shops.push((shop, secret));
    }
    for (shop, secret) in &shops {
        for query in [
            "клетка для птиц",
            "SAME-1",
            "K-1 K-2 K-49",
            "канарейка",
            "как ухаживать",
            "канарейка7 канарейка8",
        ] {
            for hit in app.hits(shop, query).await {
                let text = format!("{} {}", hit["title"], hit["text"]);
                let is_own = shops.iter().all(|(_, other)| {
                    other == secret || !text.contains(&format!("{other} ")) && !text.contains(&format!("{other}."))
                });
                assert!(is_own, "{query}: {hit}");
                assert!(text.contains(secret.as_str()), "{query}: {hit}");
            }
        }
    }
    let (first, secret) = &shops[0];
    let answer = app.ask(first, "Есть клетка для птиц?").await;
    assert!(!answer.to_string().contains("канарейка") || answer.to_string().contains(secret.as_str()));
}

#[tokio::test]
async fn a_question_that_leans_on_the_conversation_is_completed() {
    let app = TestApp::start().await;
    let shop = app.demo_shop("ru").await;
    let path = format!("/api/shops/{}/search", shop.id);
    let body = json!({"query": "а сколько он стоит?", "history": ["Расскажите про рюкзак «Тропа 45»"]});
    let found = app.post(&path, body).await.json_with(200);
    assert_eq!(found["hits"][0]["source_id"], "PL-BP102", "{found}");
    assert_eq!(found["answerable"], true);
}

#[tokio::test]
async fn a_search_explains_itself_when_asked() {
    let app = TestApp::start().await;
    let shop = app.demo_shop("ru").await;
    let path = format!("/api/shops/{}/search", shop.id);
    let body = json!({"query": "налобный фанарь pl-lt501", "explain": true});
    let found = app.post(&path, body.clone()).await.json_with(200);
    let explanation = &found["explanation"];
    assert!(
        explanation["meant"].as_str().unwrap().contains("фонар"),
        "{explanation}"
    );
    let words = explanation["words"].as_array().unwrap();
    assert!(
        words
            .iter()
            .flat_map(|word| word.as_array().unwrap())
            .any(|term| term["term"] == "фонар")
    );
    let readings = explanation["readings"].as_array().unwrap();
    assert!(
        readings.contains(&json!({"name": "identifier", "value": "PLLT501"})),
        "{explanation}"
    );
    assert!(explanation["confidence"].as_f64() >= explanation["answer_threshold"].as_f64());
    assert_eq!(found["hits"][0]["evidence"]["identifier"], 1.0);
    let plain = app.post(&path, json!({"query": body["query"]})).await.json_with(200);
    assert!(plain.get("explanation").is_none() && plain["hits"][0].get("evidence").is_none());
}

#[tokio::test]
async fn what_people_say_finds_what_shops_write() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let faq = |id: &str, question: &str, answer: &str| json!({"id": id, "question": question, "answer": answer});
    let data = json!({"faq": [
        faq("time", "Сроки доставки", "Два рабочих дня по городу, до семи по стране."),
        faq("refund", "Условия возврата", "Обратитесь в магазин с заказом и паспортом."),
        faq("cloth", "Водонепроницаемые ткани", "Проклеенные швы, мембрана."),
        faq("pay", "Способы оплаты", "Картой и наличными."),
    ]});
    app.import(&shop, data).await;
    for (said, meant) in [
        ("Сколько ждать?", "time"),
        ("Кровные назад отдадите?", "refund"),
        ("А оно промокает?", "cloth"),
        ("will it get wet in the rain", "cloth"),
        ("how long till it gets here", "time"),
    ] {
        let hits = app.hits(&shop, said).await;
        assert_eq!(hits[0]["source_id"], meant, "{said}: {:?}", source_ids(&hits));
    }
}

#[tokio::test]
async fn what_an_import_brings_to_a_shop_that_is_asked_is_understood_at_once() {
    let app = TestApp::start().await;
    let shop = app.demo_shop("ru").await;
    app.hits(&shop, "рюкзак до 3000").await;
    let theremin = json!({"id": "TH-1", "name": "Терменвокс настольный", "price": 2100});
    app.import(&shop, json!({"products": [theremin]})).await;
    for question in ["тирменвокс", "терменвокс до 3000"] {
        let hits = app.hits(&shop, question).await;
        assert_eq!(hits[0]["source_id"], "TH-1", "{question}: {:?}", source_ids(&hits));
    }
}
