//! Google Merchant feeds: RSS 2.0 (`item`) or Atom (`entry`) with elements of `http://base.google.com/ns/1.0`. Prefixes are ignored, because
//! feeds write title and link with and without them. Fields: support.google.com/merchants/answer/7052112.

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

/// Pushes the items in the order of the file.
pub fn parse(input: &Input<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), ParseError> {
    let mut reader = XmlReader::open(input, limits)?;
    let mut entries = Entries::new(WrongField::LeavesOutField);
    while let Some(opened) = reader.next_opening()? {
        if !matches!(opened.name.as_str(), "item" | "entry") {
            continue;
        }
        let item = reader.complete(opened)?;
        let id = item.text_of("id").unwrap_or("?");
        let place = SourcePlace {
            element: Some(format!("item {id}")),
            ..SourcePlace::line(item.line)
        };
        entries.push("products", &product(&item, input.language), place, sink)?;
    }
    Ok(())
}

fn product(item: &Element, language: Language) -> serde_json::Value {
    let mut product = Product::default();
    product.set("id", item.text_of("id"));
    product.set("name", item.text_of("title"));
    let description = ["description", "summary", "content"]
        .iter()
        .find_map(|name| item.text_of(name));
    product.set_description(description);
    let price = item.text_of("price").map(amount_and_currency);
    let sale_price = item.text_of("sale_price").map(amount_and_currency);
    let (now, before) = match (&sale_price, &price) {
        (Some(sale), Some(usual)) => (Some(sale), Some(usual)),
        (sale, usual) => (sale.as_ref().or(usual.as_ref()), None),
    };
    product.set("price", now.map(|(amount, _)| amount.as_str()));
    product.set("old_price", before.map(|(amount, _)| amount.as_str()));
    product.set_currency(now.and_then(|(_, currency)| currency.as_deref()));
    let link = item.child("link");
    let link = link.and_then(|link| link.own_text().or(link.attribute("href")));
    product.set_link("url", link, None);
    product.set_link("image", item.text_of("image_link"), None);
    let category = item.text_of("product_type").or(item.text_of("google_product_category"));
    // Categories of Google's own list may be given by number.
    let category = category.filter(|category| category.chars().any(char::is_alphabetic));
    product.set(
        "category",
        category.map(|category| category.replace(" > ", " / ")).as_deref(),
    );
    product.set("brand", item.text_of("brand"));
    product.set_in_stock(item.text_of("availability").and_then(in_stock));
    for (element, named) in [
        ("mpn", Named::Article),
        ("gtin", Named::Barcode),
        ("color", Named::Color),
        ("size", Named::Size),
        ("material", Named::Material),
        ("pattern", Named::Pattern),
        ("gender", Named::Gender),
        ("age_group", Named::Age),
        ("condition", Named::Condition),
        ("product_weight", Named::Weight),
    ] {
        product.add_named(named, item.text_of(element), language);
    }
    for detail in item.children_named("product_detail") {
        product.add_attribute(
            detail.text_of("attribute_name").unwrap_or_default(),
            detail.text_of("attribute_value"),
        );
    }
    for shipping in item.children_named("shipping") {
        let parts = ["country", "region", "service", "price"].map(|part| shipping.text_of(part));
        let written = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        product.add_named(Named::Delivery, Some(&written), language);
    }
    product.into_entry()
}

/// Of `25.00 RUB` and of `EUR24.99`.
fn amount_and_currency(price: &str) -> (String, Option<String>) {
    let currency: String = price.chars().filter(char::is_ascii_alphabetic).collect();
    let amount = price.chars().filter(|c| !c.is_ascii_alphabetic());
    (
        amount.collect::<String>().trim().to_owned(),
        (currency.len() == 3).then_some(currency),
    )
}

/// What can be ordered only before it comes, or later, is not in stock. A word that the form does not have tells nothing.
fn in_stock(availability: &str) -> Option<bool> {
    match availability.to_lowercase().replace([' ', '-'], "_").as_str() {
        "in_stock" | "available" => Some(true),
        "out_of_stock" | "preorder" | "backorder" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::source::Format;
    use crate::knowledge::item::Content;
    use crate::knowledge::parsing::sink::parsed;

    #[test]
    fn items_of_rss_and_entries_of_atom_become_products() {
        let rss = r#"<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title><item>
<g:id>A1</g:id><title>Kettle</title><link>https://s.example/k</link><g:description>&lt;p&gt;Steel&lt;/p&gt;</g:description>
<g:price>25.00 RUB</g:price><g:sale_price>19,90 RUB</g:sale_price><g:availability>in stock</g:availability><g:color>blue</g:color>
<g:product_type>Home > Kettles</g:product_type><g:shipping><g:country>RU</g:country><g:price>300 RUB</g:price></g:shipping></item></channel></rss>"#;
        let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title><entry>
<g:id>A2</g:id><g:title>Cup</g:title><link href="https://s.example/c"/><summary>Glass</summary><g:price>EUR24.99</g:price>
<g:availability>preorder</g:availability></entry></feed>"#;
        let read = |text: &str| {
            let (result, items, report) = parsed(Format::GoogleMerchant, "feed.xml", text.as_bytes());
            assert_eq!((result, report.problem_count), (Ok(()), 0), "{report:?}");
            let Content::Product {
                name,
                description,
                url,
                row,
            } = items.into_iter().next().unwrap().content
            else {
                panic!("no product")
            };
            (name, description, url.unwrap(), row)
        };
        let (name, description, url, row) = read(rss);
        assert_eq!(
            (name.as_str(), description.as_str(), url.as_str()),
            ("Kettle", "Steel", "https://s.example/k")
        );
        assert_eq!(
            (row.price, row.old_price, row.in_stock),
            (Some(19.9), Some(25.0), Some(true))
        );
        assert_eq!(row.category.as_deref(), Some("Home / Kettles"));
        let attributes: Vec<_> = row.attributes.values().map(String::as_str).collect();
        assert_eq!(attributes, ["RU 300 RUB", "blue"]);
        let (name, description, url, row) = read(atom);
        assert_eq!(
            (name.as_str(), description.as_str(), url.as_str()),
            ("Cup", "Glass", "https://s.example/c")
        );
        assert_eq!(
            (row.price, row.currency.as_deref(), row.in_stock),
            (Some(24.99), Some("EUR"), Some(false))
        );
    }
}
