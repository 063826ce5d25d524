//! What the witness asks of calls: whoever is called is whose turn it is, or is named as passing or
//! picked.

use hall_core::event::{CallReason, Device};
use hall_core::ticket::TicketId;
use hall_core::time::HallTime;
use hall_protocol::id::WindowId;

use super::{Fault, Witness};

impl Witness {
    pub(super) fn called(&mut self, ticket: TicketId, window: WindowId, why: &CallReason, at: HallTime) {
        let waiting = self.waiting.iter().filter(|(t, _)| self.may_call(window, **t));
        let candidates = waiting.map(|(t, (_, since))| (*since, *t)).chain(self.deferred_candidates(window));
        let candidates: Vec<_> =
            candidates.filter(|(since, waiting)| !self.is_early(*waiting, *since, at)).collect();
        let oldest = candidates.iter().min().map(|(_, t)| *t);
        let passing = candidates.iter().filter(|(_, t)| self.may_pass(*t)).min().map(|(_, t)| *t);
        let promised = self.due_to_pass(window, at);
        let in_turn = promised.is_none() && (self.is_priority(oldest) || passing.is_none());
        let right = match why {
            CallReason::Oldest { .. } => {
                self.called_by_seniority(ticket);
                oldest == Some(ticket) && in_turn && !self.has_a_slot(ticket)
            }
            CallReason::Appointment { slot, passing: true } => {
                self.service_of.get(&ticket).map(|service| self.since_appointment.insert(*service, 0));
                promised == Some(ticket) && oldest != promised && self.slot_of.get(&ticket) == Some(slot)
            }
            CallReason::Appointment { slot, passing: false } => {
                self.called_by_seniority(ticket);
                let in_turn = in_turn || promised == Some(ticket);
                oldest == Some(ticket) && in_turn && self.slot_of.get(&ticket) == Some(slot)
            }
            CallReason::Priority { class } => {
                let right = self.class_of.get(&ticket) == Some(class)
                    && !self.is_priority(oldest)
                    && promised.is_none()
                    && passing == Some(ticket);
                self.service_of.get(&ticket).map(|service| self.since_pass.insert(*service, 0));
                right
            }
            // The scripted hall routes by priority and has no backup services.
            CallReason::Credit { .. } | CallReason::Target { .. } | CallReason::Backup { .. } => false,
            CallReason::Armed { press } => {
                let first = self.armed.iter().find(|armed| self.may_call(**armed, ticket));
                press.is_some_and(|press| press.device == Device::Pad(window)) && first == Some(&window)
            }
            CallReason::Picked { reason } => {
                let deferred = self.deferred.contains_key(&ticket) && self.serves(window, ticket);
                !reason.trim().is_empty() && (deferred || self.may_call(window, ticket))
            }
        };
        if !right {
            self.complain(Fault::Overtaken, format!("{ticket} called to {window}: {why:?}"));
        }
        self.waiting.remove(&ticket);
        self.deferred.remove(&ticket);
        if self.slot_of.remove(&ticket).is_some()
            && let Some(standing) = self.standing.get_mut(&ticket)
        {
            *standing = at.min(*standing);
        }
        self.takes(ticket, window);
    }

    pub(super) fn is_priority(&self, ticket: Option<TicketId>) -> bool {
        ticket.and_then(|ticket| self.class_of.get(&ticket)).is_some_and(|class| class.is_priority())
    }

    /// Whether the quota of its service lets a ticket pass others.
    pub(super) fn may_pass(&self, ticket: TicketId) -> bool {
        let quota = self.plan.as_ref().map_or(3, |plan| plan.policy().priority_quota);
        let since = self.service_of.get(&ticket).and_then(|service| self.since_pass.get(service));
        let in_its_queue = self.waiting.get(&ticket).is_some_and(|(at, _)| at.is_none());
        in_its_queue
            && !self.has_a_slot(ticket)
            && self.is_priority(Some(ticket))
            && since.is_none_or(|since| *since + 1 >= quota)
    }

    pub(super) fn called_by_seniority(&mut self, ticket: TicketId) {
        let service = self.service_of.get(&ticket);
        for since in [&mut self.since_pass, &mut self.since_appointment] {
            if let Some(since) = service.and_then(|service| since.get_mut(service)) {
                *since += 1;
            }
        }
    }

    /// Whether the window may call a ticket that waits so.
    pub(super) fn may_call(&self, window: WindowId, ticket: TicketId) -> bool {
        let service = self.service_of.get(&ticket);
        match self.waiting.get(&ticket) {
            Some((Some(at), _)) => *at == window,
            Some((None, _)) => service.is_some_and(|service| self.does(window, *service)),
            None => self.deferred_candidates(window).iter().any(|(_, deferred)| *deferred == ticket),
        }
    }
}
