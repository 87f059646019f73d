//! The secrets that sign notifications to a shop's own system.

use crate::domain::secret::Secret;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSecrets {
    pub current: Secret<String>,
    /// The one before the last rotation.
    pub previous: Option<Secret<String>>,
    /// Until when the previous one signs as well.
    pub previous_until: Option<Timestamp>,
}

impl WebhookSecrets {
    /// The secrets that sign at `now`, the current one first.
    pub fn in_force(&self, now: Timestamp) -> Vec<&Secret<String>> {
        let is_previous_in_force = self.previous_until.is_some_and(|until| now < until);
        let previous = self.previous.iter().filter(|_| is_previous_in_force);
        std::iter::once(&self.current).chain(previous).collect()
    }
}
