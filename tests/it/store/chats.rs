use super::empty_store;
use super::now;
use super::shop;
use palompy::domain::chat::Checked;
use palompy::domain::chat::Claim;
use palompy::domain::chat::NewTurn;
use palompy::domain::chat::TurnOutcome;
use palompy::domain::chat::TurnStatus;
use palompy::domain::id::MessageId;
use palompy::domain::id::SessionId;
use palompy::domain::id::ShopId;
use palompy::domain::id::VisitorId;
use palompy::domain::language::Language;
use palompy::store::Store;
use palompy::store::error::StoreError;
use std::time::Duration;
use uuid::Uuid;

fn turn(session: SessionId, text: &str) -> NewTurn {
    NewTurn {
        message_id: MessageId(Uuid::new_v4()),
        session_id: session,
        claim: Claim::Unproven(VisitorId(Uuid::new_v4())),
        user_message: text.to_owned(),
        language: Language::Ru,
        metadata: None,
        created_at: now(),
    }
}

fn outcome(answer: &str) -> TurnOutcome {
    TurnOutcome {
        status: TurnStatus::Complete,
        assistant_answer: answer.to_owned(),
        context_used: String::new(),
        citations: Vec::new(),
        model: "extractive".to_owned(),
        prompt_tokens: None,
        completion_tokens: None,
        first_delta_ms: Some(3),
        total_ms: 5,
        degraded: false,
        refused: false,
        checked: Checked::default(),
        collected_data: None,
    }
}

async fn recent(store: &Store, shop: ShopId, session: SessionId) -> Vec<(String, String)> {
    let nobody = Claim::Unproven(VisitorId(Uuid::new_v4()));
    let turns = store
        .list_recent_turns(shop, session, nobody, now() - Duration::from_secs(60), 2)
        .await
        .unwrap();
    turns
        .into_iter()
        .map(|turn| (turn.user_message, turn.assistant_answer))
        .collect()
}

#[tokio::test]
async fn recent_turns_come_oldest_first_and_only_from_their_shop_and_session() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    let session = SessionId(Uuid::new_v4());
    for text in ["один", "два", "три"] {
        let turn = turn(session, text);
        let id = turn.message_id;
        store.insert_turn(mine, turn).await.unwrap();
        store
            .finish_turn(mine, id, outcome(&format!("ответ {text}")))
            .await
            .unwrap();
    }
    let pairs = recent(&store, mine, session).await;
    assert_eq!(
        pairs,
        [
            ("два".to_owned(), "ответ два".to_owned()),
            ("три".to_owned(), "ответ три".to_owned())
        ]
    );
    assert!(recent(&store, other, session).await.is_empty());
}

#[tokio::test]
async fn a_turn_ends_once_and_only_in_its_own_shop() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    let turn = turn(SessionId(Uuid::new_v4()), "вопрос");
    let id = turn.message_id;
    store.insert_turn(mine, turn).await.unwrap();
    assert!(matches!(
        store.finish_turn(other, id, outcome("x")).await,
        Err(StoreError::NotFound)
    ));
    store.finish_turn(mine, id, outcome("ответ")).await.unwrap();
    assert!(matches!(
        store.finish_turn(mine, id, outcome("x")).await,
        Err(StoreError::NotFound)
    ));
}

#[tokio::test]
async fn a_message_outlives_a_kill_and_is_marked_interrupted() {
    let (folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let session = SessionId(Uuid::new_v4());
    store.insert_turn(shop, turn(session, "вопрос")).await.unwrap();
    assert!(recent(&store, shop, session).await.is_empty());
    drop(store);
    let store = Store::open(&folder.path().join("palompy.db")).await.unwrap();
    assert_eq!(
        recent(&store, shop, session).await,
        [("вопрос".to_owned(), String::new())]
    );
}

#[tokio::test]
async fn many_writers_share_commits_and_lose_nothing() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let session = SessionId(Uuid::new_v4());
    let writes = (0..200).map(|n| store.insert_turn(shop, turn(session, &n.to_string())));
    for written in futures::future::join_all(writes).await {
        written.unwrap();
    }
    let failing = store.insert_turn(ShopId(shop.0 + 50), turn(session, "x")).await;
    assert!(matches!(failing, Err(StoreError::NotFound)));
}
