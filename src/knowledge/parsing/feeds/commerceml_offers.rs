//! The package of offers of CommerceML: what each product and each of its variants costs, and how many there are.

use crate::domain::language::Language;
use crate::knowledge::parsing::feeds::product::Named;
use crate::knowledge::parsing::feeds::product::Product;
use crate::knowledge::parsing::xml::Element;
use std::collections::HashMap;

/// Offers of all products, in the order of the file.
#[derive(Debug, Default)]
pub struct Offers {
    /// Ids and names of the kinds of prices, in the order of the file.
    price_kinds: Vec<(String, String)>,
    /// The kind whose price is the product's.
    price_kind: Option<String>,
    by_product: HashMap<String, Vec<Offer>>,
    /// Product ids as they come first.
    order: Vec<String>,
    /// Whether any offer has a price.
    pub tell_prices: bool,
    /// Whether any offer has an amount.
    pub tell_amounts: bool,
}

#[derive(Debug, Default)]
pub struct Offer {
    /// `product#variant`, or the product's.
    pub id: String,
    pub name: Option<String>,
    article: Option<String>,
    barcode: Option<String>,
    /// By kind: amount and currency.
    prices: Vec<(String, String, Option<String>)>,
    amount: Option<f64>,
    /// Names and values.
    pub properties: Vec<(String, String)>,
    pub line: u64,
}

impl Offers {
    pub fn add_price_kind(&mut self, kind: &Element) {
        if let (Some(id), Some(name)) = (kind.text_of("Ид"), kind.text_of("Наименование")) {
            self.price_kinds.push((id.to_owned(), name.to_owned()));
        }
    }

    /// Several files may tell of one offer, as newer exchanges keep prices and amounts apart.
    pub fn add(&mut self, element: &Element) {
        let Some(id) = element.text_of("Ид") else { return };
        let product = id.split('#').next().unwrap_or(id);
        if !self.by_product.contains_key(product) {
            self.order.push(product.to_owned());
        }
        let offers = self.by_product.entry(product.to_owned()).or_default();
        let at = offers.iter().position(|offer| offer.id == id).unwrap_or_else(|| {
            offers.push(Offer {
                id: id.to_owned(),
                line: element.line,
                ..Offer::default()
            });
            offers.len() - 1
        });
        if let Some(offer) = offers.get_mut(at) {
            offer.complete(element);
            self.tell_prices |= !offer.prices.is_empty();
            self.tell_amounts |= offer.amount.is_some();
        }
    }

    /// The price of shoppers: the first kind whose name says so, else the first kind.
    pub fn choose_price(&mut self) {
        let retail = |(_, name): &&(String, String)| {
            let name = name.to_lowercase();
            name.contains("розн") || name.contains("retail")
        };
        let kind = self.price_kinds.iter().find(retail).or(self.price_kinds.first());
        self.price_kind = kind.map(|(id, _)| id.clone());
    }

    pub fn has_references(&self) -> bool {
        !self.price_kinds.is_empty()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub fn of(&self, product: &str) -> &[Offer] {
        self.by_product.get(product).map_or(&[], Vec::as_slice)
    }

    /// What the offer adds to a product.
    pub fn fill(&self, offer: &Offer, product: &mut Product, language: Language) {
        let chosen = offer
            .prices
            .iter()
            .find(|(kind, _, _)| Some(kind) == self.price_kind.as_ref());
        if let Some((_, amount, currency)) = chosen.or(offer.prices.first()) {
            product.set("price", Some(amount));
            product.set_currency(currency.as_deref());
        }
        product.set_in_stock(offer.amount.map(|amount| amount > 0.0));
        product.add_named(Named::Article, offer.article.as_deref(), language);
        product.add_named(Named::Barcode, offer.barcode.as_deref(), language);
        for (name, value) in &offer.properties {
            product.add_attribute(name, Some(value));
        }
    }

    /// The offers of all products, in the order of the files.
    pub fn by_product(&self) -> impl Iterator<Item = (&str, &[Offer])> {
        self.order.iter().map(|product| (product.as_str(), self.of(product)))
    }
}

impl Offer {
    /// Adds what another file tells of it.
    fn complete(&mut self, element: &Element) {
        let text = |name: &str| element.text_of(name).map(str::to_owned);
        self.name = self.name.take().or_else(|| text("Наименование"));
        self.article = self.article.take().or_else(|| text("Артикул"));
        self.barcode = self.barcode.take().or_else(|| text("Штрихкод"));
        for price in element
            .child("Цены")
            .into_iter()
            .flat_map(|prices| prices.children_named("Цена"))
        {
            if let Some(amount) = price.text_of("ЦенаЗаЕдиницу") {
                let kind = price.text_of("ИдТипаЦены").unwrap_or_default().to_owned();
                self.prices
                    .push((kind, amount.to_owned(), price.text_of("Валюта").map(str::to_owned)));
            }
        }
        self.amount = amount(element).or(self.amount);
        let properties = element
            .child("ХарактеристикиТовара")
            .into_iter()
            .flat_map(|all| all.children.iter());
        for property in properties {
            if let (Some(name), Some(value)) = (property.text_of("Наименование"), property.text_of("Значение"))
            {
                self.properties.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// `40, коричневый`: what tells this variant from the others.
    pub fn variant_name(&self) -> String {
        self.properties
            .iter()
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// `Количество`, else the sum over the stores, in either of the forms that they have.
fn amount(element: &Element) -> Option<f64> {
    let number = |text: &str| text.replace(',', ".").parse::<f64>().ok();
    if let Some(amount) = element.text_of("Количество").and_then(number) {
        return Some(amount);
    }
    let stores = element
        .children_named("Склад")
        .filter_map(|store| store.attribute("КоличествоНаСкладе"));
    let rests = element
        .child("Остатки")
        .into_iter()
        .flat_map(|rests| rests.children_named("Остаток"));
    let rests = rests.filter_map(|rest| {
        rest.text_of("Количество")
            .or_else(|| rest.child("Склад")?.text_of("Количество"))
    });
    let amounts: Vec<f64> = stores.chain(rests).filter_map(number).collect();
    (!amounts.is_empty()).then(|| amounts.iter().sum())
}
