//! The store through its public handle only, so that another database can be held to the same tests.

mod chats;
mod events;
mod files;
mod knowledge;
mod leads;
mod products;
mod shops;
mod sources;
mod staleness;
mod summary;
mod surveys;
mod usage;
mod vectors;
mod versions;
mod visitors;
mod words;

use jiff::Timestamp;
use palompy::domain::embedding::EmbeddingSpace;
use palompy::domain::embedding::SpaceKey;
use palompy::domain::id::PublicKey;
use palompy::domain::id::ShopId;
use palompy::domain::import::ImportCounts;
use palompy::domain::import::ImportMode;
use palompy::domain::knowledge::ChunkPlace;
use palompy::domain::knowledge::ChunkTerms;
use palompy::domain::knowledge::NewChunk;
use palompy::domain::knowledge::NewDocument;
use palompy::domain::knowledge::SourceKey;
use palompy::domain::knowledge::SourceType;
use palompy::domain::search::QueryTerm;
use palompy::domain::settings::ShopSettings;
use palompy::store::Store;
use palompy::text::terms::joined_terms;
use tempfile::TempDir;
use uuid::Uuid;

pub fn now() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

/// An empty database in a folder that goes with it.
pub async fn empty_store() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("palompy.db")).await.unwrap();
    (folder, store)
}

pub async fn shop(store: &Store) -> ShopId {
    let key = PublicKey(Uuid::new_v4());
    store
        .insert_shop("Лавка".to_owned(), key, ShopSettings::default(), now())
        .await
        .unwrap()
        .id
}

pub async fn space(store: &Store) -> EmbeddingSpace {
    let key = SpaceKey {
        model: "test".to_owned(),
        revision: "1".to_owned(),
        dimensions: 2,
    };
    store.ensure_space(key, now()).await.unwrap()
}

pub fn key(source_id: &str) -> SourceKey {
    SourceKey {
        source_type: SourceType::Faq,
        source_id: source_id.to_owned(),
    }
}

/// A document of one chunk with one vector.
pub fn document(source_id: &str, text: &str, embedding: [f32; 2]) -> NewDocument {
    let terms = ChunkTerms {
        body: joined_terms(text),
        ..ChunkTerms::default()
    };
    NewDocument {
        key: key(source_id),
        title: text.to_owned(),
        url: None,
        content_hash: text.to_owned(),
        text_hash: text.to_owned(),
        product: None,
        description: None,
        identifiers: vec![source_id.to_uppercase()],
        chunks: vec![NewChunk {
            text: text.to_owned(),
            place: ChunkPlace::default(),
            terms,
            embeddings: vec![embedding.to_vec()],
        }],
    }
}

/// Imports the documents in one step.
pub async fn import(store: &Store, shop: ShopId, documents: Vec<NewDocument>) {
    let space = space(store).await;
    let import = store.begin_import(shop, ImportMode::Merge, now()).await.unwrap();
    store
        .stage_documents(shop, import, space.id, documents, now())
        .await
        .unwrap();
    store
        .publish_import(shop, import, Vec::new(), ImportCounts::default(), now())
        .await
        .unwrap();
}

/// The titles found for one term, best first.
pub async fn titles_for_term(store: &Store, shop: ShopId, term: &str) -> Vec<String> {
    let found = store
        .search_terms(shop, vec![QueryTerm::plain(term.to_owned())], 10)
        .await
        .unwrap();
    let ids = found.candidates.iter().map(|candidate| candidate.chunk).collect();
    store
        .chunks(shop, ids)
        .await
        .unwrap()
        .into_iter()
        .map(|chunk| chunk.text)
        .collect()
}

/// The titles nearest to a vector, nearest first.
pub async fn titles_near(store: &Store, shop: ShopId, query: [f32; 2]) -> Vec<String> {
    let space = space(store).await;
    let found = store.search_vectors(shop, space.id, query.to_vec(), 10).await.unwrap();
    let ids = found.iter().map(|candidate| candidate.chunk).collect();
    store
        .chunks(shop, ids)
        .await
        .unwrap()
        .into_iter()
        .map(|chunk| chunk.text)
        .collect()
}
