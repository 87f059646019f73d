//! Questions that product rows decide, in shops of other kinds than the demo's.

use crate::fake_openai::Mode;
use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::source_ids;
use serde_json::Value;
use serde_json::json;

fn product(id: &str, name: &str, category: &str, price: u32, attributes: Value) -> Value {
    json!({"id": id, "name": name, "description": "Подробности в магазине.", "category": category, "price": price,
        "in_stock": true, "attributes": attributes})
}

async fn furniture_shop(app: &TestApp) -> TestShop {
    let shop = app.shop().await;
    let products = json!([
        product(
            "sofa-1",
            "Диван «Уют»",
            "Диваны",
            45_990,
            json!({"Цвет": "бордовый", "Ширина": "220 см", "Вес": "78 кг"})
        ),
        product(
            "sofa-2",
            "Диван «Гость»",
            "Диваны",
            29_990,
            json!({"Цвет": "серый", "Ширина": "150 см", "Вес": "51 кг"})
        ),
        product(
            "sofa-3",
            "Диван «Холл»",
            "Диваны",
            38_500,
            json!({"Цвет": "синий", "Ширина": "190 см", "Вес": "64 кг"})
        ),
        product(
            "desk-1",
            "Стол письменный «Школа»",
            "Столы",
            12_500,
            json!({"Цвет": "белый", "Ширина": "1,1 м", "Материал": "дуб"})
        ),
        product(
            "desk-2",
            "Стол обеденный «Семья»",
            "Столы",
            21_900,
            json!({"Цвет": "коричневый", "Ширина": "160 см", "Материал": "сосна"})
        ),
    ]);
    let faq = json!([
        {"id": "free-delivery", "question": "Когда доставка бесплатная?", "answer": "Доставка бесплатна от 30 000 рублей."},
        {"id": "return", "question": "Как вернуть диван?", "answer": "Вернуть диван можно за 14 дней, курьер заберёт его сам."},
    ]);
    app.import(&shop, json!({"products": products, "faq": faq})).await;
    shop
}

#[tokio::test]
async fn what_was_asked_of_a_product_decides_what_comes_first() {
    let app = TestApp::start().await;
    let shop = furniture_shop(&app).await;
    for (query, expected) in [
        ("диван до 35000", "sofa-2"),
        ("красный диван", "sofa-1"),
        ("самый лёгкий диван", "sofa-2"),
        ("самый дорогой диван", "sofa-1"),
        ("диван не шире 2 м дороже 30 тысяч", "sofa-3"),
        ("стол из дуба", "desk-1"),
        ("стол шире 150 см", "desk-2"),
        ("бесплатная доставка от 30000", "free-delivery"),
        ("как вернуть синий диван", "return"),
    ] {
        let hits = app.hits(&shop, query).await;
        let ids = source_ids(&hits);
        assert_eq!(ids.first(), Some(&expected), "{query}: {ids:?}");
    }
}

#[tokio::test]
async fn english_questions_are_decided_by_rows_as_well() {
    let app = TestApp::start().await;
    let shop = app.shop_with(json!({"language": "en"})).await;
    let products = json!([
        product(
            "bank-1",
            "Power bank Volt",
            "Power banks",
            29,
            json!({"Capacity": "10000 mAh", "Color": "black", "Weight": "210 g"})
        ),
        product(
            "bank-2",
            "Power bank Volt Max",
            "Power banks",
            45,
            json!({"Capacity": "20000 mAh", "Color": "navy", "Weight": "380 g"})
        ),
        product(
            "lamp-1",
            "Desk lamp Ray",
            "Lamps",
            35,
            json!({"Color": "red", "Power": "9 W", "Dimmable": "yes"})
        ),
        product(
            "lamp-2",
            "Floor lamp Beam",
            "Lamps",
            89,
            json!({"Color": "white", "Power": "15 W", "Dimmable": "no"})
        ),
    ]);
    let faq = json!([{"id": "shipping", "question": "Is shipping free?", "answer": "Shipping is free over $50."}]);
    app.import(&shop, json!({"products": products, "faq": faq})).await;
    for (query, expected) in [
        ("power bank with at least 15000 mAh", "bank-2"),
        ("lightest power bank", "bank-1"),
        ("blue power bank", "bank-2"),
        ("lamp under $50", "lamp-1"),
        ("lamp that is not dimmable", "lamp-2"),
        ("most expensive lamp", "lamp-2"),
        ("free shipping over $50", "shipping"),
    ] {
        let hits = app.hits(&shop, query).await;
        let ids = source_ids(&hits);
        assert_eq!(ids.first(), Some(&expected), "{query}: {ids:?}");
    }
}

#[tokio::test]
async fn the_cheapest_is_found_among_thousands() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let chairs: Vec<Value> = (0..1_500)
        .map(|n| {
            product(
                &format!("chair-{n}"),
                &format!("Стул «Серия {n}»"),
                "Стулья",
                5_000 - n % 1_499,
                json!({}),
            )
        })
        .collect();
    app.import(&shop, json!({ "products": chairs })).await;
    let hits = app.hits(&shop, "самый дешёвый стул").await;
    assert_eq!(source_ids(&hits).first(), Some(&"chair-1498"));
}

#[tokio::test]
async fn a_conversation_asks_for_others_of_the_kind() {
    let app = TestApp::start().await;
    let shop = furniture_shop(&app).await;
    let path = format!("/api/shops/{}/search", shop.id);
    for (query, expected) in [
        ("а подешевле?", "sofa-3"),
        ("а в сером есть?", "sofa-2"),
        ("есть поуже?", "sofa-3"),
        ("а до 30000?", "sofa-2"),
        ("а когда бесплатная доставка?", "free-delivery"),
    ] {
        let body = json!({"query": query, "history": ["диван «Уют» сколько весит"]});
        let found = app.post(&path, body).await.json_with(200);
        assert_eq!(found["hits"][0]["source_id"], expected, "{query}: {found:#}");
    }
}

#[tokio::test]
async fn rows_of_an_import_count_at_once() {
    let app = TestApp::start().await;
    let shop = furniture_shop(&app).await;
    assert_eq!(
        source_ids(&app.hits(&shop, "самый дешёвый диван").await).first(),
        Some(&"sofa-2")
    );
    let cheaper = product("sofa-4", "Диван «Дача»", "Диваны", 9_990, json!({"Цвет": "зелёный"}));
    app.import(&shop, json!({"products": [cheaper]})).await;
    assert_eq!(
        source_ids(&app.hits(&shop, "самый дешёвый диван").await).first(),
        Some(&"sofa-4")
    );
}

#[tokio::test]
async fn a_search_tells_when_nothing_fits_and_what_it_understood() {
    let app = TestApp::start().await;
    let shop = furniture_shop(&app).await;
    let path = format!("/api/shops/{}/search", shop.id);
    for (query, is_unmet, readings) in [
        (
            "диван до 3000 рублей",
            true,
            json!({"kind": "диван", "price": "<= 3000"}),
        ),
        ("диван до 35000", false, json!({"kind": "диван", "price": "<= 35000"})),
        ("белый диван", true, json!({"kind": "диван", "value": "белый"})),
        (
            "диван легче 40 кг",
            true,
            json!({"kind": "диван", "weight": "< 40000 g"}),
        ),
        (
            "самый лёгкий диван",
            false,
            json!({"kind": "диван", "order": "weight, least first"}),
        ),
        ("диван со скидкой", true, json!({"kind": "диван", "discount": "yes"})),
        ("как вернуть диван", false, json!({})),
    ] {
        let found = app
            .post(&path, json!({"query": query, "explain": true}))
            .await
            .json_with(200);
        assert_eq!(found["unmet"], is_unmet, "{query}");
        assert_eq!(found["explanation"]["unmet"], is_unmet, "{query}");
        let told = found["explanation"]["readings"].as_array().unwrap().iter();
        let told: serde_json::Map<String, Value> = told
            .map(|reading| (reading["name"].as_str().unwrap().to_owned(), reading["value"].clone()))
            .collect();
        assert_eq!(Value::Object(told), readings, "{query}");
        assert!(!found["hits"].as_array().unwrap().is_empty(), "{query}");
    }
}

#[tokio::test]
async fn a_visitor_is_told_when_nothing_fits() {
    let app = TestApp::start().await;
    let shop = furniture_shop(&app).await;
    let opening = "Точно под такие условия ничего не нашлось, ближайшее:";
    let answer = app.ask(&shop, "диван до 3000 рублей").await;
    let text = answer["answer"].as_str().unwrap();
    assert!(text.starts_with(opening) && text.contains("[1]"), "{text}");
    assert_eq!(answer["refused"], false);
    assert_eq!(answer["sources"][0]["source_type"], "product");
    let answer = app.ask(&shop, "диван до 35000 рублей").await;
    assert!(!answer["answer"].as_str().unwrap().contains(opening), "{answer}");
}

#[tokio::test]
async fn the_model_is_told_when_nothing_fits() {
    let app = TestApp::start_with_model(Mode::Ok).await;
    let shop = furniture_shop(&app).await;
    let instructions = |app: &TestApp| {
        let request = app.fake().requests().last().unwrap().clone();
        request["messages"][0]["content"].as_str().unwrap().to_owned()
    };
    app.ask(&shop, "диван до 3000 рублей").await;
    assert!(
        instructions(&app).contains("\n8. Ни один товар магазина не подходит"),
        "{}",
        instructions(&app)
    );
    app.ask(&shop, "диван до 35000 рублей").await;
    assert!(!instructions(&app).contains("\n8."), "{}", instructions(&app));
}
