use super::document;
use super::empty_store;
use super::import;
use super::key;
use super::now;
use super::shop;
use super::space;
use super::titles_near;
use palompy::domain::import::ImportCounts;
use palompy::domain::import::ImportMode;
use palompy::store::Store;

/// A direction for each number, all different.
fn direction(number: usize) -> [f32; 2] {
    let angle = number as f32 * 0.01;
    [angle.cos(), angle.sin()]
}

#[tokio::test]
async fn a_search_after_each_of_many_imports_finds_what_is_there_now() {
    let (folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let first = (0..40).map(|number| document(&format!("d{number}"), &format!("текст {number}"), direction(number)));
    import(&store, shop, first.collect()).await;
    assert_eq!(titles_near(&store, shop, direction(7)).await[0], "текст 7");
    // Each import replaces one document and adds one; between them the index is asked and brought up to date.
    for round in 0..12 {
        let text = format!("замена {round}");
        let new = vec![
            document(&format!("d{round}"), &text, direction(round)),
            document(&format!("n{round}"), &format!("новое {round}"), direction(60 + round)),
        ];
        import(&store, shop, new).await;
        assert_eq!(titles_near(&store, shop, direction(round)).await[0], text);
        assert_eq!(
            titles_near(&store, shop, direction(60 + round)).await[0],
            format!("новое {round}")
        );
        let found = titles_near(&store, shop, direction(round)).await;
        assert!(!found.contains(&format!("текст {round}")), "{found:?}");
    }
    let before = titles_near(&store, shop, direction(20)).await;
    drop(store);
    let reopened = Store::open(&folder.path().join("palompy.db")).await.unwrap();
    assert_eq!(titles_near(&reopened, shop, direction(20)).await, before);
}

#[tokio::test]
async fn a_removed_document_leaves_the_vectors_in_memory_too() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let documents =
        (0..20).map(|number| document(&format!("d{number}"), &format!("текст {number}"), direction(number)));
    import(&store, shop, documents.collect()).await;
    assert_eq!(titles_near(&store, shop, direction(3)).await[0], "текст 3");
    let run = store.begin_import(shop, ImportMode::Merge, now()).await.unwrap();
    let removed = vec![key("d3")];
    store
        .publish_import(shop, run, removed, ImportCounts::default(), now())
        .await
        .unwrap();
    let found = titles_near(&store, shop, direction(3)).await;
    assert!(!found.contains(&"текст 3".to_owned()), "{found:?}");
    assert_eq!(found.len(), 10);
}

#[tokio::test]
async fn equal_vectors_are_found_in_the_order_of_their_chunks() {
    let (_folder, store) = empty_store().await;
    let (shop, space) = (shop(&store).await, space(&store).await);
    let documents = (0..30).map(|number| document(&format!("d{number}"), &format!("текст {number}"), [0.6, 0.8]));
    import(&store, shop, documents.collect()).await;
    let found = store.search_vectors(shop, space.id, vec![0.6, 0.8], 5).await.unwrap();
    let chunks: Vec<_> = found.iter().map(|candidate| candidate.chunk.0).collect();
    assert_eq!(chunks, [1, 2, 3, 4, 5]);
    assert!(found.iter().all(|candidate| (candidate.similarity - 1.0).abs() < 0.001));
}

#[tokio::test]
async fn a_vector_without_direction_is_near_nothing() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    import(
        &store,
        shop,
        vec![document("a", "пусто", [0.0, 0.0]), document("b", "полно", [1.0, 0.0])],
    )
    .await;
    assert_eq!(titles_near(&store, shop, [1.0, 0.0]).await, ["полно"]);
    assert!(titles_near(&store, shop, [0.0, 0.0]).await.is_empty());
}
