//! A summary against a plain recount of everything that was stored, in zones whose days are not ours.

use super::empty_store;
use super::shop;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::civil::date;
use jiff::tz::TimeZone;
use palompy::domain::chat::Checked;
use palompy::domain::chat::Claim;
use palompy::domain::chat::NewTurn;
use palompy::domain::chat::TurnOutcome;
use palompy::domain::chat::TurnStatus;
use palompy::domain::event::EventMetadata;
use palompy::domain::event::NewEvent;
use palompy::domain::id::MessageId;
use palompy::domain::id::SessionId;
use palompy::domain::id::ShopId;
use palompy::domain::id::VisitorId;
use palompy::domain::language::Language;
use palompy::domain::summary::Counts;
use palompy::domain::summary::LanguageCounts;
use palompy::domain::summary::Period;
use palompy::domain::summary::Summary;
use palompy::store::Store;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The clocks change within three days of `MIDDLE` in the first three; the others are off by odd quarters, or far off.
const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Europe/Moscow",
    "Pacific/Kiritimati",
    "UTC",
];
const NAMES: [&str; 4] = ["page_view", "widget_toggle", "survey_shown", "message_sent"];
const LANGUAGES: [Language; 2] = [Language::Ru, Language::En];

/// Something that happened `at` seconds from the start, in one of a few visits.
#[derive(Debug, Clone)]
struct Happening {
    at: i64,
    visit: u128,
    kind: usize,
    detail: usize,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = (0_i64..9 * 86_400, 0_u128..12, 0_usize..6, 0_usize..8);
    vec(
        one.prop_map(|(at, visit, kind, detail)| Happening {
            at,
            visit,
            kind,
            detail,
        }),
        0..120,
    )
}

/// Two days in which clocks change: Europe ends summer time on the one, America on the other.
fn first_moment() -> Timestamp {
    "2025-10-25T00:00:00Z".parse().unwrap()
}

impl Happening {
    fn time(&self) -> Timestamp {
        first_moment() + self.at.seconds()
    }

    fn session(&self) -> SessionId {
        SessionId(Uuid::from_u128(self.visit))
    }

    /// Four of six are events, the others turns.
    fn event(&self) -> Option<NewEvent> {
        let name = NAMES.get(self.kind)?;
        let metadata = EventMetadata {
            language: (self.detail % 4 == 1).then(|| ["ru", "de"][self.detail / 4].to_owned()),
            page_url: (self.detail < 5).then(|| format!("https://shop.example/{}", self.detail)),
            button_id: (self.detail > 5).then(|| format!("button-{}", self.detail)),
            focus_ms: self.detail.is_multiple_of(3).then_some(1_000 * self.detail as u32),
            other: BTreeMap::new(),
        };
        Some(NewEvent {
            name: (*name).to_owned(),
            at: self.time(),
            metadata,
        })
    }

    fn refused(&self) -> bool {
        self.detail % 3 == 1
    }

    fn degraded(&self) -> bool {
        self.detail.is_multiple_of(2)
    }

    fn status(&self) -> TurnStatus {
        if self.detail == 7 {
            TurnStatus::Interrupted
        } else {
            TurnStatus::Complete
        }
    }

    fn language(&self) -> Language {
        LANGUAGES[self.kind % 2]
    }

    async fn store(&self, store: &Store, shop: ShopId) {
        if let Some(event) = self.event() {
            return store.insert_events(shop, self.session(), vec![event]).await.unwrap();
        }
        let turn = NewTurn {
            message_id: MessageId(Uuid::new_v4()),
            session_id: self.session(),
            claim: Claim::Unproven(VisitorId(Uuid::nil())),
            user_message: "вопрос".to_owned(),
            language: self.language(),
            metadata: None,
            created_at: self.time(),
        };
        let outcome = TurnOutcome {
            status: self.status(),
            assistant_answer: "ответ".to_owned(),
            context_used: String::new(),
            citations: Vec::new(),
            model: "extractive".to_owned(),
            prompt_tokens: None,
            completion_tokens: None,
            first_delta_ms: None,
            total_ms: 5,
            degraded: self.degraded(),
            refused: self.refused(),
            checked: Checked::default(),
            collected_data: None,
        };
        let id = turn.message_id;
        store.insert_turn(shop, turn).await.unwrap();
        store.finish_turn(shop, id, outcome).await.unwrap();
    }
}

/// The same figures, counted one by one by the date on the wall.
fn recount(happenings: &[Happening], dates: &[Date], zone: &TimeZone) -> Summary {
    let mut summary = Summary::default();
    let day_of = |happening: &Happening| happening.time().to_zoned(zone.clone()).date();
    let inside: Vec<_> = happenings
        .iter()
        .filter(|happening| dates.contains(&day_of(happening)))
        .collect();
    for date in dates {
        let today: Vec<_> = inside.iter().filter(|happening| day_of(happening) == *date).collect();
        let turns: Vec<_> = today.iter().filter(|happening| happening.event().is_none()).collect();
        let complete = |happening: &&&&&Happening| happening.status() == TurnStatus::Complete && !happening.refused();
        summary.days.push(Counts {
            sessions: today
                .iter()
                .map(|happening| happening.visit)
                .collect::<BTreeSet<_>>()
                .len() as u64,
            messages: turns.len() as u64,
            answers: turns.iter().filter(complete).count() as u64,
            refusals: turns.iter().filter(|happening| happening.refused()).count() as u64,
            degraded: turns.iter().filter(|happening| happening.degraded()).count() as u64,
            events: (today.len() - turns.len()) as u64,
            ..Counts::default()
        });
    }
    for day in &summary.days {
        summary.total.add(*day);
    }
    let visits: BTreeSet<_> = inside.iter().map(|happening| happening.visit).collect();
    summary.total.sessions = visits.len() as u64;
    let mut pages: BTreeMap<String, u64> = BTreeMap::new();
    for event in inside.iter().filter_map(|happening| happening.event()) {
        *summary.events.entry(event.name.clone()).or_default() += 1;
        if let Some(button) = event.metadata.button_id {
            *summary.clicks.entry(button).or_default() += 1;
        }
        if let Some(page) = event.metadata.page_url.filter(|_| event.name == "page_view") {
            *pages.entry(page).or_default() += 1;
        }
    }
    summary.pages = pages.into_iter().collect();
    summary.pages.sort_by_key(|(_, views)| std::cmp::Reverse(*views));
    for visit in visits {
        let of_visit: Vec<_> = inside.iter().filter(|happening| happening.visit == visit).collect();
        let events: Vec<_> = of_visit.iter().filter_map(|happening| happening.event()).collect();
        let focus: u64 = events
            .iter()
            .filter_map(|event| event.metadata.focus_ms)
            .map(u64::from)
            .sum();
        summary.focus_ms.extend((focus > 0).then_some(focus));
        let first_turn = of_visit
            .iter()
            .filter(|happening| happening.event().is_none())
            .min_by_key(|turn| turn.at);
        let told = events
            .iter()
            .filter(|event| event.metadata.language.is_some())
            .max_by_key(|event| event.at);
        let language = told.and_then(|event| event.metadata.language.clone());
        let language = language.or_else(|| first_turn.map(|turn| turn.language().code().to_owned()));
        if let Some(language) = language {
            summary.languages.entry(language).or_default().sessions += 1;
        }
    }
    for turn in inside.iter().filter(|happening| happening.event().is_none()) {
        let counts: &mut LanguageCounts = summary.languages.entry(turn.language().code().to_owned()).or_default();
        counts.messages += 1;
    }
    summary.focus_ms.sort_unstable();
    summary
}

/// The days in the zone, without the first and the last that something may have happened on.
fn period(zone: &TimeZone) -> (Vec<Date>, Period) {
    let start = |day: Date| day.to_zoned(zone.clone()).unwrap().timestamp();
    let dates: Vec<_> = date(2025, 10, 25).series(1.day()).take(9).collect();
    let starts = dates.iter().map(|day| start(*day)).collect();
    (dates, Period::new(starts, start(date(2025, 11, 3))).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_summary_is_what_a_plain_recount_gives_in_every_zone(mut happenings in happenings()) {
        // Two languages told at the same moment have no order.
        happenings.sort_by_key(|happening| happening.at);
        happenings.dedup_by_key(|happening| happening.at / 900);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (_folder, store) = empty_store().await;
            let (mine, other) = (shop(&store).await, shop(&store).await);
            for happening in &happenings {
                happening.store(&store, mine).await;
            }
            for happening in happenings.iter().take(3) {
                happening.store(&store, other).await;
            }
            for name in ZONES {
                let zone = TimeZone::get(name).unwrap();
                let (dates, period) = period(&zone);
                let counted = store.summarize(mine, period).await.unwrap();
                assert_eq!(counted, recount(&happenings, &dates, &zone), "{name}");
            }
        });
    }
}
