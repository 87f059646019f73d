//! Sending to the outside: signed POST requests to addresses that shops name. Guarded against addresses that only this machine can
//! reach. Knows nothing of leads, queues or storage; whoever drives it decides when to try again.

pub mod signature;
pub mod target;

use crate::domain::delivery::AttemptFailure;
use crate::domain::delivery::AttemptOutcome;
use crate::domain::secret::Secret;
use crate::net::guard::GuardedResolver;
use crate::net::guard::PrivateHosts;
use crate::net::guard::is_refused_by_guard;
use crate::notify::signature::signatures;
use crate::notify::target::checked_target;
use jiff::SignedDuration;
use jiff::Timestamp;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use std::sync::Arc;
use std::time::Duration;

/// A receiver that takes longer than this to take a notification is told again later.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    http: Client,
    private: Arc<PrivateHosts>,
}

/// One notification, ready to be sent.
#[derive(Debug, Clone)]
pub struct Message {
    /// The same for each attempt.
    pub id: String,
    pub body: String,
}

impl Webhooks {
    /// `private` names the hosts that may be private addresses.
    pub fn new(private: PrivateHosts) -> anyhow::Result<Webhooks> {
        // The client needs one, and the generator that chooses it as well may not be there; an error says that it is chosen.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let private = Arc::new(private);
        let http = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .dns_resolver(GuardedResolver::new(private.clone()))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ATTEMPT_TIMEOUT)
            .user_agent(concat!("Palompy/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Webhooks { http, private })
    }

    /// Sends the message once, signed with each of `secrets` as at `now`. Only a status from 200 to 299 counts as taken; the answer's
    /// body is not read, so that nothing of an address that should not have been asked can come back.
    pub async fn send(
        &self,
        url: &str,
        message: &Message,
        secrets: &[&Secret<String>],
        now: Timestamp,
    ) -> AttemptOutcome {
        let target = match checked_target(url, &self.private) {
            Ok(target) => target,
            Err(error) => return failed(error, true),
        };
        let Some(signature) = signatures(secrets, &message.id, now, &message.body) else {
            return failed("delivery_secret", true);
        };
        let request = self
            .http
            .post(target)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", now.as_second().to_string())
            .header("webhook-signature", signature)
            .body(message.body.clone());
        match request.send().await {
            Ok(response) => {
                let status = response.status();
                let asked = response
                    .headers()
                    .get(RETRY_AFTER)
                    .and_then(|value| value.to_str().ok());
                let retry_after = asked
                    .and_then(|text| text.trim().parse().ok())
                    .map(SignedDuration::from_secs);
                AttemptOutcome {
                    response_status: Some(status.as_u16()),
                    failure: (!status.is_success()).then_some(AttemptFailure {
                        error: if status.is_redirection() {
                            "delivery_redirected"
                        } else {
                            "delivery_refused"
                        },
                        retry_after,
                        // "Gone" is how a receiver says that it wants no more.
                        is_final: status.as_u16() == 410,
                    }),
                }
            }
            Err(error) if is_refused_by_guard(&error) => failed("delivery_private_address", true),
            Err(error) if error.is_timeout() => failed("delivery_timeout", false),
            Err(error) if error.is_connect() => failed("delivery_unreachable", false),
            Err(_) => failed("delivery_broken", false),
        }
    }
}

fn failed(error: &'static str, is_final: bool) -> AttemptOutcome {
    AttemptOutcome {
        response_status: None,
        failure: Some(AttemptFailure {
            error,
            retry_after: None,
            is_final,
        }),
    }
}
