use super::document;
use super::empty_store;
use super::import;
use super::now;
use super::shop;
use super::titles_near;
use palompy::domain::id::PublicKey;
use palompy::domain::id::ShopId;
use palompy::domain::lexicon::LexiconEntry;
use palompy::domain::settings::ShopSettings;
use palompy::store::error::StoreError;
use uuid::Uuid;

#[tokio::test]
async fn a_deleted_shop_leaves_nothing_and_its_id_is_not_given_again() {
    let (folder, store) = empty_store().await;
    let (gone, kept) = (shop(&store).await, shop(&store).await);
    for shop in [gone, kept] {
        import(&store, shop, vec![document("a", "доставка", [1.0, 0.0])]).await;
        store
            .insert_api_token("crm".to_owned(), Some(shop), format!("hash-{shop}"), now())
            .await
            .unwrap();
    }
    store.delete_shop(gone).await.unwrap();

    assert!(matches!(store.shop(gone).await, Err(StoreError::NotFound)));
    assert!(matches!(store.delete_shop(gone).await, Err(StoreError::NotFound)));
    assert!(store.find_api_token(format!("hash-{gone}")).await.unwrap().is_none());
    assert_eq!(titles_near(&store, kept, [1.0, 0.0]).await, ["доставка"]);
    assert!(shop(&store).await.0 > kept.0);
    drop(store);

    let raw = raw_rows(&folder.path().join("palompy.db"), gone);
    assert_eq!(raw, 0, "rows of the deleted shop are left");
}

/// Counts what any table still holds of a shop.
fn raw_rows(path: &std::path::Path, shop: ShopId) -> i64 {
    let conn = rusqlite::Connection::open(path).unwrap();
    let tables = [
        "documents",
        "knowledge_chunks",
        "document_identifiers",
        "imports",
        "chat_logs",
        "api_tokens",
        "settings",
    ];
    let mut rows = 0;
    for table in tables {
        let sql = format!("select count(*) from {table} where shop_id = ?1");
        rows += conn.query_row(&sql, [shop.0], |row| row.get::<_, i64>(0)).unwrap();
    }
    rows += conn
        .query_row(
            "select count(*) from chunk_vectors_1 where shop_id = ?1",
            [shop.0],
            |row| row.get::<_, i64>(0),
        )
        .unwrap();
    let like = format!("chunk\\_term%\\_{shop}%");
    rows + conn
        .query_row(
            "select count(*) from sqlite_schema where name like ?1 escape '\\'",
            [like],
            |row| row.get::<_, i64>(0),
        )
        .unwrap()
}

#[tokio::test]
async fn a_rotated_public_key_stops_working_at_once() {
    let (_folder, store) = empty_store().await;
    let old = PublicKey(Uuid::new_v4());
    let shop = store
        .insert_shop("Лавка".to_owned(), old, ShopSettings::default(), now())
        .await
        .unwrap();
    let new = PublicKey(Uuid::new_v4());
    store.rotate_public_key(shop.id, new).await.unwrap();
    assert!(matches!(store.shop_by_public_key(old).await, Err(StoreError::NotFound)));
    assert_eq!(store.shop_by_public_key(new).await.unwrap().id, shop.id);
}

#[tokio::test]
async fn settings_and_names_are_kept() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let settings = ShopSettings {
        context_items: 7,
        ..ShopSettings::default()
    };
    store
        .update_shop(shop, Some("Лавка у дома".to_owned()), settings.clone())
        .await
        .unwrap();
    let stored = store.shop(shop).await.unwrap();
    assert_eq!(
        (stored.name.as_str(), stored.settings),
        ("Лавка у дома", settings.clone())
    );
    let unknown = ShopId(shop.0 + 100);
    assert!(matches!(
        store.update_shop(unknown, None, settings).await,
        Err(StoreError::NotFound)
    ));
}

#[tokio::test]
async fn a_shops_lexicon_is_its_own_and_is_replaced_as_a_whole() {
    let (_folder, store) = empty_store().await;
    let (own, other) = (shop(&store).await, shop(&store).await);
    let entry = |say: &str| LexiconEntry {
        say: vec![say.to_owned()],
        mean: vec!["абажур".to_owned()],
    };
    assert!(store.list_lexicon_entries(own).await.unwrap().is_empty());
    for entries in [vec![entry("б"), entry("а")], vec![entry("в")]] {
        store.replace_lexicon_entries(own, entries.clone()).await.unwrap();
        assert_eq!(store.list_lexicon_entries(own).await.unwrap(), entries);
    }
    assert!(store.list_lexicon_entries(other).await.unwrap().is_empty());
    let unknown = store.replace_lexicon_entries(ShopId(4711), Vec::new()).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)));
}
