use super::empty_store;
use super::now;
use super::shop;
use jiff::Timestamp;
use palompy::domain::event::EventMetadata;
use palompy::domain::event::NewEvent;
use palompy::domain::id::SessionId;
use palompy::domain::id::ShopId;
use palompy::domain::summary::Period;
use palompy::domain::summary::Summary;
use palompy::store::Store;
use palompy::store::error::StoreError;
use std::time::Duration;
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 3600);

pub fn event(name: &str, at: Timestamp) -> NewEvent {
    NewEvent {
        name: name.to_owned(),
        at,
        metadata: EventMetadata::default(),
    }
}

fn press(button: &str) -> NewEvent {
    let mut press = event("widget_toggle", now());
    press.metadata.button_id = Some(button.to_owned());
    press
}

fn view(page: &str, focus_ms: u32) -> NewEvent {
    let mut view = event("page_view", now());
    view.metadata.page_url = Some(page.to_owned());
    view.metadata.focus_ms = Some(focus_ms);
    view.metadata.language = Some("ru".to_owned());
    view
}

fn session(number: u128) -> SessionId {
    SessionId(Uuid::from_u128(number))
}

/// The day before `now` and the day after.
async fn summary(store: &Store, shop: ShopId) -> Summary {
    let period = Period::new(vec![now() - DAY, now() - DAY / 24], now() + DAY).unwrap();
    store.summarize(shop, period).await.unwrap()
}

#[tokio::test]
async fn events_are_counted_in_their_own_shop() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    let events = vec![
        press("menu"),
        press("menu"),
        press("close"),
        view("https://shop.example/", 1500),
    ];
    store.insert_events(mine, session(1), events).await.unwrap();
    store
        .insert_events(mine, session(1), vec![view("https://shop.example/", 500)])
        .await
        .unwrap();
    store
        .insert_events(other, session(1), vec![press("menu")])
        .await
        .unwrap();
    let seen = summary(&store, mine).await;
    assert_eq!((seen.total.events, seen.total.sessions), (5, 1));
    assert_eq!(
        seen.events.into_iter().collect::<Vec<_>>(),
        [("page_view".to_owned(), 2), ("widget_toggle".to_owned(), 3)]
    );
    assert_eq!(
        seen.clicks.into_iter().collect::<Vec<_>>(),
        [("close".to_owned(), 1), ("menu".to_owned(), 2)]
    );
    assert_eq!(seen.pages, [("https://shop.example/".to_owned(), 2)]);
    assert_eq!(seen.focus_ms, [2000]);
    assert_eq!(seen.languages["ru"].sessions, 1);
    assert_eq!((seen.days[0].events, seen.days[1].events), (0, 5));
}

#[tokio::test]
async fn an_unknown_shop_has_no_events_and_no_summary() {
    let (_folder, store) = empty_store().await;
    let gone = ShopId(77);
    let refused = store.insert_events(gone, session(1), vec![press("menu")]).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
    let period = Period::new(vec![now()], now() + DAY).unwrap();
    assert!(matches!(store.summarize(gone, period).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_forgotten_visit_is_taken_out_of_all_counts() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    let kept = vec![press("menu"), view("https://shop.example/", 10)];
    store.insert_events(mine, session(1), kept).await.unwrap();
    let before = summary(&store, mine).await;
    let gone = vec![
        press("menu"),
        press("x"),
        view("https://shop.example/", 99),
        view("https://shop.example/b", 1),
    ];
    store.insert_events(mine, session(2), gone.clone()).await.unwrap();
    store.insert_events(other, session(2), gone).await.unwrap();
    store.delete_session_events(mine, session(2)).await.unwrap();
    store.delete_session_events(mine, session(2)).await.unwrap();
    assert_eq!(summary(&store, mine).await, before);
    assert_eq!(summary(&store, other).await.total.events, 4);
}

#[tokio::test]
async fn old_events_go_and_their_counts_stay() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    for shop in [mine, other] {
        let events = (0..5).map(|hours| event("page_view", now() - Duration::from_secs(hours * 3600)));
        store.insert_events(shop, session(1), events.collect()).await.unwrap();
    }
    let before = summary(&store, mine).await;
    let limit = now() - Duration::from_secs(3600);
    assert_eq!(store.delete_events_before(mine, limit, 2).await.unwrap(), 2);
    assert_eq!(store.delete_events_before(mine, limit, 2).await.unwrap(), 1);
    assert_eq!(store.delete_events_before(mine, limit, 2).await.unwrap(), 0);
    assert_eq!(summary(&store, mine).await, before);
    assert_eq!(store.delete_events_before(other, now(), 100).await.unwrap(), 4);
}

#[tokio::test]
async fn invented_names_are_counted_together_once_there_are_too_many() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    for batch in 0..31 {
        let events = (0..100).map(|n| event(&format!("made_up_{}", batch * 100 + n), now()));
        store.insert_events(shop, session(1), events.collect()).await.unwrap();
    }
    let seen = summary(&store, shop).await;
    assert_eq!(seen.events.len(), 3001);
    assert_eq!(seen.events["(other)"], 100);
    assert_eq!(seen.total.events, 3100);
    store.delete_session_events(shop, session(1)).await.unwrap();
    assert_eq!(summary(&store, shop).await.total.events, 0);
}

#[tokio::test]
async fn a_deleted_shops_events_are_gone() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    for shop in [mine, other] {
        store
            .insert_events(shop, session(1), vec![press("menu")])
            .await
            .unwrap();
    }
    store.delete_shop(mine).await.unwrap();
    assert_eq!(summary(&store, other).await.total.events, 1);
    assert_eq!(store.delete_events_before(mine, now() + DAY, 100).await.unwrap(), 0);
}
