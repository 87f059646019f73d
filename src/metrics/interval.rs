//! Confidence intervals of 95 %, the same on every machine.

use crate::metrics::ranking::as_f64;
use serde::Deserialize;
use serde::Serialize;

/// The two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Enough for two stable digits of a percentile interval (Efron and Tibshirani, 1993, chapter 13).
const RESAMPLES: usize = 2_000;
const SEED: u64 = 20_261_124;

/// As `[low, high]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f64; 2]", into = "[f64; 2]")]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl From<[f64; 2]> for Interval {
    fn from([low, high]: [f64; 2]) -> Interval {
        Interval { low, high }
    }
}

impl From<Interval> for [f64; 2] {
    fn from(interval: Interval) -> [f64; 2] {
        [interval.low, interval.high]
    }
}

/// The score interval for a share of `part` in `whole` (Wilson, 1927); from 0 to 1 when nothing was counted.
///
/// It stays sensible where these sets live, with few lines and shares near 1.
pub fn wilson(part: usize, whole: usize) -> Interval {
    if whole == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (count, share) = (as_f64(whole), as_f64(part) / as_f64(whole));
    let denominator = 1.0 + Z * Z / count;
    let center = (share + Z * Z / (2.0 * count)) / denominator;
    let half = Z / denominator * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
    // Where the share is 0 or 1 the bound is exact, which rounding would hide.
    Interval {
        low: if part == 0 { 0.0 } else { center - half },
        high: if part == whole { 1.0 } else { center + half },
    }
}

/// The percentile bootstrap interval of a mean (Efron, 1979), with a fixed seed; 0 to 0 when there are no values.
///
/// Given differences of the same questions in two runs it is the paired bootstrap.
pub fn bootstrap_mean(values: &[f64]) -> Interval {
    if values.is_empty() {
        return Interval::default();
    }
    let mut random = SplitMix64(SEED);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn = (0..values.len()).filter_map(|_| values.get(random.below(values.len())));
            drawn.sum::<f64>() / as_f64(values.len())
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |rank: usize| means.get(rank).copied().unwrap_or_default();
    Interval {
        low: at(RESAMPLES / 40),
        high: at(RESAMPLES - 1 - RESAMPLES / 40),
    }
}

/// Steele, Lea and Flood, 2014: small, and good enough to draw lines of a set.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is above 0; the bias is below limit / 2^64.
    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let product = u128::from(self.next()) * u128::from(limit);
        usize::try_from(product >> 64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::bootstrap_mean;
    use super::wilson;

    #[test]
    fn the_interval_of_a_share_is_wilsons() {
        // 8 of 10, as in Agresti and Coull, 1998.
        let interval = wilson(8, 10);
        assert!(
            (interval.low - 0.490).abs() < 5e-4 && (interval.high - 0.943).abs() < 5e-4,
            "{interval:?}"
        );
        assert_eq!((wilson(0, 0).low, wilson(0, 0).high), (0.0, 1.0));
        assert_eq!((wilson(0, 5).low, wilson(5, 5).high), (0.0, 1.0));
    }

    #[test]
    fn the_interval_of_a_mean_holds_it_and_is_the_same_each_time() {
        let values: Vec<f64> = (0..100).map(|n| f64::from(n % 4) / 3.0).collect();
        let interval = bootstrap_mean(&values);
        assert!(interval.low < 0.5 && 0.5 < interval.high, "{interval:?}");
        // Plus and minus 1.96 standard errors of the mean is 0.427 to 0.573.
        assert!(
            (interval.low - 0.427).abs() < 0.02 && (interval.high - 0.573).abs() < 0.02,
            "{interval:?}"
        );
        assert_eq!(bootstrap_mean(&values), interval);
        assert_eq!(bootstrap_mean(&[]), Default::default());
    }
}
