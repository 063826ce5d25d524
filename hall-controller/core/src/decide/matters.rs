//! Several matters on one number (一号多事), and citizens served without one (免取号).

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::{MATTERS_MAX, ServiceOutcome};

use super::window_keys::{Joining, Moment, has_free_hands, started};
use crate::command::Details;
use crate::event::Event;
use crate::hall::Hall;
use crate::offer::Stock;
use crate::plan::Kiosk;
use crate::refusal::Refusal;
use crate::ticket::TicketId;
use crate::window::{Hand, WindowState};

impl Hall {
    /// What ends the service of the ticket in hand: its last matter, or one before the next that is
    /// still in the plan.
    ///
    /// Pads without a START key go from call to finish: the start is recorded with it.
    pub(super) fn finish(&self, window: WindowId, hand: &Hand) -> Vec<Event> {
        let Hand { ticket, number, .. } = *hand;
        let matters = self.tickets.get(ticket).map_or(&[][..], |ticket| &*ticket.matters);
        let next = matters.iter().copied().find(|matter| self.plan.service_index(*matter).is_some());
        let outcome = ServiceOutcome::default();
        let ends = match next {
            Some(next) => Event::MatterFinished { ticket, number, window, next, outcome, reason: None },
            None => Event::Finished { ticket, number, window, outcome, reason: None },
        };
        started(window, hand).into_iter().chain([ends]).collect()
    }

    /// The ticket these events send back to wait for its next matter.
    pub(super) fn joining(&self, events: &[Event]) -> Option<Joining> {
        events.iter().find_map(|event| {
            let Event::MatterFinished { ticket, next, .. } = event else { return None };
            let ticket = self.tickets.get(*ticket)?;
            Some(Joining { service: *next, place: (ticket.issued_at, ticket.id), class: ticket.class })
        })
    }

    /// Whether a kiosk may give a ticket for these further matters beside `service` now.
    pub(super) fn check_matters(
        &self,
        kiosk: &Kiosk,
        service: ServiceId,
        also: &[ServiceId],
        moment: Moment,
    ) -> Result<(), Refusal> {
        for (place, matter) in also.iter().enumerate() {
            let unknown = Refusal::UnknownService { service: *matter };
            let planned = self.plan.service(*matter).filter(|_| kiosk.services.contains(matter));
            // Its number is the first service's: that its own are used up does not matter.
            Stock { used_up: false, ..self.stock(planned.ok_or(unknown)?) }.offer(moment.local)?;
            if *matter == service || also[..place].contains(matter) {
                return Err(Refusal::MatterTwice { service: *matter });
            }
        }
        Ok(())
    }

    /// The citizen in hand has a further matter, after those known.
    pub(super) fn add_matter(
        &self,
        window: WindowId,
        state: &WindowState,
        details: Details,
    ) -> Result<Vec<Event>, Refusal> {
        let Hand { ticket, number, .. } = *state.hand.as_ref().ok_or(Refusal::NoTicketInHand { window })?;
        let service = self.target(details)?;
        let matters = self.tickets.get(ticket).map_or(&[][..], |ticket| &*ticket.matters);
        self.new_matter(ticket, service)?;
        if matters.len() >= MATTERS_MAX {
            return Err(Refusal::TooManyMatters { number });
        }
        Ok(vec![Event::MatterAdded { ticket, number, window, service }])
    }

    /// Serve a citizen who took no ticket: the number is for the books. The hours of kiosks do not
    /// bind a clerk.
    pub(super) fn walk_in(
        &self,
        window: WindowId,
        state: &WindowState,
        details: Details,
    ) -> Result<Vec<Event>, Refusal> {
        has_free_hands(window, state)?;
        let first = self.allocation(window).iter().next().map(|(_, service)| service);
        let service = details.to_service.or(first).ok_or(Refusal::TargetRequired)?;
        if let Some(clerk) = self.lacks_skill(window, service) {
            return Err(Refusal::SkillMissing { clerk, service });
        }
        let planned = self.plan.service(service).filter(|_| self.serves(window, service));
        let number = self.number_after_last(planned.ok_or(Refusal::UnknownService { service })?)?;
        Ok(vec![Event::WalkedIn { ticket: self.tickets.next_id(), number, service, window }])
    }

    /// The service a key names, which is in the plan.
    pub(super) fn target(&self, details: Details) -> Result<ServiceId, Refusal> {
        let service = details.to_service.ok_or(Refusal::TargetRequired)?;
        self.plan.service(service).map(|_| service).ok_or(Refusal::UnknownService { service })
    }

    /// Refuses a matter the ticket is for already, now or later.
    pub(super) fn new_matter(&self, ticket: TicketId, service: ServiceId) -> Result<(), Refusal> {
        let known = self
            .tickets
            .get(ticket)
            .is_some_and(|ticket| ticket.service == service || ticket.matters.contains(&service));
        if known { Err(Refusal::MatterTwice { service }) } else { Ok(()) }
    }
}
