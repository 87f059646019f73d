//! Notes of stale sources, families of products, and a database with notifications of before there were any of sources.

use crate::store::document;
use crate::store::empty_store;
use crate::store::now;
use crate::store::shop;
use crate::store::space;
use jiff::SignedDuration;
use palompy::domain::delivery::Channel;
use palompy::domain::delivery::Event;
use palompy::domain::delivery::NewDelivery;
use palompy::domain::delivery::Subject;
use palompy::domain::id::DeliveryId;
use palompy::domain::id::ShopId;
use palompy::domain::id::SourceId;
use palompy::domain::import::ImportCounts;
use palompy::domain::import::ImportMode;
use palompy::domain::knowledge::ProductRow;
use palompy::domain::knowledge::SourceType;
use palompy::domain::source::Location;
use palompy::domain::source::Mapping;
use palompy::domain::source::SourceDraft;
use palompy::store::Store;
use palompy::store::SyncResult;
use uuid::Uuid;

async fn source(store: &Store, shop: ShopId) -> SourceId {
    let draft = SourceDraft {
        name: "1С".to_owned(),
        format: None,
        location: Location::Upload {},
        mapping: Mapping::default(),
        schedule: None,
    };
    store.insert_source(shop, draft, None, now()).await.unwrap().id
}

fn webhook() -> Vec<NewDelivery> {
    vec![NewDelivery {
        id: DeliveryId(Uuid::new_v4()),
        channel: Channel::Webhook,
    }]
}

#[tokio::test]
async fn a_source_is_told_when_it_changes_between_stale_and_well() {
    let (_folder, store) = empty_store().await;
    let mine = shop(&store).await;
    let source = source(&store, mine).await;
    let later = now() + SignedDuration::from_hours(24);
    assert!(store.list_untold_sources(later).await.unwrap().is_empty());
    store
        .note_sync(mine, source, SyncResult::Failed, None, now())
        .await
        .unwrap();
    assert!(store.list_untold_sources(now()).await.unwrap().is_empty());
    let untold = store.list_untold_sources(later).await.unwrap();
    assert_eq!(
        (untold[0].source, untold[0].event, untold[0].since),
        (source, Event::SourceStale, now())
    );
    assert!(store.tell_source(untold[0].clone(), webhook(), later).await.unwrap());
    assert!(!store.tell_source(untold[0].clone(), webhook(), later).await.unwrap());
    assert_eq!(store.count_stale_sources().await.unwrap(), 1);
    assert!(store.list_untold_sources(later).await.unwrap().is_empty());
    store
        .note_sync(mine, source, SyncResult::Current(None), None, later)
        .await
        .unwrap();
    let untold = store.list_untold_sources(later).await.unwrap();
    assert_eq!(untold[0].event, Event::SourceRecovered);
    assert!(store.tell_source(untold[0].clone(), webhook(), later).await.unwrap());
    let told = store.list_deliveries(mine, None, 10).await.unwrap();
    let told: Vec<_> = told.iter().map(|one| (one.subject, one.event)).collect();
    let about = Subject::Source(source);
    assert_eq!(told, [(about, Event::SourceRecovered), (about, Event::SourceStale)]);
    // They go with their source.
    store.delete_source(mine, source, later).await.unwrap();
    assert!(store.list_deliveries(mine, None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_products_family_is_its_own() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    let import = store.begin_import(mine, ImportMode::Merge, now()).await.unwrap();
    let documents = ["t1", "t1#40", "t1#", "t1!", "t10", "t1$", "t"].map(|id| {
        let mut product = document(id, id, [1.0, 0.0]);
        product.key.source_type = SourceType::Product;
        product.product = Some(ProductRow::default());
        product.description = Some(format!("о {id}"));
        product
    });
    let space = space(&store).await.id;
    store
        .stage_documents(mine, import, space, documents.into(), now())
        .await
        .unwrap();
    store
        .publish_import(mine, import, Vec::new(), ImportCounts::default(), now())
        .await
        .unwrap();
    let source = store.api_source(mine, now()).await.unwrap();
    let families = store
        .product_families(mine, source, vec!["t1".into(), "t2".into()])
        .await
        .unwrap();
    let told: Vec<_> = families[0]
        .iter()
        .map(|known| (known.source_id.as_str(), known.description.as_deref()))
        .collect();
    assert_eq!(
        told,
        [("t1", Some("о t1")), ("t1#", Some("о t1#")), ("t1#40", Some("о t1#40"))]
    );
    assert!(families[1].is_empty());
    let foreign = store.product_families(other, source, vec!["t1".into()]).await.unwrap();
    assert!(foreign[0].is_empty());
}

/// A shop with a lead and a notification that waits.
const LEAD_OF_SCHEMA_7: &str = "
    insert into shops (id, name, public_key, created_at) values (1, 'Лавка', '00000000-0000-0000-0000-000000000001', '2026-01-02T03:04:05Z');
    insert into leads (id, shop_id, lead_id, session_id, source, language, created_at, updated_at) values
        (5, 1, '00000000-0000-0000-0000-000000000005', '00000000-0000-0000-0000-000000000006', 'form', 'ru',
         '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z');
    insert into deliveries (id, shop_id, lead_id, delivery_id, channel, event, status, next_at, created_at, updated_at) values
        (3, 1, 5, '00000000-0000-0000-0000-000000000007', 'webhook', 'lead.created', 'waiting',
         '2026-01-01T03:04:05Z', '2026-01-01T03:04:05Z', '2026-01-01T03:04:05Z');
    pragma user_version = 7;";

#[tokio::test]
async fn notifications_of_before_are_still_sent() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("palompy.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    for schema in [
        include_str!("../../../src/store/sql/0001_initial.sql"),
        include_str!("../../../src/store/sql/0002_terms.sql"),
        include_str!("../../../src/store/sql/0003_visitors.sql"),
        include_str!("../../../src/store/sql/0004_leads.sql"),
        include_str!("../../../src/store/sql/0005_surveys.sql"),
        include_str!("../../../src/store/sql/0006_analytics.sql"),
        include_str!("../../../src/store/sql/0007_sources.sql"),
        LEAD_OF_SCHEMA_7,
    ] {
        conn.execute_batch(schema).unwrap();
    }
    drop(conn);
    let store = Store::open(&path).await.unwrap();
    let lease = now() + SignedDuration::from_secs(60);
    let delivery = store.claim_delivery(now(), lease).await.unwrap().unwrap();
    assert_eq!(delivery.event, Event::LeadCreated);
    let Subject::Lead(lead) = delivery.subject else {
        panic!("{delivery:?}")
    };
    store.delete_lead(ShopId(1), lead).await.unwrap();
    assert!(store.list_deliveries(ShopId(1), None, 10).await.unwrap().is_empty());
}
