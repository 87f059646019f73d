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
