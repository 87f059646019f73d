use super::document;
use super::empty_store;
use super::import;
use super::key;
use super::now;
use super::shop;
use super::space;
use super::titles_for_term;
use super::titles_near;
use palompy::domain::import::ImportCounts;
use palompy::domain::import::ImportMode;
use palompy::domain::import::ImportStatus;
use palompy::domain::search::QueryTerm;
use palompy::store::Store;
use palompy::store::error::StoreError;

#[tokio::test]
async fn an_import_is_found_only_once_it_is_published() {
    let (_folder, store) = empty_store().await;
    let (shop, space) = (shop(&store).await, space(&store).await);
    import(&store, shop, vec![document("a", "старая доставка", [1.0, 0.0])]).await;

    let run = store.begin_import(shop, ImportMode::Merge, now()).await.unwrap();
    let new = vec![
        document("a", "новая доставка", [0.0, 1.0]),
        document("b", "доставка еще", [0.6, 0.8]),
    ];
    store.stage_documents(shop, run, space.id, new, now()).await.unwrap();
    assert_eq!(titles_for_term(&store, shop, "доставк").await, ["старая доставка"]);
    assert_eq!(titles_near(&store, shop, [0.0, 1.0]).await, ["старая доставка"]);

    store
        .publish_import(shop, run, Vec::new(), ImportCounts::default(), now())
        .await
        .unwrap();
    assert_eq!(
        titles_near(&store, shop, [0.0, 1.0]).await,
        ["новая доставка", "доставка еще"]
    );
    let mut found = titles_for_term(&store, shop, "доставк").await;
    found.sort();
    assert_eq!(found, ["доставка еще", "новая доставка"]);
    assert_eq!(store.count_chunks(shop).await.unwrap(), 2);
}

#[tokio::test]
async fn a_failed_import_leaves_the_knowledge_as_it_was() {
    let (_folder, store) = empty_store().await;
    let (shop, space) = (shop(&store).await, space(&store).await);
    import(&store, shop, vec![document("a", "старая доставка", [1.0, 0.0])]).await;
    let run = store.begin_import(shop, ImportMode::Merge, now()).await.unwrap();
    store
        .stage_documents(
            shop,
            run,
            space.id,
            vec![document("a", "новая доставка", [0.0, 1.0])],
            now(),
        )
        .await
        .unwrap();
    store.fail_import(shop, run, "broken".to_owned(), now()).await.unwrap();

    assert_eq!(titles_for_term(&store, shop, "доставк").await, ["старая доставка"]);
    let imports = store.list_imports(shop, 10).await.unwrap();
    assert_eq!(imports.first().unwrap().status, ImportStatus::Failed);
    assert_eq!(store.sweep_retired(shop, 10).await.unwrap(), 1);
    assert_eq!(titles_near(&store, shop, [0.0, 1.0]).await, ["старая доставка"]);
}

#[tokio::test]
async fn two_imports_of_one_shop_do_not_run_at_once() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    store.begin_import(shop, ImportMode::Merge, now()).await.unwrap();
    let second = store.begin_import(shop, ImportMode::Merge, now()).await;
    assert!(matches!(second, Err(StoreError::Conflict(_))));
    store.abandon_imports(shop, now()).await.unwrap();
    store.begin_import(shop, ImportMode::Merge, now()).await.unwrap();
}

#[tokio::test]
async fn an_import_that_a_kill_cut_short_is_gone_after_the_next_start() {
    let (folder, store) = empty_store().await;
    let (shop, space) = (shop(&store).await, space(&store).await);
    let run = store.begin_import(shop, ImportMode::Merge, now()).await.unwrap();
    store
        .stage_documents(shop, run, space.id, vec![document("a", "доставка", [1.0, 0.0])], now())
        .await
        .unwrap();
    drop(store);

    let store = Store::open(&folder.path().join("palompy.db")).await.unwrap();
    assert!(titles_for_term(&store, shop, "доставк").await.is_empty());
    assert_eq!(
        store.list_imports(shop, 1).await.unwrap().first().unwrap().status,
        ImportStatus::Failed
    );
    assert_eq!(store.sweep_retired(shop, 10).await.unwrap(), 1);
    store.begin_import(shop, ImportMode::Merge, now()).await.unwrap();
}

#[tokio::test]
async fn removed_documents_are_found_by_nothing() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    import(&store, shop, vec![document("a", "доставка", [1.0, 0.0])]).await;
    assert_eq!(
        store
            .search_identifiers(shop, vec!["A".to_owned()])
            .await
            .unwrap()
            .len(),
        1
    );
    let run = store.begin_import(shop, ImportMode::Replace, now()).await.unwrap();
    store
        .publish_import(shop, run, vec![key("a")], ImportCounts::default(), now())
        .await
        .unwrap();
    for _ in 0..2 {
        assert!(titles_for_term(&store, shop, "доставк").await.is_empty());
        assert!(titles_near(&store, shop, [1.0, 0.0]).await.is_empty());
        assert!(
            store
                .search_identifiers(shop, vec!["A".to_owned()])
                .await
                .unwrap()
                .is_empty()
        );
        store.sweep_retired(shop, 10).await.unwrap();
    }
}

#[tokio::test]
async fn a_search_never_leaves_its_shop() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    import(&store, mine, vec![document("a", "доставка моя", [1.0, 0.0])]).await;
    import(&store, other, vec![document("a", "доставка чужая", [1.0, 0.0])]).await;
    assert_eq!(titles_for_term(&store, mine, "доставк").await, ["доставка моя"]);
    assert_eq!(titles_near(&store, mine, [1.0, 0.0]).await, ["доставка моя"]);
    let (foreign, _) = store.search_identifiers(other, vec!["A".to_owned()]).await.unwrap()[0];
    assert!(store.chunks(mine, vec![foreign]).await.unwrap().is_empty());
}

#[tokio::test]
async fn hostile_terms_are_only_terms() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    import(&store, shop, vec![document("a", "near and or not", [1.0, 0.0])]).await;
    for term in ["near", "\"", "*", "NOT", "a\" OR \"b", "{title}:x"] {
        store
            .search_terms(shop, vec![QueryTerm::plain(term.to_owned())], 5)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_text_of_which_the_model_knows_nothing_disturbs_no_search() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let documents = vec![document("a", "доставка", [1.0, 0.0]), document("b", "🎒", [0.0, 0.0])];
    import(&store, shop, documents).await;
    assert_eq!(titles_near(&store, shop, [1.0, 0.0]).await, ["доставка"]);
    assert_eq!(store.count_chunks(shop).await.unwrap(), 2);
}

#[tokio::test]
async fn term_counts_are_right_again_after_a_replaced_document_is_swept() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    for round in 0..5 {
        import(
            &store,
            shop,
            vec![document("a", &format!("доставка {round}"), [1.0, 0.0])],
        )
        .await;
        store.sweep_retired(shop, 10).await.unwrap();
    }
    let found = store
        .search_terms(shop, vec![QueryTerm::plain("доставк".to_owned())], 5)
        .await
        .unwrap();
    assert_eq!((found.term_counts, found.chunk_count), (vec![vec![1]], 1));
}
