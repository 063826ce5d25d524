//! What a ticket is for, and of which class: several matters on one number, and mistakes put right.

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::Class;

use super::Hall;
use crate::event::Event;
use crate::queue::Line;
use crate::ticket::{TicketId, TicketState};
use crate::time::HallTime;

impl Hall {
    /// Take over an event of a ticket's rarer ways.
    pub(super) fn live_on(&mut self, event: &Event, at: HallTime) {
        match event {
            Event::Deferred { ticket, after_calls, .. } => {
                self.leave_hand(*ticket);
                self.defer(*ticket, *after_calls, at);
            }
            Event::MatterFinished { ticket, next, .. } => {
                self.leave_hand(*ticket);
                self.go_on(*ticket, *next, at);
            }
            Event::MatterWithdrawn { ticket, next: Some(next), .. } => {
                self.leave(*ticket);
                self.go_on(*ticket, *next, at);
            }
            Event::MatterAdded { ticket, service, .. } => {
                if let Some(ticket) = self.tickets.get_mut(*ticket) {
                    ticket.matters.push(*service);
                }
            }
            Event::ServiceCorrected { ticket, service, in_hand, .. } => {
                self.set_service(*ticket, *service, *in_hand, at);
            }
            Event::ClassConfirmed { ticket, class, .. } => self.set_class(*ticket, *class),
            _ => {}
        }
    }

    /// One matter is done or withdrawn; the ticket, which stands nowhere, goes on to `next`. Matters before it in
    /// the list have left the plan.
    fn go_on(&mut self, id: TicketId, next: ServiceId, at: HallTime) {
        let Some(ticket) = self.tickets.get_mut(id) else { return };
        let done = ticket.matters.iter().position(|matter| *matter == next).map_or(0, |place| place + 1);
        ticket.matters.drop_first(done);
        ticket.service = next;
        let issued_at = ticket.issued_at;
        self.queue_up(id, None, Some(issued_at), at);
    }

    fn set_service(&mut self, id: TicketId, service: ServiceId, in_hand: bool, at: HallTime) {
        if !in_hand {
            self.leave(id);
            let Some(ticket) = self.tickets.get_mut(id) else { return };
            ticket.service = service;
            // An appointment keeps its slot.
            let standing =
                if ticket.line() == Line::Appointment { ticket.standing } else { ticket.issued_at };
            self.queue_up(id, None, Some(standing), at);
            return;
        }
        let new_zone = self.plan.service(service).and_then(|service| self.plan.zone_index(service.zone));
        let moves = self.zone_of(id) != new_zone;
        if moves {
            self.withdraw_call(id);
        }
        let Some(ticket) = self.tickets.get_mut(id) else { return };
        ticket.service = service;
        if let (true, Some(zone), TicketState::AtWindow { window }) = (moves, new_zone, ticket.state) {
            // Among the calls of the other zone by its own time: they stand newest first.
            let called_at = self.called_at(window);
            let newer = self.calls[zone].iter().take_while(|(_, at)| self.called_at(*at) > called_at);
            let place = newer.count();
            self.calls[zone].insert(place, (id, window));
        }
    }

    fn called_at(&self, window: WindowId) -> Option<HallTime> {
        Some(self.window_state(window)?.hand.as_ref()?.called_at)
    }

    /// The staff says of which class a ticket is.
    fn set_class(&mut self, id: TicketId, class: Class) {
        let Some(ticket) = self.tickets.get_mut(id) else { return };
        ticket.class = class;
        ticket.claimed = None;
        let (place, line) = ((ticket.standing, id), ticket.line());
        if let Some(queue) = self.queue_of(id) {
            queue.set_line(place, line);
        }
    }
}
