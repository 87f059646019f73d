//! Yandex Market Language: `yml_catalog > shop > {categories, delivery-options, offers > offer}`, as marketplaces and shop programs write it.
//! Fields: yandex.ru/support/partnermarket/export/yml.html.

use crate::domain::import::SourcePlace;
use crate::domain::language::Language;
use crate::knowledge::parsing::Input;
use crate::knowledge::parsing::Limits;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::entries::Entries;
use crate::knowledge::parsing::entries::WrongField;
use crate::knowledge::parsing::feeds::product::Named;
use crate::knowledge::parsing::feeds::product::Product;
use crate::knowledge::parsing::sink::Sink;
use crate::knowledge::parsing::xml::Element;
use crate::knowledge::parsing::xml::XmlReader;
use serde_json::json;
use std::collections::HashMap;

/// Categories inside each other; a chain that is longer is a circle.
const MAX_CATEGORY_DEPTH: usize = 12;

/// Pushes the offers in the order of the file, and the shop's delivery options as a policy.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut reader = XmlReader::open(input, limits)?;
    let mut entries = Entries::new(WrongField::LeavesOutField);
    let mut shop = Shop::default();
    let mut is_catalog = false;
    while let Some(opened) = reader.next_opening()? {
        match opened.name.as_str() {
            "yml_catalog" => is_catalog = true,
            "category" => shop.add_category(&reader.complete(opened)?),
            "url" if shop.site.is_none() => shop.site = reader.complete(opened)?.own_text().map(str::to_owned),
            "delivery-options" => {
                let options = reader.complete(opened)?;
                let place = SourcePlace {
                    element: Some("delivery-options".to_owned()),
                    ..SourcePlace::line(options.line)
                };
                if let Some(policy) = delivery_policy(&options, input.language) {
                    entries.push("policies", &policy, place, sink)?;
                }
            }
            "offer" => {
                let offer = reader.complete(opened)?;
                let id = offer.attribute("id").unwrap_or("?");
                let place = SourcePlace {
                    element: Some(format!("offer {id}")),
                    ..SourcePlace::line(offer.line)
                };
                entries.push("products", &shop.product(&offer, input.language), place, sink)?;
            }
            _ => {}
        }
    }
    if is_catalog {
        Ok(())
    } else {
        Err(ParseError::refused("problem_feed_not_yml"))
    }
}

#[derive(Default)]
struct Shop {
    site: Option<String>,
    /// Names with the ids of their parents.
    categories: HashMap<String, (String, Option<String>)>,
}

impl Shop {
    fn add_category(&mut self, category: &Element) {
        if let (Some(id), Some(name)) = (category.attribute("id"), category.own_text()) {
            let parent = category.attribute("parentId").map(str::to_owned);
            self.categories.insert(id.to_owned(), (name.to_owned(), parent));
        }
    }

    /// `Посуда / Чайники`, outermost first.
    fn category_path(&self, id: &str) -> Option<String> {
        let mut names = Vec::new();
        let mut next = Some(id);
        while let Some((name, parent)) = next.and_then(|id| self.categories.get(id)) {
            if names.len() == MAX_CATEGORY_DEPTH {
                break;
            }
            names.push(name.as_str());
            next = parent.as_deref();
        }
        names.reverse();
        (!names.is_empty()).then(|| names.join(" / "))
    }

    fn product(&self, offer: &Element, language: Language) -> serde_json::Value {
        let mut product = Product::default();
        product.set("id", offer.attribute("id"));
        product.set("name", Some(&name(offer)));
        product.set_description(offer.text_of("description"));
        product.set("price", offer.text_of("price"));
        product.set("old_price", offer.text_of("oldprice"));
        product.set_currency(offer.text_of("currencyId"));
        product.set_link("url", offer.text_of("url"), self.site.as_deref());
        product.set_link("image", offer.text_of("picture"), self.site.as_deref());
        let category = offer.text_of("categoryId").and_then(|id| self.category_path(id));
        product.set("category", category.as_deref().or(offer.text_of("market_category")));
        product.set("brand", offer.text_of("vendor"));
        product.set_in_stock(in_stock(offer));
        for param in offer.children_named("param") {
            let value = match (param.own_text(), param.attribute("unit")) {
                (Some(value), Some(unit)) => Some(format!("{value} {unit}")),
                (value, _) => value.map(str::to_owned),
            };
            product.add_attribute(param.attribute("name").unwrap_or_default(), value.as_deref());
        }
        for (element, named) in [
            ("vendorCode", Named::Article),
            ("shop-sku", Named::Article),
            ("country_of_origin", Named::Country),
            ("dimensions", Named::Dimensions),
            ("sales_notes", Named::Conditions),
            ("author", Named::Author),
            ("publisher", Named::Publisher),
        ] {
            product.add_named(named, offer.text_of(element), language);
        }
        for barcode in offer.children_named("barcode") {
            product.add_named(Named::Barcode, barcode.own_text(), language);
        }
        if offer.text_of("name").is_some() {
            product.add_named(Named::Model, offer.text_of("model"), language);
        }
        let weight = offer.text_of("weight").map(|weight| match language {
            Language::Ru => format!("{weight} кг"),
            Language::En => format!("{weight} kg"),
        });
        product.add_named(Named::Weight, weight.as_deref(), language);
        product.add_named(Named::Warranty, warranty(offer, language), language);
        let delivery = offer
            .child("delivery-options")
            .map(|options| option_lines(options, language).join("; "));
        product.add_named(Named::Delivery, delivery.as_deref(), language);
        product.into_entry()
    }
}

/// `name`, else of `vendor.model` its three parts, else of the other kinds author or artist and title.
fn name(offer: &Element) -> String {
    if let Some(name) = offer.text_of("name") {
        return name.to_owned();
    }
    let parts = if offer.text_of("model").is_some() {
        ["typePrefix", "vendor", "model"]
    } else {
        ["artist", "author", "title"]
    };
    let parts: Vec<&str> = parts.iter().filter_map(|part| offer.text_of(part)).collect();
    parts.join(" ")
}

/// What the amount says, else what `available` says; an offer that says neither is for sale, because it is in the feed.
fn in_stock(offer: &Element) -> Option<bool> {
    let amount = ["count", "stock_quantity", "quantity"]
        .iter()
        .find_map(|name| offer.text_of(name));
    if let Some(amount) = amount.and_then(|amount| amount.replace(',', ".").parse::<f64>().ok()) {
        return Some(amount > 0.0);
    }
    Some(offer.attribute("available") != Some("false"))
}

/// The form allows `true`, `false` and a term as `P1Y`, which is left to the description.
fn warranty(offer: &Element, language: Language) -> Option<&'static str> {
    match (offer.text_of("manufacturer_warranty")?, language) {
        ("true", Language::Ru) => Some("официальная гарантия производителя"),
        ("true", Language::En) => Some("manufacturer's warranty"),
        ("false", Language::Ru) => Some("нет гарантии производителя"),
        ("false", Language::En) => Some("no manufacturer's warranty"),
        _ => None,
    }
}

fn delivery_policy(options: &Element, language: Language) -> Option<serde_json::Value> {
    let lines = option_lines(options, language);
    let (title, before) = match language {
        Language::Ru => ("Сроки и стоимость доставки", "Доставка по городу магазина"),
        Language::En => ("Delivery time and cost", "Delivery in the shop's city"),
    };
    (!lines.is_empty()).then(
        || json!({"id": "yml-delivery-options", "title": title, "content": format!("{before}: {}.", lines.join("; "))}),
    )
}

/// `300 ₽, срок 1-3 дн., при заказе до 14:00`; days are counted in working days.
fn option_lines(options: &Element, language: Language) -> Vec<String> {
    let line = |option: &Element| {
        let mut parts = Vec::new();
        match (option.attribute("cost")?, language) {
            ("0", Language::Ru) => parts.push("бесплатно".to_owned()),
            ("0", Language::En) => parts.push("free".to_owned()),
            (cost, Language::Ru) => parts.push(format!("{cost} ₽")),
            (cost, Language::En) => parts.push(format!("cost {cost}")),
        }
        match (option.attribute("days"), language) {
            (Some("0"), Language::Ru) => parts.push("в день заказа".to_owned()),
            (Some("0"), Language::En) => parts.push("on the day of the order".to_owned()),
            (Some(days), Language::Ru) => parts.push(format!("срок {days} раб. дн.")),
            (Some(days), Language::En) => parts.push(format!("{days} working days")),
            (None, _) => {}
        }
        match (option.attribute("order-before"), language) {
            (Some(hour), Language::Ru) => parts.push(format!("при заказе до {hour}:00")),
            (Some(hour), Language::En) => parts.push(format!("for orders before {hour}:00")),
            (None, _) => {}
        }
        Some(parts.join(", "))
    };
    options.children_named("option").filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use crate::domain::source::Format;
    use crate::knowledge::item::Content;
    use crate::knowledge::parsing::sink::parsed;

    const FEED: &str = r#"<?xml version="1.0" encoding="windows-1251"?><!DOCTYPE yml_catalog SYSTEM "shops.dtd">
<yml_catalog date="2026-11-01 12:00"><shop><name>Заря</name><url>https://zarya.example/</url>
<currencies><currency id="RUR" rate="1"/></currencies>
<categories><category id="1">Посуда</category><category id="2" parentId="1">Чайники</category></categories>
<delivery-options><option cost="300" days="1-3" order-before="14"/><option cost="0" days="5"/></delivery-options>
<offers>
<offer id="17" type="vendor.model" available="true"><url>/chaynik?a=1&amp;b=2</url><price from="true">1990.50</price><oldprice>2500</oldprice>
<currencyId>RUR</currencyId><categoryId>2</categoryId><picture>https://zarya.example/1.jpg</picture><picture>https://zarya.example/2.jpg</picture>
<typePrefix>Чайник</typePrefix><vendor>Заря</vendor><model>М-2</model><vendorCode>ZR-17</vendorCode><barcode>4600000000017</barcode>
<description><![CDATA[<p>Сталь, <b>2&nbsp;л</b></p>]]></description><param name="Объём" unit="л">2</param><param name="Цвет">синий</param>
<manufacturer_warranty>true</manufacturer_warranty><weight>1.2</weight></offer>
<offer id="18" available="false"><name>Крышка</name><price>по запросу</price><url>javascript:alert(1)</url></offer>
<offer id="19"><price>5</price></offer>
<offer id="17"><name>Двойник</name></offer>
</offers></shop></yml_catalog>"#;

    #[test]
    fn offers_become_products_with_rows() {
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(FEED);
        let (result, items, report) = parsed(Format::Yml, "feed.xml", &bytes);
        result.unwrap();
        let ids: Vec<_> = items.iter().map(|item| item.source_id.as_str()).collect();
        assert_eq!(ids, ["yml-delivery-options", "17", "18"]);
        let Content::Product {
            name,
            description,
            url,
            row,
        } = &items[1].content
        else {
            panic!("no product")
        };
        assert_eq!((name.as_str(), description.as_str()), ("Чайник Заря М-2", "Сталь, 2 л"));
        assert_eq!(url.as_deref(), Some("https://zarya.example/chaynik?a=1&b=2"));
        assert_eq!(
            (row.price, row.old_price, row.currency.as_deref()),
            (Some(1990.5), Some(2500.0), Some("RUB"))
        );
        assert_eq!(
            (row.category.as_deref(), row.in_stock),
            (Some("Посуда / Чайники"), Some(true))
        );
        let attributes: Vec<_> = row
            .attributes
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            attributes,
            [
                "Артикул=ZR-17",
                "Вес=1.2 кг",
                "Гарантия=официальная гарантия производителя",
                "Объём=2 л",
                "Цвет=синий",
                "Штрихкод=4600000000017"
            ]
        );
        let Content::Policy { text, .. } = &items[0].content else {
            panic!("no policy")
        };
        assert_eq!(
            text,
            "Доставка по городу магазина: 300 ₽, срок 1-3 раб. дн., при заказе до 14:00; бесплатно, срок 5 раб. дн.."
        );
        let problems: Vec<_> = report
            .problems
            .iter()
            .map(|problem| {
                (
                    problem.place.line.unwrap(),
                    problem.place.element.as_deref().unwrap(),
                    problem.key.as_ref(),
                )
            })
            .collect();
        assert_eq!(
            problems,
            [
                (12, "offer 18.price", "problem_number"),
                (12, "offer 18.url", "problem_url"),
                (13, "offer 19.name", "problem_required"),
                (14, "offer 17", "problem_repeated_id"),
            ]
        );
    }
}
