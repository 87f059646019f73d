//! What is different between a document that the shop has and the same one read anew, in the words of the plain JSON.

use crate::domain::knowledge::KnownDocument;
use crate::domain::knowledge::ProductRow;
use crate::knowledge::item::Content;
use crate::knowledge::item::Item;

/// Names of fields in the order of the alphabet. None when only the way of indexing has changed.
pub fn changed_fields(known: &KnownDocument, item: &Item) -> Vec<String> {
    let (title, text) = match item.content {
        Content::Product { .. } => ("name", "description"),
        Content::Faq { .. } => ("question", "answer"),
        Content::Policy { .. } | Content::Document { .. } => ("title", "content"),
    };
    let mut fields = Vec::new();
    let mut note = |name: &str, is_different: bool| {
        if is_different {
            fields.push(name.to_owned());
        }
    };
    note(title, known.title != item.title());
    note("url", known.url.as_deref() != item.url());
    // An old document does not tell; its text is then named when nothing else is.
    note(
        text,
        known.text_hash.as_ref().is_some_and(|hash| *hash != item.text_hash()),
    );
    let nothing = ProductRow::default();
    let (old, new) = (
        known.product.as_ref().unwrap_or(&nothing),
        item.product().unwrap_or(&nothing),
    );
    note("price", old.price != new.price);
    note("old_price", old.old_price != new.old_price);
    note("currency", old.currency != new.currency);
    note("image", old.image != new.image);
    note("category", old.category != new.category);
    note("brand", old.brand != new.brand);
    note("in_stock", old.in_stock != new.in_stock);
    for name in old.attributes.keys().chain(new.attributes.keys()) {
        note(
            &format!("attributes.{name}"),
            old.attributes.get(name) != new.attributes.get(name),
        );
    }
    if fields.is_empty() && known.text_hash.is_none() {
        fields.push(text.to_owned());
    }
    fields.sort_unstable();
    fields.dedup();
    fields
}

#[cfg(test)]
mod tests {
    use super::changed_fields;
    use crate::domain::id::SpaceId;
    use crate::domain::knowledge::KnownDocument;
    use crate::domain::knowledge::ProductRow;
    use crate::knowledge::item::Content;
    use crate::knowledge::item::Item;

    #[test]
    fn what_is_different_is_named_as_the_shop_names_it() {
        let row = |price: f64, color: &str| ProductRow {
            price: Some(price),
            attributes: [("Цвет".to_owned(), color.to_owned())].into(),
            ..ProductRow::default()
        };
        let item = |description: &str, row| Item {
            source_id: "1".to_owned(),
            content: Content::Product {
                name: "Чайник".to_owned(),
                description: description.to_owned(),
                url: None,
                row,
            },
        };
        let old = item("Свистит.", row(100.0, "синий"));
        let known = KnownDocument {
            content_hash: String::new(),
            text_hash: Some(old.text_hash()),
            space: SpaceId(1),
            title: "Чайник".to_owned(),
            url: None,
            product: old.product().cloned(),
        };
        assert_eq!(changed_fields(&known, &old), Vec::<String>::new());
        let new = item("Молчит.", row(90.0, "белый"));
        assert_eq!(
            changed_fields(&known, &new),
            ["attributes.Цвет", "description", "price"]
        );
    }
}
