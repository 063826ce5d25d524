//! Where the hall is not as the cards say.

use hall_core::Hall;
use hall_core::appointment::Appointment;
use hall_core::ticket::{Ticket, TicketState};

use super::{Card, Place, Reference};

impl Reference {
    /// The first ticket that is not in the hall as it is on its card.
    pub fn difference(&self, hall: &Hall) -> Option<String> {
        let bookings = hall.appointments();
        let differs = |booking: &&Appointment| bookings.get(booking.id) != Some(*booking);
        if let Some(booking) = self.bookings.iter().find(differs) {
            return Some(format!("{:?} should be {booking:?}", bookings.get(booking.id)));
        }
        if bookings.iter().count() != self.bookings.len() {
            return Some(format!("{bookings:?} are more than {:?}", self.bookings));
        }
        let mut tickets = hall.tickets();
        for card in &self.cards {
            let ticket = tickets.next();
            if ticket.is_none_or(|ticket| !card.is_of(ticket)) {
                return Some(format!("{ticket:#?} should be as on {card:#?}"));
            }
        }
        tickets.next().map(|ticket| format!("no card is of {ticket:#?}"))
    }
}

impl Card {
    fn is_of(&self, ticket: &Ticket) -> bool {
        let state = match self.place {
            Place::Queue => TicketState::Waiting,
            Place::QueueOf(window) => TicketState::WaitingFor { window },
            Place::Later(calls_left) => TicketState::Deferred { calls_left },
            Place::Hand(window) => TicketState::AtWindow { window },
            Place::Aside(window) => TicketState::Parked { window },
            Place::Done(state) => state,
        };
        (self.id, self.number, self.service, self.class, self.claimed)
            == (ticket.id, ticket.number, ticket.service, ticket.class, ticket.claimed)
            && (self.issued_at, self.standing, self.since, state, self.had_another_call)
                == (ticket.issued_at, ticket.standing, ticket.since, ticket.state, ticket.deferred)
            && (self.slot, self.called) == (ticket.appointment, ticket.called_at.is_some())
            && *self.matters == *ticket.matters
    }
}
