//! Whether a process stood still: stopped, suspended, or starved of its processor.
//!
//! What comes meanwhile lies in buffers that have no clock. A press in them still says that it is some
//! milliseconds old, and its clerk has long gone. Only the gap in our own time tells how old it may be.
//! Pure: time comes in.

use std::time::{Duration, Instant};

/// How often the link looks at the time when nothing happens.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A longer gap is a standstill; shorter ones are a busy machine's.
const GAP_MAX: Duration = Duration::from_secs(1);

/// After a standstill it takes this long until what waited in all buffers has come: those of the
/// embedded broker, which stood still as well, are emptied one after another.
const CATCH_UP: Duration = Duration::from_secs(3);

/// Notices standstills between two looks at the time.
#[derive(Debug)]
pub struct Standstill {
    looked: Instant,
    /// Since when it stood still, and until when what comes may have come then.
    last: Option<(Instant, Instant)>,
}

impl Standstill {
    /// One that looks for the first time.
    pub fn new(now: Instant) -> Self {
        Self { looked: now, last: None }
    }

    /// To be called at every turn, at least every [`LOOK_EVERY`]. Gives the length of a standstill
    /// that has just ended.
    pub fn look(&mut self, now: Instant) -> Option<Duration> {
        let gap = now.saturating_duration_since(self.looked);
        let began = std::mem::replace(&mut self.looked, now);
        if gap <= GAP_MAX {
            return None;
        }
        self.last = Some((self.came(began), now + CATCH_UP));
        Some(gap)
    }

    /// The earliest moment at which something taken in at `now` may have come.
    pub fn came(&self, now: Instant) -> Instant {
        self.last.filter(|(_, until)| now <= *until).map_or(now, |(since, _)| since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_right_after_a_standstill_may_be_as_old_as_it_and_later_not() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut standstill = Standstill::new(start);
        assert_eq!(standstill.look(at(900)), None);
        assert_eq!(standstill.came(at(901)), at(901));
        assert_eq!(standstill.look(at(30_900)), Some(Duration::from_secs(30)));
        for ms in [30_900, 31_000, 33_900] {
            assert_eq!(standstill.came(at(ms)), at(900), "{ms}");
        }
        assert_eq!(standstill.came(at(33_901)), at(33_901));
    }

    #[test]
    fn two_standstills_in_a_row_are_one() {
        let start = Instant::now();
        let at = |s: u64| start + Duration::from_secs(s);
        let mut standstill = Standstill::new(start);
        standstill.look(at(20));
        standstill.look(at(22));
        assert_eq!(standstill.came(at(23)), start);
    }
}
