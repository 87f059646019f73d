//! What the header of a column means: the names that people and shop programs give to columns, in Russian and English. WooCommerce, Shopify,
//! Tilda, InSales, Ecwid and 1C-Bitrix are known by the names in their own exports.

use crate::knowledge::parsing::tables::names::NAMES;
use crate::knowledge::parsing::tables::names::SILENT;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    Id,
    /// The article number, when another column is the id.
    Article,
    Name,
    Description,
    ShortDescription,
    Price,
    /// The price without a discount, of exports that name both.
    RegularPrice,
    OldPrice,
    Currency,
    Url,
    Image,
    Category,
    Brand,
    /// Whether there is any, in words.
    InStock,
    /// How many there are.
    Amount,
    Question,
    Answer,
    Title,
    Content,
    /// `simple`, `variable` or `variation` of WooCommerce.
    Kind,
    /// The id or article number of the product that this row is a variant of.
    Parent,
    /// Rows of one product have it in common.
    Handle,
    /// Whether the product is shown in the shop.
    Published,
    /// `Цвет:красный;Размер:M`.
    Editions,
}

/// Beginnings of headers that name an attribute after them.
const ATTRIBUTE_PREFIXES: &[&str] = &[
    "свойство:",
    "параметр:",
    "характеристика:",
    "characteristics:",
    "attribute:",
    "meta:",
];

/// The field of a header, `None` for an attribute's name.
pub fn field_of(header: &str) -> Option<Field> {
    let name = normalized(header);
    NAMES
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(field, _)| *field)
}

/// A field by the name that a mapping gives it.
pub fn field_named(name: &str) -> Option<Field> {
    match name {
        "sku" => Some(Field::Article),
        "title" => Some(Field::Title),
        _ => NAMES
            .iter()
            .find(|(_, names)| names.first() == Some(&name.replace('_', " ").as_str()))
            .map(|(field, _)| *field),
    }
}

/// The name of the attribute that a column holds; `None` when it holds nothing that a shopper would ask about.
pub fn attribute_of(header: &str) -> Option<String> {
    let trimmed = header.trim();
    let lower = trimmed.to_lowercase();
    for prefix in ATTRIBUTE_PREFIXES {
        if lower.starts_with(prefix) {
            let name = trimmed.split_once(':').map(|(_, name)| name.trim())?;
            let is_shown = *prefix != "meta:" && !name.is_empty();
            return is_shown.then(|| name.to_owned());
        }
    }
    let name = normalized(header);
    let is_silent = name.is_empty() || SILENT.contains(&name.as_str()) || is_numbered(&name);
    (!is_silent).then(|| trimmed.trim_end_matches([':', '*']).to_owned())
}

/// Columns of attributes that are spread over several: `attribute 1 name`, `option1 value`, `download 2 url`, `google shopping / …`.
fn is_numbered(name: &str) -> bool {
    let starts = [
        "attribute ",
        "download ",
        "google shopping",
        "option1",
        "option2",
        "option3",
        "ip prop",
        "ic group",
        "cv ",
    ];
    starts.iter().any(|start| name.starts_with(start))
}

/// In lower case, with е for ё, without units and notes in parentheses, signs of currencies, underscores and marks at the end.
pub fn normalized(header: &str) -> String {
    let lower = header
        .to_lowercase()
        .replace('ё', "е")
        .replace(['_', '\u{a0}', '\n'], " ");
    let without_note = match lower.split_once('(') {
        Some((before, _)) if !before.trim().is_empty() => before,
        _ => &lower,
    };
    let without_unit = match without_note.split_once(',') {
        Some((before, unit)) if unit.trim().chars().count() <= 5 => before,
        _ => without_note,
    };
    let words = without_unit.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.trim_end_matches([':', '*', '?', '.', '₽', '$', '€', ' ']);
    words
        .strip_suffix(" руб")
        .or_else(|| words.strip_suffix(" rub"))
        .unwrap_or(words)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::Field;
    use super::attribute_of;
    use super::field_named;
    use super::field_of;

    #[test]
    fn headers_are_known_as_people_write_them() {
        for (header, field) in [
            ("Наименование товара *", Some(Field::Name)),
            ("Цена, руб.", Some(Field::Price)),
            ("Цена (руб)", Some(Field::Price)),
            ("Цена ₽", Some(Field::Price)),
            ("Regular price", Some(Field::RegularPrice)),
            ("In stock?", Some(Field::InStock)),
            ("inStock", Some(Field::InStock)),
            ("IE_XML_ID", Some(Field::Id)),
            ("Вопрос:", Some(Field::Question)),
            ("Body (HTML)", Some(Field::Description)),
            ("old_price", Some(Field::OldPrice)),
            ("Вес, кг", None),
            ("", None),
        ] {
            assert_eq!(field_of(header), field, "{header}");
        }
    }

    #[test]
    fn other_columns_are_attributes_unless_they_are_about_the_program() {
        for (header, name) in [
            ("Вес, кг", Some("Вес, кг")),
            ("Параметр: Цвет", Some("Цвет")),
            ("Weight (lbs)", Some("Weight (lbs)")),
            ("Tax status", None),
            ("Meta: _wpcom", None),
            ("Attribute 1 name", None),
            ("№", None),
            (" ", None),
        ] {
            assert_eq!(attribute_of(header).as_deref(), name, "{header}");
        }
    }

    #[test]
    fn a_mapping_calls_fields_as_the_plain_json_does() {
        for (name, field) in [
            ("id", Some(Field::Id)),
            ("old_price", Some(Field::OldPrice)),
            ("in_stock", Some(Field::InStock)),
            ("sku", Some(Field::Article)),
            ("цена", None),
        ] {
            assert_eq!(field_named(name), field, "{name}");
        }
    }
}
