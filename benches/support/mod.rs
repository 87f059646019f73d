//! What the benchmarks share: figures and their table, a made-up catalog, the real program as a child process, and a language
//! model that answers at once.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each benchmark is a program of its own and uses a part of this"
)]

pub mod catalog;
pub mod fake_llm;
pub mod questions;
pub mod server;

use std::time::Duration;

/// One line of the table.
pub struct Figure {
    what: String,
    measured: String,
    promise: String,
    kept: &'static str,
}

/// Prints each figure as it comes, under one heading.
pub struct Table {
    is_open: bool,
}

impl Table {
    pub fn new() -> Table {
        Table { is_open: false }
    }

    /// A figure with a promise: `measured` is kept when it is at most `limit`.
    pub fn at_most(&mut self, what: &str, measured: f64, limit: f64, unit: &str) {
        self.print(Figure {
            what: what.to_owned(),
            measured: number(measured, unit),
            promise: format!("<= {limit} {unit}"),
            kept: if measured <= limit { "yes" } else { "NO" },
        });
    }

    /// A figure with a promise: `measured` is kept when it is at least `limit`.
    pub fn at_least(&mut self, what: &str, measured: f64, limit: f64, unit: &str) {
        self.print(Figure {
            what: what.to_owned(),
            measured: number(measured, unit),
            promise: format!(">= {limit} {unit}"),
            kept: if measured >= limit { "yes" } else { "NO" },
        });
    }

    /// A figure that nothing was promised for.
    pub fn known(&mut self, what: &str, measured: &str) {
        self.print(Figure {
            what: what.to_owned(),
            measured: measured.to_owned(),
            promise: String::new(),
            kept: "",
        });
    }

    fn print(&mut self, figure: Figure) {
        if !self.is_open {
            self.is_open = true;
            println!("{:<66} | {:>18} | {:>12} | kept?", "what", "measured", "promise");
            println!("{:-<67}|{:->20}|{:->14}|------", "", "", "");
        }
        let Figure {
            what,
            measured,
            promise,
            kept,
        } = figure;
        println!("{what:<66} | {measured:>18} | {promise:>12} | {kept}");
    }
}

fn number(value: f64, unit: &str) -> String {
    let digits = if value >= 100.0 {
        0
    } else if value >= 1.0 {
        1
    } else {
        3
    };
    format!("{value:.digits$} {unit}")
}

/// The values in order; percentiles are taken from them.
pub struct Sample {
    values: Vec<f64>,
}

impl Sample {
    pub fn of_milliseconds(times: impl IntoIterator<Item = Duration>) -> Sample {
        let mut values: Vec<f64> = times.into_iter().map(|time| time.as_secs_f64() * 1e3).collect();
        values.sort_by(f64::total_cmp);
        Sample { values }
    }

    /// The smallest value that `percent` of all values do not exceed.
    pub fn percentile(&self, percent: f64) -> f64 {
        let rank = (self.values.len() as f64 * percent / 100.0).ceil() as usize;
        self.values.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
    }

    /// p50 / p99 in milliseconds.
    pub fn summary(&self) -> String {
        format!("{:.2} / {:.2} ms", self.percentile(50.0), self.percentile(99.0))
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }
}

/// The least of several runs' values: other programs on the machine only ever add time.
pub fn least(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}
