//! Whose a session is, and what remains of a visitor who wants to be forgotten.

use super::empty_store;
use super::now;
use super::shop;
use palompy::domain::chat::Claim;
use palompy::domain::chat::NewTurn;
use palompy::domain::event::EventMetadata;
use palompy::domain::event::NewEvent;
use palompy::domain::id::MessageId;
use palompy::domain::id::SessionId;
use palompy::domain::id::ShopId;
use palompy::domain::id::VisitorId;
use palompy::domain::language::Language;
use palompy::domain::secret::Secret;
use palompy::domain::vote::Vote;
use palompy::domain::vote::VoteReason;
use palompy::domain::vote::VoteValue;
use palompy::store::Store;
use palompy::store::error::StoreError;
use std::collections::BTreeSet;
use uuid::Uuid;

fn visitor() -> VisitorId {
    VisitorId(Uuid::new_v4())
}

fn session() -> SessionId {
    SessionId(Uuid::new_v4())
}

fn turn(session_id: SessionId, claim: Claim) -> NewTurn {
    NewTurn {
        message_id: MessageId(Uuid::new_v4()),
        session_id,
        claim,
        user_message: "вопрос".to_owned(),
        language: Language::Ru,
        metadata: None,
        created_at: now(),
    }
}

fn down() -> Vote {
    Vote {
        value: VoteValue::Down,
        reasons: vec![VoteReason::Rude],
        comment: Some("грубо".to_owned()),
    }
}

async fn turns(store: &Store, shop: ShopId, session: SessionId, visitor: VisitorId) -> Result<usize, StoreError> {
    let turns = store.session_history(shop, session, visitor, 10).await?;
    Ok(turns.len())
}

#[tokio::test]
async fn a_session_stays_with_the_visitor_that_began_it() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let (mine, first, second) = (session(), visitor(), visitor());
    let begun = store.insert_turn(shop, turn(mine, Claim::Unproven(first))).await;
    assert_eq!(begun.unwrap(), first);
    let unproven = store.insert_turn(shop, turn(mine, Claim::Unproven(second))).await;
    assert_eq!(unproven.unwrap(), first);
    let foreign = Claim::Proven(second);
    assert!(matches!(
        store.insert_turn(shop, turn(mine, foreign)).await,
        Err(StoreError::Conflict("session_taken"))
    ));
    assert!(matches!(
        store.list_recent_turns(shop, mine, foreign, now(), 5).await,
        Err(StoreError::Conflict("session_taken"))
    ));
    assert_eq!(turns(&store, shop, mine, first).await.unwrap(), 2);
    assert!(matches!(
        turns(&store, shop, mine, second).await,
        Err(StoreError::NotFound)
    ));
}

#[tokio::test]
async fn the_same_session_id_in_two_shops_is_two_sessions() {
    let (_folder, store) = empty_store().await;
    let (one, other) = (shop(&store).await, shop(&store).await);
    let (same, first, second) = (session(), visitor(), visitor());
    for (shop, visitor) in [(one, first), (other, second)] {
        let owner = store.insert_turn(shop, turn(same, Claim::Proven(visitor))).await;
        assert_eq!(owner.unwrap(), visitor);
    }
    assert!(turns(&store, other, same, first).await.is_err());
    store.forget_visitor(one, second).await.unwrap();
    assert_eq!(store.forget_visitor(one, first).await.unwrap(), [same]);
    assert_eq!(turns(&store, other, same, second).await.unwrap(), 1);
}

#[tokio::test]
async fn messages_at_once_in_a_new_session_have_one_owner() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let new = session();
    let writes = (0..20).map(|_| store.insert_turn(shop, turn(new, Claim::Unproven(visitor()))));
    let owners = futures::future::join_all(writes).await;
    let owners: BTreeSet<VisitorId> = owners.into_iter().map(Result::unwrap).collect();
    assert_eq!(owners.len(), 1);
}

#[tokio::test]
async fn a_vote_is_of_its_own_shop_session_and_visitor() {
    let (_folder, store) = empty_store().await;
    let (one, other) = (shop(&store).await, shop(&store).await);
    let (mine, me) = (session(), visitor());
    let asked = turn(mine, Claim::Proven(me));
    let message = asked.message_id;
    store.insert_turn(one, asked).await.unwrap();
    let unknown = MessageId(Uuid::new_v4());
    for (shop, session, message, visitor) in [
        (other, mine, message, None),
        (one, session(), message, None),
        (one, mine, unknown, Some(me)),
        (one, mine, message, Some(visitor())),
    ] {
        let put = store.put_vote(shop, session, message, visitor, Some(down()), now());
        assert!(matches!(put.await, Err(StoreError::NotFound)));
    }
    store
        .put_vote(one, mine, message, Some(me), Some(down()), now())
        .await
        .unwrap();
    let seen = store.session_history(one, mine, me, 10).await.unwrap();
    assert_eq!(seen[0].vote, Some(down()));
    store.put_vote(one, mine, message, None, None, now()).await.unwrap();
    let seen = store.session_history(one, mine, me, 10).await.unwrap();
    assert_eq!(seen[0].vote, None);
}

#[tokio::test]
async fn the_history_is_the_last_turns_oldest_first() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let (mine, me) = (session(), visitor());
    let mut ids = Vec::new();
    for _ in 0..4 {
        let turn = turn(mine, Claim::Proven(me));
        ids.push(turn.message_id);
        store.insert_turn(shop, turn).await.unwrap();
    }
    let seen = store.session_history(shop, mine, me, 3).await.unwrap();
    assert_eq!(seen.iter().map(|turn| turn.message_id).collect::<Vec<_>>(), ids[1..]);
}

#[tokio::test]
async fn a_secret_is_made_once() {
    let (folder, store) = empty_store().await;
    let secret = |text: &str| Secret::new(text.to_owned());
    assert_eq!(store.ensure_secret("key", secret("one")).await.unwrap(), secret("one"));
    drop(store);
    let store = Store::open(&folder.path().join("palompy.db")).await.unwrap();
    assert_eq!(store.ensure_secret("key", secret("two")).await.unwrap(), secret("one"));
    assert_eq!(
        store.ensure_secret("other", secret("two")).await.unwrap(),
        secret("two")
    );
}

/// Every table of the schema that has rows of a session loses them, whoever adds it.
#[tokio::test]
async fn a_forgotten_visitor_has_rows_in_no_table() {
    let (folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let (mine, me) = (session(), visitor());
    let asked = turn(mine, Claim::Proven(me));
    let message = asked.message_id;
    store.insert_turn(shop, asked).await.unwrap();
    store
        .put_vote(shop, mine, message, None, Some(down()), now())
        .await
        .unwrap();
    let conn = rusqlite::Connection::open(folder.path().join("palompy.db")).unwrap();
    let rows = |table: &str| -> i64 {
        // Where there are many rows of it, an id is sixteen bytes.
        let sql = format!("select count(*) from {table} where session_id in (?1, ?2)");
        let ids = rusqlite::params![mine.to_string(), mine.0.as_bytes()];
        conn.query_row(&sql, ids, |row| row.get(0)).unwrap()
    };
    fill(&conn, shop, mine);
    let event = NewEvent {
        name: "page_view".to_owned(),
        at: now(),
        metadata: EventMetadata::default(),
    };
    store.insert_events(shop, mine, vec![event]).await.unwrap();
    let tables = session_tables(&conn);
    assert!(tables.len() >= 5, "{tables:?}");
    for table in &tables {
        assert!(rows(table) > 0, "give {table} a row in `fill`");
    }
    store.forget_visitor(shop, me).await.unwrap();
    for table in &tables {
        assert_eq!(rows(table), 0, "{table} must stand in the list of what is forgotten");
    }
}

fn session_tables(conn: &rusqlite::Connection) -> Vec<String> {
    let sql = "select m.name from sqlite_schema m join pragma_table_info(m.name) c
         where m.type = 'table' and c.name = 'session_id' order by m.name";
    let mut statement = conn.prepare(sql).unwrap();
    let tables = statement.query_map([], |row| row.get(0)).unwrap();
    tables.collect::<Result<_, _>>().unwrap()
}

/// What the other features leave of a session.
fn fill(conn: &rusqlite::Connection, shop: ShopId, session: SessionId) {
    let (shop, session) = (shop.0, session.0);
    conn.execute_batch(&format!(
        "insert into surveys (shop_id, title, definition, created_at) values ({shop}, 't', '{{}}', '');
         insert into survey_responses (shop_id, survey_id, session_id, answers, created_at)
             values ({shop}, 1, '{session}', '{{}}', '');
         insert into leads (shop_id, lead_id, session_id, source, language, created_at, updated_at)
             values ({shop}, 'l', '{session}', 'chat', 'ru', '', '');"
    ))
    .unwrap();
}
