//! Surveys, their versions and what visits answered.

use super::empty_store;
use super::now;
use super::shop;
use palompy::domain::id::SessionId;
use palompy::domain::id::ShopId;
use palompy::domain::id::SurveyId;
use palompy::domain::id::SurveyResponseId;
use palompy::domain::survey::NewAnswers;
use palompy::domain::survey::NewSurvey;
use palompy::domain::survey::ResponseCounts;
use palompy::domain::survey::ResponseStatus;
use palompy::domain::survey::SurveyChanges;
use palompy::domain::survey::SurveyRemoval;
use palompy::domain::survey::SurveyStatus;
use palompy::domain::survey_definition::Definition;
use palompy::store::SavedResponse;
use palompy::store::Store;
use palompy::store::error::StoreError;
use palompy::surveys::definition::parse_definition;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

fn definition(title: &str) -> Definition {
    let question = json!({"id": "q1", "kind": "rating", "title": title});
    parse_definition(&json!({"questions": [question]}), "").unwrap()
}

fn new(title: &str, status: SurveyStatus) -> NewSurvey {
    NewSurvey {
        title: title.to_owned(),
        description: None,
        status,
        definition: definition(title),
    }
}

async fn active(store: &Store, shop: ShopId) -> SurveyId {
    let made = store
        .insert_survey(shop, new("Опрос", SurveyStatus::Active), now())
        .await;
    made.unwrap().id
}

fn status_change(status: SurveyStatus) -> SurveyChanges {
    SurveyChanges {
        status: Some(status),
        ..SurveyChanges::default()
    }
}

/// Answers the only question, whatever was answered before.
async fn answer(
    store: &Store,
    shop: ShopId,
    survey: SurveyId,
    session: Uuid,
    value: i64,
    status: ResponseStatus,
) -> Result<SavedResponse, StoreError> {
    let decide = move |_| {
        Ok::<_, ()>(NewAnswers {
            version: 1,
            status,
            answers: json!({ "q1": value }).as_object().unwrap().clone(),
            metadata: None,
        })
    };
    let saved = store
        .answer_survey(shop, survey, SessionId(session), now(), decide)
        .await?;
    Ok(saved.unwrap())
}

#[tokio::test]
async fn a_survey_is_stored_read_listed_and_belongs_to_its_shop_alone() {
    let (_folder, store) = empty_store().await;
    let (one, other) = (shop(&store).await, shop(&store).await);
    let first = store
        .insert_survey(one, new("первый", SurveyStatus::Draft), now())
        .await
        .unwrap();
    let second = store
        .insert_survey(one, new("второй", SurveyStatus::Draft), now())
        .await
        .unwrap();
    assert_eq!(store.survey(one, first.id).await.unwrap(), first);
    assert_eq!((first.version, first.definition.clone()), (1, definition("первый")));
    assert_eq!(store.list_surveys(one).await.unwrap(), [second, first.clone()]);
    assert_eq!(store.list_surveys(other).await.unwrap(), []);
    assert!(matches!(store.survey(other, first.id).await, Err(StoreError::NotFound)));
    assert!(matches!(
        store.list_surveys(ShopId(99)).await,
        Err(StoreError::NotFound)
    ));
    let unknown_shop = store
        .insert_survey(ShopId(99), new("x", SurveyStatus::Draft), now())
        .await;
    assert!(matches!(unknown_shop, Err(StoreError::NotFound)));
    assert_eq!(store.shop_of_survey(first.id).await.unwrap(), one);
    let foreign = store
        .update_survey(other, first.id, status_change(SurveyStatus::Active), now())
        .await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    assert!(matches!(
        store.delete_survey(other, first.id, now()).await,
        Err(StoreError::NotFound)
    ));
}

#[tokio::test]
async fn the_survey_activated_last_is_shown_and_ties_go_to_the_newer_one() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    assert_eq!(store.active_survey(shop).await.unwrap(), None);
    let (first, second) = (active(&store, shop).await, active(&store, shop).await);
    let shown = async || store.active_survey(shop).await.unwrap().map(|survey| survey.id);
    assert_eq!(shown().await, Some(second));
    let later = now() + Duration::from_secs(5);
    for status in [SurveyStatus::Draft, SurveyStatus::Active] {
        store
            .update_survey(shop, first, status_change(status), later)
            .await
            .unwrap();
    }
    assert_eq!(shown().await, Some(first));
    // Activating what is active is no news.
    let still = now() + Duration::from_secs(9);
    store
        .update_survey(shop, second, status_change(SurveyStatus::Active), still)
        .await
        .unwrap();
    assert_eq!(shown().await, Some(first));
    store
        .update_survey(shop, first, status_change(SurveyStatus::Archived), still)
        .await
        .unwrap();
    assert_eq!(shown().await, Some(second));
}

#[tokio::test]
async fn other_questions_of_an_active_survey_are_a_new_version_and_the_old_ones_stay() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let id = active(&store, shop).await;
    let change = |title: &str| SurveyChanges {
        definition: Some(definition(title)),
        ..SurveyChanges::default()
    };
    let changed = store.update_survey(shop, id, change("другой"), now()).await.unwrap();
    assert_eq!((changed.version, changed.definition), (2, definition("другой")));
    let same = store.update_survey(shop, id, change("другой"), now()).await.unwrap();
    assert_eq!(same.version, 2);
    let versions = store.list_survey_versions(shop, id).await.unwrap();
    assert_eq!(versions, [(2, definition("другой")), (1, definition("Опрос"))]);
    let from_old = SurveyChanges {
        from_version: Some(1),
        ..change("третий")
    };
    let refused = store.update_survey(shop, id, from_old, now()).await;
    assert!(matches!(refused, Err(StoreError::Conflict("survey_changed"))));

    let draft = store
        .insert_survey(shop, new("черновик", SurveyStatus::Draft), now())
        .await
        .unwrap();
    let changed = store
        .update_survey(shop, draft.id, change("другой"), now())
        .await
        .unwrap();
    assert_eq!(changed.version, 1);
    assert_eq!(store.list_survey_versions(shop, draft.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn other_triggers_are_no_new_version() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let id = active(&store, shop).await;
    let mut later = definition("Опрос");
    later.triggers.delay_seconds = Some(20);
    let changes = SurveyChanges {
        definition: Some(later.clone()),
        ..SurveyChanges::default()
    };
    let changed = store.update_survey(shop, id, changes, now()).await.unwrap();
    assert_eq!((changed.version, changed.definition), (1, later));
}

#[tokio::test]
async fn a_visit_has_one_response_that_grows_until_it_is_complete() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let id = active(&store, shop).await;
    let session = Uuid::new_v4();
    let (partial, complete) = (ResponseStatus::Partial, ResponseStatus::Complete);
    let first = answer(&store, shop, id, session, 1, partial).await.unwrap();
    let second = answer(&store, shop, id, session, 2, complete).await.unwrap();
    let third = answer(&store, shop, id, session, 3, complete).await.unwrap();
    assert_eq!((first.is_new, second.is_new, third.is_new), (true, false, false));
    assert_eq!(first.response.id, second.response.id);
    assert_eq!(second.response.answers["q1"], 2);
    assert_eq!(third.response, second.response);
    answer(&store, shop, id, Uuid::new_v4(), 5, partial).await.unwrap();
    let counts = store.count_survey_responses(shop).await.unwrap();
    let expected = ResponseCounts {
        complete: 1,
        partial: 1,
    };
    assert_eq!(counts.get(&id), Some(&expected));
    let before = SurveyResponseId(i64::MAX);
    let newest = store.list_survey_responses_before(shop, id, before, 1).await.unwrap();
    assert_eq!(newest[0].answers["q1"], 5);
    let oldest = store
        .list_survey_responses_after(shop, id, SurveyResponseId(0), 1)
        .await
        .unwrap();
    assert_eq!(oldest, [second.response]);
}

#[tokio::test]
async fn a_refused_answer_leaves_nothing_behind() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let id = active(&store, shop).await;
    let session = SessionId(Uuid::new_v4());
    let refused = store
        .answer_survey(shop, id, session, now(), |_| Err("wrong"))
        .await
        .unwrap();
    assert_eq!(refused, Err("wrong"));
    assert!(store.count_survey_responses(shop).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_an_active_survey_of_the_shop_takes_answers() {
    let (_folder, store) = empty_store().await;
    let (one, other) = (shop(&store).await, shop(&store).await);
    let id = active(&store, one).await;
    let session = Uuid::new_v4();
    let complete = ResponseStatus::Complete;
    let foreign = answer(&store, other, id, session, 1, complete).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
    store
        .update_survey(one, id, status_change(SurveyStatus::Archived), now())
        .await
        .unwrap();
    let late = answer(&store, one, id, session, 1, complete).await;
    assert!(matches!(late, Err(StoreError::Conflict("survey_inactive"))));
}

#[tokio::test]
async fn deleting_a_survey_never_loses_a_response() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let (answered, unanswered) = (active(&store, shop).await, active(&store, shop).await);
    answer(&store, shop, answered, Uuid::new_v4(), 1, ResponseStatus::Partial)
        .await
        .unwrap();
    let removal = store.delete_survey(shop, answered, now()).await.unwrap();
    assert_eq!(removal, SurveyRemoval::Archived { responses: 1 });
    assert_eq!(
        store.survey(shop, answered).await.unwrap().status,
        SurveyStatus::Archived
    );
    assert_eq!(store.count_survey_responses(shop).await.unwrap()[&answered].partial, 1);
    assert_eq!(
        store.delete_survey(shop, unanswered, now()).await.unwrap(),
        SurveyRemoval::Deleted
    );
    assert!(matches!(
        store.survey(shop, unanswered).await,
        Err(StoreError::NotFound)
    ));
}

#[tokio::test]
async fn a_deleted_shop_takes_its_surveys_with_it() {
    let (_folder, store) = empty_store().await;
    let (gone, stays) = (shop(&store).await, shop(&store).await);
    let (id, kept) = (active(&store, gone).await, active(&store, stays).await);
    answer(&store, gone, id, Uuid::new_v4(), 1, ResponseStatus::Complete)
        .await
        .unwrap();
    store.delete_shop(gone).await.unwrap();
    assert!(matches!(store.shop_of_survey(id).await, Err(StoreError::NotFound)));
    assert_eq!(
        store.active_survey(stays).await.unwrap().map(|survey| survey.id),
        Some(kept)
    );
}

#[tokio::test]
async fn metadata_of_an_earlier_call_stays_when_a_later_one_has_none() {
    let (_folder, store) = empty_store().await;
    let shop = shop(&store).await;
    let id = active(&store, shop).await;
    let session = SessionId(Uuid::new_v4());
    let with = |metadata: Option<Value>| {
        move |_| {
            Ok::<_, ()>(NewAnswers {
                version: 1,
                status: ResponseStatus::Partial,
                answers: serde_json::Map::new(),
                metadata,
            })
        }
    };
    let page = json!({"url": "https://shop.example/cart"});
    store
        .answer_survey(shop, id, session, now(), with(Some(page.clone())))
        .await
        .unwrap()
        .unwrap();
    let saved = store
        .answer_survey(shop, id, session, now(), with(None))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(saved.response.metadata, Some(page));
}
