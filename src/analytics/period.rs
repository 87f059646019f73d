//! The period that an owner asks about: whole days of a time zone.

use crate::domain::problem::Problem;
use crate::domain::summary::Period;
use crate::http::error::ApiError;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_DAYS: i32 = 30;
/// Two years.
const MAX_DAYS: i32 = 731;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// The first day, as `2026-01-31`; 30 days with the last one when absent.
    from: Option<String>,
    /// The last day; today when absent.
    to: Option<String>,
    /// The IANA name of the time zone whose days are meant, as `Europe/Moscow`; `UTC` when absent.
    tz: Option<String>,
}

/// A period with the dates of its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedPeriod {
    pub period: Period,
    pub dates: Vec<Date>,
}

impl PeriodQuery {
    /// The days that are meant at `now`; all that is wrong with the parameters at once.
    pub fn checked(&self, now: Timestamp) -> Result<DatedPeriod, ApiError> {
        let mut problems = Vec::new();
        let zone = match TimeZone::get(self.tz.as_deref().unwrap_or("UTC")) {
            Ok(zone) => zone,
            Err(_) => {
                problems.push(Problem::new("tz", "problem_time_zone"));
                TimeZone::UTC
            }
        };
        let from = date("from", self.from.as_deref(), &mut problems);
        let to = date("to", self.to.as_deref(), &mut problems);
        if !problems.is_empty() {
            return Err(ApiError::invalid(problems));
        }
        let last = to.unwrap_or_else(|| now.to_zoned(zone.clone()).date());
        let first = from.unwrap_or_else(|| last.saturating_sub((DEFAULT_DAYS - 1).days()));
        let days = (last - first).get_days() + 1;
        if days < 1 {
            return Err(ApiError::invalid(vec![Problem::new("from", "problem_period")]));
        }
        if days > MAX_DAYS {
            let problem = Problem::new("from", "problem_period_long").with("limit", MAX_DAYS);
            return Err(ApiError::invalid(vec![problem]));
        }
        let dates: Vec<Date> = first.series(1.day()).take_while(|date| *date <= last).collect();
        let starts = dates.iter().filter_map(|date| start_of(*date, &zone)).collect();
        let end = last.tomorrow().ok().and_then(|next| start_of(next, &zone));
        let period = end.and_then(|end| Period::new(starts, end));
        let period = period.ok_or_else(|| ApiError::invalid(vec![Problem::new("from", "problem_date")]))?;
        Ok(DatedPeriod { period, dates })
    }
}

fn date(name: &str, text: Option<&str>, problems: &mut Vec<Problem>) -> Option<Date> {
    let date = text?.parse::<Date>().ok();
    // Shorter and longer ways of writing a date would be read too.
    let date = date.filter(|date| Some(date.to_string().as_str()) == text);
    if date.is_none() {
        problems.push(Problem::new(name, "problem_date"));
    }
    date
}

/// The first moment of the day: midnight, or what follows it where clocks skip midnight.
fn start_of(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    let midnight = date.to_zoned(zone.clone()).ok()?;
    midnight.start_of_day().ok().map(|start| start.timestamp())
}

#[cfg(test)]
mod tests {
    use super::DatedPeriod;
    use super::PeriodQuery;
    use jiff::Timestamp;

    fn period(from: &str, to: &str, tz: &str) -> DatedPeriod {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let query = PeriodQuery {
            from: some(from),
            to: some(to),
            tz: some(tz),
        };
        let now: Timestamp = "2026-01-02T23:30:00Z".parse().unwrap();
        query.checked(now).unwrap()
    }

    fn hours(period: &DatedPeriod) -> Vec<i64> {
        let starts = period.period.starts();
        let ends = starts[1..].iter().copied().chain([period.period.end()]);
        let lengths = starts
            .iter()
            .zip(ends)
            .map(|(start, end)| end.as_second() - start.as_second());
        lengths.map(|seconds| seconds / 3600).collect()
    }

    #[test]
    fn the_last_thirty_days_are_meant_when_nothing_is_said() {
        let moscow = period("", "", "Europe/Moscow");
        assert_eq!(moscow.dates.len(), 30);
        assert_eq!(moscow.dates[29].to_string(), "2026-01-03");
        assert_eq!(moscow.period.starts()[29].to_string(), "2026-01-02T21:00:00Z");
        assert_eq!(period("", "", "").dates[29].to_string(), "2026-01-02");
        assert_eq!(period("", "2025-03-31", "").dates[0].to_string(), "2025-03-02");
    }

    #[test]
    fn days_are_as_long_as_the_zone_has_them() {
        assert_eq!(
            hours(&period("2025-03-29", "2025-03-31", "Europe/Berlin")),
            [24, 23, 24]
        );
        assert_eq!(
            hours(&period("2025-10-25", "2025-10-27", "Europe/Berlin")),
            [24, 25, 24]
        );
        assert_eq!(hours(&period("2025-04-24", "2025-04-26", "Africa/Cairo")), [24, 23, 24]);
        let lord_howe = period("2025-04-06", "2025-04-06", "Australia/Lord_Howe").period;
        assert_eq!(
            lord_howe.end().as_second() - lord_howe.starts()[0].as_second(),
            24 * 3600 + 1800
        );
    }

    #[test]
    fn every_zone_has_days_of_whole_quarters_of_an_hour() {
        for name in jiff::tz::db().available() {
            let days = period("2024-01-01", "2025-12-31", name.as_str());
            let moments = days
                .period
                .starts()
                .iter()
                .chain([&days.period.end()])
                .copied()
                .collect::<Vec<_>>();
            assert!(moments.iter().all(|moment| moment.as_second() % 900 == 0), "{name}");
        }
    }
}
