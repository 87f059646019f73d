//! When a source is looked at next.

use crate::domain::source::Schedule;
use croner::Cron;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::DateTime;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use std::str::FromStr;

const HOURS: std::ops::RangeInclusive<u32> = 1..=720;
const FIRST_RETRY: SignedDuration = SignedDuration::from_mins(5);
const LONGEST_RETRY: SignedDuration = SignedDuration::from_hours(6);
/// The longest is reached long before.
const MAX_DOUBLINGS: u32 = 10;

/// Whether the schedule says when.
pub fn is_valid(schedule: &Schedule) -> bool {
    match schedule {
        Schedule::EveryHours(hours) => HOURS.contains(hours),
        Schedule::DailyAt(time) => time_of(time).is_some(),
        Schedule::Cron(pattern) => pattern.split_whitespace().count() == 5 && Cron::from_str(pattern).is_ok(),
    }
}

/// The first time after `now`. A clock time that a change to summer time leaves out comes as much later as the clock jumps; one that
/// comes twice counts the first time.
pub fn next_time(schedule: &Schedule, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    match schedule {
        Schedule::EveryHours(hours) => now.checked_add(SignedDuration::from_hours(i64::from(*hours))).ok(),
        Schedule::DailyAt(time) => {
            let time = time_of(time)?;
            let today = zone.to_datetime(now).date();
            let days = [
                today,
                today.checked_add(1.day()).ok()?,
                today.checked_add(2.day()).ok()?,
            ];
            let times = days
                .into_iter()
                .filter_map(|day| zone.to_timestamp(day.to_datetime(time)).ok());
            times.into_iter().find(|time| *time > now)
        }
        Schedule::Cron(pattern) => next_by_cron(pattern, zone, now),
    }
}

/// When to try again after so many failures in a row: 5 minutes, then twice as long each time, at most 6 hours.
pub fn retry_time(failures: u32, now: Timestamp) -> Option<Timestamp> {
    let doublings = failures.saturating_sub(1).min(MAX_DOUBLINGS);
    let wait = FIRST_RETRY * (1 << doublings);
    now.checked_add(wait.min(LONGEST_RETRY)).ok()
}

/// A zone by its IANA name; `None` for an unknown one.
pub fn zone_of(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

fn time_of(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let is_short = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_short(hour) || minute.len() != 2 || !is_short(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// Croner reckons with dates of chrono; the shop's clock is given to it as if it were UTC.
fn next_by_cron(pattern: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let cron = Cron::from_str(pattern).ok()?;
    let as_utc = |time: DateTime| TimeZone::UTC.to_timestamp(time).ok();
    let local = as_utc(zone.to_datetime(now))?;
    let mut from = chrono::DateTime::from_timestamp(local.as_second(), 0)?;
    // After the clock was put back, what it said before is past already.
    for _ in 0..64 {
        from = cron.find_next_occurrence(&from, false).ok()?;
        let local = Timestamp::from_second(from.timestamp()).ok()?;
        let time = zone.to_timestamp(TimeZone::UTC.to_datetime(local)).ok()?;
        if time > now {
            return Some(time);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::is_valid;
    use super::next_time;
    use super::retry_time;
    use super::zone_of;
    use crate::domain::source::Schedule;
    use jiff::Timestamp;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn schedules_go_by_the_shops_clock() {
        let cases = [
            (
                Schedule::EveryHours(6),
                "Europe/Moscow",
                "2026-01-02T03:04:05Z",
                "2026-01-02T09:04:05Z",
            ),
            (
                Schedule::DailyAt("04:30".into()),
                "Europe/Moscow",
                "2026-01-02T01:00:00Z",
                "2026-01-02T01:30:00Z",
            ),
            (
                Schedule::DailyAt("04:30".into()),
                "Europe/Moscow",
                "2026-01-02T01:30:00Z",
                "2026-01-03T01:30:00Z",
            ),
            // The clock jumps from 2 to 3.
            (
                Schedule::DailyAt("02:30".into()),
                "Europe/Berlin",
                "2026-03-29T00:00:00Z",
                "2026-03-29T01:30:00Z",
            ),
            (
                Schedule::Cron("0 9 * * 1".into()),
                "Asia/Almaty",
                "2026-01-02T00:00:00Z",
                "2026-01-05T04:00:00Z",
            ),
            (
                Schedule::Cron("*/15 * * * *".into()),
                "UTC",
                "2026-01-02T03:14:59Z",
                "2026-01-02T03:15:00Z",
            ),
            // 2:30 comes twice.
            (
                Schedule::Cron("30 2 * * *".into()),
                "Europe/Berlin",
                "2026-10-25T00:45:00Z",
                "2026-10-26T01:30:00Z",
            ),
        ];
        for (schedule, zone, now, next) in cases {
            let zone = zone_of(zone).unwrap();
            assert_eq!(
                next_time(&schedule, &zone, at(now)),
                Some(at(next)),
                "{schedule:?} {now}"
            );
        }
    }

    #[test]
    fn what_says_no_time_is_refused() {
        for schedule in [
            Schedule::EveryHours(0),
            Schedule::EveryHours(721),
            Schedule::DailyAt("24:00".into()),
            Schedule::DailyAt("4".into()),
            Schedule::DailyAt("-4:30".into()),
            Schedule::Cron("* * * *".into()),
            Schedule::Cron("61 * * * *".into()),
            Schedule::Cron("@daily".into()),
        ] {
            assert!(!is_valid(&schedule), "{schedule:?}");
        }
        assert!(is_valid(&Schedule::Cron("0 4 * * 1-5".into())) && is_valid(&Schedule::DailyAt("4:05".into())));
    }

    #[test]
    fn failures_are_tried_again_less_and_less_often() {
        let now = at("2026-01-02T00:00:00Z");
        let minutes = |failures| retry_time(failures, now).unwrap().duration_since(now).as_mins();
        assert_eq!([1, 2, 3, 7, 99].map(minutes), [5, 10, 20, 320, 360]);
    }
}
