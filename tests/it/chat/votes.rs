//! Votes on answers.

use crate::chat::conversations::begin;
use crate::chat::conversations::history;
use crate::chat::small_shop;
use crate::support::Reply;
use crate::support::TestApp;
use crate::support::TestShop;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

struct Voter {
    app: TestApp,
    shop: TestShop,
    session: Uuid,
    token: String,
    message: String,
}

/// A visitor with one answer.
async fn voter() -> Voter {
    let app = TestApp::start().await;
    let shop = small_shop(&app).await;
    let session = Uuid::new_v4();
    let token = begin(&app, &shop, session).await;
    let messages = history(&app, &shop, session, &token).await.json_with(200);
    let message = messages["messages"][0]["messageId"].as_str().unwrap().to_owned();
    Voter {
        app,
        shop,
        session,
        token,
        message,
    }
}

impl Voter {
    async fn send(&self, vote: Value) -> Reply {
        let mut body = json!({"shopPublicKey": self.shop.key, "sessionId": self.session});
        body.as_object_mut().unwrap().extend(vote.as_object().unwrap().clone());
        self.post(&self.message, &body, &self.token).await
    }

    async fn post(&self, message: &str, body: &Value, token: &str) -> Reply {
        let request = self
            .app
            .request(Method::POST, &format!("/api/chat/{message}/vote"))
            .header("x-palompy-visitor", token);
        Reply::of(request.json(body)).await
    }

    /// The vote as the history shows it.
    async fn seen(&self) -> Value {
        let body = history(&self.app, &self.shop, self.session, &self.token).await;
        body.json_with(200)["messages"][0]["vote"].clone()
    }

    fn count(&self) -> i64 {
        let sql = "select count(*) from votes";
        self.app.database().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

#[tokio::test]
async fn the_last_vote_counts_and_can_be_taken_back() {
    let voter = voter().await;
    let down = json!({"value": "down", "reasons": ["other", "wrong", "other"], "comment": " Не то. "});
    assert_eq!(voter.send(down).await.status, 204);
    assert_eq!(
        voter.seen().await,
        json!({"value": "down", "reasons": ["wrong", "other"], "comment": "Не то."})
    );
    assert_eq!(voter.send(json!({"value": "up", "comment": " "})).await.status, 204);
    assert_eq!(
        voter.seen().await,
        json!({"value": "up", "reasons": [], "comment": null})
    );
    assert_eq!(voter.count(), 1);
    assert_eq!(voter.send(json!({"value": "none"})).await.status, 204);
    assert_eq!((voter.seen().await, voter.count()), (Value::Null, 0));
}

#[tokio::test]
async fn a_hundred_votes_at_once_are_one() {
    let voter = voter().await;
    let votes = (0..100).map(|n| voter.send(json!({"value": if n % 2 == 0 { "up" } else { "down" }})));
    for reply in futures::future::join_all(votes).await {
        assert_eq!(reply.status, 204, "{}", reply.text);
    }
    assert_eq!(voter.count(), 1);
}

#[tokio::test]
async fn a_vote_that_is_wrong_in_many_ways_is_told_all_of_them() {
    let voter = voter().await;
    let wrong = json!({"value": "maybe", "reasons": ["wrong", "ugly"], "comment": "я".repeat(1001)});
    assert_eq!(
        voter.send(wrong).await.invalid_fields(),
        ["value", "reasons[1]", "comment"]
    );
    assert_eq!(
        voter
            .send(json!({"reasons": "wrong", "comment": 5}))
            .await
            .invalid_fields(),
        ["value", "reasons", "comment"]
    );
    let nothing = voter.post(&voter.message, &json!({}), "").await;
    assert_eq!(nothing.invalid_fields(), ["shopPublicKey", "sessionId", "value"]);
    assert_eq!(voter.count(), 0);
}

#[tokio::test]
async fn a_message_of_another_shop_or_session_has_no_votes_here() {
    let voter = voter().await;
    let other_shop = small_shop(&voter.app).await;
    let other_session = Uuid::new_v4();
    let other_token = begin(&voter.app, &voter.shop, other_session).await;
    let unknown = Uuid::new_v4().to_string();
    let body = |key: &str, session: Uuid| json!({"shopPublicKey": key, "sessionId": session, "value": "up"});
    let own = body(&voter.shop.key, voter.session);
    for (message, body, token) in [
        (voter.message.as_str(), &body(&other_shop.key, voter.session), ""),
        (voter.message.as_str(), &body(&voter.shop.key, other_session), ""),
        (
            voter.message.as_str(),
            &body(&voter.shop.key, other_session),
            other_token.as_str(),
        ),
        (voter.message.as_str(), &own, other_token.as_str()),
        (unknown.as_str(), &own, voter.token.as_str()),
        ("1%20or%201=1", &own, voter.token.as_str()),
    ] {
        let reply = voter.post(message, body, token).await;
        assert_eq!(reply.error(404), "not_found", "{message} {body}");
    }
    assert_eq!(voter.count(), 0);
    // Both ids are random and known to the page only, so that a client without a token may vote.
    assert_eq!(voter.post(&voter.message, &own, "").await.status, 204);
}
