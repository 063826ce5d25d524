//! Whether a process, or the broker that brings it presses, stood still: stopped, suspended, or starved of its
//! processor.
//!
//! What comes meanwhile lies in buffers that have no clock. A press in them still says that it is some
//! milliseconds old, and its clerk has long gone. Only the gap in our own time tells how old it may be, and for a
//! broker how long no pulse has come back from it: a message to itself that the process sends all the time.
//! Pure: time comes in.

use std::time::{Duration, Instant};

/// How often the link looks at the time when nothing happens.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A longer gap is a standstill; shorter ones are a busy machine's.
const GAP_MAX: Duration = Duration::from_secs(1);

/// How often a pulse is sent.
pub const PULSE_EVERY: Duration = Duration::from_secs(1);

/// A link without a pulse for longer stands still, as far as anybody can know.
pub const UNPROVEN_MAX: Duration = Duration::from_secs(3);

/// After a standstill it takes this long until what waited in all buffers has come over a connection that
/// holds: those of the embedded broker, which stood still as well, are emptied one after another.
const CATCH_UP: Duration = Duration::from_secs(3);

/// Notices standstills between two looks at the time.
#[derive(Debug)]
pub struct Standstill {
    looked: Instant,
    /// When the latest pulse that came back was sent; none where no pulses are sent.
    proven: Option<Instant>,
    /// Where pulses are sent nothing counts as older.
    age_max: Option<Duration>,
    last: Option<Last>,
    /// The last time that no pulse came.
    unproven: Option<Last>,
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
        Self { looked: now, proven: None, age_max: None, last: None, unproven: None }
    }

    /// To be called at every turn, at least every [`LOOK_EVERY`]. Gives the length of a standstill
    /// that has just ended.
    pub fn look(&mut self, now: Instant) -> Option<Duration> {
        let gap = now.saturating_duration_since(self.looked);
        let began = std::mem::replace(&mut self.looked, now);
        if gap <= GAP_MAX {
            return None;
        }
        self.last = Some(Last::going_on(self.last, began, now));
        Some(gap)
    }

    /// Pulses are sent, and the link was last known to be alive at `proven`: what waited since then comes first.
    ///
    /// Nothing counts as older than `age_max`, at which no press is done any more: a link may be away for a night.
    pub fn pulses_since(&mut self, proven: Instant, age_max: Duration) {
        (self.proven, self.age_max) = (Some(proven), Some(age_max));
    }

    /// A pulse came back at `now` that was sent at `sent`.
    pub fn pulsed(&mut self, sent: Instant, now: Instant) {
        let before = self.proven.replace(self.proven.map_or(sent, |proven| proven.max(sent)));
        if let Some(before) = before.filter(|before| is_unproven(*before, now)) {
            self.unproven = Some(Last::going_on(self.unproven, before, now));
        }
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

    /// The same by this process's own standstill alone: for papers that a kiosk printed while the line was down. It
    /// says truly when that was, and again each time until it is answered.
    pub fn came_here(&self, now: Instant) -> Instant {
        self.last.filter(|last| last.lasts(now)).map_or(now, |last| last.since)
    }

    /// The earliest moment at which something taken in at `now` may have come.
    pub fn came(&self, now: Instant) -> Instant {
        let here = self.came_here(now);
        let unproven = self.proven.filter(|proven| is_unproven(*proven, now));
        let before = self.unproven.filter(|last| last.lasts(now)).map(|last| last.since);
        let came = before.into_iter().chain(unproven).fold(here, Instant::min);
        let oldest = self.age_max.and_then(|age_max| now.checked_sub(age_max));
        oldest.map_or(came, |oldest| came.max(oldest))
    }
}

fn is_unproven(proven: Instant, now: Instant) -> bool {
    now.saturating_duration_since(proven) > UNPROVEN_MAX
}

impl Last {
    /// One that began at `began` and has just ended; if `before` still lasts it is the same.
    fn going_on(before: Option<Self>, began: Instant, now: Instant) -> Self {
        let before = before.filter(|last| last.lasts(now));
        Self { since: before.map_or(began, |last| last.since.min(began)), until: Some(now + CATCH_UP) }
    }

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

    /// Pulses that go out and come back each second, a little later.
    fn beat(standstill: &mut Standstill, at: &impl Fn(u64) -> Instant, seconds: std::ops::Range<u64>) {
        for ms in seconds.map(|second| second * 1_000) {
            standstill.look(at(ms + 20));
            standstill.pulsed(at(ms), at(ms + 20));
        }
    }

    #[test]
    fn what_a_broker_brings_that_stood_still_may_be_as_old_as_its_last_pulse() {
        let (at, mut standstill) = started();
        standstill.pulses_since(at(0), Duration::from_secs(60));
        beat(&mut standstill, &at, 0..10);
        assert_eq!(standstill.came(at(9_500)), at(9_500));
        // It stands from 9.5 s on: two pulses lie in its sockets, then no more are taken.
        for ms in (9_750..50_000).step_by(250) {
            standstill.look(at(ms));
        }
        assert_eq!(standstill.came_here(at(50_000)), at(50_000), "this process did not");
        assert_eq!(standstill.came(at(12_000)), at(12_000), "shorter than that is a busy broker's");
        assert_eq!(standstill.came(at(50_000)), at(9_000), "a press comes before the pulses");
        for sent in [10_000, 11_000] {
            standstill.pulsed(at(sent), at(50_001));
        }
        standstill.pulsed(at(49_900), at(50_002));
        assert_eq!(standstill.came(at(50_003)), at(9_000), "and after them");
        for ms in (50_000..51_000).step_by(250) {
            standstill.look(at(ms));
        }
        beat(&mut standstill, &at, 51..53);
        assert_eq!(standstill.came(at(53_000)), at(9_000));
        assert_eq!(standstill.came(at(53_003)), at(53_003));
    }

    #[test]
    fn a_process_that_begins_knows_how_long_its_link_was_away() {
        let (at, mut standstill) = started();
        let begins = |standstill: &mut Standstill, away_ms: u64| {
            standstill.look(at(20_000));
            standstill.pulses_since(at(20_000 - away_ms), Duration::from_secs(60));
            let first = standstill.came(at(20_000));
            standstill.pulsed(at(20_000), at(20_100));
            (first, standstill.came(at(20_200)))
        };
        assert_eq!(begins(&mut Standstill::new(at(20_000)), 2_000), (at(20_000), at(20_200)));
        assert_eq!(begins(&mut standstill, 12_000), (at(0), at(0)), "with its own standstill before");
        assert_eq!(begins(&mut Standstill::new(at(20_000)), 12_000), (at(8_000), at(8_000)));
    }

    #[test]
    fn a_night_away_makes_nothing_older_than_what_is_refused_anyway() {
        let (at, mut standstill) = started();
        standstill.pulses_since(at(0), Duration::from_secs(11));
        assert_eq!(standstill.came(at(3_600_000)), at(3_589_000));
        standstill.pulsed(at(3_600_000), at(3_600_050));
        assert_eq!(standstill.came(at(3_601_000)), at(3_590_000));
        standstill.pulsed(at(3_602_000), at(3_602_050));
        assert_eq!(standstill.came(at(3_603_051)), at(3_603_051));
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
