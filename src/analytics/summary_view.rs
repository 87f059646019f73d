//! The JSON of a summary.

use crate::domain::summary::Counts;
use crate::domain::summary::Summary;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Pages that a summary lists.
const MAX_PAGES: usize = 100;

#[derive(Serialize, ToSchema)]
pub struct SummaryView {
    /// Visits with an event or a message.
    sessions: u64,
    messages: u64,
    /// Messages that were answered from the shop's data.
    answers: u64,
    /// Messages that the shop's data had no answer to.
    refusals: u64,
    /// Answers made without the language model.
    degraded: u64,
    /// Answers of the model in which something was wrong that was corrected or left out.
    corrected: u64,
    votes: VotesView,
    /// The share of votes that are up, from 0 to 1; null without votes.
    csat: Option<f64>,
    leads: u64,
    /// How often each event happened, by name.
    events: BTreeMap<String, u64>,
    /// How often each button was pressed, by its id.
    clicks: BTreeMap<String, u64>,
    online: OnlineView,
    surveys: SurveysView,
    /// The pages viewed most, at most 100.
    pages: Vec<PageView>,
    by_day: Vec<DayView>,
    /// By language, as `ru`.
    by_language: BTreeMap<String, LanguageView>,
}

#[derive(Serialize, ToSchema)]
struct VotesView {
    up: u64,
    down: u64,
}

/// How long visits had their visitors' attention, of those that told any; null when none did.
#[derive(Serialize, ToSchema)]
struct OnlineView {
    average_s: Option<f64>,
    median_s: Option<f64>,
}

/// The events `survey_shown`, `survey_started` and `survey_completed`.
#[derive(Serialize, ToSchema)]
struct SurveysView {
    shown: u64,
    started: u64,
    completed: u64,
}

#[derive(Serialize, ToSchema)]
struct PageView {
    url: String,
    views: u64,
}

#[derive(Serialize, ToSchema)]
struct DayView {
    date: String,
    sessions: u64,
    messages: u64,
    answers: u64,
    refusals: u64,
    degraded: u64,
    corrected: u64,
    votes: VotesView,
    leads: u64,
    events: u64,
}

#[derive(Serialize, ToSchema)]
struct LanguageView {
    sessions: u64,
    messages: u64,
}

impl SummaryView {
    /// `dates` are those of the summary's days.
    pub fn new(summary: Summary, dates: &[Date]) -> SummaryView {
        let total = summary.total;
        let named = |name: &str| summary.events.get(name).copied().unwrap_or(0);
        let languages = summary.languages.iter().map(|(language, counts)| {
            let view = LanguageView {
                sessions: counts.sessions,
                messages: counts.messages,
            };
            (language.clone(), view)
        });
        SummaryView {
            sessions: total.sessions,
            messages: total.messages,
            answers: total.answers,
            refusals: total.refusals,
            degraded: total.degraded,
            corrected: total.corrected,
            votes: votes(total),
            csat: share(total.votes_up, total.votes_up + total.votes_down),
            leads: total.leads,
            online: online(&summary.focus_ms),
            surveys: SurveysView {
                shown: named("survey_shown"),
                started: named("survey_started"),
                completed: named("survey_completed"),
            },
            by_day: dates.iter().zip(&summary.days).map(day).collect(),
            by_language: languages.collect(),
            pages: pages(summary.pages),
            events: summary.events,
            clicks: summary.clicks,
        }
    }
}

fn votes(counts: Counts) -> VotesView {
    VotesView {
        up: counts.votes_up,
        down: counts.votes_down,
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// In seconds. `focus_ms` is in order; the median of an even number is the mean of the two in the middle.
fn online(focus_ms: &[u64]) -> OnlineView {
    let count = focus_ms.len();
    let (lower, upper) = (focus_ms.get(count.saturating_sub(1) / 2), focus_ms.get(count / 2));
    let median = lower.zip(upper).map(|(lower, upper)| (lower + upper) as f64 / 2e3);
    let sum: u64 = focus_ms.iter().sum();
    OnlineView {
        average_s: share(sum, count as u64).map(|milliseconds| milliseconds / 1e3),
        median_s: median,
    }
}

fn pages(pages: Vec<(String, u64)>) -> Vec<PageView> {
    let listed = pages.into_iter().take(MAX_PAGES);
    listed.map(|(url, views)| PageView { url, views }).collect()
}

fn day((date, counts): (&Date, &Counts)) -> DayView {
    DayView {
        date: date.to_string(),
        sessions: counts.sessions,
        messages: counts.messages,
        answers: counts.answers,
        refusals: counts.refusals,
        degraded: counts.degraded,
        corrected: counts.corrected,
        votes: votes(*counts),
        leads: counts.leads,
        events: counts.events,
    }
}

#[cfg(test)]
mod tests {
    use super::online;

    #[test]
    fn the_middle_visit_is_the_median() {
        let median = |focus_ms: &[u64]| online(focus_ms).median_s;
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[1000]), Some(1.0));
        assert_eq!(median(&[1000, 2000]), Some(1.5));
        assert_eq!(median(&[1000, 2000, 9000]), Some(2.0));
        assert_eq!(online(&[1000, 2000, 9000]).average_s, Some(4.0));
    }
}
