//! Tickets whose citizens did not come once: they wait outside the queue until others were called.
//!
//! A deferred ticket comes back to its queue, by when it was taken, with the call that completes
//! its count. Until then it is callable only while nobody else waits for its service; it stands
//! then as of its deferral, behind whoever waited at the same window before that.

use super::Hall;
use super::places::count_down;
use crate::queue::Place;
use crate::ticket::{TicketId, TicketState};
use crate::time::HallTime;

impl Hall {
    /// Let a ticket that stands nowhere wait for so many calls of its service, at least one.
    pub(super) fn defer(&mut self, id: TicketId, calls_left: u16, at: HallTime) {
        self.move_ticket(id, TicketState::Deferred { calls_left: calls_left.max(1) }, at);
        let Some(ticket) = self.tickets.get_mut(id) else { return };
        ticket.deferred = true;
        let service = ticket.service;
        if let Some(deferred) = self.plan.service_index(service).and_then(|i| self.deferred.get_mut(i)) {
            deferred.push(id);
            self.totals.waiting += 1;
        }
    }

    /// Count a deferred ticket out of those who wait.
    pub(super) fn leave_deferred(&mut self, id: TicketId) {
        let Some(deferred) = self.service_place(id).and_then(|index| self.deferred.get_mut(index)) else {
            return;
        };
        if let Some(place) = deferred.iter().position(|deferred| *deferred == id) {
            deferred.remove(place);
            count_down(&mut self.totals.waiting);
        }
    }

    /// A ticket of the same service as `called` was called: who has waited for enough calls comes back
    /// to the queue. O(deferred tickets of the service).
    pub(super) fn count_call(&mut self, called: TicketId, at: HallTime) {
        let Some(index) = self.service_place(called) else { return };
        let Some((deferred, queue)) = self.deferred.get_mut(index).zip(self.queues.get_mut(index)) else {
            return;
        };
        let tickets = &mut self.tickets;
        deferred.retain(|id| {
            let Some(ticket) = tickets.get_mut(*id) else { return false };
            let TicketState::Deferred { calls_left } = &mut ticket.state else { return false };
            *calls_left = calls_left.saturating_sub(1);
            if *calls_left > 0 {
                return true;
            }
            ticket.state = TicketState::Waiting;
            ticket.since = at;
            ticket.standing = ticket.issued_at;
            queue.insert((ticket.standing, ticket.id), ticket.line(), at);
            false
        });
    }

    /// Who of the service at `index` was deferred first: to call when nobody else waits for it.
    pub(crate) fn first_deferred(&self, index: usize) -> Option<Place> {
        let first = self.tickets.get(*self.deferred.get(index)?.first()?)?;
        Some((first.since, first.id))
    }

    /// How many wait for the service at `index`, in its queue or deferred.
    pub(crate) fn waiting_at_index(&self, index: usize) -> u32 {
        let queued = self.queues.get(index).map_or(0, crate::queue::Queue::len);
        let deferred = self.deferred.get(index).map_or(0, Vec::len);
        u32::try_from(queued + deferred).unwrap_or(u32::MAX)
    }
}
