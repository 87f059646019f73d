use super::empty_store;
use super::shop;
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
