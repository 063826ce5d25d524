//! What the witness asks of a ticket's rarer ways: another call after a no-show, several matters on
//! one number, mistakes put right, citizens without a ticket.

use hall_core::event::Event;
use hall_core::ticket::TicketId;
use hall_core::time::HallTime;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::TicketNumber;

use super::{Fault, Witness};

impl Witness {
    pub(super) fn entered(
        &mut self,
        ticket: TicketId,
        number: TicketNumber,
        service: ServiceId,
        at: HallTime,
    ) {
        if !self.numbers.insert(number) {
            self.complain(Fault::NumberTwice, format!("{number} was issued twice"));
        }
        if self.last_id.replace(ticket) >= Some(ticket) {
            self.complain(Fault::IdentityTwice, format!("{ticket}"));
        }
        self.number_of.insert(ticket, number);
        self.service_of.insert(ticket, service);
        self.issued_at.insert(ticket, at);
        self.standing.insert(ticket, at);
    }

    pub(super) fn is_of_its_life(event: &Event) -> bool {
        matches!(
            event,
            Event::Deferred { .. }
                | Event::MatterAdded { .. }
                | Event::MatterFinished { .. }
                | Event::MatterWithdrawn { .. }
                | Event::ServiceCorrected { .. }
                | Event::ClassConfirmed { .. }
                | Event::WalkedIn { .. }
        )
    }

    pub(super) fn lives_on(&mut self, event: &Event, at: HallTime) {
        match event {
            Event::WalkedIn { ticket, number, service, window } => {
                self.entered(*ticket, *number, *service, at);
                self.takes(*ticket, *window);
            }
            Event::Deferred { ticket, window, after_calls, .. } => {
                let policy = self.plan.as_ref().map_or(0, |plan| plan.policy().defer_no_show_calls);
                if !self.had_another_call.insert(*ticket) || policy != *after_calls || policy == 0 {
                    self.complain(Fault::WrongPlace, format!("{ticket} is deferred: {policy}"));
                }
                self.freed(*window);
                self.deferred.insert(*ticket, (*after_calls, at));
            }
            Event::MatterAdded { ticket, service, .. } => {
                self.matters.entry(*ticket).or_default().push(*service);
            }
            Event::MatterFinished { ticket, window, next, .. } => {
                self.ends_rightly(event);
                self.freed(*window);
                let matters = self.matters.entry(*ticket).or_default();
                let done = matters.iter().position(|matter| matter == next).map_or(0, |place| place + 1);
                matters.drain(..done);
                self.service_of.insert(*ticket, *next);
                let standing = self.issued_at.get(ticket).copied().unwrap_or_default();
                self.waits(*ticket, None, standing);
            }
            Event::MatterWithdrawn { ticket, window, service, next, .. } => {
                let matters = self.matters.entry(*ticket).or_default();
                let known = match next {
                    Some(next) => {
                        let place = matters.iter().position(|matter| matter == next);
                        matters.drain(..place.map_or(0, |place| place + 1));
                        place.is_some() && self.service_of.insert(*ticket, *next) == Some(*service)
                    }
                    None => matters.contains(service),
                };
                if !known {
                    self.complain(Fault::TicketLost, format!("{event:?} is no matter of it"));
                }
                if next.is_some() {
                    self.waiting.remove(ticket);
                    self.deferred.remove(ticket);
                    self.parked.remove(ticket);
                    if let Some(window) = window {
                        self.let_go(*ticket, *window);
                    }
                    let standing = self.issued_at.get(ticket).copied().unwrap_or_default();
                    self.waits(*ticket, None, standing);
                }
            }
            Event::ServiceCorrected { ticket, window, service, in_hand, .. } => {
                self.service_of.insert(*ticket, *service);
                let stays = window.is_some_and(|window| self.does(window, *service));
                let held = window.is_none_or(|window| self.hands.get(&window) == Some(ticket));
                if stays != *in_hand || !held {
                    self.complain(Fault::WrongPlace, format!("{ticket} is corrected at {window:?}"));
                }
                if !in_hand {
                    if let Some(window) = window {
                        self.freed(*window);
                    }
                    self.deferred.remove(ticket);
                    let kept = if self.has_a_slot(*ticket) { &self.standing } else { &self.issued_at };
                    let standing = kept.get(ticket).copied().unwrap_or_default();
                    self.waits(*ticket, None, standing);
                }
            }
            Event::ClassConfirmed { ticket, class, .. } => {
                self.class_of.insert(*ticket, *class);
            }
            _ => {}
        }
    }

    /// A ticket ends with its last matter, and goes on to the next that can still be done; it is missed
    /// when it had the other call the policy gives.
    pub(super) fn ends_rightly(&mut self, event: &Event) {
        let Some(ticket) = event.ticket() else { return };
        let known = |matter: &ServiceId| self.plan.as_ref().is_some_and(|p| p.service(*matter).is_some());
        let due = self.matters.get(&ticket).and_then(|matters| matters.iter().copied().find(known));
        let right = match event {
            Event::Finished { .. } => due.is_none(),
            Event::MatterFinished { next, .. } => due == Some(*next),
            Event::Missed { .. } => {
                let policy = self.plan.as_ref().map_or(0, |plan| plan.policy().defer_no_show_calls);
                policy == 0 || self.had_another_call.contains(&ticket)
            }
            _ => true,
        };
        if !right {
            self.complain(Fault::TicketLost, format!("{event:?}, but {due:?} is due"));
        }
    }

    /// Who was deferred and may be called to the window, because nobody else waits for their service.
    pub(super) fn deferred_candidates(&self, window: WindowId) -> Vec<(HallTime, TicketId)> {
        let callable = |(ticket, _): &(&TicketId, &(u16, HallTime))| {
            let service = self.service_of.get(ticket);
            let others = self
                .waiting
                .iter()
                .any(|(other, (at, _))| at.is_none() && self.service_of.get(other) == service);
            !others && service.is_some_and(|service| self.does(window, *service))
        };
        self.deferred.iter().filter(callable).map(|(ticket, (_, since))| (*since, *ticket)).collect()
    }

    pub(super) fn serves(&self, window: WindowId, ticket: TicketId) -> bool {
        self.service_of.get(&ticket).is_some_and(|service| self.does(window, *service))
    }

    /// Whether the plan has the service at the window, and whoever is signed on there can do it.
    pub(super) fn does(&self, window: WindowId, service: ServiceId) -> bool {
        let Some(plan) = &self.plan else { return false };
        let clerk = self.clerks.get(&window).and_then(|clerk| plan.clerk(*clerk));
        let able = clerk.is_none_or(|clerk| clerk.services.is_empty() || clerk.services.contains(&service));
        able && plan.window(window).is_some_and(|window| window.has(service))
    }

    /// A call brings those back whose calls it completes.
    pub(super) fn counts_a_call(&mut self, called: TicketId) {
        let service = self.service_of.get(&called).copied();
        let mut back = Vec::new();
        for (ticket, (left, _)) in &mut self.deferred {
            if self.service_of.get(ticket).copied() == service {
                *left -= 1;
                if *left == 0 {
                    back.push(*ticket);
                }
            }
        }
        for ticket in back {
            self.deferred.remove(&ticket);
            let standing = self.issued_at.get(&ticket).copied().unwrap_or_default();
            self.waits(ticket, None, standing);
        }
    }
}
