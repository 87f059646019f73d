//! Two invented shops: shoes, phones, cosmetics and furniture; shoes, gadgets, snacks and furniture.

use crate::domain::id::DocumentId;
use crate::domain::knowledge::Document;
use crate::domain::knowledge::ProductRow;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::retrieval::attributes::facets::Facets;
use std::sync::Arc;

/// Name, category, brand, price, old price, stock, attributes as `name=value; …`.
pub type Line = (
    &'static str,
    &'static str,
    &'static str,
    f64,
    Option<f64>,
    bool,
    &'static str,
);

pub const RUSSIAN: &[Line] = &[
    (
        "Кроссовки беговые «Ветер»",
        "Обувь",
        "Adidas",
        7990.0,
        Some(9990.0),
        true,
        "Цвет=красный; Размеры=40, 41, 42; Вес=260 г; Пол=мужской; Материал=текстиль",
    ),
    (
        "Кроссовки «Шаг» для зала",
        "Обувь",
        "Тропинка",
        4490.0,
        None,
        true,
        "Цвет=тёмно-синий; Размеры=36, 37, 38; Вес=310 г; Пол=женский; Материал=замша",
    ),
    (
        "Ботинки зимние «Пурга»",
        "Обувь",
        "Тропинка",
        8990.0,
        None,
        false,
        "Цвет=чёрный; Размеры=41, 42, 43; Вес=690 г; Пол=мужской; Материал=натуральная кожа",
    ),
    (
        "Сандалии детские «Кроха»",
        "Обувь",
        "Тропинка",
        1990.0,
        None,
        true,
        "Цвет=бежевый; Размеры=24, 25; Вес=150 г; Возраст=2–4 года; Материал=экокожа",
    ),
    (
        "Смартфон Astra 12",
        "Электроника",
        "Astra",
        24_990.0,
        None,
        true,
        "Цвет=графитовый; Память=128 ГБ; Аккумулятор=5000 мА·ч; Экран=6,5 дюйма; NFC=да",
    ),
    (
        "Смартфон Astra Mini",
        "Электроника",
        "Astra",
        15_990.0,
        Some(17_990.0),
        true,
        "Цвет=белый; Память=64 ГБ; Аккумулятор=3400 мА·ч; Экран=5,4 дюйма; NFC=нет",
    ),
    (
        "Чехол для смартфона Astra 12",
        "Электроника",
        "Astra",
        790.0,
        None,
        true,
        "Цвет=чёрный; Материал=силикон",
    ),
    (
        "Крем для рук",
        "Уход",
        "Лада",
        290.0,
        None,
        true,
        "Объём=75 мл; Состав=без отдушки; Тип кожи=сухая",
    ),
    (
        "Крем для лица ночной",
        "Уход",
        "Лада",
        890.0,
        None,
        true,
        "Объём=50 мл; Состав=с отдушкой, масло ши; Тип кожи=любая",
    ),
    (
        "Диван «Уют»",
        "Мебель",
        "Дубрава",
        45_990.0,
        None,
        true,
        "Цвет=бордовый; Ширина=220 см; Ящик для белья=есть; Количество мест=3",
    ),
    (
        "Диван «Гость»",
        "Мебель",
        "Дубрава",
        29_990.0,
        Some(34_990.0),
        true,
        "Цвет=серый; Ширина=150 см; Ящик для белья=нет; Количество мест=2",
    ),
    (
        "Стол письменный из дуба",
        "Мебель",
        "Дубрава",
        18_990.0,
        None,
        true,
        "Цвет=коричневый; Ширина=120 см; Материал=дуб",
    ),
];

pub const ENGLISH: &[Line] = &[
    (
        "Trail running shoes",
        "Shoes",
        "Fleet",
        95.0,
        Some(120.0),
        true,
        "Color=navy; Sizes=8, 9, 10; Weight=9 oz; Waterproof=yes",
    ),
    (
        "Canvas sneakers",
        "Shoes",
        "Fleet",
        49.0,
        None,
        true,
        "Color=red; Sizes=7, 8, 9; Weight=11 oz; Waterproof=no",
    ),
    (
        "Power bank 10000",
        "Gadgets",
        "Voltix",
        29.0,
        None,
        true,
        "Capacity=10000 mAh; Weight=210 g; Color=black",
    ),
    (
        "Power bank 20000",
        "Gadgets",
        "Voltix",
        45.0,
        None,
        false,
        "Capacity=20000 mAh; Weight=380 g; Color=white",
    ),
    (
        "Oat cookies",
        "Snacks",
        "Mill",
        4.0,
        None,
        true,
        "Weight=200 g; Ingredients=sugar-free, oats",
    ),
    (
        "Butter cookies",
        "Snacks",
        "Mill",
        3.0,
        None,
        true,
        "Weight=250 g; Ingredients=sugar, butter, wheat",
    ),
    (
        "Oak shelves, set of 3",
        "Furniture",
        "Grove",
        140.0,
        None,
        true,
        "Color=natural; Width=60 cm; Material=oak",
    ),
    (
        "Wall shelf",
        "Furniture",
        "Grove",
        60.0,
        None,
        true,
        "Color=white; Width=90 cm; Material=pine",
    ),
];

pub fn shop(lines: &[Line]) -> Arc<Facets> {
    let documents = (1i64..).zip(lines).map(
        |(id, (name, category, brand, price, old_price, in_stock, attributes))| Document {
            id: DocumentId(id),
            key: SourceKey {
                source_type: SourceType::Product,
                source_id: (*name).to_owned(),
            },
            title: (*name).to_owned(),
            url: None,
            product: Some(ProductRow {
                price: Some(*price),
                old_price: *old_price,
                category: Some((*category).to_owned()),
                brand: Some((*brand).to_owned()),
                in_stock: Some(*in_stock),
                attributes: attributes
                    .split("; ")
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
                ..ProductRow::default()
            }),
        },
    );
    Arc::new(Facets::new(documents))
}
