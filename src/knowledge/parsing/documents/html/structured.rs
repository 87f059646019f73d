//! JSON-LD in the words of schema.org: `Product` with its offers, `FAQPage` with its questions.

use crate::knowledge::parsing::documents::draft::Draft;
use crate::knowledge::parsing::markup::plain_text;
use serde_json::Map;
use serde_json::Value;

/// Objects inside each other that are looked into; also a limit on hostile nesting, besides that of the JSON reader.
const MAX_DEPTH: usize = 8;
/// Properties of a product that shops fill in and that have no field of their own.
const ATTRIBUTES: [&str; 8] = [
    "color", "size", "material", "model", "gtin13", "mpn", "pattern", "weight",
];

type Object = Map<String, Value>;

/// Adds what the script says of products and questions. A script that is no JSON says nothing.
pub fn read(script: &str, page_url: Option<&str>, draft: &mut Draft) {
    if let Ok(value) = serde_json::from_str::<Value>(script.trim()) {
        walk(&value, page_url, draft, 0);
    }
}

fn walk(value: &Value, page_url: Option<&str>, draft: &mut Draft, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| walk(value, page_url, draft, depth + 1)),
        Value::Object(object) if is_type(object, "Product") => draft.product(product(object, page_url)),
        Value::Object(object) if is_type(object, "Question") => push_question(object, draft),
        Value::Object(object) => {
            for name in [
                "@graph",
                "mainEntity",
                "mainEntityOfPage",
                "itemListElement",
                "item",
                "hasPart",
            ] {
                if let Some(value) = object.get(name) {
                    walk(value, page_url, draft, depth + 1);
                }
            }
        }
        _ => {}
    }
}

fn is_type(object: &Object, wanted: &str) -> bool {
    let is_it = |value: &Value| {
        value
            .as_str()
            .is_some_and(|name| name.rsplit('/').next() == Some(wanted))
    };
    match object.get("@type") {
        Some(Value::Array(types)) => types.iter().any(is_it),
        Some(value) => is_it(value),
        None => false,
    }
}

fn push_question(object: &Object, draft: &mut Draft) {
    let answer = object.get("acceptedAnswer").or_else(|| object.get("suggestedAnswer"));
    let answer = answer.and_then(first_object).and_then(|answer| text(answer, "text"));
    if let (Some(question), Some(answer)) = (text(object, "name"), answer) {
        draft.question(&question, &answer);
    }
}

/// An entry in the shape of the plain JSON.
fn product(object: &Object, page_url: Option<&str>) -> Value {
    let mut entry = Map::new();
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            entry.insert(name.to_owned(), Value::String(value));
        }
    };
    let offer = object.get("offers").and_then(best_offer);
    let of_offer = |name: &str| offer.and_then(|offer| text(offer, name));
    let id = ["sku", "productID", "mpn", "@id", "url"]
        .iter()
        .find_map(|name| text(object, name));
    set("id", id.or_else(|| page_url.map(str::to_owned)));
    set("name", text(object, "name"));
    set("description", text(object, "description"));
    set("category", text(object, "category"));
    set("brand", text(object, "brand").or_else(|| text(object, "manufacturer")));
    set("image", object.get("image").and_then(address));
    let url = text(object, "url")
        .or_else(|| of_offer("url"))
        .filter(|url| is_web(url));
    set("url", url.or_else(|| page_url.map(str::to_owned)));
    set("price", of_offer("price").or_else(|| of_offer("lowPrice")));
    set("currency", of_offer("priceCurrency"));
    if let Some(in_stock) = of_offer("availability").and_then(|word| in_stock(&word)) {
        entry.insert("in_stock".to_owned(), Value::Bool(in_stock));
    }
    let mut attributes = Map::new();
    for name in ATTRIBUTES {
        if let Some(value) = text(object, name) {
            attributes.insert(name.to_owned(), Value::String(value));
        }
    }
    let properties = object.get("additionalProperty").and_then(Value::as_array);
    for property in properties.into_iter().flatten().filter_map(Value::as_object) {
        if let (Some(name), Some(value)) = (text(property, "name"), text(property, "value")) {
            attributes.insert(name, Value::String(value));
        }
    }
    entry.insert("attributes".to_owned(), Value::Object(attributes));
    Value::Object(entry)
}

/// A value as text: of a list the first, of an object its name, address or value.
fn text(object: &Object, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => plain_text(text),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => match values.first()? {
            Value::String(text) => plain_text(text),
            Value::Object(inner) => return ["name", "url", "value"].iter().find_map(|name| scalar(inner, name)),
            _ => return None,
        },
        Value::Object(inner) => return ["name", "url", "value"].iter().find_map(|name| scalar(inner, name)),
        _ => return None,
    };
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn scalar(object: &Object, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn first_object(value: &Value) -> Option<&Object> {
    match value {
        Value::Array(values) => values.first()?.as_object(),
        value => value.as_object(),
    }
}

/// Of several offers the first that can be bought, else the first with a price.
fn best_offer(value: &Value) -> Option<&Object> {
    let Value::Array(values) = value else {
        return value.as_object();
    };
    let offers = || values.iter().filter_map(Value::as_object);
    let has_price = |offer: &&Object| offer.contains_key("price") || offer.contains_key("lowPrice");
    let is_sold = |offer: &&Object| text(offer, "availability").and_then(|word| in_stock(&word)) != Some(false);
    let mut priced = offers().filter(has_price);
    let sold = offers().filter(has_price).find(is_sold);
    sold.or_else(|| priced.next()).or_else(|| offers().next())
}

/// The first web address of a picture that is told as one, as an object, or as a list of them.
fn address(value: &Value) -> Option<String> {
    match value {
        Value::String(url) => Some(plain_text(url).trim().to_owned()).filter(|url| is_web(url)),
        Value::Array(values) => values.iter().find_map(address),
        Value::Object(object) => ["url", "contentUrl", "@id"]
            .iter()
            .find_map(|name| address(object.get(*name)?)),
        _ => None,
    }
}

fn is_web(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    lower.starts_with("https://") || lower.starts_with("http://")
}

/// `https://schema.org/InStock`.
fn in_stock(word: &str) -> Option<bool> {
    match word.rsplit('/').next()? {
        "InStock" | "LimitedAvailability" | "OnlineOnly" | "InStoreOnly" => Some(true),
        "OutOfStock" | "SoldOut" | "Discontinued" | "PreOrder" | "BackOrder" | "PreSale" => Some(false),
        _ => None,
    }
}
