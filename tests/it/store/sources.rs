//! Sources and versions through the store's public handle, and the databases of before there were any.

use crate::store::document;
use crate::store::empty_store;
use crate::store::import;
use crate::store::key;
use crate::store::now;
use crate::store::shop;
use crate::store::space;
use crate::store::titles_for_term;
use palompy::domain::id::ImportId;
use palompy::domain::id::ShopId;
use palompy::domain::id::SourceId;
use palompy::domain::import::ImportCounts;
use palompy::domain::import::ImportKind;
use palompy::domain::import::ImportMode;
use palompy::domain::import::NewImport;
use palompy::domain::knowledge::NewDocument;
use palompy::domain::source::Location;
use palompy::domain::source::Mapping;
use palompy::domain::source::SourceDraft;
use palompy::store::Store;
use palompy::store::error::StoreError;

async fn source(store: &Store, shop: ShopId, name: &str) -> SourceId {
    let draft = SourceDraft {
        name: name.to_owned(),
        format: None,
        location: Location::Upload {},
        mapping: Mapping::default(),
        schedule: None,
    };
    store.insert_source(shop, draft, None, now()).await.unwrap().id
}

async fn queue(store: &Store, shop: ShopId, source: SourceId) -> Result<ImportId, StoreError> {
    let import = NewImport {
        mode: ImportMode::Replace,
        actor: "test".to_owned(),
        origin: String::new(),
        is_preview: false,
        is_resumable: true,
    };
    store.queue_import(shop, source, import, now()).await
}

/// Publishes the documents in place of what `removed` names.
async fn bring(store: &Store, shop: ShopId, source: SourceId, documents: Vec<NewDocument>, removed: &[&str]) {
    let import = queue(store, shop, source).await.unwrap();
    store.start_import(shop, import).await.unwrap();
    let space = space(store).await;
    store
        .stage_documents(shop, import, space.id, documents, now())
        .await
        .unwrap();
    let removed = removed.iter().map(|id| key(id)).collect();
    store
        .publish_import(shop, import, removed, ImportCounts::default(), now())
        .await
        .unwrap();
}

async fn restore(store: &Store, shop: ShopId, source: SourceId, kind: ImportKind) -> Result<(), StoreError> {
    let restored = store
        .restore_version(shop, source, kind, "test".to_owned(), now())
        .await;
    restored.map(drop)
}

#[tokio::test]
async fn a_version_is_restored_for_its_source_alone() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let (first, second) = (source(&store, shop, "a").await, source(&store, shop, "b").await);
    bring(
        &store,
        shop,
        first,
        vec![document("x", "доставка раз", [1.0, 0.0])],
        &[],
    )
    .await;
    bring(
        &store,
        shop,
        second,
        vec![document("x", "доставка другая", [1.0, 0.0])],
        &[],
    )
    .await;
    bring(
        &store,
        shop,
        first,
        vec![document("x", "доставка два", [1.0, 0.0])],
        &[],
    )
    .await;
    let seen = async || {
        let mut seen = titles_for_term(&store, shop, "доставк").await;
        seen.sort();
        seen
    };
    assert_eq!(seen().await, ["доставка два", "доставка другая"]);
    restore(&store, shop, first, ImportKind::Undo).await.unwrap();
    assert_eq!(seen().await, ["доставка другая", "доставка раз"]);
    while store.sweep_retired(shop, 10).await.unwrap() > 0 {}
    restore(&store, shop, first, ImportKind::Redo).await.unwrap();
    assert_eq!(seen().await, ["доставка два", "доставка другая"]);
    let none = restore(&store, shop, second, ImportKind::Redo).await;
    assert!(matches!(none, Err(StoreError::Conflict("nothing_to_redo"))));
}

#[tokio::test]
async fn imports_of_one_source_never_interleave() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let source = source(&store, shop, "a").await;
    let running = queue(&store, shop, source).await.unwrap();
    let refused =
        |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    refused(queue(&store, shop, source).await.map(drop));
    store.start_import(shop, running).await.unwrap();
    refused(queue(&store, shop, source).await.map(drop));
    refused(restore(&store, shop, source, ImportKind::Undo).await);
    refused(store.delete_source(shop, source, now()).await);
    refused(store.begin_import(shop, ImportMode::Merge, now()).await.map(drop));
    store.hold_import(shop, running).await.unwrap();
    let newer = queue(&store, shop, source).await.unwrap();
    refused(store.approve_import(shop, running).await);
    store.cancel_import(shop, newer, now()).await.unwrap();
    refused(store.start_import(shop, newer).await);
}

#[tokio::test]
async fn what_was_staged_survives_the_end_of_the_program_when_it_can_go_on() {
    let (folder, store) = empty_store().await;
    let (shop, space) = (shop(&store).await, space(&store).await);
    let source = source(&store, shop, "a").await;
    let import = queue(&store, shop, source).await.unwrap();
    store.start_import(shop, import).await.unwrap();
    let documents = vec![document("x", "доставка", [1.0, 0.0])];
    store
        .stage_documents(shop, import, space.id, documents, now())
        .await
        .unwrap();
    drop(store);
    let store = Store::open(&folder.path().join("palompy.db")).await.unwrap();
    assert_eq!(store.list_open_imports().await.unwrap()[0].id, import);
    let staged = store
        .staged_hashes(import, space.id, vec![key("x"), key("y")])
        .await
        .unwrap();
    assert_eq!(staged, [Some("доставка".to_owned()), None]);
    // A document that became visible meanwhile has a higher id: what was staged before it has to be made anew.
    assert!(!store.drop_outrun_stage(shop, import).await.unwrap());
    crate::store::import(&store, shop, vec![document("z", "оплата", [0.0, 1.0])]).await;
    assert!(store.drop_outrun_stage(shop, import).await.unwrap());
    assert_eq!(store.sweep_retired(shop, 10).await.unwrap(), 1);
}

#[tokio::test]
async fn another_shops_source_looks_like_an_unknown_one() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    let foreign = source(&store, other, "a").await;
    bring(&store, other, foreign, vec![document("x", "доставка", [1.0, 0.0])], &[]).await;
    let not_found = |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}");
    not_found(store.source(mine, foreign).await.map(drop));
    not_found(queue(&store, mine, foreign).await.map(drop));
    not_found(restore(&store, mine, foreign, ImportKind::Undo).await);
    not_found(store.delete_source(mine, foreign, now()).await);
    not_found(store.list_source_imports(mine, foreign, 9).await.map(drop));
    let import = store.list_imports(other, 1).await.unwrap()[0].id;
    not_found(store.import(mine, import).await.map(drop));
    not_found(store.approve_import(mine, import).await);
    assert!(store.import_changes(mine, import).await.unwrap().is_empty());
    assert!(store.list_source_keys(mine, foreign, None, 9).await.unwrap().is_empty());
    assert_eq!(
        store.known_documents(mine, foreign, vec![key("x")]).await.unwrap(),
        [None]
    );
}

/// What schema 2 had of one import.
const KNOWLEDGE_OF_SCHEMA_2: &str = "
    insert into shops values (1, 'Лавка', '018f0000-0000-7000-8000-000000000001', '2026-01-02T03:04:05.000Z', 1);
    insert into embedding_spaces values (1, 'test', '1', 2, '2026-01-02T03:04:05.000Z');
    create table chunk_vectors_1 (id integer primary key, shop_id integer not null, embedding blob not null) strict;
    insert into imports values (7, 1, 'done', 'merge', '2026-01-02T03:04:05.000Z', null, 1, 0, 0, 0, null);
    insert into imports values (8, 1, 'failed', 'merge', '2026-01-02T03:04:05.000Z', null, 0, 0, 0, 0, 'broken');
    insert into documents values (1, 1, 7, 1, 'live', 'faq', 'a', 'a', null, 'x', null, '2026-01-02T03:04:05.000Z');
    insert into knowledge_chunks values (1, 1, 1, 'faq', 'a', 0, 'о доставке', 1, '2026-01-02T03:04:05.000Z');
    insert into chunk_terms values (1, '\n\n\n\nдоставк');
    insert into chunk_vectors_1 values (256, 1, x'7f00');
    pragma user_version = 2;";

#[tokio::test]
async fn a_database_of_before_sources_has_all_its_knowledge_in_one() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("palompy.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(include_str!("../../../src/store/sql/0001_initial.sql"))
        .unwrap();
    conn.execute_batch(include_str!("../../../src/store/sql/0002_terms.sql"))
        .unwrap();
    conn.execute_batch(KNOWLEDGE_OF_SCHEMA_2).unwrap();
    drop(conn);
    let store = Store::open(&path).await.unwrap();
    let shop = ShopId(1);
    assert_eq!(titles_for_term(&store, shop, "доставк").await, ["о доставке"]);
    let sources = store.list_sources(shop).await.unwrap();
    let [api] = &sources[..] else { panic!("{sources:?}") };
    assert_eq!((api.documents, api.current_version), (1, Some(ImportId(7))));
    assert_eq!(store.list_imports(shop, 9).await.unwrap().len(), 2);
    // What was before was swept long ago.
    let none = restore(&store, shop, api.id, ImportKind::Undo).await;
    assert!(matches!(none, Err(StoreError::Conflict("nothing_to_undo"))));
    import(&store, shop, vec![document("a", "новая доставка", [0.0, 1.0])]).await;
    assert_eq!(titles_for_term(&store, shop, "доставк").await, ["новая доставка"]);
    restore(&store, shop, api.id, ImportKind::Undo).await.unwrap();
    assert_eq!(titles_for_term(&store, shop, "доставк").await, ["о доставке"]);
}
