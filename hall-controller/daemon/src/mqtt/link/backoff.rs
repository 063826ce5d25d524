//! How long to wait before the next attempt to connect.
//!
//! Pure; the task sleeps. Doubling from a tenth of a second finds a restarted broker at once, the
//! cap keeps a pad's outage after a long one short.

use std::time::Duration;

/// The first pause: a broker that restarts is back about now.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause: what a citizen at the kiosk would still wait.
const LONGEST: Duration = Duration::from_secs(5);

/// A connection that held this long was a good one. A shorter one, such as when two controllers
/// with one client id throw each other out, goes on doubling the pause.
const GOOD: Duration = Duration::from_secs(10);

/// The pauses of one outage.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) const fn new() -> Self {
        Self { next: FIRST }
    }

    /// The pause after an attempt whose connection held for `held` (zero when it failed).
    pub(super) fn pause_after(&mut self, held: Duration) -> Duration {
        if held >= GOOD {
            self.next = FIRST;
        }
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_that_stays_away_is_asked_less_and_less_but_at_least_every_five_seconds() {
        let mut backoff = Backoff::new();
        let pauses: Vec<u128> = (0..8).map(|_| backoff.pause_after(Duration::ZERO).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    }

    #[test]
    fn only_a_connection_that_held_starts_over() {
        let mut backoff = Backoff::new();
        for _ in 0..8 {
            backoff.pause_after(Duration::ZERO);
        }
        assert_eq!(backoff.pause_after(GOOD / 2), LONGEST);
        assert_eq!(backoff.pause_after(GOOD), FIRST);
    }
}
