//! What is counted: every input that was refused, dropped or late, and how long presses took.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hall_core::event::PressId;

/// Presses whose way to the sign is still being timed. A press that touched no sign is forgotten
/// when this many came after it.
const PRESSES_FOLLOWED: usize = 4_096;

/// Times kept for the percentiles.
const TIMES_KEPT: usize = 65_536;

/// Counters of the whole daemon; shared, never blocking for longer than an insertion.
#[derive(Debug, Default)]
pub struct Metrics {
    counts: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    followed: Mutex<Followed>,
}

#[derive(Debug, Default)]
struct Followed {
    received: HashMap<PressId, Instant>,
    order: VecDeque<PressId>,
    press_to_sign: VecDeque<Duration>,
}

impl Metrics {
    /// One more of `name` with this `reason`; both are fixed words, so the table is bounded.
    pub fn count(&self, name: &'static str, reason: &'static str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((name, reason)).or_default() += 1;
    }

    /// All counters: (name, reason) and count.
    pub fn counts(&self) -> BTreeMap<(&'static str, &'static str), u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The counters called `name`, by reason.
    pub fn by_reason(&self, name: &str) -> BTreeMap<&'static str, u64> {
        self.counts().into_iter().filter(|((n, _), _)| *n == name).map(|((_, r), c)| (r, c)).collect()
    }

    /// A press came in at `at`: time it until a sign shows what it did.
    pub fn press_received(&self, press: PressId, at: Instant) {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if followed.received.insert(press, at).is_none() {
            followed.order.push_back(press);
        }
        if followed.order.len() > PRESSES_FOLLOWED
            && let Some(oldest) = followed.order.pop_front()
        {
            followed.received.remove(&oldest);
        }
    }

    /// A sign acknowledged what `press` did; the first sign ends the timing. Returns the time.
    pub fn press_shown(&self, press: PressId) -> Option<Duration> {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = followed.received.remove(&press)?.elapsed();
        followed.order.retain(|other| *other != press);
        if followed.press_to_sign.len() == TIMES_KEPT {
            followed.press_to_sign.pop_front();
        }
        followed.press_to_sign.push_back(passed);
        Some(passed)
    }

    /// The `quantile` (0 to 1) of the times from press to sign, in milliseconds.
    pub fn press_to_sign_ms(&self, quantile: f64) -> Option<f64> {
        let followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut times: Vec<f64> = followed.press_to_sign.iter().map(|t| t.as_secs_f64() * 1_000.0).collect();
        drop(followed);
        times.sort_by(f64::total_cmp);
        self::quantile(&times, quantile)
    }
}

/// The `q` (0 to 1) quantile of sorted values, by the nearest rank.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a rank among at most some ten thousand values"
)]
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let rank = (sorted.len() as f64 * q).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[1.0], 0.99), Some(1.0));
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.5), Some(2.0));
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.9), Some(4.0));
    }
}
