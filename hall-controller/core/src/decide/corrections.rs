//! What the staff puts right or adds to a ticket: its service, its class, its evaluation.

use hall_protocol::id::WindowId;
use hall_protocol::payload::Class;

use super::window_keys::{started, stated};
use crate::command::Details;
use crate::event::{Evaluation, Event};
use crate::hall::Hall;
use crate::refusal::Refusal;
use crate::ticket::{Ticket, TicketState};
use crate::time::Now;
use crate::window::{Served, WindowState};

/// A citizen may judge a service for so long after it ended.
const EVALUATION_MS: u64 = 10 * 60_000;

impl Hall {
    /// The ticket in hand, or the waiting one that is named, is for another service. In hand it stays
    /// there if the window serves that; else it waits for it by when it was taken.
    pub(super) fn correct(
        &self,
        window: WindowId,
        state: &WindowState,
        details: Details,
    ) -> Result<Vec<Event>, Refusal> {
        let service = self.target(details)?;
        let in_hand = state.hand.as_ref();
        let in_hand = in_hand.filter(|hand| details.number.is_none_or(|number| number == hand.number));
        let ticket = match in_hand {
            Some(hand) => self.tickets.get(hand.ticket).ok_or(Refusal::NoTicketInHand { window })?,
            None if details.number.is_none() => return Err(Refusal::NoTicketInHand { window }),
            None => self.numbered(details.number)?,
        };
        let Ticket { id, number, service: old, state: at, .. } = *ticket;
        if in_hand.is_none() && !at.waits() {
            return Err(Refusal::NotWaiting { number });
        }
        if old == service {
            return Err(Refusal::SamePlace { number });
        }
        self.new_matter(id, service)?;
        let stays = in_hand.is_some() && self.serves(window, service);
        let corrected = Event::ServiceCorrected {
            ticket: id,
            number,
            window: in_hand.map(|_| window),
            service,
            in_hand: stays,
        };
        let begun = in_hand.filter(|_| !stays).and_then(|hand| started(window, hand));
        Ok(begun.into_iter().chain([corrected]).collect())
    }

    /// A ticket is of the class it claims, or of the one that is named.
    pub(super) fn confirm_class(&self, details: Details) -> Result<Vec<Event>, Refusal> {
        let Ticket { id, number, state, class, claimed, .. } = *self.numbered(details.number)?;
        let said = details.class.or(claimed).ok_or(Refusal::ClassRequired)?;
        if !state.waits() && !matches!(state, TicketState::AtWindow { .. } | TicketState::Parked { .. }) {
            return Err(Refusal::NotWaiting { number });
        }
        if said == Class::Appointment {
            return Err(Refusal::OnlyByCheckIn);
        }
        if said == class {
            return Err(Refusal::ClassStands { number });
        }
        Ok(vec![Event::ClassConfirmed { ticket: id, number, class: said }])
    }
}

/// The citizen served last at this window judges the service, once and soon.
pub(super) fn evaluate(
    window: WindowId,
    state: &WindowState,
    details: Details,
    reason: Option<&str>,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let lately = |served: &Served| now.at.ms_since(served.at) <= EVALUATION_MS;
    let served = state.served.filter(lately).ok_or(Refusal::NothingToEvaluate { window })?;
    let Served { ticket, number, service, evaluated, .. } = served;
    if evaluated {
        return Err(Refusal::AlreadyEvaluated { number });
    }
    let grade = details.grade.ok_or(Refusal::GradeRequired)?;
    let reason = stated(reason).map(str::to_owned);
    Ok(vec![Event::Evaluated(Evaluation { ticket, number, window, service, grade, reason })])
}
