//! A lying model and an honest one, sentence by sentence, in both languages.

use super::ClaimFilter;
use crate::domain::chat::Checked;
use crate::domain::generation::Allowance;
use crate::domain::generation::Fragment;
use crate::domain::generation::Prompt;
use crate::domain::id::DocumentId;
use crate::domain::knowledge::ChunkPlace;
use crate::domain::knowledge::Document;
use crate::domain::knowledge::ProductRow;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use proptest::prelude::*;
use std::sync::Arc;

fn fragment(n: usize, source_type: SourceType, title: &str, text: &str) -> Fragment {
    Fragment {
        n,
        document: Document {
            id: DocumentId(i64::try_from(n).unwrap()),
            key: SourceKey {
                source_type,
                source_id: format!("id-{n}"),
            },
            title: title.to_owned(),
            url: None,
            product: None,
        },
        text: text.to_owned(),
        place: ChunkPlace::default(),
        variants: Vec::new(),
        is_price_old: false,
    }
}

fn product(n: usize, title: &str, price: f64, currency: &str, in_stock: Option<bool>, text: &str) -> Fragment {
    let mut fragment = fragment(n, SourceType::Product, title, text);
    fragment.document.product = Some(ProductRow {
        price: Some(price),
        currency: Some(currency.to_owned()),
        in_stock,
        ..ProductRow::default()
    });
    fragment
}

fn russian() -> Prompt {
    let mut bottle = product(
        3,
        "Термос «Север» 0,75 л",
        1990.0,
        "RUB",
        None,
        "Название: Термос «Север» 0,75 л\nАртикул: TS-075\nЦена: 1990 RUB\nОписание: Держит тепло 24 часа. В наборе 3 чашки.",
    );
    bottle.document.product.as_mut().unwrap().old_price = Some(2500.0);
    Prompt {
        system: String::new(),
        context: String::new(),
        fragments: vec![
            product(
                1,
                "Рюкзак походный «Тропа 30»",
                6490.0,
                "RUB",
                Some(true),
                "Название: Рюкзак походный «Тропа 30»\nАртикул: PL-BP101\nЦена: 6490 RUB\nНаличие: в наличии\nОписание: Объём 30 л, вес 1150 г. Чехол от дождя стоит 450 ₽.",
            ),
            product(
                2,
                "Рюкзак походный «Тропа 45»",
                8990.0,
                "RUB",
                Some(false),
                "Название: Рюкзак походный «Тропа 45»\nАртикул: PL-BP102\nЦена: 8990 RUB\nНаличие: нет в наличии\nОписание: Объём 45 л.",
            ),
            bottle,
            fragment(
                4,
                SourceType::Policy,
                "Доставка и оплата",
                "# Доставка\nКурьер по Москве — 300 ₽, при заказе от 5 000 ₽ бесплатно. Самовывоз бесплатный. Товары в наличии отправляем в день заказа. Доставка по России 2–5 дней. Скидка 10 % по карте клуба. Возврат в течение 14 дней. Телефон 8 800 555-35-35.",
            ),
        ],
        opening: None,
        history: Vec::new(),
        question: "Какой рюкзак до 7000 рублей взять и сколько будет два?".to_owned(),
        language: Language::Ru,
        allowance: Allowance::default(),
    }
}

fn english() -> Prompt {
    let mut wok = product(
        1,
        "Cove Carbon Steel Wok",
        62.0,
        "USD",
        Some(true),
        "Name: Cove Carbon Steel Wok\nSKU: HP-105\nPrice: 62 USD\nAvailability: in stock\nDescription: 13 inch, 3.5 lb. Made in 2023.",
    );
    wok.document.product.as_mut().unwrap().old_price = Some(77.5);
    Prompt {
        fragments: vec![
            wok,
            product(
                2,
                "Harbor Cast Iron Skillet",
                1290.5,
                "USD",
                Some(false),
                "Name: Harbor Cast Iron Skillet\nSKU: HP-220\nPrice: 1290.5 USD\nDescription: 10 inch pan.",
            ),
            fragment(
                3,
                SourceType::Policy,
                "Shipping",
                "# Shipping\nStandard shipping costs $6.95 and is free for orders over $75. Items in stock ship the same day. Returns within 30 days. Call +1 415 555 0132.",
            ),
        ],
        question: "What can I get under $100?".to_owned(),
        language: Language::En,
        ..russian()
    }
}

/// The deltas and the text that come of an answer cut into pieces of so many characters.
fn checked(prompt: &Prompt, answer: &str, step: usize) -> (String, String, Checked) {
    let mut filter = ClaimFilter::new(Arc::new(prompt.clone()));
    let chars: Vec<char> = answer.chars().collect();
    let mut deltas = String::new();
    for piece in chars.chunks(step.max(1)) {
        deltas.push_str(&filter.push(&piece.iter().collect::<String>()));
    }
    deltas.push_str(&filter.finish());
    (deltas, filter.text(), filter.counts())
}

const HONEST_RU: &[&str] = &[
    "Рюкзак «Тропа 30» стоит 6 490 ₽ [1].",
    "«Тропа 30» — 6490 руб., в наличии [1].",
    "Цена — 6 490 рублей [1].",
    "**Рюкзак походный «Тропа 30»** — **6 490 ₽** [1]",
    "Тропа 45 стоит 8 990 ₽, но её нет в наличии [2].",
    "Тропа 30 (6490 ₽) дешевле, чем Тропа 45 (8990 ₽) [1][2].",
    "Тропа 30 дешевле Тропы 45 на 2 500 ₽ [1][2].",
    "Два рюкзака «Тропа 30» обойдутся в 12 980 ₽ [1].",
    "Вместе Тропа 30 и Тропа 45 стоят 15 480 ₽ [1][2].",
    "Рюкзаки стоят от 6490 до 8990 рублей [1][2].",
    "В рамках бюджета до 7000 рублей подойдёт «Тропа 30» [1].",
    "Термос «Север» стоит 1 990 ₽ вместо 2 500 ₽ [3].",
    "Термос «Север»: старая цена 2500 ₽, сейчас 1990 ₽ [3].",
    "На термос «Север» скидка 20 % [3].",
    "На термосе «Север» вы экономите 510 ₽ [3].",
    "Термос стоит около 2 тыс. рублей [3].",
    "Курьер по Москве стоит 300 ₽ [4].",
    "При заказе от 5 000 ₽ доставка бесплатна [4].",
    "Доставка рюкзака «Тропа 30» по Москве бесплатна, так как заказ больше 5000 ₽ [1][4].",
    "Доставка термоса курьером — 300 рублей [3][4].",
    "Скидка 10 % действует по карте клуба [4].",
    "Товары в наличии отправляем в день заказа [4].",
    "Если товар в наличии, отправим сегодня [4].",
    "Наличие уточните у продавца.",
    "Рюкзак «Тропа 30» есть в наличии [1].",
    "Да, «Тропа 30» сейчас на складе [1].",
    "«Тропа 45» распродан [2].",
    "Артикул: PL-BP101 [1].",
    "Рюкзак «Тропа 30», арт. PL-BP101, вмещает 30 л [1].",
    "Артикул термоса «Север» — TS-075 [3].",
    "Объём рюкзака 30 л, вес 1150 г [1].",
    "В наборе 3 чашки [3].",
    "Держит тепло 24 часа [3].",
    "Возврат в течение 14 дней [4].",
    "Доставка по России занимает 2–5 дней [4].",
    "Звоните 8 800 555-35-35 [4].",
    "Заказ № 12345 передан курьеру.",
    "Мы работаем с 10:00 до 19:00.",
    "Компания основана в 2009 году.",
    "Размер 42, рост 170–176 см.",
    "Гарантия 12 месяцев.",
    "Чехол от дождя к «Тропе 30» стоит 450 ₽ [1].",
    "Рюкзак выдерживает 15 кг, размеры 30x40x50 см.",
    "Температура до -15 °C.",
    "Хлопок 95 %, эластан 5 %.",
    "1. Добавьте товар в корзину.\n2. Оплатите заказ.\n3. Ждите 2 дня.",
    "Конечно! Помогу выбрать.",
    "iPhone 15 Pro и батарея 20000 мАч не продаются.",
    "Рюкзак «Тропа 30» хорош: 30 литров, 6490₽. [1]",
    "| Товар | Цена | Объём |\n|---|---|---|\n| Тропа 30 | 6490 | 30 |\n| Тропа 45 | 8 990 ₽ | 45 |\n",
    "Чем поможет рюкзак? Он в наличии? Проверю.",
    "Стоимость 6490 ₽ за штуку [1].",
];

const HONEST_EN: &[&str] = &[
    "The Cove Carbon Steel Wok costs $62 [1].",
    "The Cove Carbon Steel Wok is $62.00 and in stock [1].",
    "**Cove Carbon Steel Wok** — **$62** [1]",
    "Price: 62 USD [1].",
    "It was $77.50, now $62 [1].",
    "The wok is 20% off, you save $15.50 [1].",
    "The Harbor Cast Iron Skillet costs $1,290.50 [2].",
    "The Harbor Cast Iron Skillet is out of stock [2].",
    "The Harbor Cast Iron Skillet is not available right now [2].",
    "Two Cove woks would be $124 [1].",
    "Standard shipping costs $6.95 [3].",
    "Shipping is free for orders over $75 [3].",
    "Items in stock ship the same day [3].",
    "If the item is in stock, it ships today.",
    "Please check whether it is in stock.",
    "Under $100 you can take the Cove Carbon Steel Wok [1].",
    "SKU HP-105 [1].",
    "The wok is 13 inch and 3.5 lb [1].",
    "Made in 2023 [1].",
    "Returns within 30 days [3].",
    "Call +1 415 555 0132 [3].",
    "Your order 1001 ships in 2-5 business days.",
    "We are open from 9:00 to 17:00.",
    "It is 100% cotton.",
    "A set of 3 pieces.",
    "Sizes 8, 9 and 10.",
    "Of course! Happy to help.",
    "The skillet is a 10 inch pan [2].",
    "Take item 3 from the list.",
    "About $60 for the wok [1].",
    "The Cove wok costs $62, which is cheaper than the Harbor skillet at $1290.50 [1][2].",
    "Available in red and blue.",
    "What's left is to choose the color.",
    "Part of the kit is a lid.",
    "1. Add to cart\n2. Pay\n",
    "Prices from $62 to $1,290.50 [1][2].",
    "Version 2.0 came out in 2021.",
    "It takes 15 minutes at 220 V.",
    "Free returns for 30 days [3].",
    "The Cove Carbon Steel Wok is available now [1].",
];

#[test]
fn what_an_honest_model_says_is_left_as_it_is() {
    let mut damaged = Vec::new();
    for (prompt, sentences) in [(russian(), HONEST_RU), (english(), HONEST_EN)] {
        for sentence in sentences {
            let (deltas, text, counts) = checked(&prompt, sentence, 3);
            if text != *sentence || deltas != *sentence || counts.corrected + counts.dropped > 0 {
                damaged.push((*sentence, text));
            }
        }
    }
    assert_eq!(damaged, []);
}

/// What is said, what must not be left of it, and what must stand in it instead, if the row tells.
const LIES_RU: &[(&str, &str, &str)] = &[
    ("Рюкзак «Тропа 30» стоит 4 990 ₽ [1].", "4 990", "6 490 ₽"),
    ("«Тропа 30» — 4990 руб. [1]", "4990", "6490 руб."),
    ("Цена рюкзака «Тропа 30» всего 990 рублей! [1]", "990 р", ""),
    ("Рюкзак «Тропа 30» стоит 8 990 ₽ [1].", "8 990", "6 490 ₽"),
    ("Тропа 30 — 8990 ₽, Тропа 45 — 6490 ₽ [1][2].", "30 — 8990", ""),
    ("Рюкзак «Тропа 30» стоит $64 [1].", "$64", "6490"),
    ("Рюкзак «Тропа 30» стоит 4990 [1].", "4990", "6490"),
    ("**Тропа 30** — 4990 [1]", "4990", "6490"),
    ("Рюкзак «Тропа 30» за 5 тыс. рублей [1].", "5 тыс", "6490"),
    ("Термос «Север» стоит 2 500 ₽ [3].", "2 500", "1 990 ₽"),
    ("Термос «Север»: 1 990 ₽ вместо 4 000 ₽ [3].", "4 000", "2 500"),
    ("На термос «Север» скидка 50 % [3].", "50", "20"),
    ("Два рюкзака «Тропа 30» обойдутся в 10 000 ₽ [1].", "10 000", ""),
    ("Доставка рюкзака «Тропа 30» стоит 999 ₽ [1].", "999", ""),
    ("Курьер по Москве — 100 ₽ [4].", "100", ""),
    ("Рюкзаки от 1000 до 2000 рублей [1][2].", "1000", ""),
    ("Рюкзак «Тропа 30»: нет в наличии [1].", "нет в наличии", "в наличии"),
    ("«Тропа 45» — 8990 ₽, в наличии [2].", ", в наличии", "нет в наличии"),
    (
        "Да, рюкзак «Тропа 45» есть в наличии [2].",
        "есть в наличии",
        "нет в наличии",
    ),
    ("«Тропа 30» распродан [1].", "распродан", "есть в наличии"),
    ("Термос «Север» есть на складе [3].", "складе", ""),
    ("«Тропа 30»: осталось 3 штуки [1].", "3 шт", ""),
    ("Артикул рюкзака «Тропа 30»: PL-XX999 [1].", "XX999", "PL-BP101"),
    ("«Тропа 30», арт. PL-BP102 [1].", "BP102", "PL-BP101"),
    ("| Товар | Цена |\n|---|---|\n| Тропа 30 | 4990 |\n", "4990", "6490"),
    ("Рюкзак «Тропа 30» хорош. Он стоит 5 555 ₽ [1].", "5 555", "6 490"),
    ("Рюкзак можно взять до 3000 рублей [1].", "3000", ""),
];
const LIES_EN: &[(&str, &str, &str)] = &[
    ("The Cove Carbon Steel Wok costs $19.99 [1].", "19.99", "$62"),
    (
        "The Cove Carbon Steel Wok is only 20 dollars [1].",
        "20 d",
        "62 dollars",
    ),
    ("**Cove Carbon Steel Wok** — $1,290.50 [1]", "1,290", "$62"),
    ("The Harbor Cast Iron Skillet costs €990 [2].", "990", "1290.50"),
    ("The Cove Carbon Steel Wok costs 45 [1].", "45", "62"),
    ("The wok is 70% off [1].", "70", "20"),
    ("Shipping costs $1.99 [3].", "1.99", ""),
    (
        "The Harbor Cast Iron Skillet is in stock [2].",
        "in stock",
        "out of stock",
    ),
    (
        "Harbor Cast Iron Skillet — $1,290.50, in stock [2].",
        ", in stock",
        "out of stock",
    ),
    ("The Cove Carbon Steel Wok is sold out [1].", "sold out", "in stock"),
    ("Only 3 left of the Cove Carbon Steel Wok [1].", "3 left", ""),
    ("Cove Carbon Steel Wok, SKU HP-999 [1].", "HP-999", "HP-105"),
];

#[test]
fn no_lie_reaches_the_visitor_however_it_is_cut() {
    let mut slipped = Vec::new();
    for (prompt, lies) in [(russian(), LIES_RU), (english(), LIES_EN)] {
        for (lie, wrong, right) in lies {
            for step in [1, 2, 3, 5, 8, 1000] {
                let (deltas, text, counts) = checked(&prompt, lie, step);
                let is_caught = counts.corrected + counts.dropped > 0;
                if !is_caught
                    || text.contains(wrong) && !right.contains(wrong)
                    || deltas.contains(wrong) && !right.contains(wrong)
                    || !text.contains(right)
                {
                    slipped.push((*lie, text, counts));
                    break;
                }
            }
        }
    }
    assert_eq!(slipped, []);
}

#[test]
fn a_wrong_sentence_goes_and_its_neighbors_stay() {
    let answer = "Отличный выбор. Доставка рюкзака «Тропа 30» стоит 999 ₽ [1]. Рюкзак вмещает 30 л [1].\n- Тропа 30: осталось 3 штуки\n- Тропа 45 хорош";
    let (_, text, counts) = checked(&russian(), answer, 4);
    assert_eq!(text, "Отличный выбор. Рюкзак вмещает 30 л [1].\n- Тропа 45 хорош");
    assert_eq!((counts.corrected, counts.dropped), (0, 2));
}

proptest! {
    #[test]
    fn cutting_never_changes_the_checked_answer(
        parts in prop::collection::vec(prop::sample::select(vec!["Тропа 30", " стоит ", "4 990 ₽", "6490 руб.", ". ", " [1]", "\n", "в наличии", "нет ", "арт. PL-BP999", "Да", "! ", "| ", "1", "г. Москва", " за ", "%"]), 0..14),
        step in 1usize..9,
    ) {
        let answer = parts.concat();
        let prompt = russian();
        let (_, text, counts) = checked(&prompt, &answer, step);
        let (_, whole, whole_counts) = checked(&prompt, &answer, 10_000);
        prop_assert_eq!(text, whole);
        prop_assert_eq!(counts, whole_counts);
    }
}
