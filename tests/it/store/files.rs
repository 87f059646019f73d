use super::empty_store;
use super::shop;
use palompy::domain::id::ShopId;
use palompy::domain::id::SpaceId;
use palompy::domain::search::QueryTerm;
use palompy::store::Store;
use palompy::store::error::StoreError;

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_and_left_alone() {
    let (folder, store) = empty_store().await;
    shop(&store).await;
    drop(store);
    let path = folder.path().join("palompy.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    let Err(StoreError::Unusable(message)) = Store::open(&path).await else {
        panic!("it was opened")
    };
    assert!(message.contains("newer palompy (schema 99"), "{message}");
    let conn = rusqlite::Connection::open(&path).unwrap();
    assert_eq!(
        conn.query_row("select count(*) from shops", [], |row| row.get::<_, i64>(0))
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_with_its_name() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("palompy.db");
    std::fs::write(
        &path,
        "certainly not a database, and long enough to be read as a header of one".repeat(20),
    )
    .unwrap();
    let Err(StoreError::Unusable(message)) = Store::open(&path).await else {
        panic!("it was opened")
    };
    assert!(message.contains("palompy.db"), "{message}");
}

/// What schema 1 kept for a shop's terms.
const TERMS_OF_SCHEMA_1: &str = "
    create virtual table chunk_terms_1 using fts5(title, keywords, body,
        content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
    create virtual table chunk_term_counts_1 using fts5vocab(chunk_terms_1, row);
    insert into shops values (1, 'Лавка', '018f0000-0000-7000-8000-000000000001', '2026-01-02T03:04:05.000Z');
    insert into embedding_spaces values (1, 'test', '1', 2, '2026-01-02T03:04:05.000Z');
    create table chunk_vectors_1 (id integer primary key, shop_id integer not null, embedding blob not null) strict;
    insert into documents values (1, 1, 1, 1, 'live', 'faq', 'a', 'a', null, 'x', null, '2026-01-02T03:04:05.000Z');
    insert into documents values (2, 1, 1, 1, 'live', 'faq', 'b', 'b', null, 'x', null, '2026-01-02T03:04:05.000Z');
    insert into knowledge_chunks values (1, 1, 1, 'faq', 'a', 0, 'о доставке', 1, '2026-01-02T03:04:05.000Z');
    insert into knowledge_chunks values (2, 1, 2, 'faq', 'b', 0, 'ещё о доставке', 1, '2026-01-02T03:04:05.000Z');
    insert into chunk_terms_1 (rowid, title, keywords, body) values (1, '', '', 'доставк доставк срок');
    insert into chunk_terms_1 (rowid, title, keywords, body) values (2, 'доставк', 'курьер', 'оплат');
    insert into chunk_terms_1 (rowid, title, keywords, body) values (3, 'доставк', '', 'удален');
    delete from chunk_terms_1 where rowid = 3;
    insert into chunk_vectors_1 values (256, 1, x'7f00'), (512, 1, x'007f');
    pragma user_version = 1;";

#[tokio::test]
async fn a_database_of_the_first_schema_answers_as_it_did() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("palompy.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(include_str!("../../../src/store/sql/0001_initial.sql"))
        .unwrap();
    conn.execute_batch(TERMS_OF_SCHEMA_1).unwrap();
    let sql = "select rowid, -bm25(chunk_terms_1, 3.0, 1.5, 1.0) from chunk_terms_1 where chunk_terms_1 match '\"доставк\"' order by 2 desc";
    let before: Vec<(i64, f64)> = conn
        .prepare(sql)
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    drop(conn);

    let store = Store::open(&path).await.unwrap();
    let term = QueryTerm::plain("доставк".to_owned());
    let found = store.search_terms(ShopId(1), vec![term], 10).await.unwrap();
    let after: Vec<_> = found.candidates.iter().map(|found| found.chunk.0).collect();
    assert_eq!(after, before.iter().map(|(chunk, _)| *chunk).collect::<Vec<_>>());
    assert_eq!(found.term_counts, [[2]]);
    let terms = store.list_terms(ShopId(1)).await.unwrap();
    let terms: Vec<_> = terms.iter().map(|(term, count)| (term.as_str(), *count)).collect();
    assert_eq!(terms, [("доставк", 2), ("курьер", 1), ("оплат", 1), ("срок", 1)]);
    let near = store
        .search_vectors(ShopId(1), SpaceId(1), vec![0.0, 1.0], 1)
        .await
        .unwrap();
    assert_eq!(near.first().unwrap().chunk.0, 2);
    assert!(folder.path().join("palompy.schema1.db").exists());
}
