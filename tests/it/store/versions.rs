//! What a search finds is what one import made visible, whatever happens meanwhile.

use super::document;
use super::empty_store;
use super::import;
use super::shop;
use super::space;
use palompy::domain::id::ChunkId;
use palompy::domain::id::ShopId;
use palompy::domain::id::SpaceId;
use palompy::domain::knowledge::NewDocument;
use palompy::domain::search::QueryTerm;
use palompy::store::Store;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

const DOCUMENTS: usize = 30;
const VERSIONS: usize = 15;

/// All documents anew; their chunks have ids in a row.
fn version(number: usize) -> Vec<NewDocument> {
    let documents = (0..DOCUMENTS).map(|document_number| {
        let angle = (number * DOCUMENTS + document_number) as f32 * 0.001;
        let text = format!("общее слово {number} {document_number}");
        document(&format!("d{document_number}"), &text, [angle.cos(), angle.sin()])
    });
    documents.collect()
}

/// The version that all chunks are of.
fn version_of(found: impl Iterator<Item = ChunkId>) -> usize {
    let mut chunks: Vec<usize> = found.map(|chunk| chunk.0 as usize - 1).collect();
    chunks.sort_unstable();
    let number = chunks[0] / DOCUMENTS;
    let all: Vec<usize> = (number * DOCUMENTS..(number + 1) * DOCUMENTS).collect();
    assert_eq!(chunks, all);
    number
}

async fn search_until(store: Store, shop: ShopId, space: SpaceId, ended: Arc<AtomicBool>) -> usize {
    let mut last = 0;
    while !ended.load(Ordering::Acquire) {
        let terms = vec![QueryTerm::plain("общ".to_owned())];
        let found = store.search_terms(shop, terms, 100).await.unwrap();
        assert_eq!(
            (found.chunk_count as usize, found.term_counts),
            (DOCUMENTS, vec![vec![DOCUMENTS as u32]])
        );
        let by_terms = version_of(found.candidates.iter().map(|found| found.chunk));
        let near = store.search_vectors(shop, space, vec![1.0, 0.0], 100).await.unwrap();
        let by_vectors = version_of(near.iter().map(|found| found.chunk));
        assert!(
            last <= by_terms && by_terms <= by_vectors,
            "{last} {by_terms} {by_vectors}"
        );
        last = by_vectors;
    }
    last
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_beside_imports_finds_exactly_one_version() {
    let (_folder, store) = empty_store().await;
    let (shop, space) = (shop(&store).await, space(&store).await);
    import(&store, shop, version(0)).await;
    let ended = Arc::new(AtomicBool::new(false));
    let searches: Vec<_> = (0..3)
        .map(|_| tokio::spawn(search_until(store.clone(), shop, space.id, ended.clone())))
        .collect();
    for number in 1..VERSIONS {
        import(&store, shop, version(number)).await;
    }
    ended.store(true, Ordering::Release);
    for search in searches {
        assert!(search.await.unwrap() < VERSIONS);
    }
    let near = store.search_vectors(shop, space.id, vec![1.0, 0.0], 100).await.unwrap();
    assert_eq!(version_of(near.iter().map(|found| found.chunk)), VERSIONS - 1);
}
