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

/// After a standstill it takes this long until what waited in all buffers has come over a connection that
/// holds: those of the embedded broker, which stood still as well, are emptied one after another.
const CATCH_UP: Duration = Duration::from_secs(3);

/// Notices standstills between two looks at the time.
#[derive(Debug)]
pub struct Standstill {
    looked: Instant,
    last: Option<Last>,
}

/// The last standstill.
#[derive(Debug, Clone, Copy)]
struct Last {
    since: Instant,
    /// What comes until then may have come during the standstill; without an end while the connection that
    /// would bring it is away.
    until: Option<Instant>,
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
        let since = self.last.filter(|last| last.lasts(now)).map_or(began, |last| last.since);
        self.last = Some(Last { since, until: Some(now + CATCH_UP) });
        Some(gap)
    }

    /// The connection that brings what waited broke: a standing process says nothing, and is given up.
    /// The rest of it comes over the next one.
    pub fn disconnected(&mut self, now: Instant) {
        if let Some(last) = self.last.as_mut().filter(|last| last.lasts(now)) {
            last.until = None;
        }
    }

    /// There is a connection again, and what waited begins to come over it.
    pub fn connected(&mut self, now: Instant) {
        if let Some(last) = self.last.as_mut().filter(|last| last.lasts(now)) {
            last.until = Some(now + CATCH_UP);
        }
    }

    /// The earliest moment at which something taken in at `now` may have come.
    pub fn came(&self, now: Instant) -> Instant {
        self.last.filter(|last| last.lasts(now)).map_or(now, |last| last.since)
    }
}

impl Last {
    fn lasts(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times after a start, and one that looks at it for the first time.
    fn started() -> (impl Fn(u64) -> Instant, Standstill) {
        let start = Instant::now();
        (move |ms| start + Duration::from_millis(ms), Standstill::new(start))
    }

    #[test]
    fn what_comes_right_after_a_standstill_may_be_as_old_as_it_and_later_not() {
        let (at, mut standstill) = started();
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
        let (at, mut standstill) = started();
        standstill.look(at(20_000));
        standstill.look(at(22_000));
        assert_eq!(standstill.came(at(23_000)), at(0));
    }

    #[test]
    fn what_waited_at_the_broker_while_the_link_came_back_is_as_old_as_the_standstill() {
        let (at, mut standstill) = started();
        standstill.look(at(30_000));
        standstill.disconnected(at(30_100));
        // The connection takes its time.
        for ms in (31_000..50_000).step_by(1_000) {
            standstill.look(at(ms));
        }
        assert_eq!(standstill.came(at(50_000)), at(0));
        standstill.connected(at(50_000));
        assert_eq!(standstill.came(at(53_000)), at(0));
        assert_eq!(standstill.came(at(53_001)), at(53_001));
    }

    #[test]
    fn an_outage_without_a_standstill_makes_nothing_old() {
        let (at, mut standstill) = started();
        standstill.look(at(2_000));
        for ms in (3_000..20_000).step_by(1_000) {
            standstill.look(at(ms));
        }
        standstill.disconnected(at(20_000));
        standstill.connected(at(20_500));
        assert_eq!(standstill.came(at(20_600)), at(20_600));
    }
}
