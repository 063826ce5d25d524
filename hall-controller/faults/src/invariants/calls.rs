//! The books of calls: whose turn it was, and how many passed others by their class or their slot.
//!
//! They know who waits, since when and in which class by the journal, and the policy in force for each service
//! ([`super::policies`]); the rest is counted here. So each call is held to what the policy states, and not to what
//! the core counts by itself.

use std::collections::BTreeMap;

use hall_core::event::{CallReason, Event, Stamped};
use hall_core::plan::Routing;
use hall_core::ticket::{Ticket, TicketId, TicketState};
use hall_core::time::HallTime;
use hall_protocol::id::{ServiceId, WindowId};

use super::policies::Weighed;
use super::{Checked, Invariant, Ledger, Violation, violated};

/// A place in a queue: since when its ticket counts as waiting, and which ticket it is.
pub(super) type Place = (HallTime, TicketId);

/// What may let a waiting ticket pass others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Nothing,
    Class,
    /// Of an appointment, until it is first called.
    Slot,
}

impl Line {
    pub(super) fn of(ticket: &Ticket) -> Self {
        if ticket.appointment.is_some() && ticket.called_at.is_none() {
            Self::Slot
        } else if ticket.class.is_priority() && !matches!(ticket.state, TicketState::Deferred { .. }) {
            Self::Class
        } else {
            Self::Nothing
        }
    }
}

/// One who may be called at a window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) place: Place,
    pub(super) service: ServiceId,
    pub(super) line: Line,
    /// Waits for this window alone.
    pub(super) alone: bool,
    /// Waits for a backup service of the window.
    helped: bool,
}

/// A call that somebody chose by the policy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) window: WindowId,
    pub(super) called: Candidate,
    pub(super) passes: Passes,
    /// Its reason is that its slot has come and others wait longer.
    pub(super) promised: bool,
}

/// Whether those who wait longer were passed, and by what right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passes {
    Nobody,
    ByClass,
    BySlot,
}

/// What a window serves, first and second.
#[derive(Debug, Clone)]
pub(super) struct Served {
    primary: Vec<ServiceId>,
    backup: Vec<ServiceId>,
}

/// Calls of a service in their turn since somebody passed; `None` before the day's first.
#[derive(Debug, Default)]
struct Since {
    by_class: Option<u16>,
    by_slot: Option<u16>,
}

/// What each service has had of its quotas.
#[derive(Debug, Default)]
pub(super) struct Quotas(BTreeMap<ServiceId, Since>);

impl Ledger {
    /// Before the hall of the books takes it over: whose turn is it?
    pub(super) fn call_happens(&mut self, stamped: &Stamped) -> Checked {
        let Event::Called { ticket, window, why, .. } = &stamped.event else { return Ok(()) };
        let state = self.hall.ticket(*ticket).map(|ticket| ticket.state);
        if let Some(TicketState::AtWindow { window: other }) = state {
            return violated(Invariant::OnePlace, || {
                format!("{ticket} is called to {window} and at {other}")
            });
        }
        if matches!(why, CallReason::Picked { .. }) {
            return Ok(());
        }
        let candidates = self.candidates(*window, stamped.at);
        if matches!(why, CallReason::Armed { .. }) {
            return self.nobody_waited(*ticket, *window, &candidates, stamped.at);
        }
        let (candidates, later): (Vec<_>, Vec<_>) = candidates
            .iter()
            .copied()
            .partition(|one| self.is_their_tiers_turn(one, &candidates, stamped.at));
        if let Some(helped) = later.iter().find(|one| one.place.1 == *ticket) {
            return violated(Invariant::PrimaryFirst, || {
                format!("{helped:?} is called to {window} ({why:?}) before its own {candidates:?}")
            });
        }
        let (turn, weighed) = self.turn(*ticket, *window, why, &candidates, stamped.at)?;
        let passes_a_group =
            weighed.others.iter().flat_map(|(_, those)| those).any(|one| one.place < turn.called.place);
        let reached = [
            (turn.passes == Passes::ByClass, "passed_by_class"),
            (turn.passes == Passes::BySlot, "passed_by_slot"),
            (turn.called.helped, "helped"),
            (!weighed.others.is_empty(), "of_several_groups"),
            (passes_a_group && !turn.promised, "passed_another_group"),
        ];
        self.kinds.extend(reached.iter().filter(|(is_it, _)| *is_it).map(|(_, kind)| *kind));
        self.within_quota(turn)?;
        self.nobody_starves(turn, &weighed, stamped.at)
    }

    /// An armed window calls who comes where nobody waited: but for those who came with it.
    fn nobody_waited(
        &self,
        ticket: TicketId,
        window: WindowId,
        candidates: &[Candidate],
        at: HallTime,
    ) -> Checked {
        let came_now = |id: TicketId| self.came.0 == at && self.came.1.contains(&id);
        match candidates.iter().find(|one| one.place.1 != ticket && !came_now(one.place.1)) {
            Some(waits) => violated(Invariant::FirstComeFirstServed, || {
                format!("{ticket} is called to the armed window {window}, where there was {waits:?}")
            }),
            None => Ok(()),
        }
    }

    /// Whom this event is about came at its moment, or moved.
    pub(super) fn somebody_came(&mut self, stamped: &Stamped) {
        if self.came.0 != stamped.at {
            self.came = (stamped.at, Vec::new());
        }
        self.came.1.extend(stamped.event.ticket());
    }

    /// What counts from this event on.
    pub(super) fn rules_follow(&mut self, event: &Event) {
        self.policies.follow(event);
        let Quotas(quotas) = &mut self.quotas;
        match event {
            Event::DayBegan { .. } => quotas.clear(),
            Event::PlanAdopted { plan, .. } => quotas.retain(|service, _| plan.service(*service).is_some()),
            Event::Allocated { window, primary, backup, .. } => {
                let served = Served { primary: primary.clone(), backup: backup.clone() };
                self.allocations.insert(*window, served);
                return;
            }
            _ => return,
        }
        self.allocations.clear();
    }

    /// What the window was given to serve, or has by the plan.
    fn served(&self, window: WindowId) -> Served {
        let planned = || {
            let planned = self.hall.plan().window(window);
            planned.map_or(Served { primary: Vec::new(), backup: Vec::new() }, |planned| Served {
                primary: planned.services.clone(),
                backup: planned.backup.clone(),
            })
        };
        self.allocations.get(&window).cloned().unwrap_or_else(planned)
    }

    /// Who may be called at the window; of appointments those whose slot has come.
    fn candidates(&self, window: WindowId, at: HallTime) -> Vec<Candidate> {
        let served = self.served(window);
        let candidate = |ticket: &Ticket| {
            let (standing, alone) = match ticket.state {
                TicketState::Waiting if !is_early(ticket, at) => (ticket.standing, false),
                TicketState::WaitingFor { window: only } if only == window => (ticket.standing, true),
                TicketState::Deferred { .. } if !self.somebody_waits_with(ticket.id) => (ticket.since, false),
                _ => return None,
            };
            let helped = !alone && served.backup.contains(&ticket.service);
            let may = alone || helped || served.primary.contains(&ticket.service);
            let (place, service, line) = ((standing, ticket.id), ticket.service, Line::of(ticket));
            may.then_some(Candidate { place, service, line, alone, helped })
        };
        self.hall.tickets().filter_map(candidate).collect()
    }

    /// Who waits for a backup service is called when nobody waits for the others, or when the one who has waited
    /// longest for it is over its target or has waited for the starvation time.
    fn is_their_tiers_turn(&self, one: &Candidate, all: &[Candidate], at: HallTime) -> bool {
        let plan = self.hall.plan();
        let target = plan.service(one.service).map_or(0, |service| u64::from(service.target_minutes));
        let late = |other: &Candidate| {
            let waited_ms = at.ms_since(other.place.0);
            let same = other.helped && other.service == one.service;
            let starves = waited_ms >= u64::from(plan.policy().starvation_minutes) * 60_000;
            same && (waited_ms > target * 60_000 || starves)
        };
        !one.helped || all.iter().all(|other| other.helped) || all.iter().any(late)
    }

    /// What kind of turn it was; it must have been one, and its reason the truth.
    fn turn(
        &self,
        ticket: TicketId,
        window: WindowId,
        why: &CallReason,
        candidates: &[Candidate],
        at: HallTime,
    ) -> Result<(Turn, Weighed), Violation> {
        let wrong = |what: &str, who: Option<&Candidate>| Violation {
            invariant: Invariant::FirstComeFirstServed,
            what: format!("{ticket} is called to {window} ({why:?}) {what}: {who:?}"),
        };
        let Some(called) = candidates.iter().find(|one| one.place.1 == ticket).copied() else {
            let called = self.before_its_slot(ticket, window, at).filter(|_| candidates.is_empty());
            let called = called.ok_or_else(|| wrong("and does not wait there", candidates.first()))?;
            let turn = Turn { window, called, passes: Passes::Nobody, promised: false };
            return Ok((turn, self.policies.weigh(&called, &[called])));
        };
        let weighed = self.policies.weigh(&called, candidates);
        let (routing, own) = (weighed.routing, &weighed.own);
        let same = |one: &Candidate| (one.service, one.alone) == (called.service, called.alone);
        // Which service is called is weighed by service level; within one the order is that of the others.
        let rivals = |one: &&Candidate| {
            one.place < called.place && (routing != Routing::ServiceLevel || called.alone || same(one))
        };
        let oldest = own.iter().filter(rivals).min_by_key(|one| one.place);
        let passes = match (oldest, called.line) {
            (None, _) => Passes::Nobody,
            (Some(_), Line::Slot) => Passes::BySlot,
            (Some(oldest), Line::Class) if oldest.line != Line::Class && routing != Routing::Fcfs => {
                Passes::ByClass
            }
            (oldest, _) => return Err(wrong("before", oldest)),
        };
        let alike = |one: &&Candidate| same(one) && one.line == called.line && one.place < called.place;
        if let Some(overtaken) = own.iter().find(alike) {
            return Err(wrong("before one of the same line", Some(overtaken)));
        }
        let promised = matches!(why, CallReason::Appointment { passing: true, .. });
        let is_said = match passes {
            Passes::ByClass => matches!(why, CallReason::Priority { .. }),
            Passes::BySlot => promised,
            Passes::Nobody => {
                let first = own.iter().all(|one| one.place >= called.place);
                first || !matches!(why, CallReason::Oldest { .. })
            }
        };
        if !is_said {
            return Err(wrong("and passes without saying so", oldest));
        }
        if let (false, Some(passed)) = (promised, self.passed_of_other_groups(&called, &weighed, at)) {
            return Err(wrong("before one of another group", Some(passed)));
        }
        Ok((Turn { window, called, passes, promised }, weighed))
    }

    /// An appointment that is called before its slot because nobody else waits: the earliest of the window, or of
    /// its service where services are weighed.
    fn before_its_slot(&self, ticket: TicketId, window: WindowId, at: HallTime) -> Option<Candidate> {
        let served = self.served(window);
        let service = self.hall.ticket(ticket)?.service;
        let first_of = |services: &[ServiceId]| {
            let waits = |one: &&Ticket| {
                let weighed_apart =
                    self.policies.of(one.service) == Routing::ServiceLevel && one.service != service;
                let early = one.state == TicketState::Waiting && is_early(one, at);
                early && services.contains(&one.service) && !weighed_apart
            };
            self.hall.tickets().filter(waits).min_by_key(|one| (one.standing, one.id))
        };
        let primary = first_of(&served.primary);
        let (first, helped) = (primary.or_else(|| first_of(&served.backup))?, primary.is_none());
        let (place, service) = ((first.standing, first.id), first.service);
        let called = Candidate { place, service, line: Line::Slot, alone: false, helped };
        (first.id == ticket).then_some(called)
    }

    /// Whether the quota of the service lets somebody pass by class at this call.
    pub(super) fn may_pass_by_class(&self, service: ServiceId) -> bool {
        let quota = self.hall.plan().policy().priority_quota.max(1);
        let since = self.quotas.0.get(&service).and_then(|since| since.by_class);
        since.is_none_or(|calls| calls + 1 >= quota)
    }

    /// Of so many calls of a service at most one passes by class, and one by slot.
    fn within_quota(&mut self, turn: Turn) -> Checked {
        let policy = self.hall.plan().policy();
        let (by_class, by_slot) = (policy.priority_quota.max(1), policy.appointment_quota.max(2));
        let since = self.quotas.0.entry(turn.called.service).or_default();
        let (passed, quota) = match turn.passes {
            Passes::Nobody => {
                for calls in [&mut since.by_class, &mut since.by_slot].into_iter().flatten() {
                    *calls = calls.saturating_add(1);
                }
                return Ok(());
            }
            Passes::ByClass => (&mut since.by_class, by_class),
            Passes::BySlot => (&mut since.by_slot, by_slot),
        };
        let calls = passed.replace(0);
        if calls.is_some_and(|calls| calls + 1 < quota) {
            let Turn { window, called, passes, .. } = turn;
            return violated(Invariant::WithinQuota, || {
                format!(
                    "{} passes {passes:?} at {window}, {calls:?} calls after another: one in {quota} may",
                    called.place.1
                )
            });
        }
        Ok(())
    }
}

/// Whether it is an appointment's, whose slot is still to come.
fn is_early(ticket: &Ticket, at: HallTime) -> bool {
    Line::of(ticket) == Line::Slot && ticket.standing > at
}
