//! The catalogue of CommerceML: groups, properties and goods.

use crate::domain::import::SourcePlace;
use crate::domain::language::Language;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::feeds::commerceml_offers::Offer;
use crate::knowledge::parsing::feeds::commerceml_offers::Offers;
use crate::knowledge::parsing::feeds::product::Named;
use crate::knowledge::parsing::feeds::product::Product;
use crate::knowledge::parsing::sink::ProductPart;
use crate::knowledge::parsing::xml::Element;
use crate::knowledge::parsing::xml::XmlReader;
use serde_json::Value;
use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::io::Read;

/// Requisites that describe the record in 1C and not the product.
const SILENT_REQUISITES: [&str; 5] = [
    "ВидНоменклатуры",
    "ТипНоменклатуры",
    "Полное наименование",
    "ОписаниеФайла",
    "ОписаниеВФорматеHTML",
];

/// What goods refer to, gathered over the files of one exchange.
pub struct Catalog {
    language: Language,
    /// Paths of names by the group's id.
    groups: HashMap<String, String>,
    /// Names by the property's id.
    properties: HashMap<String, String>,
    /// Values by their ids, of properties with a list of values.
    values: HashMap<String, String>,
    /// Whether there is a catalogue of everything that the shop sells.
    is_whole: bool,
    has_changes: bool,
    hasher: RandomState,
    /// Hashes of the ids of goods that were read, deleted ones included.
    goods: HashSet<u64>,
}

/// What a catalogue says.
pub enum Told {
    Product {
        /// Of the plain JSON.
        entry: Value,
        place: SourcePlace,
        part: Option<Box<ProductPart>>,
        /// With changes, once for each product that has offers: the product for those of its variants that have none here.
        others: Option<Box<Others>>,
    },
    /// The product of this id is not sold any more.
    Deleted(String),
}

pub struct Others {
    /// Of the plain JSON.
    pub entry: Value,
    /// Ids of the variants that are told by themselves.
    pub told: Vec<String>,
}

type Tell<'a> = dyn FnMut(Told) -> Result<(), ParseError> + 'a;

impl Catalog {
    pub fn new(language: Language) -> Catalog {
        Catalog {
            language,
            groups: HashMap::new(),
            properties: HashMap::new(),
            values: HashMap::new(),
            is_whole: false,
            has_changes: false,
            hasher: RandomState::new(),
            goods: HashSet::new(),
        }
    }

    /// Whether no goods were read, not even deleted ones.
    pub fn is_empty(&self) -> bool {
        self.goods.is_empty()
    }

    pub fn has_references(&self) -> bool {
        !self.groups.is_empty() || !self.properties.is_empty()
    }

    /// Notes what kind of catalogue opens. From version 2.08 of the schema on goods come in packets, and one that does not say to be
    /// whole is not.
    pub fn note(&mut self, opened: &Element, version: Option<&str>) {
        match opened.attribute("СодержитТолькоИзменения") {
            Some(said) if said.eq_ignore_ascii_case("true") || said == "1" => self.has_changes = true,
            None if version.is_some_and(comes_in_packets) => self.has_changes = true,
            Some(_) | None => self.is_whole = true,
        }
    }

    /// Whether goods that the files do not mention are sold as before.
    pub fn tells_changes_only(&self) -> bool {
        self.has_changes || !self.is_whole
    }

    /// Tells the goods of one file, after everything that they refer to.
    pub fn read<R: Read>(
        &mut self,
        reader: &mut XmlReader<R>,
        offers: &Offers,
        tell: &mut Tell<'_>,
    ) -> Result<(), ParseError> {
        while let Some(opened) = reader.next_opening()? {
            match opened.name.as_str() {
                "Документ" => drop(reader.complete(opened)?),
                "Товар" => {
                    let good = reader.complete(opened)?;
                    self.tell_good(&good, offers, tell)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Offers of goods that were not read, as products of their own.
    pub fn other_offers(&self, offers: &Offers) -> Vec<(Value, SourcePlace, ProductPart)> {
        let others = offers
            .by_product()
            .filter(|(product, _)| !self.goods.contains(&self.hasher.hash_one(product)));
        let all = others.flat_map(|(id, variants)| variants.iter().map(move |offer| (id, variants.len(), offer)));
        let told = all.map(|(id, variants, offer)| {
            let mut product = Product::default();
            product.set("id", Some(&offer.id));
            product.set("name", Some(offer.name.as_deref().unwrap_or(&offer.id)));
            offers.fill(offer, &mut product, self.language);
            let place = SourcePlace {
                element: Some(format!("Предложение {}", offer.id)),
                ..SourcePlace::line(offer.line)
            };
            let part = ProductPart {
                product: id.to_owned(),
                variant: Some(offer.id.clone()),
                is_only_variant: variants == 1,
                variant_name: None,
                others: None,
                has_name: offer.name.is_some(),
                keeps_name: true,
                keeps_text: true,
                keeps_price: true,
                keeps_stock: true,
            };
            (product.into_entry(), place, part)
        });
        told.collect()
    }

    pub fn add_group(&mut self, group: &Element, parent: Option<&str>) {
        let (Some(id), Some(name)) = (group.text_of("Ид"), group.text_of("Наименование")) else {
            return;
        };
        let path = parent.map_or_else(|| name.to_owned(), |parent| format!("{parent} / {name}"));
        for inner in group
            .child("Группы")
            .into_iter()
            .flat_map(|groups| groups.children_named("Группа"))
        {
            self.add_group(inner, Some(&path));
        }
        self.groups.insert(id.to_owned(), path);
    }

    pub fn add_property(&mut self, property: &Element) {
        let (Some(id), Some(name)) = (property.text_of("Ид"), property.text_of("Наименование")) else {
            return;
        };
        self.properties.insert(id.to_owned(), name.to_owned());
        for value in property
            .child("ВариантыЗначений")
            .into_iter()
            .flat_map(|all| all.children.iter())
        {
            let id = value.text_of("ИдЗначения").or(value.text_of("Ид"));
            if let (Some(id), Some(text)) = (id, value.text_of("Значение")) {
                self.values.insert(id.to_owned(), text.to_owned());
            }
        }
    }

    /// One product, or one for each offer when the offers are variants. Deleted goods are no products.
    fn tell_good(&mut self, good: &Element, offers: &Offers, tell: &mut Tell<'_>) -> Result<(), ParseError> {
        let id = good.text_of("Ид").unwrap_or_default();
        let product_id = id.split('#').next().unwrap_or(id);
        self.goods.insert(self.hasher.hash_one(product_id));
        let is_deleted = good.attribute("Статус") == Some("Удален") || good.text_of("ПометкаУдаления") == Some("true");
        if is_deleted {
            return tell(Told::Deleted(product_id.to_owned()));
        }
        let product = self.product(good);
        let variants = offers.of(product_id);
        let mut others = (self.tells_changes_only() && !variants.is_empty()).then(|| {
            Box::new(Others {
                entry: product.clone().into_entry(),
                told: variants.iter().map(|variant| variant.id.clone()).collect(),
            })
        });
        let mut tell = |product: Product, offer: Option<&Offer>| {
            let place = SourcePlace {
                element: Some(format!("Товар {id}")),
                ..SourcePlace::line(good.line)
            };
            let part = self.part(good, offer, variants.len(), offers);
            tell(Told::Product {
                entry: product.into_entry(),
                place,
                part,
                others: others.take(),
            })
        };
        match variants {
            [] => tell(product, None),
            [only] => {
                let mut product = product;
                offers.fill(only, &mut product, self.language);
                tell(product, Some(only))
            }
            variants => variants
                .iter()
                .try_for_each(|variant| tell(self.variant(&product, good, variant, offers), Some(variant))),
        }
    }

    /// What of a product stays as it is known.
    fn part(
        &self,
        good: &Element,
        offer: Option<&Offer>,
        variants: usize,
        offers: &Offers,
    ) -> Option<Box<ProductPart>> {
        let id = good.text_of("Ид").unwrap_or_default();
        let keeps_text = self.tells_changes_only();
        let part = ProductPart {
            product: id.split('#').next().unwrap_or(id).to_owned(),
            variant: offer.map(|offer| offer.id.clone()),
            is_only_variant: variants <= 1,
            variant_name: offer.and_then(|offer| variant_name(good, offer)),
            others: None,
            has_name: true,
            keeps_name: false,
            keeps_text,
            keeps_price: keeps_text || !offers.tell_prices,
            keeps_stock: keeps_text || !offers.tell_amounts,
        };
        // With nothing to keep, the product is told whole; without an offer of its own it is so only beside offers of others.
        let is_whole = !part.keeps_text && !part.keeps_price && !part.keeps_stock;
        (!is_whole).then(|| Box::new(part))
    }

    fn variant(&self, product: &Product, good: &Element, offer: &Offer, offers: &Offers) -> Product {
        let mut variant = product.clone();
        variant.set("id", Some(&offer.id));
        variant.set("name", variant_name(good, offer).as_deref());
        offers.fill(offer, &mut variant, self.language);
        variant
    }

    fn product(&self, good: &Element) -> Product {
        let language = self.language;
        let mut product = Product::default();
        product.set("id", good.text_of("Ид"));
        product.set("name", good.text_of("Наименование"));
        product.set_description(good.text_of("Описание"));
        let group = good.child("Группы").and_then(|groups| groups.text_of("Ид"));
        product.set("category", group.and_then(|id| self.groups.get(id)).map(String::as_str));
        let maker = good.child("Изготовитель").or(good.child("Производитель"));
        product.set(
            "brand",
            maker.and_then(|maker| maker.text_of("Наименование").or(maker.own_text())),
        );
        // Pictures are paths inside the exchange; only a shop's address can be shown.
        product.set(
            "image",
            good.text_of("Картинка").filter(|image| image.starts_with("http")),
        );
        product.add_named(Named::Article, good.text_of("Артикул"), language);
        product.add_named(Named::Barcode, good.text_of("Штрихкод"), language);
        let valued = good
            .child("ЗначенияСвойств")
            .into_iter()
            .flat_map(|values| values.children.iter());
        for property in valued {
            let Some(name) = property.text_of("Ид").and_then(|id| self.properties.get(id)) else {
                continue;
            };
            for value in property.children_named("Значение").filter_map(Element::own_text) {
                let value = self.values.get(value).map_or(value, String::as_str);
                product.add_attribute(name, Some(value));
            }
        }
        let requisites = good
            .child("ЗначенияРеквизитов")
            .into_iter()
            .flat_map(|values| values.children.iter());
        for requisite in requisites {
            let name = requisite.text_of("Наименование").unwrap_or_default();
            if name == "ОписаниеВФорматеHTML" {
                product.set_description(requisite.text_of("Значение"));
            } else if !SILENT_REQUISITES.contains(&name) {
                product.add_attribute(name, requisite.text_of("Значение"));
            }
        }
        product
    }
}

/// `Ботинки (40, синий)`; `None` when nothing tells the variant from others.
fn variant_name(good: &Element, offer: &Offer) -> Option<String> {
    let told = offer.variant_name();
    let name = good.text_of("Наименование")?;
    (!told.is_empty()).then(|| format!("{name} ({told})"))
}

/// `2.08`, `2.10`, `3.1`.
fn comes_in_packets(version: &str) -> bool {
    let mut numbers = version.split('.').map(|part| part.trim().parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (2, 8)
}
