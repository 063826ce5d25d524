//! Where the hall is not as the cards say.

use hall_core::Hall;
use hall_core::appointment::Appointment;
use hall_core::event::Services;
use hall_core::ticket::{Ticket, TicketState};
use hall_core::view::HallView;
use hall_protocol::id::ServiceId;
use hall_protocol::payload::WindowMode;

use super::{Card, Counter, Place, Reference};

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
        if let Some(difference) = self.different_picture(&HallView::of(hall, 0)) {
            return Some(difference);
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

impl Reference {
    /// What everybody sees of windows, services and emergencies that is not as it should be.
    fn different_picture(&self, view: &HallView) -> Option<String> {
        for (window, counter) in view.windows.iter().zip(&self.counters) {
            let (primary, backup) = self.allocation(counter.id);
            let right = (counter.mode, counter.clerk, self.is_armed(counter.id), counter.pinned);
            let told = (window.mode, window.clerk, window.armed, window.pinned);
            if told != right
                || window.services != (Services { primary, backup })
                || window.can_undo == counter.changes.is_empty()
            {
                return Some(format!("{window:#?} should be as {counter:#?}"));
            }
        }
        for (service, planned) in view.services.iter().zip(view.plan.services()) {
            let waiting = self.waiting(planned.id);
            let unable = waiting > 0 && self.nobody_can(planned.id);
            let right = (waiting, self.stopped.contains(&planned.id), unable);
            if (service.waiting, service.stopped, service.unable) != right {
                return Some(format!("{service:?} of {} should be {right:?}", planned.id));
            }
        }
        let told: Vec<_> = view.emergencies.all().map(|(zone, said)| (zone, said.text.clone())).collect();
        let mut zones = self.emergencies.zones.clone();
        zones.sort_by_key(|(zone, _)| *zone);
        let hall = self.emergencies.hall.iter().map(|text| (None, text.clone()));
        let right: Vec<_> = hall.chain(zones.into_iter().map(|(zone, text)| (Some(zone), text))).collect();
        (told != right).then(|| format!("{told:?} stands, and should be {right:?}"))
    }

    /// Whether windows that are open have a service, and none of their clerks can do it.
    fn nobody_can(&self, service: ServiceId) -> bool {
        let open = || self.counters.iter().filter(|counter| counter.mode != WindowMode::Closed);
        let has = |counter: &Counter| self.who_cannot(counter.id, service).is_some();
        open().any(has) && !open().any(|counter| self.serves(counter.id, service))
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
