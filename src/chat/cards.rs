//! Product cards under an answer: the products that it cites, as their rows stand now.

use crate::domain::knowledge::Document;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct Card {
    /// The product's id in the shop's own data.
    pub source_id: String,
    pub title: String,
    pub url: Option<String>,
    pub image: Option<String>,
    pub price: Option<f64>,
    /// Only where it is higher than the price.
    pub old_price: Option<f64>,
    pub currency: Option<String>,
    /// Null where the shop does not tell.
    pub in_stock: Option<bool>,
}

/// A card for each product among the documents, in their order.
pub fn cards(documents: &[Document]) -> Vec<Card> {
    documents.iter().filter_map(card).collect()
}

fn card(document: &Document) -> Option<Card> {
    let row = document.product.as_ref()?;
    Some(Card {
        source_id: document.key.source_id.clone(),
        title: document.title.clone(),
        url: document.url.clone(),
        image: row.image.clone(),
        price: row.price,
        old_price: row.old_price.filter(|old| row.price.is_some_and(|price| *old > price)),
        currency: row.currency.clone(),
        in_stock: row.in_stock,
    })
}
