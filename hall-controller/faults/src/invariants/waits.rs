//! The books of waiting: nobody is passed over longer than the policy's bound says.
//!
//! The bounds are those that `core/src/routing`, [`hall_core::plan::Policy`] and the rule of appointments state.
//! In calls of a service they are counted for each ticket from when it joins its queue; in time, from when the one
//! who has waited longest at a window has waited for the starvation time.

use std::collections::BTreeMap;

use hall_core::Hall;
use hall_core::event::{Event, Stamped};
use hall_core::plan::{Plan, Routing};
use hall_core::ticket::TicketState;
use hall_core::time::HallTime;
use hall_protocol::id::{ServiceId, WindowId};

use super::calls::{Candidate, Line, Passes, Place, Turn};
use super::policies::Weighed;
use super::{Checked, Invariant, Ledger, violated};

/// By service level, one in so many calls at a window is for who has waited longest there, when that is for the
/// starvation time.
const STARVING_ONE_IN: u16 = 4;

/// One who waits in the queue of a service.
#[derive(Debug, Clone, Copy)]
struct Wait {
    place: Place,
    service: ServiceId,
    line: Line,
    /// How many have stood before it while it waited.
    before: u32,
    /// Calls of its service since it waits; of an appointment since its slot.
    calls: u32,
    /// While it waited a policy held under which classes pass.
    passable: bool,
}

impl Wait {
    /// Whether `other` is to be called before this one whatever passes.
    fn is_behind(&self, other: &Self) -> bool {
        let counts = self.line != Line::Slot || other.line == Line::Slot;
        counts && other.service == self.service && other.place < self.place
    }

    /// Within so many calls of its service it is called; `None` for no bound.
    fn bound(&self, plan: &Plan) -> Option<u32> {
        let policy = plan.policy();
        let (by_class, by_slot) =
            (u32::from(policy.priority_quota), u32::from(policy.appointment_quota.max(2)));
        // Those who pass: one at once, and one more after so many calls that pass nobody.
        let passing =
            |calls: u32, quota: u32| Some(1 + calls / quota.checked_sub(1).filter(|rest| *rest > 0)?);
        let by_class = |calls| if self.passable { passing(calls, by_class) } else { Some(0) };
        if self.line == Line::Slot {
            let before = self.before + 1;
            return Some(before * by_slot + by_class(before * (by_slot - 1))?);
        }
        let books = plan.services().iter().any(|service| !service.slots.is_empty());
        let by_slot = if books { passing(self.before, by_slot)? } else { 0 };
        Some(self.before + 1 + by_class(self.before)? + by_slot)
    }
}

/// Who waits, and since when in vain.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// In the order of their ids.
    all: Vec<Wait>,
    /// At each window, the calls that passed one who starves, one after the other.
    passed: BTreeMap<WindowId, u16>,
}

impl Waits {
    /// Who waits now. Who stands where it stood goes on waiting; everybody else begins.
    fn follow(&mut self, hall: &Hall) {
        let mut old = std::mem::take(&mut self.all).into_iter().peekable();
        let mut begin = Vec::new();
        for ticket in hall.tickets().filter(|ticket| ticket.state == TicketState::Waiting) {
            let (place, service, line) = ((ticket.standing, ticket.id), ticket.service, Line::of(ticket));
            while old.next_if(|wait| wait.place.1 < ticket.id).is_some() {}
            let before = old.next_if(|wait| wait.place.1 == ticket.id);
            let is_slot = line == Line::Slot;
            let goes_on = before.filter(|wait| {
                (wait.place, wait.service, wait.line == Line::Slot) == (place, service, is_slot)
            });
            if goes_on.is_none() {
                begin.push(self.all.len());
            }
            self.all.push(goes_on.unwrap_or(Wait {
                place,
                service,
                line,
                before: 0,
                calls: 0,
                passable: false,
            }));
        }
        for new in begin.iter().map(|at| self.all[*at]).collect::<Vec<_>>() {
            for (at, wait) in self.all.iter_mut().enumerate() {
                wait.before += u32::from(wait.is_behind(&new) && !begin.contains(&at));
            }
        }
        for at in begin {
            let behind = self.all.iter().filter(|other| self.all[at].is_behind(other)).count();
            self.all[at].before = u32::try_from(behind).unwrap_or(u32::MAX);
        }
    }

    /// A call of this turn's service, for all who wait for it.
    fn count(&mut self, turn: Turn, plan: &Plan, routing: Routing, at: HallTime) -> Checked {
        let id = |wait: &Wait| wait.place.1;
        let queued = self.all.binary_search_by(|wait| id(wait).cmp(&turn.called.place.1)).is_ok();
        for wait in self.all.iter_mut().filter(|wait| wait.service == turn.called.service) {
            if wait.line == Line::Slot && wait.place.0 > at {
                continue;
            }
            wait.calls += 1;
            wait.passable |= routing != Routing::Fcfs;
            // One who waited elsewhere, for a window alone, stood before nobody and used no quota.
            wait.before += u32::from(!queued);
            let Some(bound) = wait.bound(plan) else { continue };
            let is_called = id(wait) == turn.called.place.1;
            if wait.calls > bound || (wait.calls == bound && !is_called) {
                let (wait, window) = (*wait, turn.window);
                return violated(Invariant::NobodyStarves, || {
                    format!(
                        "{} is to be called within {bound} calls; window {window} calls {:?}: {wait:?}",
                        id(&wait),
                        turn.called
                    )
                });
            }
        }
        Ok(())
    }
}

impl Ledger {
    /// A call in turn: has anybody been passed over for too long by it?
    pub(super) fn nobody_starves(&mut self, turn: Turn, weighed: &Weighed, at: HallTime) -> Checked {
        self.waits.count(turn, self.hall.plan(), self.policies.of(turn.called.service), at)?;
        let policy = self.hall.plan().policy();
        let starves =
            |one: &&Candidate| at.ms_since(one.place.0) >= u64::from(policy.starvation_minutes) * 60_000;
        let is_passed = |one: &&Candidate| one.place < turn.called.place;
        let oldest = weighed.own.iter().min_by_key(|one| one.place).filter(starves);
        if oldest.is_some() && weighed.own.len() > 1 {
            self.kinds.insert("starving");
        }
        if turn.promised || turn.passes == Passes::BySlot {
            // Appointments have a bound of their own.
            return Ok(());
        }
        let has_waited = |oldest: &Candidate, why: &str| {
            violated(Invariant::NobodyStarves, || {
                format!(
                    "{oldest:?} has waited longest at window {}, which calls {:?}: {why}",
                    turn.window, turn.called
                )
            })
        };
        if weighed.routing == Routing::Accumulating {
            if let Some(oldest) = oldest.filter(is_passed) {
                return has_waited(oldest, "for the starvation time");
            }
            let ordinary = u64::from(policy.ordinary_credit_permille.min(1_000));
            let credit = at.ms_since(turn.called.place.0) * 1_000;
            let more = |one: &&Candidate| is_passed(one) && at.ms_since(one.place.0) * ordinary > credit;
            if let Some(one) = weighed.own.iter().find(more) {
                return has_waited(one, "with more credit");
            }
        }
        let Some(oldest) = weighed.oldest_by_service_level().filter(starves).filter(is_passed) else {
            self.waits.passed.remove(&turn.window);
            return Ok(());
        };
        let passed = self.waits.passed.entry(turn.window).or_default();
        *passed += 1;
        if *passed >= STARVING_ONE_IN { has_waited(oldest, "once more") } else { Ok(()) }
    }

    /// The hall of the books has taken an event over: who waits now?
    pub(super) fn waits_follow(&mut self, stamped: &Stamped) {
        if matches!(stamped.event, Event::PlanAdopted { .. } | Event::DayBegan { .. }) {
            self.waits = Waits::default();
        } else if stamped.event.ticket().is_none() {
            return;
        }
        self.waits.follow(&self.hall);
    }
}
