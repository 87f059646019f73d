//! One product of a feed on its way to an entry of the plain JSON.

use crate::domain::language::Language;
use crate::knowledge::parsing::fields::MAX_ATTRIBUTES;
use crate::knowledge::parsing::markup::plain_text;
use serde_json::Map;
use serde_json::Value;

/// Gathers the fields of a product; a blank value counts as absent.
#[derive(Debug, Clone, Default)]
pub struct Product {
    fields: Map<String, Value>,
    attributes: Map<String, Value>,
}

/// Attributes that are named by the feed's form, not by the shop, in the language of the shop's texts.
#[derive(Debug, Clone, Copy)]
pub enum Named {
    Article,
    Barcode,
    Country,
    Warranty,
    Model,
    Weight,
    Dimensions,
    Conditions,
    Delivery,
    Condition,
    Color,
    Size,
    Material,
    Pattern,
    Gender,
    Age,
    Author,
    Publisher,
}

impl Named {
    pub const fn label(self, language: Language) -> &'static str {
        let (ru, en) = match self {
            Named::Article => ("Артикул", "SKU"),
            Named::Barcode => ("Штрихкод", "Barcode"),
            Named::Country => ("Страна", "Country"),
            Named::Warranty => ("Гарантия", "Warranty"),
            Named::Model => ("Модель", "Model"),
            Named::Weight => ("Вес", "Weight"),
            Named::Dimensions => ("Размеры", "Dimensions"),
            Named::Conditions => ("Условия продажи", "Terms of sale"),
            Named::Delivery => ("Доставка", "Delivery"),
            Named::Condition => ("Состояние", "Condition"),
            Named::Color => ("Цвет", "Color"),
            Named::Size => ("Размер", "Size"),
            Named::Material => ("Материал", "Material"),
            Named::Pattern => ("Рисунок", "Pattern"),
            Named::Gender => ("Пол", "Gender"),
            Named::Age => ("Возраст", "Age"),
            Named::Author => ("Автор", "Author"),
            Named::Publisher => ("Издательство", "Publisher"),
        };
        match language {
            Language::Ru => ru,
            Language::En => en,
        }
    }
}

impl Product {
    /// A text field of the plain JSON: `id`, `name`, `price`, `category` and the like.
    pub fn set(&mut self, field: &'static str, value: Option<&str>) {
        if let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) {
            self.fields.insert(field.to_owned(), Value::from(value));
        }
    }

    /// The description, which may be HTML.
    pub fn set_description(&mut self, html: Option<&str>) {
        self.set("description", html.map(plain_text).as_deref());
    }

    pub fn set_in_stock(&mut self, in_stock: Option<bool>) {
        if let Some(in_stock) = in_stock {
            self.fields.insert("in_stock".to_owned(), Value::from(in_stock));
        }
    }

    /// ISO 4217, with the ruble's old code made new.
    pub fn set_currency(&mut self, code: Option<&str>) {
        let code = code.map(|code| code.trim().to_uppercase());
        let code = code.map(|code| match code.as_str() {
            "RUR" | "РУБ" | "РУБ." => "RUB".to_owned(),
            _ => code,
        });
        self.set("currency", code.as_deref());
    }

    /// A link; one without a host is completed from the address of the shop's site.
    pub fn set_link(&mut self, field: &'static str, link: Option<&str>, site: Option<&str>) {
        let Some(link) = link.map(str::trim) else { return };
        let completed = if link.starts_with("//") {
            format!("https:{link}")
        } else if let (true, Some(site)) = (link.starts_with('/'), site.and_then(origin)) {
            format!("{site}{link}")
        } else {
            link.replace(' ', "%20")
        };
        self.set(field, Some(&completed));
    }

    /// An attribute that the shop names. Values of the same name are joined by commas.
    pub fn add_attribute(&mut self, name: &str, value: Option<&str>) {
        let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else {
            return;
        };
        let name = name.trim();
        let has_place = !name.is_empty() && self.attributes.len() < MAX_ATTRIBUTES;
        if let Some(Value::String(known)) = self.attributes.get_mut(name) {
            if !known.split(", ").any(|part| part == value) {
                known.push_str(", ");
                known.push_str(value);
            }
        } else if has_place {
            self.attributes.insert(name.to_owned(), Value::from(value));
        }
    }

    /// An attribute whose earlier value no longer counts, as that of a variant.
    pub fn replace_attribute(&mut self, name: &str, value: &str) {
        self.attributes.remove(name.trim());
        self.add_attribute(name, Some(value));
    }

    /// A text field that was set.
    pub fn field(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    /// An attribute that the form names.
    pub fn add_named(&mut self, name: Named, value: Option<&str>, language: Language) {
        self.add_attribute(name.label(language), value);
    }

    /// The entry of the plain JSON.
    pub fn into_entry(mut self) -> Value {
        if !self.attributes.is_empty() {
            self.fields
                .insert("attributes".to_owned(), Value::Object(self.attributes));
        }
        Value::Object(self.fields)
    }
}

/// `https://shop.ru` of `https://shop.ru/catalogue/`.
fn origin(address: &str) -> Option<&str> {
    let address = address.trim();
    let host_at = address.find("://")? + 3;
    let end = address
        .get(host_at..)?
        .find('/')
        .map_or(address.len(), |at| host_at + at);
    address.get(..end)
}

#[cfg(test)]
mod tests {
    use super::Product;
    use serde_json::json;

    #[test]
    fn a_product_is_an_entry_of_the_plain_json() {
        let mut product = Product::default();
        product.set("id", Some(" 17 "));
        product.set("brand", Some(" "));
        product.set_currency(Some("RUR"));
        product.set_link("url", Some("/a b"), Some("https://shop.ru/x/"));
        product.set_link("image", Some("//cdn.shop.ru/1.jpg"), None);
        product.add_attribute("Цвет", Some("синий"));
        product.add_attribute("Цвет ", Some("белый"));
        product.add_attribute("Цвет", Some("синий"));
        let expected = json!({"id": "17", "currency": "RUB", "url": "https://shop.ru/a b", "image": "https://cdn.shop.ru/1.jpg",
            "attributes": {"Цвет": "синий, белый"}});
        assert_eq!(product.into_entry(), expected);
    }
}
