//! How long people will wait: for each service "if you took a number now", and for each ticket.
//!
//! An estimate is made in three steps, each in a file of its own:
//!
//! 1. `ahead`: how many calls of the service come first, by class and policy.
//! 2. `crew`: how fast those are called: the windows that can serve them, with their hours, breaks and
//!    pauses, what else they serve (`rivals`), how fast their clerks are; and those who give up meanwhile.
//! 3. `calibration`: what the estimates given so far were worth. It corrects the median by how far
//!    earlier ones were off, and says how far the 90 % bound must lie above it for nine of ten to come
//!    true (an adaptive quantile, as in Gibbs and Candès 2021, by the number ahead). `bounds` says when
//!    one passes: that it did not come true is known then, and not only when its ticket is called.
//!
//! Where windows serve one service each the second step is close to the truth; where they are shared, and
//! services compete by index, less so. So it is mixed with the age of the head of the line, the estimator
//! HOL of Ibrahim and Whitt (2009), scaled to the ticket's place: each counts by what it was off lately
//! that the other was not.
//!
//! What is shown is as of the hall's last event: nothing jumps without one. With the clock falls only what
//! the clock decides, the time until windows come back from a break or until a slot: a service that has taken
//! long goes on about as long as a new one, so that while nobody is called nobody's turn comes nearer. Floats
//! are used here, never in `apply`: an estimate that was given is in the journal.

mod ahead;
pub(crate) mod bounds;
pub(crate) mod calibration;
mod crew;
mod kept;
mod rivals;

use hall_protocol::id::ServiceId;
use hall_protocol::local::{LocalTime, Weekday};
use hall_protocol::payload::{Class, WaitMinutes, WindowMode};
use serde::{Deserialize, Serialize};

use self::ahead::Ahead;
use self::crew::{Crew, Loads};
pub use self::kept::Kept;
use crate::hall::{Hall, as_f64};
use crate::plan::Routing;
use crate::queue::Line;
use crate::ticket::{TicketId, TicketState};
use crate::time::{HallTime, Now};

/// Beyond it nobody plans by an estimate: it is cut there.
const LONGEST_MINUTES: f64 = 8.0 * 60.0;
const MINUTES_A_DAY: f64 = 1_440.0;
/// A line is grown when its head has waited for one in so many of the minutes its windows need; what the
/// head of a younger one says counts for less, at the opening for nothing.
const GROWN: f64 = 4.0;
/// Who comes to an idle window is called within so many seconds: its clerk has to press a key.
const IDLE_SECONDS: u32 = 120;

/// How long until a ticket is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Half of all wait less, in seconds.
    pub median_seconds: u32,
    /// Nine of ten wait less, in seconds; at least the median.
    pub p90_seconds: u32,
    /// So many calls of the service are expected before its own.
    pub ahead: u32,
    /// The median by the windows alone, in seconds: later estimates learn from how far it was off,
    pub crew_seconds: u32,
    /// and by the age of the head of the line alone, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_seconds: Option<u32>,
}

impl Estimate {
    /// As people are told it: half wait less than the first number of minutes, nine of ten less than the
    /// second; the longer, the rounder.
    pub fn minutes(self) -> WaitMinutes {
        let step = |seconds: u32| match seconds {
            0..600 => 60,
            600..1_800 => 300,
            1_800..7_200 => 600,
            _ => 1_800,
        };
        let minutes = |seconds: u32| u16::try_from(seconds / 60).unwrap_or(u16::MAX).max(1);
        let from = self.median_seconds / step(self.median_seconds) * step(self.median_seconds);
        let to = self.p90_seconds.next_multiple_of(step(self.p90_seconds));
        WaitMinutes { from_minutes: minutes(from), to_minutes: minutes(to) }
    }

    /// Now, and no later than in so many seconds. What is learnt from it stays what the windows said.
    fn at_most(self, seconds: u32) -> Self {
        Self { median_seconds: 0, p90_seconds: self.p90_seconds.min(seconds), ahead: 0, ..self }
    }

    fn sooner(self, seconds: u32) -> Self {
        let sooner = |estimate: u32| estimate.saturating_sub(seconds);
        let (median_seconds, p90_seconds) = (sooner(self.median_seconds), sooner(self.p90_seconds));
        Self { median_seconds, p90_seconds, ..self }
    }
}

/// The state of one moment, read once for any number of estimates.
#[derive(Debug)]
pub(crate) struct Forecast<'a> {
    hall: &'a Hall,
    /// As of when.
    at: HallTime,
    /// The same, in minutes of the local day.
    minute: f64,
    /// Whose hours hold today; none on a holiday.
    weekday: Option<Weekday>,
    /// How long ago that was.
    passed_ms: u64,
    loads: Loads,
}

impl Hall {
    /// How long somebody would wait who took a number of `service` in `class` at `now`; `None` when
    /// no window is there, or will be today, to serve it.
    pub fn estimate(&self, service: ServiceId, class: Class, now: Now) -> Option<Estimate> {
        let index = self.plan.service_index(service)?;
        let forecast = self.forecast_at_last_event(now);
        forecast.newcomer(index, class)
    }

    /// For each service of the plan, in its order, how long an ordinary newcomer would wait. O(windows
    /// and their services squared).
    pub fn estimates(&self, now: Now) -> Vec<Option<Estimate>> {
        let forecast = self.forecast_at_last_event(now);
        let of = |index| forecast.newcomer(index, Class::Ordinary);
        (0..self.plan.services().len()).map(of).collect()
    }

    /// How long a ticket that waits will go on waiting; `None` for any other. O(those before it).
    pub fn estimate_of(&self, ticket: TicketId, now: Now) -> Option<Estimate> {
        self.forecast_at_last_event(now).ticket(ticket)
    }

    /// How many calls come before that of a ticket that waits, also where no window is there to make them;
    /// `None` for any other. O(those before it).
    pub(crate) fn calls_ahead(&self, ticket: TicketId, now: Now) -> Option<u32> {
        let ticket = self.tickets.get(ticket).filter(|ticket| ticket.state.waits())?;
        let index = self.plan.service_index(ticket.service)?;
        Some(whole(Ahead::of_ticket(&self.forecast_at_last_event(now), index, ticket).calls))
    }

    /// As of the last event.
    fn forecast_at_last_event(&self, now: Now) -> Forecast<'_> {
        Forecast::new(self, now, now.at.ms_since(self.at))
    }

    /// As of `now`, at which something is about to happen.
    pub(crate) fn forecast(&self, now: Now) -> Forecast<'_> {
        Forecast::new(self, now, 0)
    }
}

impl<'a> Forecast<'a> {
    /// As of `passed_ms` before `now`.
    fn new(hall: &'a Hall, now: Now, passed_ms: u64) -> Self {
        Self::at_local(hall, now.at, hall.plan.local(now), passed_ms)
    }

    /// As of `passed_ms` before this moment, told by both clocks.
    pub(crate) fn at_local(hall: &'a Hall, at: HallTime, local: LocalTime, passed_ms: u64) -> Self {
        let second = as_f64(u64::try_from(at.unix_ms().rem_euclid(60_000)).unwrap_or(0)) / 6e4;
        let minute = f64::from(local.minute()) + second - as_f64(passed_ms) / 6e4;
        // The last event may be of a day before.
        let days = (minute / MINUTES_A_DAY).floor();
        let minute = minute - days * MINUTES_A_DAY;
        #[allow(clippy::cast_possible_truncation)]
        let date = local.date().plus_days(days as i32);
        let weekday = hall.plan.calendar().works_like(date);
        let at = at.plus_ms(-i64::try_from(passed_ms).unwrap_or(0));
        Self { hall, at, minute, weekday, passed_ms, loads: Loads::new(hall) }
    }

    /// Somebody who takes a number now.
    pub(crate) fn newcomer(&self, index: usize, class: Class) -> Option<Estimate> {
        let crew = Crew::of_service(self, index)?;
        let estimate = self.estimate(index, Ahead::of_newcomer(self, index, class), &crew, class)?;
        Some(if self.is_called_now(index, 0) { estimate.at_most(IDLE_SECONDS) } else { estimate })
    }

    /// Whether nobody waits but these `own`, at most one, and a window that serves it is idle: one that is armed
    /// calls whoever comes, any other with its next press. O(windows of the service and their services) while
    /// nobody else waits.
    fn is_called_now(&self, index: usize, own: u32) -> bool {
        let hall = self.hall;
        if hall.waiting_at_index(index) > own {
            return false;
        }
        let Some(service) = hall.plan.services().get(index) else { return false };
        let waiting =
            |other: ServiceId| hall.waiting(other).saturating_sub(if other == service.id { own } else { 0 });
        let nobody = (self.at, TicketId(u64::MAX));
        let mut idle = hall.coverage.serving(index).iter().filter_map(|place| {
            let (window, state) = (hall.plan.windows().get(*place)?.id, hall.windows.get(*place)?);
            let is_idle = state.mode == WindowMode::Open && state.hand.is_none();
            is_idle.then_some((window, state.armed))
        });
        idle.any(|(window, armed)| {
            let kept = || {
                hall.best_armed(service.id, Some(nobody), std::iter::once((window, ())), self.at).is_none()
            };
            let busy = || hall.allocation(window).iter().any(|(_, other)| waiting(other) > 0);
            if armed { !kept() } else { !busy() }
        })
    }

    /// Somebody who comes back to stand behind so many.
    pub(crate) fn behind(&self, index: usize, calls: u32) -> Option<Estimate> {
        let crew = Crew::of_service(self, index)?;
        self.estimate(index, Ahead::behind(self, index, calls), &crew, Class::Ordinary)
    }

    /// Somebody who checks in for a slot, and stands by it since `standing`.
    pub(crate) fn check_in(&self, index: usize, standing: HallTime) -> Option<Estimate> {
        let crew = Crew::of_service(self, index)?;
        let ahead = Ahead::of_check_in(self, index, standing);
        Some(self.not_before(standing, self.estimate(index, ahead, &crew, Class::Appointment)?))
    }

    fn ticket(&self, id: TicketId) -> Option<Estimate> {
        let ticket = self.hall.tickets.get(id)?;
        let index = self.hall.plan.service_index(ticket.service)?;
        let crew = match ticket.state {
            TicketState::Waiting | TicketState::Deferred { .. } => Crew::of_service(self, index)?,
            TicketState::WaitingFor { window } => {
                Crew::of_window(self, self.hall.plan.window_index(window)?, index)?
            }
            _ => return None,
        };
        let estimate = self.estimate(index, Ahead::of_ticket(self, index, ticket), &crew, ticket.class)?;
        let is_alone = || ticket.state == TicketState::Waiting && self.is_called_now(index, 1);
        Some(match ticket.line() {
            Line::Appointment => self.not_before(ticket.standing, estimate),
            Line::Ordinary | Line::Priority if is_alone() => estimate.at_most(IDLE_SECONDS),
            Line::Ordinary | Line::Priority => estimate,
        })
    }

    /// Nobody is promised to be called before the slot.
    fn not_before(&self, slot: HallTime, estimate: Estimate) -> Estimate {
        let to_slot_ms = slot.ms_since(self.at).saturating_sub(self.passed_ms);
        let seconds = u32::try_from(to_slot_ms / 1_000).unwrap_or(u32::MAX);
        let later = |estimate: u32| estimate.max(seconds);
        let (median_seconds, p90_seconds) = (later(estimate.median_seconds), later(estimate.p90_seconds));
        Estimate { median_seconds, p90_seconds, ..estimate }
    }

    fn estimate(&self, index: usize, ahead: Ahead, crew: &Crew, class: Class) -> Option<Estimate> {
        let calibration = &self.hall.calibration;
        let leave_rate = calibration.leave_rate();
        let learnt = self.hall.learnt.get(index).map(|learnt| learnt.lean).unwrap_or_default();
        let lean = calibration.lean(learnt, class, crew.guessed());
        let crew_minutes = |calls: f64| Some(crew.minutes_until(calls, leave_rate)?.min(LONGEST_MINUTES));
        // What is known is no matter of experience. And the head of a line that nobody calls says nothing.
        let known = crew.known_minutes();
        let head_age = self.head_age(index).filter(|_| known <= 0.0);
        let head_minutes = |calls: f64| Some(head_age? * ahead.part(calls));
        let by_index = self.hall.routing_of(index) == Routing::ServiceLevel;
        let head_part = f64::from(u16::try_from(calibration.head_permille(by_index)).unwrap_or(0)) / 1e3;
        let median = |calls: f64| {
            let crew = crew_minutes(calls)? - known + 1.0;
            let mean = head_minutes(calls).zip(head_age).map_or(crew, |(head, age)| {
                // The head of a line that is young yet has not waited for what is before the last one. The
                // line's age, not its part for these calls: else who stands further back, where the windows
                // need as long as can be said, would be told less.
                let head_part = head_part * (GROWN * (age + 1.0) / crew).min(1.0);
                crew.powf(1.0 - head_part) * (head + 1.0).powf(head_part)
            });
            Some(((mean * lean).max(1.0) - 1.0).min(LONGEST_MINUTES))
        };
        let guessed = median(ahead.calls)?;
        let bound = (known + calibration.bound(ahead.calls, guessed, median)).min(LONGEST_MINUTES);
        let minutes = (known + guessed).min(LONGEST_MINUTES);
        let estimate = Estimate {
            median_seconds: seconds(minutes),
            p90_seconds: seconds(bound).max(seconds(minutes)),
            ahead: whole(ahead.calls),
            crew_seconds: seconds(crew_minutes(ahead.calls)?),
            head_seconds: head_minutes(ahead.calls).map(seconds),
        };
        Some(estimate.sooner(seconds(known.min(as_f64(self.passed_ms) / 6e4))))
    }

    /// How long the first in line has waited, in minutes.
    fn head_age(&self, index: usize) -> Option<f64> {
        let head = self.hall.queues.get(index).and_then(crate::queue::Queue::first)?;
        Some(as_f64(self.at.ms_since(head.0)) / 6e4)
    }
}

fn seconds(minutes: f64) -> u32 {
    whole(minutes * 60.0)
}

/// Numbers of people and seconds of a day; more ends at the most, less at 0.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64) -> u32 {
    value.round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_round_minutes_that_hold_what_is_meant() {
        for (median_seconds, p90_seconds, told) in [
            (0, 0, (1, 1)),
            (20, 59, (1, 1)),
            (61, 119, (1, 2)),
            (250, 430, (4, 8)),
            (700, 1_080, (10, 20)),
            (1_500, 2_300, (25, 40)),
            (3_599, 7_300, (50, 150)),
        ] {
            let (crew_seconds, head_seconds) = (median_seconds, None);
            let estimate = Estimate { median_seconds, p90_seconds, ahead: 3, crew_seconds, head_seconds };
            let WaitMinutes { from_minutes, to_minutes } = estimate.minutes();
            assert_eq!((from_minutes, to_minutes), told, "{estimate:?}");
            assert!(u32::from(to_minutes) * 60 >= p90_seconds);
        }
    }
}
