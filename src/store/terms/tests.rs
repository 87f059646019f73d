//! The best chunks are those that scoring all of them finds.

use super::FIELD_WEIGHTS;
use super::Part;
use super::TermIndex;
use super::segment::Builder;
use crate::domain::search::WeightedTerm;
use proptest::prelude::*;
use std::sync::Arc;

/// Chunks as fields of term numbers; a low number is a common term.
type Chunks = Vec<(Vec<Vec<u8>>, bool)>;

fn fields(chunk: &[Vec<u8>]) -> String {
    let field = |terms: &Vec<u8>| {
        terms
            .iter()
            .map(|term| format!("t{term}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    chunk.iter().map(field).collect::<Vec<_>>().join("\n")
}

fn index(parts: &[Chunks]) -> TermIndex {
    let mut made = Vec::new();
    let mut id = 0;
    for chunks in parts {
        let mut builder = Builder::default();
        for (chunk, _) in chunks {
            id += 1;
            builder.push(id, id, &fields(chunk));
        }
        made.push(Part::new(
            Arc::new(builder.build()),
            chunks.iter().map(|(_, alive)| *alive).collect(),
        ));
    }
    TermIndex::new(1, made)
}

/// BM25 of every chunk that is alive, straight from its definition.
fn by_definition(parts: &[Chunks], words: &[Vec<WeightedTerm>]) -> Vec<(i64, f64)> {
    let chunks = (1_i64..).zip(parts.iter().flatten());
    let alive: Vec<(i64, &Vec<Vec<u8>>)> = chunks
        .filter(|(_, chunk)| chunk.1)
        .map(|(id, chunk)| (id, &chunk.0))
        .collect();
    let length = |chunk: &[Vec<u8>]| chunk.iter().map(Vec::len).sum::<usize>() as f64;
    let count = alive.len() as f64;
    let mean = alive.iter().map(|(_, chunk)| length(chunk)).sum::<f64>() / count.max(1.0);
    let frequency = |chunk: &[Vec<u8>], term: &str| -> f64 {
        let number = term[1..].parse::<u8>().unwrap();
        let in_field = |terms: &Vec<u8>| terms.iter().filter(|own| **own == number).count() as f64;
        let weighted = chunk.iter().zip(FIELD_WEIGHTS);
        weighted
            .map(|(terms, weight)| in_field(terms) * f64::from(weight))
            .sum()
    };
    let rarity = |term: &str| {
        let holding = alive.iter().filter(|(_, other)| frequency(other, term) > 0.0).count() as f64;
        ((count - holding + 0.5) / (holding + 0.5)).ln().max(1e-6)
    };
    let factors: Vec<Vec<(&str, f64)>> = words
        .iter()
        .map(|word| {
            let factor = |term: &WeightedTerm| term.weight * rarity(&term.term);
            word.iter().map(|term| (term.term.as_str(), factor(term))).collect()
        })
        .collect();
    let mut scored = Vec::new();
    for (id, chunk) in &alive {
        let norm = 1.2 * (1.0 - 0.75 + 0.75 * length(chunk) / mean);
        let score = |(term, factor): &(&str, f64)| {
            let found = frequency(chunk, term);
            factor * found * 2.2 / (found + norm)
        };
        let sum: f64 = factors
            .iter()
            .map(|word| word.iter().map(score).fold(0.0, f64::max))
            .sum();
        if sum > 0.0 {
            scored.push((*id, sum));
        }
    }
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    scored
}

fn some_chunks() -> impl Strategy<Value = Chunks> {
    // Squared, so that some terms are common and most are rare.
    let term = (0_u8..15).prop_map(|root| root * root);
    let chunk = prop::collection::vec(prop::collection::vec(term, 0..6), 5);
    prop::collection::vec((chunk, prop::bool::weighted(0.8)), 0..60)
}

fn some_words() -> impl Strategy<Value = Vec<Vec<WeightedTerm>>> {
    let term = (0_u8..15, 1_u8..=4).prop_map(|(root, quarters)| WeightedTerm {
        term: format!("t{}", u16::from(root) * u16::from(root)),
        weight: f64::from(quarters) / 4.0,
    });
    prop::collection::vec(prop::collection::vec(term, 1..4), 1..6)
}

proptest! {
    #[test]
    fn the_best_are_those_that_scoring_every_chunk_finds(
        parts in prop::collection::vec(some_chunks(), 1..4),
        words in some_words(),
        limit in 1_usize..20,
    ) {
        let expected = by_definition(&parts, &words);
        let index = index(&parts);
        let counted = |word: &'_ Vec<WeightedTerm>| word.iter().map(|term| index.count(&term.term)).collect::<Vec<_>>();
        let counts: Vec<_> = words.iter().map(counted).collect();
        let asked: Vec<Vec<_>> = words.iter().zip(counts).map(|(word, counts)| word.iter().zip(counts).collect()).collect();
        let found = index.search(&asked, limit);
        prop_assert_eq!(found.len(), limit.min(expected.len()));
        for (found, (_, score)) in found.iter().zip(&expected) {
            prop_assert!((found.bm25 - score).abs() <= 1e-6 * score, "{} instead of {score}", found.bm25);
            let own = expected.iter().find(|(chunk, _)| *chunk == found.chunk);
            prop_assert!(own.is_some_and(|(_, own)| (own - found.bm25).abs() <= 1e-6 * own));
        }
        let in_order = |pair: &[super::RankedChunk]| {
            pair[0].bm25 > pair[1].bm25 || pair[0].bm25 == pair[1].bm25 && pair[0].chunk < pair[1].chunk
        };
        prop_assert!(found.windows(2).all(in_order));
    }
}
