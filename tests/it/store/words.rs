use super::document;
use super::empty_store;
use super::import;
use super::shop;
use palompy::domain::id::ShopId;

#[tokio::test]
async fn texts_are_sampled_in_order_up_to_a_size_and_within_the_shop() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let texts = ["первый текст", "второй текст", "третий текст"];
    let documents = texts
        .iter()
        .zip(["a", "b", "c"])
        .map(|(text, id)| document(id, text, [1.0, 0.0]));
    import(&store, shop, documents.collect()).await;
    assert_eq!(store.sample_texts(shop, 1 << 20).await.unwrap(), texts);
    assert_eq!(store.sample_texts(shop, 1).await.unwrap(), ["первый текст"]);
    assert!(
        store
            .sample_texts(ShopId(shop.0 + 1), 1 << 20)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn identifiers_are_listed_once_and_within_the_shop() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let documents = vec![document("kx2", "кран", [1.0, 0.0]), document("kx1", "кран", [1.0, 0.0])];
    import(&store, shop, documents).await;
    assert_eq!(store.list_identifiers(shop).await.unwrap(), ["KX1", "KX2"]);
    assert!(store.list_identifiers(ShopId(shop.0 + 1)).await.unwrap().is_empty());
}

#[tokio::test]
async fn giving_memory_back_leaves_readers_that_answer_as_before() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    import(&store, shop, vec![document("kx1", "кран", [1.0, 0.0])]).await;
    let reading = (0..20).map(|_| store.list_identifiers(shop));
    let (given, read) = tokio::join!(store.give_back_memory(), futures::future::join_all(reading));
    given.unwrap();
    assert!(read.into_iter().all(|found| found.unwrap() == ["KX1"]));
    store.give_back_memory().await.unwrap();
    assert_eq!(store.list_identifiers(shop).await.unwrap(), ["KX1"]);
}
