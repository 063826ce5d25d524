//! What becomes of a ticket out of the usual turn: picked, sent elsewhere, put aside, back after a
//! no-show, cancelled.

use hall_protocol::id::WindowId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::WindowMode;

use super::window_keys::{Moment, called, has_free_hands, started, stated};
use crate::command::Details;
use crate::event::{CallReason, Event};
use crate::hall::Hall;
use crate::refusal::Refusal;
use crate::ticket::{Ticket, TicketState};
use crate::time::Now;
use crate::window::WindowState;

impl Hall {
    /// Today's ticket with the number that was pressed.
    pub(super) fn numbered(&self, number: Option<TicketNumber>) -> Result<&Ticket, Refusal> {
        let number = number.ok_or(Refusal::NumberRequired)?;
        self.tickets.numbered(number).ok_or(Refusal::UnknownNumber { number })
    }

    /// Call a given ticket of the window's services, or one sent to it, out of its turn. Like NEXT
    /// it finishes the ticket in hand, and the double-press guard holds.
    pub(super) fn pick(
        &self,
        window: WindowId,
        state: &WindowState,
        number: Option<TicketNumber>,
        reason: Option<&str>,
        moment: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        let ticket = self.numbered(number)?;
        let number = ticket.number;
        let reason = stated(reason).ok_or(Refusal::ReasonRequired)?.to_owned();
        let served = self.serves(window, ticket.service);
        let here = match ticket.state {
            TicketState::Waiting | TicketState::Deferred { .. } => served,
            TicketState::WaitingFor { window: other } => other == window,
            _ => return Err(Refusal::NotWaiting { number }),
        };
        if !here {
            let unable = match ticket.state {
                TicketState::WaitingFor { .. } => None,
                _ => self.lacks_skill(window, ticket.service),
            };
            return Err(unable.map_or(Refusal::NotServedHere { number }, |clerk| Refusal::SkillMissing {
                clerk,
                service: ticket.service,
            }));
        }
        let mut events = self.free_for_a_call(window, state, moment.wall)?;
        events.push(called(ticket, window, CallReason::Picked { reason }, moment));
        Ok(events)
    }

    /// Put a missed ticket back to its queue within the time the policy gives it, or a parked one
    /// at any time. That time goes by what has passed since, also while the clock is behind the hall's time.
    pub(super) fn give_back(&self, number: Option<TicketNumber>, moment: Moment) -> Result<Event, Refusal> {
        let now = moment.now;
        let Ticket { id, number, service, issued_at, state, since, .. } = *self.numbered(number)?;
        let policy = self.plan.policy();
        let window = match state {
            TicketState::Missed => {
                let minutes = policy.return_grace_minutes;
                let passed_ms = match self.missed.get(&id) {
                    Some(missed) => self.steady.at(moment.wall).saturating_sub(*missed),
                    None => now.at.ms_since(since),
                };
                if minutes == 0 || passed_ms > u64::from(minutes) * 60_000 {
                    return Err(Refusal::GraceOver { number, minutes });
                }
                None
            }
            TicketState::Parked { window } => Some(window),
            _ => return Err(Refusal::NotMissed { number }),
        };
        // A missed ticket outlives its service, which may have left the plan since.
        let queue = self.plan.service_index(service).and_then(|index| self.queues.get(index));
        let queue = queue.ok_or(Refusal::UnknownService { service })?;
        let standing = queue.standing(policy.return_seniority, issued_at, now.at, std::iter::empty());
        Ok(Event::Returned { ticket: id, number, window, standing })
    }

    /// End a ticket that waits, or that is put aside at whichever window. One in a hand is its window's to end.
    pub(super) fn cancel(
        &self,
        number: Option<TicketNumber>,
        reason: Option<&str>,
    ) -> Result<Event, Refusal> {
        let Ticket { id, number, state, .. } = *self.numbered(number)?;
        let window = match state {
            TicketState::Parked { window } => Some(window),
            _ if state.waits() => None,
            _ => return Err(Refusal::NotWaiting { number }),
        };
        let reason = reason.map(str::to_owned);
        Ok(Event::Cancelled { ticket: id, number, window, reason, replaced_by: None })
    }

    /// Send the ticket in hand to a service, to a window, or to a window for another service.
    pub(super) fn transfer(
        &self,
        window: WindowId,
        state: &WindowState,
        details: Details,
        reason: Option<&str>,
        now: Now,
    ) -> Result<Vec<Event>, Refusal> {
        let hand = state.hand.as_ref().ok_or(Refusal::NoTicketInHand { window })?;
        let Details { to_service, to_window, .. } = details;
        if to_service.is_none() && to_window.is_none() {
            return Err(Refusal::TargetRequired);
        }
        let service = to_service.unwrap_or(hand.service);
        let mut queue = self.plan.service_index(service).and_then(|index| self.queues.get(index));
        if queue.is_none() {
            return Err(Refusal::UnknownService { service });
        }
        if let Some(window) = to_window {
            let unknown = Refusal::UnknownWindow { window };
            if self.window_state(window).ok_or(unknown)?.mode == WindowMode::Closed {
                return Err(Refusal::WindowClosed { window });
            }
            queue = self.plan.window_index(window).and_then(|index| self.window_queues.get(index));
        }
        if to_window == Some(window) || (to_window.is_none() && service == hand.service) {
            return Err(Refusal::SamePlace { number: hand.number });
        }
        let issued_at = self.tickets.get(hand.ticket).map_or(now.at, |ticket| ticket.issued_at);
        let seniority = self.plan.policy().transfer_seniority;
        // A window calls who is sent to it together with all the services it has.
        let served = to_window.into_iter().flat_map(|window| self.allocation(window).iter());
        let beside =
            served.filter_map(|(_, service)| self.queues.get(self.plan.service_index(service)?)?.first());
        let standing = queue.map_or(now.at, |queue| queue.standing(seniority, issued_at, now.at, beside));
        let transferred = Event::Transferred {
            ticket: hand.ticket,
            number: hand.number,
            window,
            service,
            to_window,
            standing,
            reason: reason.map(str::to_owned),
        };
        Ok(started(window, hand).into_iter().chain([transferred]).collect())
    }

    /// Take a ticket parked at this window back into its hand, which must be free.
    pub(super) fn unpark(
        &self,
        window: WindowId,
        state: &WindowState,
        number: Option<TicketNumber>,
    ) -> Result<Vec<Event>, Refusal> {
        let Ticket { id, number, state: at, .. } = *self.numbered(number)?;
        if at != (TicketState::Parked { window }) {
            return Err(Refusal::NotParkedHere { number });
        }
        has_free_hands(window, state)?;
        Ok(vec![Event::Unparked { ticket: id, number, window }])
    }
}

/// Put the ticket in hand aside.
pub(super) fn park(
    window: WindowId,
    state: &WindowState,
    reason: Option<&str>,
) -> Result<Vec<Event>, Refusal> {
    let hand = state.hand.as_ref().ok_or(Refusal::NoTicketInHand { window })?;
    let parked =
        Event::Parked { ticket: hand.ticket, number: hand.number, window, reason: reason.map(str::to_owned) };
    Ok(started(window, hand).into_iter().chain([parked]).collect())
}
