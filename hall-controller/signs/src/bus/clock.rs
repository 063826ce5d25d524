//! The clocks that signs keep themselves: from which time and when each is set.
//!
//! A card needs its clock for what it does alone, such as its own hours of brightness. It is set when
//! the sign was found, a day after that, and when the hall's clock jumped, as it does for summer time or
//! when someone sets it. No page waits for it.

use std::time::{Duration, Instant};

use crate::codec::{ClockStep, Codec, Moment, Request};

/// A quartz of the cheapest kind loses some five seconds in this time.
const SET_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// A hall's clock that differs by more than this from what it should show has jumped.
const JUMP_MIN: Duration = Duration::from_secs(2);

/// A clock of minutes is not begun to be set later in the minute than this. It has waited long enough by
/// then to be as urgent as a call.
const INTO_MINUTE_MAX: u8 = 15;

/// Setting a clock of minutes takes several requests, which must not be of two days. Within this time
/// before midnight none is begun.
const BEFORE_MIDNIGHT: Duration = Duration::from_secs(60);

/// The clock on the hall's wall, as it was last told.
#[derive(Debug, Clone, Copy)]
pub(super) struct HallClock {
    told: Moment,
    at: Instant,
}

impl HallClock {
    pub(super) fn new(told: Moment, at: Instant) -> Self {
        Self { told, at }
    }

    /// What it shows.
    pub(super) fn moment(self, now: Instant) -> Moment {
        self.told.after(now.saturating_duration_since(self.at))
    }

    /// Whether it shows something else by now than it would if nobody had touched it.
    pub(super) fn has_jumped_to(self, told: Moment, now: Instant) -> bool {
        self.moment(now).distance(told) >= JUMP_MIN
    }
}

/// The clock of one sign.
#[derive(Debug)]
pub(super) struct SignClock {
    step: ClockStep,
    /// `None` while the hall's time is not known.
    due: Option<Instant>,
    /// Of a setting that is under way, the next one last.
    requests: Vec<Request>,
}

impl SignClock {
    /// `None` for a sign that keeps no clock.
    pub(super) fn of(codec: &dyn Codec) -> Option<Self> {
        Some(Self { step: codec.keeps_clock()?, due: None, requests: Vec::new() })
    }

    /// It may be wrong.
    pub(super) fn doubt(&mut self, hall: Option<HallClock>, now: Instant) {
        self.requests.clear();
        self.due = hall.map(|hall| self.right_time(hall, now));
    }

    /// When it can be set most exactly, from `now` on.
    fn right_time(&self, hall: HallClock, now: Instant) -> Instant {
        let moment = hall.moment(now);
        let wait = match self.step {
            ClockStep::Second => Duration::ZERO,
            ClockStep::Minute => moment.to_next_minute(),
        };
        now + wait
    }

    /// When the next request of it is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// The request that is due, if one is.
    pub(super) fn request(
        &mut self,
        codec: &mut dyn Codec,
        hall: HallClock,
        now: Instant,
    ) -> Option<Request> {
        self.due.filter(|due| *due <= now)?;
        if self.requests.is_empty() {
            let moment = hall.moment(now);
            if let Some(later) = self.better_time(moment) {
                self.due = Some(now + later);
                return None;
            }
            self.requests = codec.set_clock(moment);
            self.requests.reverse();
        }
        if let Some(next) = self.requests.last_mut() {
            *next = codec.numbered(next);
            return Some(next.clone());
        }
        self.leave(now);
        None
    }

    /// How long it should be waited before a setting is begun.
    fn better_time(&self, moment: Moment) -> Option<Duration> {
        if self.step == ClockStep::Second {
            return None;
        }
        if moment.after(BEFORE_MIDNIGHT).date() != moment.date() {
            return Some(BEFORE_MIDNIGHT + moment.to_next_minute());
        }
        (moment.second() > INTO_MINUTE_MAX).then(|| moment.to_next_minute())
    }

    /// A request has been done.
    pub(super) fn done(&mut self, request: &Request, now: Instant) {
        self.requests.pop_if(|next| next == request);
        if self.requests.is_empty() {
            self.leave(now);
        }
    }

    /// A busy sign takes it later; it is another time then.
    pub(super) fn put_off(&mut self) {
        self.requests.clear();
    }

    /// It is set, or cannot be.
    pub(super) fn leave(&mut self, now: Instant) {
        self.requests.clear();
        // From when it was due, which is the beginning of a minute where that matters.
        self.due = self.due.map(|due| (due + SET_EVERY).max(now));
    }
}
