//! How many calls of its service come before a ticket's own.
//!
//! Those who stand before it are counted, and by class and policy those who will pass it or whom it will
//! pass. Who comes later and passes is not known yet; what that costs is learnt by the calibration.

use hall_protocol::payload::Class;

use super::Forecast;
use crate::hall::as_f64;
use crate::plan::Routing;
use crate::queue::{Line, Place, Queue};
use crate::ticket::{Ticket, TicketId, TicketState};
use crate::time::HallTime;

/// Of those who booked a slot and have not come yet, so many will.
const WILL_COME: f64 = 0.7;
/// Slots so many minutes ahead are counted as before a newcomer who would wait as long.
const SLOT_MINUTES: i64 = 20;

/// The calls before a ticket's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ahead {
    pub(super) calls: f64,
    /// Those of a newcomer at the end of the same line; at least 1.
    line: f64,
}

impl Ahead {
    pub(super) fn of_newcomer(forecast: &Forecast<'_>, index: usize, class: Class) -> Self {
        let hall = forecast.hall;
        let waiting = f64::from(hall.waiting_at_index(index));
        let priority = hall.queues.get(index).map_or(0, Queue::priority_len);
        let calls = if class.is_priority() {
            forecast.of_priority(index, count(priority), waiting)
        } else {
            waiting + forecast.slots(index)
        };
        Self { calls, line: waiting.max(1.0) }
    }

    /// Somebody who comes back to stand behind so many.
    pub(super) fn behind(forecast: &Forecast<'_>, index: usize, calls: u32) -> Self {
        let line = f64::from(forecast.hall.waiting_at_index(index)).max(1.0);
        Self { calls: f64::from(calls), line }
    }

    /// Somebody who checks in for a slot, and stands by it since `standing`.
    pub(super) fn of_check_in(forecast: &Forecast<'_>, index: usize, standing: HallTime) -> Self {
        let waiting = f64::from(forecast.hall.waiting_at_index(index));
        let queue = forecast.hall.queues.get(index);
        let due = queue.map_or(0, |queue| queue.appointments_before((standing, TicketId(u64::MAX))));
        Self { calls: forecast.of_appointment(waiting, count(due)), line: waiting.max(1.0) }
    }

    pub(super) fn of_ticket(forecast: &Forecast<'_>, index: usize, ticket: &Ticket) -> Self {
        let hall = forecast.hall;
        let line = f64::from(hall.waiting_at_index(index)).max(1.0);
        let place = (ticket.standing, ticket.id);
        let calls = match ticket.state {
            TicketState::Deferred { calls_left } => f64::from(calls_left).min(line - 1.0),
            TicketState::WaitingFor { window } => {
                let queue = hall.plan.window_index(window).and_then(|index| hall.window_queues.get(index));
                queue.map_or(0.0, |queue| count(queue.before(place)))
            }
            _ => {
                let Some(queue) = hall.queues.get(index) else { return Self { calls: 0.0, line } };
                let due = queue.appointments_before(place);
                match ticket.line() {
                    Line::Appointment => {
                        forecast.of_appointment(count(queue.before(place)) + count(due), count(due))
                    }
                    Line::Priority => {
                        let before = count(queue.before(place)) + count(due);
                        forecast.of_priority(index, count(queue.priority_before(place)), before)
                    }
                    Line::Ordinary => forecast.of_ordinary(index, queue, place),
                }
            }
        };
        Self { calls, line }
    }

    /// Which part of the line so many calls are.
    pub(super) fn part(self, calls: f64) -> f64 {
        ((calls + 1.0) / (self.line + 1.0)).min(1.0)
    }
}

impl Forecast<'_> {
    /// Before an ordinary one: who stands before it, and of those who wait behind it whom their class or
    /// their slot lets pass in the meantime.
    fn of_ordinary(&self, index: usize, queue: &Queue, place: Place) -> f64 {
        let policy = self.hall.plan.policy();
        let since = |since: &[u16]| usize::from(since.get(index).copied().unwrap_or(u16::MAX));
        let due = queue.appointments_before(place);
        let before = queue.before(place) + due;
        let class = Passes {
            before: queue.priority_before(place),
            all: queue.priority_before(place) + self.passers(index, queue, place, before),
            between: usize::from(policy.priority_quota.max(1)) - 1,
            since: since(&self.hall.since_pass),
        };
        let slot = Passes {
            before: due,
            all: queue.appointments_before((self.at, TicketId(u64::MAX))).max(due),
            between: usize::from(policy.appointment_quota.max(2)) - 1,
            since: since(&self.hall.since_appointment),
        };
        count(before + overtakers(before, &[class, slot]))
    }

    /// How many of a priority class who wait behind `place` the policy lets pass, the quota apart.
    fn passers(&self, index: usize, queue: &Queue, place: Place, before: usize) -> usize {
        match self.hall.routing_of(index) {
            Routing::Fcfs => 0,
            Routing::Priority | Routing::ServiceLevel => queue.priority_behind(place).count(),
            // Whose faster credit has made good by its call that they came later.
            Routing::Accumulating => {
                let permille = self.hall.plan.policy().ordinary_credit_permille.min(1_000);
                let slower = 1.0 - f64::from(permille) / 1e3;
                let windows = count(self.hall.coverage.serving(index).len()).max(1.0);
                let to_go_ms = count(before) * self.hall.usual_ms(index) / windows;
                let wait_ms = as_f64(self.at.ms_since(place.0)) + to_go_ms;
                let later = |(other, _): &&Place| as_f64(other.ms_since(place.0)) < slower * wait_ms;
                queue.priority_behind(place).take_while(later).count()
            }
        }
    }

    /// Before one of a priority class: `priority` of such classes, and `all` in all.
    fn of_priority(&self, index: usize, priority: f64, all: f64) -> f64 {
        let policy = self.hall.plan.policy();
        match self.hall.routing_of(index) {
            Routing::Fcfs => all,
            // One of so many calls passes.
            Routing::Priority | Routing::ServiceLevel => {
                let quota = f64::from(policy.priority_quota.max(1));
                let since = self.hall.since_pass.get(index).copied().unwrap_or(0);
                let first = (quota - 1.0 - f64::from(since)).max(0.0);
                all.min(first + priority * quota)
            }
            // Credit grows by the wait: with waits spread evenly over the line it passes those whose
            // lead its faster growth makes good until its turn comes.
            Routing::Accumulating => {
                let ordinary = f64::from(policy.ordinary_credit_permille.clamp(1, 1_000)) / 1e3;
                let others = (all - priority).max(0.0);
                let passes = (1.0 - ordinary) / ordinary * others / all.max(1.0);
                all / (1.0 + passes)
            }
        }
    }

    /// Before one of a slot, with `due` of them before it and `all` in all: at most one of so many calls
    /// is for a slot, the earliest first.
    fn of_appointment(&self, all: f64, due: f64) -> f64 {
        let quota = f64::from(self.hall.plan.policy().appointment_quota.max(2));
        all.min((due + 1.0) * quota - 1.0)
    }

    /// Slots that begin soon: of each, those booked who are still expected.
    fn slots(&self, index: usize) -> f64 {
        let Some(service) = self.hall.plan.services().get(index).filter(|service| !service.slots.is_empty())
        else {
            return 0.0;
        };
        let until = self.at.plus_ms(SLOT_MINUTES * 60_000);
        let booked = self.hall.appointments.expected_before(until);
        count(booked.filter(|appointment| appointment.service == service.id).count()) * WILL_COME
    }
}

/// Those who may pass by one quota: so many calls by seniority lie between two of them.
#[derive(Debug, Clone, Copy)]
struct Passes {
    /// Who stand before the ticket, and pass first.
    before: usize,
    all: usize,
    between: usize,
    /// Calls by seniority since the last of them passed.
    since: usize,
}

impl Passes {
    /// How many have passed when so many have been called by seniority, and whoever may pass has.
    fn after(self, called: usize) -> usize {
        let first = self.between.saturating_sub(self.since);
        match called.checked_sub(first).map(|called| called.checked_div(self.between)) {
            None => 0,
            Some(Some(passes)) => self.all.min(passes + 1),
            Some(None) => self.all,
        }
    }
}

/// How many who stand behind a ticket are called before it, when so many stand `before` it. O(log of those).
fn overtakers(before: usize, passes: &[Passes]) -> usize {
    let used = |called: usize| -> usize { passes.iter().map(|it| it.after(called).min(it.before)).sum() };
    // Called by seniority before it: those before it who have not passed.
    let (mut enough, mut few) = (before, 0);
    while few < enough {
        let called = few.midpoint(enough);
        if called + used(called) >= before {
            enough = called;
        } else {
            few = called + 1;
        }
    }
    passes.iter().map(|it| it.after(enough).saturating_sub(it.before)).sum()
}

/// Tickets of a day: far fewer than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
fn count(len: usize) -> f64 {
    len as f64
}
