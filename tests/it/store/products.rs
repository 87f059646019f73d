use super::document;
use super::empty_store;
use super::import;
use super::now;
use super::shop;
use super::space;
use palompy::domain::id::ChunkId;
use palompy::domain::id::DocumentId;
use palompy::domain::id::ShopId;
use palompy::domain::import::ImportCounts;
use palompy::domain::import::ImportMode;
use palompy::domain::knowledge::NewDocument;
use palompy::domain::knowledge::ProductRow;
use palompy::domain::knowledge::SourceType;
use palompy::store::Passage;
use palompy::store::Store;

fn product(source_id: &str, title: &str) -> NewDocument {
    let mut product = document(source_id, title, [1.0, 0.0]);
    product.key.source_type = SourceType::Product;
    product.product = Some(ProductRow {
        price: Some(990.0),
        ..ProductRow::default()
    });
    product
}

/// The source ids of all products, read so many at a time.
async fn listed(store: &Store, shop: ShopId, page: u32) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    loop {
        let after = all.last().cloned().unwrap_or_default();
        let products = store.list_products(shop, after, page).await.unwrap();
        if products.is_empty() {
            return all;
        }
        all.extend(products.into_iter().map(|product| product.key.source_id));
    }
}

async fn ids(store: &Store, shop: ShopId) -> Vec<DocumentId> {
    let products = store.list_products(shop, String::new(), 100).await.unwrap();
    products.into_iter().map(|product| product.id).collect()
}

/// The chunks of a shop, read closely for a question.
async fn read(store: &Store, shop: ShopId, query: [f32; 2], chunks: &[ChunkId]) -> Vec<Passage> {
    let space = space(store).await.id;
    let read = store.passages(shop, space, Some(query.to_vec()), chunks.to_vec());
    read.await.unwrap()
}

#[tokio::test]
async fn products_are_listed_page_by_page_and_only_ones_own() {
    let (_folder, store) = empty_store().await;
    let (own, other) = (shop(&store).await, shop(&store).await);
    let documents = vec![
        product("b", "Чайник"),
        product("a", "Кружка"),
        product("c", "Плед"),
        document("q", "Доставка", [0.0, 1.0]),
    ];
    import(&store, own, documents).await;
    import(&store, other, vec![product("z", "Лампа")]).await;
    for page in [1, 2, 100] {
        assert_eq!(listed(&store, own, page).await, ["a", "b", "c"]);
    }
    let first = store.list_products(own, String::new(), 1).await.unwrap();
    assert_eq!(first[0].product.as_ref().unwrap().price, Some(990.0));
}

#[tokio::test]
async fn documents_are_read_in_the_order_asked_without_what_is_gone_or_anothers() {
    let (_folder, store) = empty_store().await;
    let (own, other) = (shop(&store).await, shop(&store).await);
    import(
        &store,
        own,
        vec![product("a", "Кружка"), product("b", "Чайник"), product("c", "Плед")],
    )
    .await;
    import(&store, other, vec![product("z", "Лампа")]).await;
    let (known, foreign) = (ids(&store, own).await, ids(&store, other).await);
    let run = store.begin_import(own, ImportMode::Merge, now()).await.unwrap();
    let removed = vec![product("b", "").key];
    store
        .publish_import(own, run, removed, ImportCounts::default(), now())
        .await
        .unwrap();
    let asked = vec![known[2], foreign[0], known[1], known[0], DocumentId(999)];
    let found = store.documents(own, asked.clone()).await.unwrap();
    let titles: Vec<_> = found.iter().map(|document| document.title.as_str()).collect();
    assert_eq!(titles, ["Плед", "Кружка"]);
    let chunks = store.first_chunks(own, asked).await.unwrap();
    let documents: Vec<_> = chunks.iter().map(|(_, document)| *document).collect();
    assert_eq!(documents, [known[2], known[0]]);
}

#[tokio::test]
async fn a_passage_tells_the_same_whether_its_vectors_are_in_memory_or_not() {
    let (_folder, store) = empty_store().await;
    let (own, other) = (shop(&store).await, shop(&store).await);
    let mut kettle = product("a", "Чайник");
    kettle.chunks[0].embeddings = vec![vec![0.6, 0.8], vec![0.0, 0.0], vec![1.0, 0.0]];
    import(&store, own, vec![kettle, product("b", "Плед")]).await;
    import(&store, other, vec![product("z", "Лампа")]).await;
    let chunks = [ChunkId(2), ChunkId(1), ChunkId(3), ChunkId(9)];
    let from_rows = read(&store, own, [1.0, 0.0], &chunks).await;
    let space = space(&store).await;
    let version = store.search_basis(own).await.unwrap().version;
    store.prepare_vectors(own, &space, version).await.unwrap();
    assert_eq!(read(&store, own, [1.0, 0.0], &chunks).await, from_rows);
    let titles: Vec<_> = from_rows.iter().map(|passage| passage.title.as_str()).collect();
    assert_eq!(titles, ["Плед", "Чайник"]);
    let rounded = from_rows[1].similarities.iter().map(|value| (value * 100.0).round());
    assert_eq!(rounded.collect::<Vec<_>>(), [60.0, 100.0]);
}

#[tokio::test]
async fn shops_are_counted_by_what_can_be_found_of_them() {
    let (_folder, store) = empty_store().await;
    let (large, small, _empty) = (shop(&store).await, shop(&store).await, shop(&store).await);
    import(&store, large, vec![product("a", "Кружка"), product("b", "Плед")]).await;
    import(&store, small, vec![product("a", "Кружка")]).await;
    // What it replaces cannot be found any more.
    import(&store, small, vec![product("a", "Чайник")]).await;
    assert_eq!(store.list_shop_sizes().await.unwrap(), [(small, 1), (large, 2)]);
}
