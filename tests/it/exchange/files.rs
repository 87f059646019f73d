//! Files as 1C writes them.

use std::io::Cursor;
use std::io::Write;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Goods by id, name and description; a name of nothing is a deleted good.
pub fn catalog(only_changes: bool, goods: &[(&str, &str, &str)]) -> String {
    let goods: String = goods
        .iter()
        .map(|(id, name, text)| match *name {
            "" => format!("<Товар Статус=\"Удален\"><Ид>{id}</Ид></Товар>"),
            name => format!(
                "<Товар><Ид>{id}</Ид><Артикул>A-{id}</Артикул><Наименование>{name}</Наименование><Описание>{text}</Описание>\
                 <Группы><Ид>g</Ид></Группы></Товар>"
            ),
        })
        .collect();
    document(&format!(
        "{CLASSIFIER}<Каталог СодержитТолькоИзменения=\"{only_changes}\"><Ид>k</Ид><Товары>{goods}</Товары></Каталог>"
    ))
}

const CLASSIFIER: &str = "<Классификатор><Ид>k</Ид><Наименование>Каталог</Наименование><Группы><Группа><Ид>g</Ид>\
    <Наименование>Обувь</Наименование></Группа></Группы></Классификатор>";

pub fn classifier() -> String {
    document(CLASSIFIER)
}

/// What an offer tells besides its id: name, price, amount.
pub type Offer<'a> = (&'a str, Option<&'a str>, Option<u32>, Option<u32>);

pub fn offers(offers: &[Offer<'_>]) -> String {
    let offers: String = offers
        .iter()
        .map(|(id, name, price, amount)| {
            let name = name.map_or(String::new(), |name| format!("<Наименование>{name}</Наименование>"));
            let price = price.map_or(String::new(), |price| {
                format!(
                    "<Цены><Цена><ИдТипаЦены>p</ИдТипаЦены><ЦенаЗаЕдиницу>{price}</ЦенаЗаЕдиницу><Валюта>руб</Валюта></Цена></Цены>"
                )
            });
            let amount = amount.map_or(String::new(), |amount| format!("<Количество>{amount}</Количество>"));
            let variant = id.split_once('#').map_or(String::new(), |(_, variant)| {
                format!(
                    "<ХарактеристикиТовара><ХарактеристикаТовара><Наименование>Размер</Наименование><Значение>{variant}</Значение>\
                     </ХарактеристикаТовара></ХарактеристикиТовара>"
                )
            });
            format!("<Предложение><Ид>{id}</Ид>{name}{variant}{price}{amount}</Предложение>")
        })
        .collect();
    document(&format!(
        "<ПакетПредложений СодержитТолькоИзменения=\"false\"><Ид>k#</Ид><ТипыЦен><ТипЦены><Ид>p</Ид><Наименование>Розничная</Наименование>\
         </ТипЦены></ТипыЦен><Предложения>{offers}</Предложения></ПакетПредложений>"
    ))
}

fn document(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<КоммерческаяИнформация ВерсияСхемы=\"2.05\">{inside}</КоммерческаяИнформация>"
    )
}

pub fn in_windows_1251(text: &str) -> Vec<u8> {
    let text = text.replace("encoding=\"UTF-8\"", "encoding=\"windows-1251\"");
    encoding_rs::WINDOWS_1251.encode(&text).0.into_owned()
}

pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}
