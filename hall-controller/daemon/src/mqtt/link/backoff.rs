//! How long to wait before the next attempt to connect.
//!
//! Pure; the task sleeps. Doubling from a tenth of a second finds a restarted broker at once, the
//! cap is the rules' of claims ([`REDIAL_MAX`]), and what a citizen at the kiosk would still wait.

use std::time::Duration;

use hall_core::claim::REDIAL_MAX;

/// The first pause: a broker that restarts is back about now.
const FIRST: Duration = Duration::from_millis(100);

/// A connection that held this long was a good one. A shorter one goes on doubling the pause.
const GOOD: Duration = Duration::from_secs(10);

/// The longest pause after a connection that was up: the broker is there. Another client with our client id
/// may have thrown us out to ask whether we live ([`crate::claim`]), and must not have to ask for long.
pub const BROKEN_MAX: Duration = Duration::from_millis(800);

/// The pauses of one outage.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) const fn new() -> Self {
        Self { next: FIRST }
    }

    /// The pause after a connection that was up for `held`, or after an attempt that brought none.
    pub(super) fn pause_after(&mut self, held: Option<Duration>) -> Duration {
        if held.is_some_and(|held| held >= GOOD) {
            self.next = FIRST;
        }
        let pause = if held.is_some() { self.next.min(BROKEN_MAX) } else { self.next };
        self.next = (pause * 2).min(REDIAL_MAX);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_that_stays_away_is_asked_less_and_less_but_at_least_every_two_seconds() {
        let mut backoff = Backoff::new();
        let pauses: Vec<u128> = (0..8).map(|_| backoff.pause_after(None).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000]);
    }

    #[test]
    fn only_a_connection_that_held_starts_over() {
        let mut backoff = Backoff::new();
        for _ in 0..8 {
            backoff.pause_after(None);
        }
        assert_eq!(backoff.pause_after(Some(GOOD / 2)), BROKEN_MAX);
        assert_eq!(backoff.pause_after(None), BROKEN_MAX * 2, "the pause goes on doubling");
        assert_eq!(backoff.pause_after(Some(GOOD)), FIRST);
    }

    #[test]
    fn who_is_thrown_out_again_and_again_is_soon_back_however_often() {
        let mut backoff = Backoff::new();
        let short = Some(Duration::from_millis(5));
        let pauses: Vec<u128> = (0..6).map(|_| backoff.pause_after(short).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 800, 800]);
    }
}
