use super::form;
use super::leads;
use super::send;
use crate::support::Reply;
use crate::support::TestApp;
use futures::future::join_all;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const TEXT: &str = "Согласен на обработку персональных данных для ответа на обращение.";

#[tokio::test]
async fn a_form_becomes_a_lead_that_the_administrator_works_with() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let session = Uuid::new_v4();
    let sent = send(&app, &form(&shop, session, &json!({"notes": "после пяти"}))).await;
    let answer = sent.json_with(201);
    let expected = json!({"name": "Анна", "email": null, "phone": "+79161234567", "intent": "callback", "orderNumber": null,
        "preferredContact": "phone", "notes": "после пяти"});
    assert_eq!(answer["collectedData"], expected);
    assert!(answer["message"].as_str().unwrap().contains("Спасибо"));
    let path = format!("/api/shops/{}/leads/{}", shop.id, answer["id"].as_str().unwrap());
    let lead = app.get(&path).await.json_with(200);
    assert_eq!(lead["phone"], "+79161234567");
    assert_eq!(lead["session_id"], session.to_string());
    assert_eq!((&lead["source"], &lead["status"]), (&json!("form"), &json!("new")));
    assert_eq!(lead["page_url"], "https://shop.example/p/1", "the query is not kept");
    let changed = app.patch(&path, json!({"status": "in_work"})).await.json_with(200);
    assert_eq!(changed["status"], "in_work");
    assert_eq!(
        app.patch(&path, json!({"status": "lost"})).await.invalid_fields(),
        ["status"]
    );
    assert_eq!(app.delete(&path).await.status, 204);
    assert_eq!(app.get(&path).await.error(404), "not_found");
    assert_eq!(app.delete(&path).await.error(404), "not_found");
}

#[tokio::test]
async fn every_problem_of_a_form_is_told_at_once_by_its_field() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let rubbish = json!({"shopPublicKey": shop.key, "sessionId": "x", "name": "я".repeat(101), "email": "anna@", "phone": "12",
        "intent": "buy", "orderNumber": 5, "preferredContact": "pigeon", "notes": "щ".repeat(2001), "pageUrl": 7});
    let fields = send(&app, &rubbish).await.invalid_fields();
    let expected = [
        "sessionId",
        "email",
        "phone",
        "intent",
        "name",
        "orderNumber",
        "preferredContact",
        "notes",
        "pageUrl",
    ];
    assert_eq!(fields, expected);
    assert_eq!(
        send(&app, &json!({})).await.invalid_fields(),
        ["shopPublicKey", "sessionId", "phone"]
    );
    let empty = form(&shop, Uuid::new_v4(), &json!({"phone": " "}));
    assert_eq!(send(&app, &empty).await.invalid_fields(), ["phone"]);
    let mut foreign = form(&shop, Uuid::new_v4(), &json!({}));
    foreign["shopPublicKey"] = json!(Uuid::new_v4());
    assert_eq!(send(&app, &foreign).await.error(404), "not_found");
    assert!(leads(&app, &shop).await.is_empty());
}

#[tokio::test]
async fn a_form_sent_twice_or_a_hundred_times_is_one_lead() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let once = form(&shop, Uuid::new_v4(), &json!({}));
    let sent = join_all((0..100).map(|_| send(&app, &once))).await;
    let ids: Vec<Value> = sent.iter().map(|reply| reply.json_with(201)["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(leads(&app, &shop).await.len(), 1);
}

#[tokio::test]
async fn a_visitor_corrects_his_lead_and_a_stranger_cannot() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let session = Uuid::new_v4();
    send(&app, &form(&shop, session, &json!({"intent": "order"})))
        .await
        .json_with(201);
    let corrected = json!({"phone": "+7 916 765-43-21", "email": "anna@example.ru", "name": null, "notes": "к вечеру"});
    send(&app, &form(&shop, session, &corrected)).await.json_with(201);
    let listed = leads(&app, &shop).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["phone"], "+79167654321");
    assert_eq!(listed[0]["name"], "Анна");
    assert_eq!(listed[0]["intent"], "order", "the first intent stays");
    // Somebody else who knows the phone neither reads nor changes what is there.
    let stranger = json!({"phone": "89167654321", "name": "Мошенник", "email": "thief@example.ru"});
    let answer = send(&app, &form(&shop, Uuid::new_v4(), &stranger)).await.json_with(201);
    assert!(!answer.to_string().contains("anna@example.ru"));
    let listed = leads(&app, &shop).await;
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[1]["email"], "anna@example.ru");
    // The same phone without anything that contradicts is the same person on another device.
    let same = json!({"phone": "89167654321", "name": "Аня", "email": "anna@example.ru", "orderNumber": "77"});
    send(&app, &form(&shop, Uuid::new_v4(), &same)).await.json_with(201);
    let listed = leads(&app, &shop).await;
    assert_eq!(listed.len(), 2);
    assert_eq!(
        (&listed[1]["name"], &listed[1]["order_number"]),
        (&json!("Анна"), &json!("77"))
    );
}

#[tokio::test]
async fn after_a_day_or_when_the_old_one_is_done_a_lead_is_a_new_one() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let once = form(&shop, Uuid::new_v4(), &json!({}));
    let first = send(&app, &once).await.json_with(201);
    app.pass_time(Duration::from_secs(25 * 3600));
    let second = send(&app, &once).await.json_with(201);
    assert_ne!(first["id"], second["id"]);
    let path = format!("/api/shops/{}/leads/{}", shop.id, second["id"].as_str().unwrap());
    app.patch(&path, json!({"status": "done"})).await.json_with(200);
    let third = send(&app, &once).await.json_with(201);
    assert_ne!(second["id"], third["id"]);
    assert_eq!(leads(&app, &shop).await.len(), 3);
}

#[tokio::test]
async fn who_wants_a_person_need_not_leave_contacts() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let session = Uuid::new_v4();
    let wanted = json!({"intent": "handoff", "name": null, "phone": null, "preferredContact": null, "lang": "en"});
    let answer = send(&app, &form(&shop, session, &wanted)).await.json_with(201);
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .contains("passed to the shop's staff")
    );
    // An order of the same visitor is another matter.
    send(&app, &form(&shop, session, &json!({"intent": "order"})))
        .await
        .json_with(201);
    // Contacts that come later belong to the wish for a person.
    send(&app, &form(&shop, session, &json!({"intent": "handoff"})))
        .await
        .json_with(201);
    let listed = leads(&app, &shop).await;
    let seen: Vec<_> = listed
        .iter()
        .map(|lead| (&lead["source"], &lead["intent"], &lead["phone"]))
        .collect();
    let phone = json!("+79161234567");
    assert_eq!(
        seen,
        [
            (&json!("form"), &json!("order"), &phone),
            (&json!("handoff"), &json!("handoff"), &phone)
        ]
    );
}

#[tokio::test]
async fn a_lead_without_consent_is_refused_and_one_with_it_keeps_its_words() {
    let app = TestApp::start().await;
    let shop = app
        .shop_with(
            json!({"consent_required": true, "consent_text": TEXT, "consent_url": "https://shop.example/policy"}),
        )
        .await;
    let config = app
        .get(&format!("/api/shops/public/{}/widget", shop.key))
        .await
        .json_with(200);
    let version = config["consent"]["version"].as_str().unwrap().to_owned();
    assert_eq!(config["consent"]["required"], true);
    assert_eq!(config["consent"]["text"], TEXT);
    let session = Uuid::new_v4();
    for consent in [
        json!(null),
        json!({"accepted": false, "version": version}),
        json!({}),
        json!("yes"),
    ] {
        let reply = send(&app, &form(&shop, session, &json!({ "consent": consent }))).await;
        assert_eq!(reply.invalid_fields(), ["consent.accepted"], "{consent}");
    }
    let stale = json!({"consent": {"accepted": true, "version": "0000000000000000"}});
    assert_eq!(
        send(&app, &form(&shop, session, &stale)).await.invalid_fields(),
        ["consent.version"]
    );
    assert!(leads(&app, &shop).await.is_empty());
    let agreed = json!({"consent": {"accepted": true, "version": version}});
    send(&app, &form(&shop, session, &agreed)).await.json_with(201);
    let consent = leads(&app, &shop).await[0]["consent"].clone();
    assert_eq!(
        consent,
        json!({"version": version, "text": TEXT, "accepted_at": "2026-01-02T03:04:05Z"})
    );
    // To call somebody names nobody.
    let wanted = json!({"intent": "handoff", "name": null, "phone": null});
    send(&app, &form(&shop, Uuid::new_v4(), &wanted)).await.json_with(201);
}

#[tokio::test]
async fn consent_to_nothing_cannot_be_required() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/api/shops/{}", shop.id);
    let change = |settings: Value| app.patch(&path, json!({ "settings": settings }));
    let fields = change(json!({"consent_required": true})).await.invalid_fields();
    assert_eq!(fields, ["settings.consent_text"]);
    let wrong = json!({"consent_required": 1, "consent_text": " ", "consent_url": "policy", "lead_webhook_url": "http://crm.example/"});
    let fields = change(wrong).await.invalid_fields();
    let expected = [
        "settings.consent_required",
        "settings.consent_text",
        "settings.consent_url",
        "settings.lead_webhook_url",
    ];
    assert_eq!(fields, expected);
    change(json!({"consent_required": true, "consent_text": TEXT}))
        .await
        .json_with(200);
    let fields = change(json!({"consent_text": null})).await.invalid_fields();
    assert_eq!(fields, ["settings.consent_text"]);
}

#[tokio::test]
async fn a_program_that_fills_in_everything_leaves_nothing_and_does_not_notice() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for trap in [json!({"website": "https://spam.example"}), json!({"elapsedMs": 20})] {
        let answer = send(&app, &form(&shop, Uuid::new_v4(), &trap)).await.json_with(201);
        assert_eq!(answer["collectedData"]["phone"], "+79161234567");
    }
    assert!(leads(&app, &shop).await.is_empty());
    let person = json!({"elapsedMs": 4000});
    send(&app, &form(&shop, Uuid::new_v4(), &person)).await.json_with(201);
    assert_eq!(leads(&app, &shop).await.len(), 1);
}

#[tokio::test]
async fn forms_are_held_to_their_limit_and_to_the_shops_pages() {
    let app = TestApp::start_with(|config| config.forms_per_minute = 2).await;
    let shop = app
        .shop_with(json!({"allowed_origins": ["https://shop.example"]}))
        .await;
    let from = |origin: &str| {
        app.request(Method::POST, "/api/leads")
            .header("origin", origin)
            .json(&form(&shop, Uuid::new_v4(), &json!({})))
    };
    assert_eq!(
        Reply::of(from("https://evil.example")).await.error(403),
        "forbidden_origin"
    );
    for _ in 0..2 {
        Reply::of(from("https://shop.example")).await.json_with(201);
    }
    let refused = Reply::of(from("https://shop.example")).await;
    assert_eq!(refused.error(429), "too_many_requests");
    assert_eq!(refused.header("access-control-allow-origin"), "https://shop.example");
}
