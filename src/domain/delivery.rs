//! Notifications about leads and sources on their way to the shop, each a row that survives the program's end.

use crate::domain::id::DeliveryId;
use crate::domain::id::LeadId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use jiff::SignedDuration;
use jiff::Timestamp;

/// Where a notification goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The address in the shop's settings.
    Webhook,
}

impl Channel {
    pub const ALL: [Channel; 1] = [Channel::Webhook];

    pub fn name(self) -> &'static str {
        match self {
            Channel::Webhook => "webhook",
        }
    }
}

/// A notification to be queued with the change that it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewDelivery {
    pub id: DeliveryId,
    pub channel: Channel,
}

/// What a notification is about. Its content is this as it stands when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Lead(LeadId),
    Source(SourceId),
}

/// What a notification tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    LeadCreated,
    LeadUpdated,
    /// A visitor wants to talk with a person.
    HandoffRequested,
    /// A source could not be read for as long as the shop allows.
    SourceStale,
    /// It could be read again.
    SourceRecovered,
}

impl Event {
    pub const ALL: [Event; 5] = [
        Event::LeadCreated,
        Event::LeadUpdated,
        Event::HandoffRequested,
        Event::SourceStale,
        Event::SourceRecovered,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Event::LeadCreated => "lead.created",
            Event::LeadUpdated => "lead.updated",
            Event::HandoffRequested => "handoff.requested",
            Event::SourceStale => "source.stale",
            Event::SourceRecovered => "source.recovered",
        }
    }
}

/// A source whose owner does not know yet how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UntoldSource {
    pub shop: ShopId,
    pub source: SourceId,
    pub name: String,
    /// What he has to be told.
    pub event: Event,
    /// When the shop's knowledge was last known to be what the source says.
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// For its first attempt, or for the next one.
    Waiting,
    Sending,
    Delivered,
    /// No attempt is left; it can be sent again by hand.
    Failed,
}

impl DeliveryStatus {
    pub const ALL: [DeliveryStatus; 4] = [
        DeliveryStatus::Waiting,
        DeliveryStatus::Sending,
        DeliveryStatus::Delivered,
        DeliveryStatus::Failed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            DeliveryStatus::Waiting => "waiting",
            DeliveryStatus::Sending => "sending",
            DeliveryStatus::Delivered => "delivered",
            DeliveryStatus::Failed => "failed",
        }
    }

    pub fn parse(name: &str) -> Option<DeliveryStatus> {
        DeliveryStatus::ALL.into_iter().find(|status| status.name() == name)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub shop: ShopId,
    pub subject: Subject,
    pub channel: Channel,
    pub event: Event,
    pub status: DeliveryStatus,
    /// Attempts begun since it was queued or sent again by hand.
    pub attempts: u32,
    /// When a waiting one is due; when a sending one counts as lost.
    pub next_at: Timestamp,
    /// The HTTP status of the last answer.
    pub response_status: Option<u16>,
    /// Why the last attempt failed, as a key of the catalogs.
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptOutcome {
    pub response_status: Option<u16>,
    /// `None` when it was taken.
    pub failure: Option<AttemptFailure>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptFailure {
    /// A key of the catalogs, as `delivery_timeout`.
    pub error: &'static str,
    /// What the receiver asked to wait, if it did.
    pub retry_after: Option<SignedDuration>,
    /// Whether another attempt can help at all.
    pub is_final: bool,
}

/// Pauses after the first, second, … failed attempt, in seconds: eight attempts in some 18 hours, so that a receiver may be
/// down for a night.
const PAUSES_SECONDS: [i64; 7] = [5, 60, 300, 1_800, 7_200, 18_000, 36_000];
/// A receiver that asks for a longer pause than this is asked again all the same.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(10);

/// How long to wait after the failed attempt number `attempts`, from 1; `None` after the last one.
pub fn pause_after(attempts: u32, failure: &AttemptFailure) -> Option<SignedDuration> {
    let index = usize::try_from(attempts).unwrap_or(usize::MAX).saturating_sub(1);
    let own = SignedDuration::from_secs(*PAUSES_SECONDS.get(index)?);
    let asked = failure.retry_after.unwrap_or_default().min(LONGEST_PAUSE);
    (!failure.is_final).then(|| own.max(asked))
}

#[cfg(test)]
mod tests {
    use super::AttemptFailure;
    use super::pause_after;
    use jiff::SignedDuration;

    fn pauses(failure: &AttemptFailure) -> Vec<i64> {
        (1..20)
            .map_while(|attempts| pause_after(attempts, failure))
            .map(|pause| pause.as_secs())
            .collect()
    }

    #[test]
    fn attempts_become_rarer_and_end_within_a_day() {
        let mut failure = AttemptFailure {
            error: "delivery_timeout",
            retry_after: None,
            is_final: false,
        };
        assert_eq!(pauses(&failure), [5, 60, 300, 1_800, 7_200, 18_000, 36_000]);
        failure.retry_after = Some(SignedDuration::from_secs(100));
        assert_eq!(pauses(&failure), [100, 100, 300, 1_800, 7_200, 18_000, 36_000]);
        failure.retry_after = Some(SignedDuration::from_hours(1_000));
        assert_eq!(pauses(&failure), [36_000; 7]);
        failure.is_final = true;
        assert!(pauses(&failure).is_empty());
    }
}
