//! What becomes of tickets when a plan comes without a service or a window of theirs.

use hall_protocol::id::{ServiceId, WindowId};

use super::rollover::expire;
use crate::event::{Event, ExpiryReason, RequeueReason};
use crate::hall::Hall;
use crate::plan::Plan;
use crate::ticket::{Ticket, TicketState};

impl Hall {
    /// A ticket whose service is gone goes on with its next matter, and expires if it has none. One at a window
    /// that is gone, or that waits for it alone, returns to the queue of its service. Of a further matter that
    /// is gone it is said once; it is left out unless a plan has it again by its turn.
    pub(super) fn displaced_by(&self, plan: &Plan) -> impl Iterator<Item = Event> {
        self.tickets.iter().flat_map(|ticket| self.displaced(ticket, plan))
    }

    fn displaced(&self, ticket: &Ticket, plan: &Plan) -> Vec<Event> {
        let Ticket { id, number, service, .. } = *ticket;
        let withdrawn = |service: &ServiceId| plan.service(*service).is_none();
        let (held_by, sent_to) = match ticket.state {
            TicketState::Waiting | TicketState::Deferred { .. } => (None, None),
            TicketState::WaitingFor { window } => (None, Some(window)),
            TicketState::AtWindow { window } | TicketState::Parked { window } => (Some(window), None),
            TicketState::Finished | TicketState::Missed | TicketState::Expired | TicketState::Cancelled => {
                return Vec::new();
            }
        };
        let gone =
            |service, window, next| Event::MatterWithdrawn { ticket: id, number, window, service, next };
        let lost_window = held_by.or(sent_to).filter(|window: &WindowId| plan.window(*window).is_none());
        let moved = if withdrawn(&service) {
            // It is put into a queue of the plan that is still in force.
            let stays = |matter: &ServiceId| !withdrawn(matter) && self.plan.service(*matter).is_some();
            let Some(next) = ticket.matters.iter().copied().find(stays) else {
                return expire(ticket, ExpiryReason::ServiceWithdrawn).into_iter().collect();
            };
            Some(gone(service, held_by, Some(next)))
        } else {
            let why = RequeueReason::WindowWithdrawn;
            lost_window.map(|window| Event::Requeued { ticket: id, number, window, why })
        };
        let further = ticket.matters.iter().filter(|matter| withdrawn(matter));
        let further = further.filter(|matter| self.plan.service(**matter).is_some());
        further.map(|matter| gone(*matter, None, None)).chain(moved).collect()
    }
}
