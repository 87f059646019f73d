//! What an owner learns of visits: counts of a period, of its days and of its languages.

use jiff::Timestamp;
use std::collections::BTreeMap;

/// Days that follow each other, by the moments at which they begin, and the moment at which the last one ends. A day may have
/// 23, 24 or 25 hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    starts: Vec<Timestamp>,
    end: Timestamp,
}

/// The counts of a day or of all days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Visits with an event or a message; a visit that lasts over midnight is one of both days and one of the period.
    pub sessions: u64,
    pub messages: u64,
    /// Messages that were answered from the shop's data.
    pub answers: u64,
    /// Messages that the shop's data had no answer to.
    pub refusals: u64,
    /// Answers made without the language model.
    pub degraded: u64,
    /// Answers of the model in which something was wrong that was corrected or left out.
    pub corrected: u64,
    pub votes_up: u64,
    pub votes_down: u64,
    pub leads: u64,
    pub events: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LanguageCounts {
    pub sessions: u64,
    pub messages: u64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    pub total: Counts,
    /// One for each day of the period, in its order.
    pub days: Vec<Counts>,
    /// By name.
    pub events: BTreeMap<String, u64>,
    /// By the id of what was pressed.
    pub clicks: BTreeMap<String, u64>,
    /// Views of each page, most viewed first, then by address.
    pub pages: Vec<(String, u64)>,
    /// Milliseconds of attention of each visit that told any, shortest first.
    pub focus_ms: Vec<u64>,
    /// By primary subtag, as `ru`.
    pub languages: BTreeMap<String, LanguageCounts>,
}

impl Period {
    /// `None` unless each moment is later than the one before and there is at least one day.
    pub fn new(starts: Vec<Timestamp>, end: Timestamp) -> Option<Period> {
        let is_rising = starts.is_sorted_by(|a, b| a < b) && starts.last().is_some_and(|last| *last < end);
        is_rising.then_some(Period { starts, end })
    }

    /// The moments at which the days begin.
    pub fn starts(&self) -> &[Timestamp] {
        &self.starts
    }

    pub fn end(&self) -> Timestamp {
        self.end
    }
}

impl Counts {
    pub fn add(&mut self, other: Counts) {
        self.sessions += other.sessions;
        self.messages += other.messages;
        self.answers += other.answers;
        self.refusals += other.refusals;
        self.degraded += other.degraded;
        self.corrected += other.corrected;
        self.votes_up += other.votes_up;
        self.votes_down += other.votes_down;
        self.leads += other.leads;
        self.events += other.events;
    }
}
