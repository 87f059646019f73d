//! Prices that their source confirmed too long ago are no facts: neither the model nor a card is told them.

use crate::domain::id::DocumentId;
use crate::domain::knowledge::Document;
use crate::domain::language::Language;
use crate::domain::search::Hit;
use std::collections::BTreeSet;

const PRICE_LABELS: &[&str] = &["цена:", "старая цена:", "price:", "old price:"];

/// Takes the price out of a document's row.
pub fn without_price(document: &mut Document) {
    if let Some(row) = &mut document.product {
        row.price = None;
        row.old_price = None;
    }
}

/// Takes the prices out of the hits on these documents, and says in their text that the price is to be asked for.
pub fn hide_old_prices(hits: &mut [Hit], old: &BTreeSet<DocumentId>, language: Language) {
    for hit in hits.iter_mut().filter(|hit| old.contains(&hit.chunk.document.id)) {
        without_price(&mut hit.chunk.document);
        hit.variants.iter_mut().for_each(|variant| variant.price = None);
        let is_price = |line: &str| {
            let lower = line.trim().to_lowercase();
            PRICE_LABELS.iter().any(|label| lower.starts_with(label))
        };
        let kept: Vec<&str> = hit.chunk.text.lines().filter(|line| !is_price(line)).collect();
        let place = hit.chunk.document.url.as_deref().unwrap_or_default();
        let told = match language {
            Language::Ru => "Цена: неизвестна, её нужно уточнить",
            Language::En => "Price: unknown, to be confirmed",
        };
        hit.chunk.text = format!("{}\n{told} {place}", kept.join("\n")).trim_end().to_owned();
    }
}
