//! Tokens of the language model, set aside and settled.

use super::empty_store;
use super::now;
use super::shop;
use palompy::domain::id::ShopId;
use palompy::store::Store;
use palompy::store::error::StoreError;
use palompy::store::usage::DayUsage;
use palompy::store::usage::Reservation;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn days(store: &Store, shop: ShopId) -> Vec<(String, u64)> {
    let days = store.list_usage(shop, 10).await.unwrap();
    days.into_iter().map(|DayUsage { day, tokens }| (day, tokens)).collect()
}

#[tokio::test]
async fn however_many_ask_at_once_the_limit_holds() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let asked = (0..100).map(|_| store.reserve_tokens(shop, now(), 30, 1_000));
    let replies = futures::future::join_all(asked).await;
    let replies: Vec<Reservation> = replies.into_iter().map(Result::unwrap).collect();
    let count = |wanted: Reservation| replies.iter().filter(|reply| **reply == wanted).count();
    assert_eq!(count(Reservation::Granted), 33);
    assert_eq!(count(Reservation::Refused { is_first: true }), 1);
    assert_eq!(count(Reservation::Refused { is_first: false }), 66);
    assert_eq!(days(&store, shop).await, [("2026-01-02".to_owned(), 990)]);
}

#[tokio::test]
async fn what_was_set_aside_gives_way_to_what_was_used() {
    let (folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    store.reserve_tokens(mine, now(), 500, 1_000).await.unwrap();
    store.settle_tokens(mine, now(), 500, 120).await.unwrap();
    // Without a limit nothing was set aside.
    store.settle_tokens(mine, now(), 0, 30).await.unwrap();
    store.reserve_tokens(mine, now(), 850, 1_000).await.unwrap();
    assert_eq!(days(&store, mine).await, [("2026-01-02".to_owned(), 1_000)]);
    assert!(days(&store, other).await.is_empty());
    drop(store);
    // An answer that was never settled counts as used.
    let store = Store::open(&folder.path().join("palompy.db")).await.unwrap();
    assert_eq!(
        store.reserve_tokens(mine, now(), 1, 1_000).await.unwrap(),
        Reservation::Refused { is_first: true }
    );
}

#[tokio::test]
async fn each_day_begins_anew_and_settles_its_own() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let (today, tomorrow) = (now(), now() + DAY);
    store.reserve_tokens(shop, today, 1_000, 1_000).await.unwrap();
    assert_eq!(
        store.reserve_tokens(shop, tomorrow, 1_000, 1_000).await.unwrap(),
        Reservation::Granted
    );
    store.settle_tokens(shop, today, 1_000, 10).await.unwrap();
    let expected = [("2026-01-03".to_owned(), 1_000), ("2026-01-02".to_owned(), 10)];
    assert_eq!(days(&store, shop).await, expected);
    assert!(matches!(
        store.list_usage(ShopId(4711), 10).await,
        Err(StoreError::NotFound)
    ));
}
