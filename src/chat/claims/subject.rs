//! Of which products a sentence speaks.

use crate::chat::claims::evidence::Evidence;
use crate::chat::claims::evidence::Product;
use crate::text::terms::terms;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static CITATION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\[([0-9]+)\]").ok());

/// What a sentence speaks of, by places in `Evidence::products`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Subject {
    pub products: Vec<usize>,
    /// Where products are named: the byte at which the name ends, and the product, in order.
    pub mentions: Vec<(usize, usize)>,
    /// Fragments that are cited.
    pub cited: Vec<usize>,
    /// Whether it names or cites a product itself, rather than goes on about one.
    pub is_told: bool,
}

impl Subject {
    /// What the sentence tells; without a product, those of the sentence before, or the only one there is.
    pub fn of(sentence: &str, evidence: &Evidence, earlier: &[usize]) -> Subject {
        let found = CITATION.as_ref().map(|citation| citation.captures_iter(sentence));
        let cited: Vec<usize> = found
            .into_iter()
            .flatten()
            .filter_map(|found| found.get(1)?.as_str().parse().ok())
            .collect();
        let named = named(sentence, evidence);
        let is_cited = |product: &Product| cited.contains(&product.n) && !product.is_variant;
        let products = evidence.products.iter().enumerate();
        let mut subject = Subject {
            products: products
                .filter(|(index, product)| named.contains(index) || is_cited(product))
                .map(|(index, _)| index)
                .collect(),
            mentions: mentions(sentence, evidence, &named),
            cited,
            is_told: true,
        };
        // Who names a variant cites the fragment that tells of it.
        let variants: Vec<usize> = named
            .iter()
            .filter_map(|index| evidence.products.get(*index))
            .filter(|product| product.is_variant)
            .map(|product| product.n)
            .collect();
        subject.products.retain(|index| {
            let product = evidence.products.get(*index);
            named.contains(index) || product.is_none_or(|product| !variants.contains(&product.n))
        });
        if subject.products.is_empty() {
            subject.is_told = false;
            subject.products = match evidence.products.as_slice() {
                [_] => vec![0],
                _ => earlier.to_vec(),
            };
        }
        subject
    }

    /// The product whose name stands last before a place.
    pub fn named_before(&self, place: usize) -> Option<(usize, usize)> {
        self.mentions.iter().rev().find(|(end, _)| *end <= place).copied()
    }
}

fn named(sentence: &str, evidence: &Evidence) -> BTreeSet<usize> {
    let spoken: BTreeSet<String> = terms(sentence).into_iter().collect();
    let matched =
        |product: &Product| -> BTreeSet<String> { product.title_terms.intersection(&spoken).cloned().collect() };
    let candidates: Vec<(usize, BTreeSet<String>)> = evidence
        .products
        .iter()
        .enumerate()
        .map(|(index, product)| (index, matched(product)))
        .filter(|(index, matched)| {
            let own = evidence.products.get(*index).map(|product| &product.own_terms);
            let has_own = own.is_some_and(|own| own.iter().any(|term| matched.contains(term)));
            let needed = evidence
                .products
                .get(*index)
                .map_or(2, |product| product.title_terms.len().min(2));
            has_own && matched.len() >= needed
        })
        .collect();
    candidates
        .iter()
        .filter(|(_, own)| {
            !candidates
                .iter()
                .any(|(_, other)| own.is_subset(other) && own.len() < other.len())
        })
        .map(|(index, _)| *index)
        .collect()
}

fn mentions(sentence: &str, evidence: &Evidence, named: &BTreeSet<usize>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    let ends = sentence.char_indices().chain([(sentence.len(), ' ')]);
    for (at, c) in ends {
        if c.is_alphanumeric() {
            start.get_or_insert(at);
            continue;
        }
        let Some(begin) = start.take() else { continue };
        for term in terms(sentence.get(begin..at).unwrap_or_default()) {
            let owner = named.iter().find(|index| {
                let product = evidence.products.get(**index);
                product.is_some_and(|product| product.own_terms.contains(&term))
            });
            found.extend(owner.map(|owner| (at, *owner)));
        }
    }
    found
}

/// Makes the patterns ready.
pub fn prepare() {
    LazyLock::force(&CITATION);
}
