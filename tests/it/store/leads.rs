use super::empty_store;
use super::now;
use super::shop;
use jiff::SignedDuration;
use palompy::domain::consent::ConsentGiven;
use palompy::domain::delivery::AttemptFailure;
use palompy::domain::delivery::AttemptOutcome;
use palompy::domain::delivery::Channel;
use palompy::domain::delivery::Delivery;
use palompy::domain::delivery::DeliveryStatus;
use palompy::domain::delivery::Event;
use palompy::domain::delivery::NewDelivery;
use palompy::domain::delivery::Subject;
use palompy::domain::id::DeliveryId;
use palompy::domain::id::LeadId;
use palompy::domain::id::SessionId;
use palompy::domain::id::ShopId;
use palompy::domain::language::Language;
use palompy::domain::lead::CollectedData;
use palompy::domain::lead::Intent;
use palompy::domain::lead::LeadFilter;
use palompy::domain::lead::LeadSource;
use palompy::domain::lead::NewLead;
use palompy::domain::lead::Recorded;
use palompy::domain::secret::Secret;
use palompy::store::Store;
use palompy::store::error::StoreError;
use uuid::Uuid;

fn new_lead(session: SessionId, phone: &str, intent: Option<Intent>) -> NewLead {
    NewLead {
        id: LeadId(Uuid::new_v4()),
        session,
        message: None,
        source: LeadSource::Form,
        data: CollectedData {
            phone: (!phone.is_empty()).then(|| phone.to_owned()),
            intent,
            ..CollectedData::default()
        },
        language: Language::Ru,
        page_url: None,
        consent: None,
    }
}

fn webhook() -> Vec<NewDelivery> {
    vec![NewDelivery {
        id: DeliveryId(Uuid::new_v4()),
        channel: Channel::Webhook,
    }]
}

fn session() -> SessionId {
    SessionId(Uuid::new_v4())
}

async fn record(store: &Store, shop: ShopId, lead: NewLead) -> Recorded {
    store.record_lead(shop, lead, None, webhook(), now()).await.unwrap()
}

async fn claim(store: &Store, after: SignedDuration) -> Option<Delivery> {
    let at = now() + after;
    store
        .claim_delivery(at, at + SignedDuration::from_secs(60))
        .await
        .unwrap()
}

fn failure() -> AttemptOutcome {
    AttemptOutcome {
        response_status: Some(503),
        failure: Some(AttemptFailure {
            error: "delivery_refused",
            retry_after: None,
            is_final: false,
        }),
    }
}

#[tokio::test]
async fn a_change_of_a_lead_queues_one_notification_and_a_repetition_none() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    let visitor = session();
    let first = record(&store, mine, new_lead(visitor, "+79160000001", None)).await;
    let Recorded::New(id) = first else { panic!("{first:?}") };
    assert_eq!(
        record(&store, mine, new_lead(visitor, "+79160000001", None)).await,
        Recorded::Unchanged(id)
    );
    assert_eq!(
        record(&store, mine, new_lead(visitor, "+79160000002", None)).await,
        Recorded::Updated(id)
    );
    let queued = store.list_deliveries(mine, None, 10).await.unwrap();
    assert_eq!(queued.len(), 1, "the one that waits will tell the change as well");
    assert_eq!(
        (queued[0].subject, queued[0].event),
        (Subject::Lead(id), Event::LeadCreated)
    );
    // The same phone in another shop is another lead.
    let elsewhere = record(&store, other, new_lead(visitor, "+79160000002", None)).await;
    assert!(matches!(elsewhere, Recorded::New(_)));
    assert_eq!(store.lead(other, id).await.unwrap_err().to_string(), "not found");
    let wanted = record(&store, mine, new_lead(visitor, "", Some(Intent::Handoff))).await;
    assert!(matches!(wanted, Recorded::New(other) if other != id));
    let events = store.list_deliveries(mine, None, 10).await.unwrap();
    assert_eq!(events[0].event, Event::HandoffRequested);
    let listed = store.list_leads(mine, LeadFilter::default(), None, 10).await.unwrap();
    assert_eq!((listed.total, listed.leads.len(), listed.has_more), (2, 2, false));
}

#[tokio::test]
async fn an_unknown_shop_takes_no_lead() {
    let (_folder, store) = empty_store().await;
    let refused = store
        .record_lead(
            ShopId(7),
            new_lead(session(), "+79160000001", None),
            None,
            webhook(),
            now(),
        )
        .await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn consent_counts_for_its_version_and_its_session() {
    let (_folder, store) = empty_store().await;
    let mine = shop(&store).await;
    let visitor = session();
    let record =
        |lead: NewLead, version: &str| store.record_lead(mine, lead, Some(version.to_owned()), Vec::new(), now());
    let bare = new_lead(visitor, "+79160000001", None);
    assert_eq!(record(bare.clone(), "v1").await.unwrap(), Recorded::ConsentMissing);
    let agreed = NewLead {
        consent: Some(ConsentGiven {
            version: "v1".to_owned(),
            text: "да".to_owned(),
            at: now(),
        }),
        ..bare.clone()
    };
    assert!(matches!(record(agreed, "v1").await.unwrap(), Recorded::New(_)));
    assert!(store.has_consent(mine, visitor, "v1".to_owned()).await.unwrap());
    assert!(!store.has_consent(mine, visitor, "v2".to_owned()).await.unwrap());
    let more = new_lead(visitor, "+79160000002", None);
    assert!(matches!(
        record(more.clone(), "v1").await.unwrap(),
        Recorded::Updated(_)
    ));
    assert_eq!(record(more, "v2").await.unwrap(), Recorded::ConsentMissing);
    let stranger = new_lead(session(), "+79160000002", None);
    assert_eq!(record(stranger, "v1").await.unwrap(), Recorded::ConsentMissing);
    assert_eq!(store.delete_session_leads(mine, visitor).await.unwrap(), 1);
    assert!(!store.has_consent(mine, visitor, "v1".to_owned()).await.unwrap());
}

#[tokio::test]
async fn a_shops_notifications_go_one_after_the_other_and_are_tried_again() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    record(&store, mine, new_lead(session(), "+79160000001", None)).await;
    record(&store, mine, new_lead(session(), "+79160000002", None)).await;
    record(&store, other, new_lead(session(), "+79160000003", None)).await;
    let none = SignedDuration::ZERO;
    let first = claim(&store, none).await.unwrap();
    assert_eq!(
        (first.shop, first.attempts, first.status),
        (mine, 1, DeliveryStatus::Sending)
    );
    assert_eq!(
        claim(&store, none).await.unwrap().shop,
        other,
        "a slow receiver holds up no other shop"
    );
    assert_eq!(claim(&store, none).await, None);
    assert!(matches!(
        store.resend_delivery(mine, first.id, now()).await,
        Err(StoreError::Conflict("delivery_running"))
    ));
    store.finish_delivery(mine, first.id, failure(), now()).await.unwrap();
    let second = claim(&store, none).await.unwrap();
    assert_ne!(second.id, first.id);
    let taken = AttemptOutcome {
        response_status: Some(200),
        failure: None,
    };
    store.finish_delivery(mine, second.id, taken, now()).await.unwrap();
    assert_eq!(claim(&store, SignedDuration::from_secs(4)).await, None);
    let again = claim(&store, SignedDuration::from_secs(5)).await.unwrap();
    assert_eq!((again.id, again.attempts), (first.id, 2));
    // Its task is lost: after the lease it is taken up again.
    let lost = claim(&store, SignedDuration::from_secs(66)).await.unwrap();
    assert_eq!((lost.shop, lost.attempts), (other, 2));
    let lost = claim(&store, SignedDuration::from_secs(66)).await.unwrap();
    assert_eq!((lost.id, lost.attempts), (first.id, 3));
}

#[tokio::test]
async fn a_notification_fails_after_its_last_attempt_and_can_be_sent_again() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    record(&store, mine, new_lead(session(), "+79160000001", None)).await;
    let mut at = now();
    for attempt in 1..=8 {
        let lease = at + SignedDuration::from_secs(60);
        let claimed = store.claim_delivery(at, lease).await.unwrap().unwrap();
        assert_eq!(claimed.attempts, attempt);
        store.finish_delivery(mine, claimed.id, failure(), at).await.unwrap();
        at += SignedDuration::from_hours(11);
    }
    let failed = store
        .list_deliveries(mine, Some(DeliveryStatus::Failed), 10)
        .await
        .unwrap();
    assert_eq!((failed.len(), failed[0].response_status), (1, Some(503)));
    assert_eq!(failed[0].error.as_deref(), Some("delivery_refused"));
    assert_eq!(store.next_delivery_at().await.unwrap(), None);
    assert!(matches!(
        store.resend_delivery(other, failed[0].id, at).await,
        Err(StoreError::NotFound)
    ));
    let queued = store.resend_delivery(mine, failed[0].id, at).await.unwrap();
    assert_eq!((queued.status, queued.attempts), (DeliveryStatus::Waiting, 0));
    assert_eq!(store.next_delivery_at().await.unwrap(), Some(at));
    let Subject::Lead(lead) = queued.subject else {
        panic!("{queued:?}")
    };
    store.delete_lead(mine, lead).await.unwrap();
    assert_eq!(
        store.next_delivery_at().await.unwrap(),
        None,
        "a deleted lead is told to nobody"
    );
    store.finish_delivery(mine, queued.id, failure(), at).await.unwrap();
}

#[tokio::test]
async fn what_was_being_sent_when_the_program_ended_is_sent_again() {
    let (folder, store) = empty_store().await;
    let mine = shop(&store).await;
    record(&store, mine, new_lead(session(), "+79160000001", None)).await;
    let claimed = claim(&store, SignedDuration::ZERO).await.unwrap();
    drop(store);
    let store = Store::open(&folder.path().join("palompy.db")).await.unwrap();
    let waiting = store
        .list_deliveries(mine, Some(DeliveryStatus::Waiting), 10)
        .await
        .unwrap();
    assert_eq!(waiting[0].id, claimed.id, "the receiver knows it by its id");
    assert_eq!(waiting[0].next_at, now(), "at once");
}

#[tokio::test]
async fn a_webhook_has_one_secret_until_it_is_rotated() {
    let (_folder, store) = empty_store().await;
    let (mine, other) = (shop(&store).await, shop(&store).await);
    let secret = |text: &str| Secret::new(text.to_owned());
    let first = store.webhook_secrets(mine, secret("one")).await.unwrap();
    assert_eq!(store.webhook_secrets(mine, secret("two")).await.unwrap(), first);
    let until = now() + SignedDuration::from_hours(24);
    store.rotate_webhook_secret(mine, secret("three"), until).await.unwrap();
    let rotated = store.webhook_secrets(mine, secret("four")).await.unwrap();
    assert_eq!(rotated.in_force(now()), [&secret("three"), &secret("one")]);
    assert_eq!(rotated.in_force(until), [&secret("three")]);
    assert_eq!(
        store.webhook_secrets(other, secret("other")).await.unwrap().current,
        secret("other")
    );
    assert!(matches!(
        store.webhook_secrets(ShopId(99), secret("x")).await,
        Err(StoreError::NotFound)
    ));
}
