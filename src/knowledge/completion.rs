//! Products that a feed tells in part, such as their new prices, are completed by what is known of them. What is known is what is visible:
//! after an undo, changes go on from the version that was restored.

use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::import::ImportProblem;
use crate::domain::knowledge::KnownProduct;
use crate::domain::knowledge::SourceKey;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::knowledge::Knowledge;
use crate::knowledge::item::Content;
use crate::knowledge::item::Item;
use crate::knowledge::parsing::feeds::product::Named;
use crate::knowledge::parsing::sink::ParsedItem;
use crate::knowledge::parsing::sink::ProductPart;
use std::collections::BTreeMap;

/// Documents of a feed as they are to be.
#[derive(Debug, Default, PartialEq)]
pub struct Completed {
    pub items: Vec<ParsedItem>,
    /// Documents whose place others take: a product that turned out to have variants.
    pub removed: Vec<SourceKey>,
    pub problems: Vec<ImportProblem>,
}

impl Knowledge {
    /// Completes a batch. The same batch gives the same documents as long as the same documents are visible.
    pub async fn complete(&self, shop: ShopId, source: SourceId, batch: Vec<ParsedItem>) -> anyhow::Result<Completed> {
        let products = batch
            .iter()
            .filter_map(|parsed| Some(parsed.part.as_ref()?.product.clone()));
        let products: Vec<String> = products.collect();
        let mut completed = Completed::default();
        if products.is_empty() {
            completed.items = batch;
            return Ok(completed);
        }
        let mut families = self.store.product_families(shop, source, products).await?.into_iter();
        for parsed in batch {
            match parsed.part.clone() {
                None => completed.items.push(parsed),
                Some(part) => {
                    let family = families.next().unwrap_or_default();
                    complete_part(parsed, &part, &family, &mut completed);
                }
            }
        }
        Ok(completed)
    }

    /// All visible documents of these products.
    pub async fn keys_of_products(
        &self,
        shop: ShopId,
        source: SourceId,
        products: Vec<String>,
    ) -> anyhow::Result<Vec<SourceKey>> {
        let families = self.store.product_families(shop, source, products).await?;
        let all = families.into_iter().flatten();
        Ok(all.map(|known| key_of(&known)).collect())
    }
}

/// `family`: the visible documents of the product, by id.
fn complete_part(parsed: ParsedItem, part: &ProductPart, family: &[KnownProduct], completed: &mut Completed) {
    let whole = family.iter().find(|known| known.source_id == part.product);
    let Some(variant) = &part.variant else {
        if family.is_empty() {
            return completed.items.push(parsed);
        }
        for known in family {
            let id = known.source_id.clone();
            completed.push(&parsed, part, id, Some(known), Some(known));
        }
        return;
    };
    let stands_alone = part.is_only_variant && whole.is_some() && family.len() == 1;
    let id = match (stands_alone, part.is_only_variant && family.is_empty()) {
        (true, _) => part.product.clone(),
        (_, true) => parsed.item.source_id.clone(),
        _ => variant.clone(),
    };
    let same = family.iter().find(|known| known.source_id == id);
    if let Some(whole) = whole.filter(|whole| whole.source_id != id) {
        let key = key_of(whole);
        if !completed.removed.contains(&key) {
            completed.removed.push(key);
        }
    }
    completed.push(&parsed, part, id, same, same.or(whole).or(family.first()));
    if let Some(others) = &part.others {
        let rest = family
            .iter()
            .filter(|known| known.source_id != part.product && !others.told.contains(&known.source_id));
        let parsed = ParsedItem {
            item: others.item.clone(),
            place: parsed.place.clone(),
            part: None,
        };
        let part = ProductPart {
            variant: None,
            others: None,
            ..part.clone()
        };
        for known in rest {
            completed.push(&parsed, &part, known.source_id.clone(), Some(known), Some(known));
        }
    }
}

impl Completed {
    /// `same` is the document as it is known; `like` the nearest one to it, of which it takes what is not told.
    fn push(
        &mut self,
        parsed: &ParsedItem,
        part: &ProductPart,
        id: String,
        same: Option<&KnownProduct>,
        like: Option<&KnownProduct>,
    ) {
        let Content::Product {
            name,
            description,
            url,
            row,
        } = &parsed.item.content
        else {
            return self.items.push(parsed.clone());
        };
        let lacks_text = part.keeps_text && description.is_empty();
        let is_unknown = match like {
            None => !part.has_name,
            Some(like) => lacks_text && like.description.is_none(),
        };
        if is_unknown {
            let problem = ImportProblem::new(parsed.place.clone(), "problem_product_unknown");
            return self.problems.push(problem.with("id", id));
        }
        let mut row = row.clone();
        let mut description = description.clone();
        let mut url = url.clone();
        if let (true, Some(like)) = (part.keeps_text, like) {
            if lacks_text {
                description = like.description.clone().unwrap_or_default();
            }
            url = url.or_else(|| like.url.clone());
            row.image = row.image.or_else(|| like.row.image.clone());
            row.category = row.category.or_else(|| like.row.category.clone());
            row.brand = row.brand.or_else(|| like.row.brand.clone());
        }
        if let (true, Some(like)) = (part.keeps_text || part.variant.is_none(), like) {
            row.attributes = overlaid(&like.row.attributes, row.attributes);
        }
        if let (true, None, Some(same)) = (part.keeps_price, row.price, same) {
            (row.price, row.old_price) = (same.row.price, same.row.old_price);
            row.currency = same.row.currency.clone();
        }
        if let (true, Some(same)) = (part.keeps_stock, same) {
            row.in_stock = row.in_stock.or(same.row.in_stock);
        }
        let name = match &part.variant_name {
            Some(variant_name) if part.variant.as_ref() == Some(&id) => variant_name.clone(),
            _ => completed_name(name, part, same, like),
        };
        self.items.push(ParsedItem {
            item: Item {
                source_id: id,
                content: Content::Product {
                    name,
                    description,
                    url,
                    row,
                },
            },
            place: parsed.place.clone(),
            part: None,
        });
    }
}

fn completed_name(told: &str, part: &ProductPart, same: Option<&KnownProduct>, like: Option<&KnownProduct>) -> String {
    match (same, like) {
        (Some(same), _) if part.keeps_name => same.name.clone(),
        (None, Some(like)) if !part.has_name => like.name.clone(),
        // The catalogue names the product; what tells its variants apart stays.
        (Some(same), _) if part.variant.is_none() && same.source_id != part.product => {
            format!("{told}{}", addition(&same.name))
        }
        _ => told.to_owned(),
    }
}

/// ` (40, синий)` of `Ботинки (40, синий)`; nothing of a name that does not end with a bracket.
fn addition(name: &str) -> &str {
    let mut open = 0;
    for (index, c) in name.char_indices().rev() {
        match c {
            ')' => open += 1,
            '(' => open -= 1,
            _ => {}
        }
        if open == 0 {
            let start = name.get(..index).map_or(0, |before| before.trim_end().len());
            return if c == '(' {
                name.get(start..).unwrap_or_default()
            } else {
                ""
            };
        }
    }
    ""
}

/// New values take the place of known ones. A number that is known among others, as an article of the product and one of its variant
/// are, stays among them.
fn overlaid(known: &BTreeMap<String, String>, told: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = known.clone();
    for (name, value) in told {
        let numbers = [Named::Article, Named::Barcode];
        let is_number = [Language::Ru, Language::En]
            .into_iter()
            .any(|language| numbers.iter().any(|number| number.label(language) == name));
        let is_among = |known: &String| is_number && known.split(", ").any(|part| part == value);
        if !all.get(&name).is_some_and(is_among) {
            all.insert(name, value);
        }
    }
    all
}

fn key_of(known: &KnownProduct) -> SourceKey {
    SourceKey {
        source_type: SourceType::Product,
        source_id: known.source_id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::Completed;
    use super::addition;
    use super::complete_part;
    use crate::domain::import::SourcePlace;
    use crate::domain::knowledge::KnownProduct;
    use crate::domain::knowledge::ProductRow;
    use crate::knowledge::item::Content;
    use crate::knowledge::item::Item;
    use crate::knowledge::parsing::sink::ParsedItem;
    use crate::knowledge::parsing::sink::ProductPart;

    fn known(id: &str, name: &str, price: f64) -> KnownProduct {
        KnownProduct {
            source_id: id.to_owned(),
            name: name.to_owned(),
            url: None,
            description: Some("Тёплые.".to_owned()),
            row: ProductRow {
                price: Some(price),
                in_stock: Some(true),
                attributes: [("Артикул".to_owned(), "Б-1, Б-1-40".to_owned())].into(),
                ..ProductRow::default()
            },
        }
    }

    /// The price of one variant, as a list of prices tells it.
    fn priced(id: &str, price: f64, is_only_variant: bool, family: &[KnownProduct]) -> Completed {
        let part = ProductPart {
            product: "t1".to_owned(),
            variant: Some(id.to_owned()),
            is_only_variant,
            variant_name: None,
            others: None,
            has_name: false,
            keeps_name: true,
            keeps_text: true,
            keeps_price: true,
            keeps_stock: true,
        };
        let row = ProductRow {
            price: Some(price),
            attributes: [("Артикул".to_owned(), "Б-1-40".to_owned())].into(),
            ..ProductRow::default()
        };
        let content = Content::Product {
            name: id.to_owned(),
            description: String::new(),
            url: None,
            row,
        };
        let parsed = ParsedItem {
            item: Item {
                source_id: id.to_owned(),
                content,
            },
            place: SourcePlace::default(),
            part: Some(Box::new(part.clone())),
        };
        let mut completed = Completed::default();
        complete_part(parsed, &part, family, &mut completed);
        completed
    }

    fn told(completed: &Completed) -> Vec<String> {
        let told = completed.items.iter().map(|parsed| {
            let row = parsed.item.product().unwrap();
            let (id, title) = (&parsed.item.source_id, parsed.item.title());
            format!(
                "{id} {title} {:?} {:?} {:?} {:?}",
                row.price,
                row.in_stock,
                row.attributes.get("Артикул"),
                parsed.item.description()
            )
        });
        told.collect()
    }

    #[test]
    fn a_new_price_leaves_the_rest_of_its_product() {
        let whole = [known("t1", "Ботинки", 10.0)];
        let variants = [
            known("t1#40", "Ботинки (40)", 10.0),
            known("t1#41", "Ботинки (41)", 11.0),
        ];
        let rest = "Some(true) Some(\"Б-1, Б-1-40\") Some(\"Тёплые.\")";
        assert_eq!(
            told(&priced("t1#40", 9.0, true, &whole)),
            [format!("t1 Ботинки Some(9.0) {rest}")]
        );
        assert_eq!(
            told(&priced("t1#41", 9.0, true, &variants)),
            [format!("t1#41 Ботинки (41) Some(9.0) {rest}")]
        );
    }

    #[test]
    fn a_product_gives_way_to_its_variants() {
        let completed = priced("t1#40", 9.0, false, &[known("t1", "Ботинки", 10.0)]);
        let rest = "None Some(\"Б-1, Б-1-40\") Some(\"Тёплые.\")";
        assert_eq!(told(&completed), [format!("t1#40 Ботинки Some(9.0) {rest}")]);
        assert_eq!(completed.removed.first().unwrap().source_id, "t1");
    }

    #[test]
    fn a_price_of_an_unknown_product_is_told_and_left_out() {
        let completed = priced("t1#40", 9.0, true, &[]);
        assert!(completed.items.is_empty());
        assert_eq!(completed.problems.first().unwrap().key, "problem_product_unknown");
    }

    #[test]
    fn what_tells_variants_apart_is_the_last_bracket() {
        assert_eq!(addition("Чайник (синий) (1,5 л (EU))"), " (1,5 л (EU))");
        assert_eq!(addition("Чайник (синий) большой"), "");
        assert_eq!(addition("Чайник)"), "");
    }
}
