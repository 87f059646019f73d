//! Variants of one product are one hit, and the one that was asked for is seen.

use crate::support::TestApp;
use crate::support::TestShop;
use crate::support::source_ids;
use serde_json::Value;
use serde_json::json;

/// Two languages: names of the attributes, the shirt, its colors, its text, and other goods.
struct Wardrobe {
    language: &'static str,
    attributes: [&'static str; 2],
    shirt: &'static str,
    colors: [&'static str; 5],
    text: &'static str,
    others: [(&'static str, &'static str); 4],
}

const RUSSIAN: Wardrobe = Wardrobe {
    language: "ru",
    attributes: ["Цвет", "Размер"],
    shirt: "Футболка «Ясень»",
    colors: ["синяя", "красная", "белая", "чёрная", "зелёная"],
    text: "Прямой крой, плотный хлопок, двойная строчка по низу и рукавам. Не садится после стирки.",
    others: [
        (
            "Футболка с длинным рукавом «Клён»",
            "Манжеты из рибаны, мягкий трикотаж с начёсом для прохладных вечеров.",
        ),
        (
            "Мешок для стирки футболок",
            "Мелкая сетка бережёт принт и держит форму ткани в барабане.",
        ),
        (
            "Вешалка для футболок",
            "Плечики из бука с вырезами, чтобы ворот не растягивался.",
        ),
        ("Кепка «Ясень»", "Козырёк держит форму, сзади застёжка из латуни."),
    ],
};

const ENGLISH: Wardrobe = Wardrobe {
    language: "en",
    attributes: ["Color", "Size"],
    shirt: "Ashwood T-shirt",
    colors: ["blue", "red", "white", "black", "green"],
    text: "Straight cut, heavy cotton, double stitching at the hem and sleeves. Keeps its shape in the wash.",
    others: [
        (
            "Maple Long Sleeve T-shirt",
            "Ribbed cuffs and a brushed inside for cool evenings by the lake.",
        ),
        (
            "T-shirt Laundry Bag",
            "A fine mesh that protects prints while the drum turns.",
        ),
        (
            "T-shirt Hanger",
            "Beech shoulders with notches, so that necklines are not stretched.",
        ),
        ("Ashwood Cap", "A firm peak, and a brass buckle at the back."),
    ],
};

impl Wardrobe {
    async fn shop(&self, app: &TestApp) -> TestShop {
        let shop = app.shop_with(json!({"language": self.language})).await;
        let [color_name, size_name] = self.attributes;
        let mut products = Vec::new();
        for (n, color) in self.colors.iter().enumerate() {
            for size in ["S", "M", "L"] {
                products.push(json!({
                    "id": format!("TS-{n}{size}"), "name": format!("{} {color}, {size}", self.shirt), "description": self.text,
                    "price": 990 + n, "currency": "RUB", "in_stock": n != 1, "category": "Clothes",
                    "attributes": {color_name: color, size_name: size}}));
            }
        }
        for (n, (name, text)) in self.others.iter().enumerate() {
            products.push(json!({"id": format!("OT-{n}"), "name": name, "description": text, "price": 500, "category": "Clothes"}));
        }
        app.import(&shop, json!({ "products": products })).await;
        shop
    }
}

fn variants(hit: &Value) -> Vec<&str> {
    let variants = hit["variants"].as_array().map(Vec::as_slice).unwrap_or_default();
    source_ids(variants)
}

fn shirts(hits: &[Value]) -> usize {
    let ids = source_ids(hits);
    ids.iter().filter(|id| id.starts_with("TS-")).count()
}

#[tokio::test]
async fn a_shirt_in_many_colors_and_sizes_is_one_hit() {
    let app = TestApp::start().await;
    for (wardrobe, question) in [(RUSSIAN, "футболка"), (ENGLISH, "t-shirt")] {
        let shop = wardrobe.shop(&app).await;
        let hits = app.hits(&shop, question).await;
        let ids = source_ids(&hits);
        assert_eq!(shirts(&hits), 1, "{ids:?}");
        assert!(
            ids.contains(&"OT-0") && ids.contains(&"OT-1") && ids.contains(&"OT-2"),
            "{ids:?}"
        );
        let shirt = hits
            .iter()
            .find(|hit| hit["source_id"].as_str().unwrap().starts_with("TS-"));
        assert_eq!(variants(shirt.unwrap()).len(), 14);
        let variant = &shirt.unwrap()["variants"][0];
        assert!(
            variant["price"].as_f64().unwrap() >= 990.0 && variant["in_stock"].is_boolean(),
            "{variant}"
        );
        assert!(!variant["differences"].as_object().unwrap().is_empty(), "{variant}");
        assert!(hits.iter().filter(|hit| hit.get("variants").is_some()).count() == 1);
    }
}

#[tokio::test]
async fn the_variant_that_was_asked_for_stands_first() {
    let app = TestApp::start().await;
    for (wardrobe, questions) in [
        (
            RUSSIAN,
            [
                ("синяя футболка L", "TS-0L"),
                ("футболка красная размер S", "TS-1S"),
                ("TS-2M", "TS-2M"),
            ],
        ),
        (
            ENGLISH,
            [
                ("blue t-shirt L", "TS-0L"),
                ("t-shirt in red, size S", "TS-1S"),
                ("ts 2m", "TS-2M"),
            ],
        ),
    ] {
        let shop = wardrobe.shop(&app).await;
        for (question, right) in questions {
            let hits = app.hits(&shop, question).await;
            assert_eq!(hits[0]["source_id"], right, "{question}: {:?}", source_ids(&hits));
            assert!(!variants(&hits[0]).contains(&right), "{question}");
        }
    }
}

#[tokio::test]
async fn two_variants_that_were_asked_for_are_two_hits() {
    let app = TestApp::start().await;
    for (wardrobe, question) in [(RUSSIAN, "TS-0L или TS-1S"), (ENGLISH, "TS-0L or TS-1S")] {
        let shop = wardrobe.shop(&app).await;
        let hits = app.hits(&shop, question).await;
        let mut first = source_ids(&hits[..2]);
        first.sort_unstable();
        assert_eq!(first, ["TS-0L", "TS-1S"], "{question}");
    }
}

#[tokio::test]
async fn a_longer_list_of_variants_begins_with_the_shorter_one() {
    let app = TestApp::start().await;
    let shop = RUSSIAN.shop(&app).await;
    let path = format!("/api/shops/{}/search", shop.id);
    let found = async |limit: usize| {
        let reply = app.post(&path, json!({"query": "футболка", "limit": limit})).await;
        reply.json_with(200)["hits"].as_array().unwrap().clone()
    };
    let all = found(50).await;
    for limit in 1..=4 {
        assert_eq!(found(limit).await, all[..limit]);
    }
}
