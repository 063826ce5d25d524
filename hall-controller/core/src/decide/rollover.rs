//! What the system does by itself: the end of a business day, and a changed plan.

use hall_protocol::payload::WindowMode;

use crate::event::{Cause, Event, ExpiryReason, RequeueReason, Rule, SignOffReason, Stamped};
use crate::hall::Hall;
use crate::plan::Plan;
use crate::ticket::{Ticket, TicketState};
use crate::time::Now;

impl Hall {
    /// Nobody is expected any more, every open ticket expires, every window closes, every lease ends, and numbers start again. Who is
    /// still signed on at a window that is closed is signed off: tomorrow's events are not by them. A
    /// queue that is kept goes on waiting instead, with whoever was at a window or waited for one.
    pub(super) fn end_day(&self, now: Now, keep_queue: bool) -> Vec<Stamped> {
        let settled = self.tickets.iter().filter_map(|ticket| {
            if keep_queue { requeue(ticket) } else { expire(ticket, ExpiryReason::DayEnded) }
        });
        let closed = self.plan.windows().iter().zip(&self.windows).filter_map(|(planned, state)| {
            let window = planned.id;
            if state.mode != WindowMode::Closed {
                // It ends who is signed on as well.
                return Some(Event::WindowClosed { window });
            }
            let why = SignOffReason::DayEnded;
            state.clerk.map(|clerk| Event::ClerkSignedOff { window, clerk, why })
        });
        let cause = Cause::Rule(Rule::DayBegan);
        self.not_come_before(now)
            .chain(settled)
            .chain(closed)
            .chain(self.leases_of_the_day_end())
            .chain([Event::DayBegan { day: now.day, queue_kept: keep_queue }])
            .map(|event| self.stamped(now, cause, event, None))
            .collect()
    }

    /// Adopt `plan` if it differs. Its tickets are told first what they lose by it, and bookings of services that
    /// are gone are cancelled.
    pub(super) fn adopt_plan(&self, plan: &Plan) -> Vec<Event> {
        if *self.plan == *plan {
            return Vec::new();
        }
        self.displaced_by(plan)
            .chain(self.withdrawn_by(plan))
            .chain(self.leases_withdrawn(plan))
            .chain([Event::PlanAdopted { plan: Box::new(plan.clone()), put_back: None }])
            .collect()
    }
}

/// Back to the queue of its service, if it is not there, with the place it has by its seniority: whoever
/// was served when the day ended is among the first of the next.
fn requeue(ticket: &Ticket) -> Option<Event> {
    match ticket.state {
        TicketState::AtWindow { window }
        | TicketState::Parked { window }
        | TicketState::WaitingFor { window } => Some(Event::Requeued {
            ticket: ticket.id,
            number: ticket.number,
            window,
            why: RequeueReason::DayEnded,
        }),
        _ => None,
    }
}

pub(super) fn expire(ticket: &Ticket, why: ExpiryReason) -> Option<Event> {
    let window = match ticket.state {
        TicketState::Waiting | TicketState::WaitingFor { .. } | TicketState::Deferred { .. } => None,
        TicketState::AtWindow { window } | TicketState::Parked { window } => Some(window),
        TicketState::Finished | TicketState::Missed | TicketState::Expired | TicketState::Cancelled => {
            return None;
        }
    };
    Some(Event::Expired { ticket: ticket.id, number: ticket.number, window, why })
}
