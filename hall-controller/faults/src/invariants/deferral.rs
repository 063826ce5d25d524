//! The books of citizens who did not come and get another call: one each, after as many calls as the
//! plan says.

use std::collections::{BTreeMap, BTreeSet};

use hall_core::event::{CallReason, Event, Stamped};
use hall_core::ticket::{TicketId, TicketState};

use super::{Checked, Invariant, Ledger, violated};

/// One who waits outside of the queue.
struct Away {
    calls: u16,
    due: u16,
}

/// Who was given another call.
#[derive(Default)]
pub(super) struct Deferrals {
    ever: BTreeSet<TicketId>,
    away: BTreeMap<TicketId, Away>,
}

impl Ledger {
    /// Before the hall of the books takes it over: who is called too early?
    pub(super) fn deferral_happens(&mut self, stamped: &Stamped) -> Checked {
        match &stamped.event {
            Event::Deferred { ticket, number, after_calls, .. } => {
                let due = self.hall.plan().policy().defer_no_show_calls;
                if !self.deferrals.ever.insert(*ticket) || *after_calls != due {
                    return violated(Invariant::DeferredOnce, || {
                        format!("{number} is given another call, after {after_calls} of {due} calls")
                    });
                }
                self.deferrals.away.insert(*ticket, Away { calls: 0, due });
            }
            Event::Called { ticket, number, why, .. } => {
                let before_its_time = self.deferrals.away.remove(ticket).is_some();
                let picked = matches!(why, CallReason::Picked { .. });
                if before_its_time && !picked && self.somebody_waits_with(*ticket) {
                    return violated(Invariant::DeferredOnce, || format!("{number} is called before others"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether somebody is in the queue of the ticket's service.
    pub(super) fn somebody_waits_with(&self, ticket: TicketId) -> bool {
        let service = self.hall.ticket(ticket).map(|ticket| ticket.service);
        let waits = |state: TicketState| state == TicketState::Waiting;
        self.hall.tickets().any(|other| waits(other.state) && Some(other.service) == service)
    }

    /// Afterwards: who has waited for enough calls is in the queue again, and nobody else is.
    pub(super) fn deferral_happened(&mut self, stamped: &Stamped) -> Checked {
        if self.deferrals.away.is_empty() {
            return Ok(());
        }
        let called = match &stamped.event {
            Event::Called { ticket, .. } => self.hall.ticket(*ticket).map(|ticket| ticket.service),
            _ => None,
        };
        let mut wrong = None;
        let hall = &self.hall;
        self.deferrals.away.retain(|id, away| {
            let Some(ticket) = hall.ticket(*id) else { return false };
            let is_away = matches!(ticket.state, TicketState::Deferred { .. });
            if called != Some(ticket.service) {
                // It was cancelled, corrected, or its day is over.
                return is_away;
            }
            away.calls += 1;
            if is_away != (away.calls < away.due) {
                wrong = Some((ticket.number, away.calls, away.due));
            }
            is_away
        });
        if let Some((number, calls, due)) = wrong {
            return violated(Invariant::DeferredOnce, || {
                format!("{number} was to come back after {due} calls; {calls} were made")
            });
        }
        Ok(())
    }
}
