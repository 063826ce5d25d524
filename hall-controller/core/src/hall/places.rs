//! Where a ticket is: moving it between queues and windows, and counting it in and out.

use hall_protocol::id::WindowId;
use hall_protocol::payload::HandState;

use super::Hall;
use crate::queue::Queue;
use crate::ticket::{Ticket, TicketId, TicketState};
use crate::time::HallTime;

impl Hall {
    pub(super) fn move_ticket(&mut self, id: TicketId, state: TicketState, at: HallTime) {
        if let Some(ticket) = self.tickets.get_mut(id) {
            ticket.state = state;
            ticket.since = at;
        }
    }

    /// Put a ticket that stands nowhere into the queue of its service, or of the window it is to
    /// wait for; by its old seniority if it gets no new one.
    pub(super) fn queue_up(
        &mut self,
        id: TicketId,
        window: Option<WindowId>,
        standing: Option<HallTime>,
        at: HallTime,
    ) {
        let state = window.map_or(TicketState::Waiting, |window| TicketState::WaitingFor { window });
        self.move_ticket(id, state, at);
        let Some(ticket) = self.tickets.get_mut(id) else { return };
        ticket.standing = standing.unwrap_or(ticket.standing);
        let (place, line) = ((ticket.standing, id), ticket.line());
        if let Some(queue) = self.queue_of(id) {
            queue.insert(place, line, at);
            self.totals.waiting += 1;
        }
    }

    /// The place in the plan of the service a ticket is for.
    pub(super) fn service_place(&self, id: TicketId) -> Option<usize> {
        self.plan.service_index(self.tickets.get(id)?.service)
    }

    /// The queue a waiting ticket stands in.
    pub(super) fn queue_of(&mut self, id: TicketId) -> Option<&mut Queue> {
        let ticket = self.tickets.get(id)?;
        match ticket.state {
            TicketState::Waiting => self.queues.get_mut(self.plan.service_index(ticket.service)?),
            TicketState::WaitingFor { window } => self.window_queues.get_mut(self.plan.window_index(window)?),
            _ => None,
        }
    }

    /// Count a ticket out of where it is, unless its life is over.
    pub(super) fn leave(&mut self, id: TicketId) {
        match self.tickets.get(id).map(|ticket| ticket.state) {
            Some(TicketState::Waiting | TicketState::WaitingFor { .. } | TicketState::Deferred { .. }) => {
                self.leave_queue(id);
            }
            Some(TicketState::AtWindow { .. }) => self.leave_hand(id),
            Some(TicketState::Parked { .. }) => count_down(&mut self.totals.parked),
            Some(TicketState::Missed) => count_down(&mut self.totals.missed),
            Some(TicketState::Finished | TicketState::Expired | TicketState::Cancelled) | None => {}
        }
    }

    pub(super) fn leave_queue(&mut self, id: TicketId) {
        let Some(&Ticket { standing, state, .. }) = self.tickets.get(id) else { return };
        if let TicketState::Deferred { .. } = state {
            return self.leave_deferred(id);
        }
        if self.queue_of(id).is_some_and(|queue| queue.remove((standing, id))) {
            count_down(&mut self.totals.waiting);
        }
    }

    /// Count a ticket out of whichever of called and serving its window has it in.
    pub(super) fn leave_hand(&mut self, id: TicketId) {
        let Some(TicketState::AtWindow { window }) = self.tickets.get(id).map(|ticket| ticket.state) else {
            return;
        };
        let hand = self.window_state(window).and_then(|w| w.hand.as_ref()).filter(|hand| hand.ticket == id);
        match hand.map(|hand| hand.state) {
            Some(HandState::Called) => count_down(&mut self.totals.called),
            Some(HandState::Serving) => count_down(&mut self.totals.serving),
            None => {}
        }
        self.withdraw_call(id);
    }

    /// Put the call in front of its zone's list.
    pub(super) fn announce(&mut self, id: TicketId, window: WindowId) {
        if let Some(zone) = self.zone_of(id) {
            self.calls[zone].retain(|(ticket, _)| *ticket != id);
            self.calls[zone].push_front((id, window));
        }
    }

    pub(super) fn withdraw_call(&mut self, id: TicketId) {
        if let Some(zone) = self.zone_of(id) {
            self.calls[zone].retain(|(ticket, _)| *ticket != id);
        }
    }

    pub(crate) fn zone_of(&self, id: TicketId) -> Option<usize> {
        let service = self.plan.service(self.tickets.get(id)?.service)?;
        self.plan.zone_index(service.zone)
    }
}

/// One less. Below zero would be a defect, which the invariants name; it must not stop the hall.
pub(super) fn count_down(count: &mut u32) {
    *count = count.saturating_sub(1);
}
