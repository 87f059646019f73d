//! The catalogue of CommerceML: groups, properties and goods.

use crate::domain::import::SourcePlace;
use crate::domain::language::Language;
use crate::knowledge::parsing::ParseError;
use crate::knowledge::parsing::feeds::commerceml_offers::Offer;
use crate::knowledge::parsing::feeds::commerceml_offers::Offers;
use crate::knowledge::parsing::feeds::product::Named;
use crate::knowledge::parsing::feeds::product::Product;
use crate::knowledge::parsing::xml::Element;
use crate::knowledge::parsing::xml::XmlReader;
use serde_json::Value;
use std::collections::HashMap;
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
    goods: usize,
}

type Push<'a> = dyn FnMut(Value, SourcePlace) -> Result<(), ParseError> + 'a;

impl Catalog {
    pub fn new(language: Language) -> Catalog {
        Catalog {
            language,
            groups: HashMap::new(),
            properties: HashMap::new(),
            values: HashMap::new(),
            goods: 0,
        }
    }

    /// Whether no goods were read, not even deleted ones.
    pub fn is_empty(&self) -> bool {
        self.goods == 0
    }

    /// Pushes the goods of one file as entries of the plain JSON.
    pub fn read<R: Read>(
        &mut self,
        reader: &mut XmlReader<R>,
        offers: &Offers,
        push: &mut Push<'_>,
    ) -> Result<(), ParseError> {
        while let Some(opened) = reader.next_opening()? {
            match opened.name.as_str() {
                "Группа" => {
                    let group = reader.complete(opened)?;
                    self.add_group(&group, None);
                }
                "Свойство" | "СвойствоНоменклатуры" => {
                    let property = reader.complete(opened)?;
                    self.add_property(&property);
                }
                // An order: its goods were sold, which does not mean that they are for sale.
                "Документ" => drop(reader.complete(opened)?),
                "Товар" => {
                    let good = reader.complete(opened)?;
                    self.goods += 1;
                    self.push_good(&good, offers, push)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn add_group(&mut self, group: &Element, parent: Option<&str>) {
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

    fn add_property(&mut self, property: &Element) {
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
    fn push_good(&self, good: &Element, offers: &Offers, push: &mut Push<'_>) -> Result<(), ParseError> {
        let id = good.text_of("Ид").unwrap_or_default();
        let is_deleted = good.attribute("Статус") == Some("Удален") || good.text_of("ПометкаУдаления") == Some("true");
        if is_deleted {
            return Ok(());
        }
        let product_id = id.split('#').next().unwrap_or(id);
        let place = SourcePlace {
            element: Some(format!("Товар {id}")),
            ..SourcePlace::line(good.line)
        };
        let product = self.product(good);
        match offers.of(product_id) {
            [] => push(product.into_entry(), place),
            [only] => {
                let mut product = product;
                offers.fill(only, &mut product, self.language);
                push(product.into_entry(), place)
            }
            variants => variants.iter().try_for_each(|variant| {
                push(
                    self.variant(&product, good, variant, offers).into_entry(),
                    place.clone(),
                )
            }),
        }
    }

    fn variant(&self, product: &Product, good: &Element, offer: &Offer, offers: &Offers) -> Product {
        let mut variant = product.clone();
        variant.set("id", Some(&offer.id));
        let told = offer.variant_name();
        if let (Some(name), false) = (good.text_of("Наименование"), told.is_empty()) {
            variant.set("name", Some(&format!("{name} ({told})")));
        }
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

#[cfg(test)]
mod tests {
    use crate::domain::source::Format;
    use crate::knowledge::item::Content;
    use crate::knowledge::item::Item;
    use crate::knowledge::parsing::ParseError;
    use crate::knowledge::parsing::sink::parsed;
    use std::io::Write;

    const IMPORT: &str = r#"<КоммерческаяИнформация ВерсияСхемы="2.07"><Классификатор><Ид>k</Ид><Наименование>Каталог</Наименование>
<Группы><Группа><Ид>g1</Ид><Наименование>Обувь</Наименование><Группы><Группа><Ид>g2</Ид><Наименование>Ботинки</Наименование></Группа></Группы></Группа></Группы>
<Свойства><Свойство><Ид>s1</Ид><Наименование>Сезон</Наименование><ВариантыЗначений><Справочник><ИдЗначения>v1</ИдЗначения><Значение>зима</Значение></Справочник></ВариантыЗначений></Свойство></Свойства></Классификатор>
<Каталог СодержитТолькоИзменения="false"><Товары>
<Товар><Ид>t1</Ид><Артикул>Б-1</Артикул><Наименование>Ботинки</Наименование><Группы><Ид>g2</Ид></Группы><ЗначенияСвойств><ЗначенияСвойства><Ид>s1</Ид><Значение>v1</Значение></ЗначенияСвойства></ЗначенияСвойств>
<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>ВидНоменклатуры</Наименование><Значение>Обувь</Значение></ЗначениеРеквизита><ЗначениеРеквизита><Наименование>Вес</Наименование><Значение>0.8</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Товар>
<Товар Статус="Удален"><Ид>t2</Ид><Наименование>Нет</Наименование></Товар>
<Товар><Ид>t3</Ид><Наименование>Крем</Наименование></Товар></Товары></Каталог></КоммерческаяИнформация>"#;

    const OFFERS: &str = r#"<КоммерческаяИнформация ВерсияСхемы="2.07"><ПакетПредложений><ТипыЦен><ТипЦены><Ид>p1</Ид><Наименование>Оптовая</Наименование></ТипЦены><ТипЦены><Ид>p2</Ид><Наименование>Розничная</Наименование></ТипЦены></ТипыЦен><Предложения>
<Предложение><Ид>t1#40</Ид><Наименование>Ботинки (40)</Наименование><ХарактеристикиТовара><ХарактеристикаТовара><Наименование>Размер</Наименование><Значение>40</Значение></ХарактеристикаТовара></ХарактеристикиТовара><Цены><Цена><ИдТипаЦены>p1</ИдТипаЦены><ЦенаЗаЕдиницу>900</ЦенаЗаЕдиницу><Валюта>RUB</Валюта></Цена><Цена><ИдТипаЦены>p2</ИдТипаЦены><ЦенаЗаЕдиницу>1719</ЦенаЗаЕдиницу><Валюта>RUB</Валюта></Цена></Цены><Количество>2</Количество></Предложение>
<Предложение><Ид>t1#41</Ид><Наименование>Ботинки (41)</Наименование><ХарактеристикиТовара><ХарактеристикаТовара><Наименование>Размер</Наименование><Значение>41</Значение></ХарактеристикаТовара></ХарактеристикиТовара><Склад ИдСклада="a" КоличествоНаСкладе="0"/></Предложение>
<Предложение><Ид>t3</Ид><Наименование>Крем</Наименование><Цены><Цена><ИдТипаЦены>p2</ИдТипаЦены><ЦенаЗаЕдиницу>150,5</ЦенаЗаЕдиницу><Валюта>руб.</Валюта></Цена></Цены></Предложение></Предложения></ПакетПредложений></КоммерческаяИнформация>"#;

    fn told(items: &[Item]) -> Vec<String> {
        let told = items.iter().map(|item| {
            let Content::Product { name, row, .. } = &item.content else {
                panic!("no product")
            };
            let attributes: Vec<_> = row
                .attributes
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!(
                "{} {name} {:?} {:?} {:?} {}",
                item.source_id,
                row.price,
                row.in_stock,
                row.category,
                attributes.join(",")
            )
        });
        told.collect()
    }

    #[test]
    fn goods_and_offers_of_an_archive_are_joined() {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in [
            ("webdata/offers.xml", OFFERS),
            ("webdata/import.xml", IMPORT),
            ("readme.txt", "no"),
        ] {
            archive
                .start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        let bytes = archive.finish().unwrap().into_inner();
        let (result, items, report) = parsed(Format::CommerceMl, "exchange.zip", &bytes);
        assert_eq!((result, report.problem_count), (Ok(()), 0), "{report:?}");
        assert_eq!(
            told(&items),
            [
                "t1#40 Ботинки (40) Some(1719.0) Some(true) Some(\"Обувь / Ботинки\") Артикул=Б-1,Вес=0.8,Размер=40,Сезон=зима",
                "t1#41 Ботинки (41) None Some(false) Some(\"Обувь / Ботинки\") Артикул=Б-1,Вес=0.8,Размер=41,Сезон=зима",
                "t3 Крем Some(150.5) None None ",
            ]
        );
    }

    #[test]
    fn orders_are_no_products() {
        let orders = r#"<КоммерческаяИнформация ВерсияСхемы="2.07"><Документ><Ид>1</Ид><Товары><Товар><Ид>t1</Ид><Наименование>Ботинки</Наименование></Товар></Товары></Документ></КоммерческаяИнформация>"#;
        let (result, items, _) = parsed(Format::CommerceMl, "orders.xml", orders.as_bytes());
        assert_eq!(
            (result, items.len()),
            (Err(ParseError::refused("problem_feed_no_products")), 0)
        );
    }

    #[test]
    fn a_catalogue_alone_has_no_prices_and_offers_alone_no_groups() {
        let (_, items, _) = parsed(Format::CommerceMl, "import.xml", IMPORT.as_bytes());
        assert_eq!(told(&items).len(), 2);
        let (_, items, _) = parsed(Format::CommerceMl, "offers.xml", OFFERS.as_bytes());
        assert_eq!(
            told(&items).first().unwrap(),
            "t1#40 Ботинки (40) Some(1719.0) Some(true) None Размер=40"
        );
    }
}
