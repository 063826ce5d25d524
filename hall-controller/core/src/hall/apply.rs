//! What each event does to the state.

use hall_protocol::id::ServiceId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Class;

use super::Hall;
use super::places::count_down;
use crate::event::{CallReason, Event};
use crate::ticket::{Ticket, TicketId, TicketState};
use crate::time::HallTime;

impl Hall {
    pub(super) fn take_over(&mut self, event: &Event, at: HallTime) {
        let known = |ticket: TicketId| self.tickets.get(ticket).is_some();
        let new = matches!(event, Event::Issued { .. } | Event::WalkedIn { .. });
        if !new && !event.ticket().is_none_or(known) {
            return;
        }
        match event {
            Event::PlanAdopted { plan } => self.adopt(plan),
            Event::DayBegan { day, queue_kept } => self.begin_day(*day, *queue_kept),
            Event::Issued { .. } | Event::WalkedIn { .. } => self.take_in(event, at),
            Event::NumbersLeased { .. } | Event::LeaseEnded { .. } => self.leases.take_over(event, at),
            Event::Called { ticket, window, why, .. } => {
                self.count_pass(*ticket, why);
                self.leave_queue(*ticket);
                self.move_ticket(*ticket, TicketState::AtWindow { window: *window }, at);
                if let Some(ticket) = self.tickets.get_mut(*ticket) {
                    ticket.called_at.get_or_insert(at);
                }
                self.totals.called += 1;
                self.announce(*ticket, *window);
                self.count_call(*ticket, at);
            }
            Event::Recalled { ticket, window, .. } => self.announce(*ticket, *window),
            Event::Started { .. } => {
                count_down(&mut self.totals.called);
                self.totals.serving += 1;
            }
            Event::Finished { ticket, .. } => {
                self.leave_hand(*ticket);
                self.move_ticket(*ticket, TicketState::Finished, at);
                self.totals.finished += 1;
            }
            Event::Missed { ticket, .. } => {
                self.leave_hand(*ticket);
                self.move_ticket(*ticket, TicketState::Missed, at);
                self.totals.missed += 1;
            }
            Event::Deferred { .. }
            | Event::MatterFinished { .. }
            | Event::MatterAdded { .. }
            | Event::ServiceCorrected { .. }
            | Event::ClassConfirmed { .. } => self.live_on(event, at),
            Event::Parked { ticket, window, .. } => {
                self.leave_hand(*ticket);
                self.move_ticket(*ticket, TicketState::Parked { window: *window }, at);
                self.totals.parked += 1;
            }
            Event::Unparked { ticket, window, .. } => {
                self.leave(*ticket);
                self.move_ticket(*ticket, TicketState::AtWindow { window: *window }, at);
                self.totals.serving += 1;
                self.announce(*ticket, *window);
            }
            Event::Transferred { ticket, service, to_window, standing, .. } => {
                self.leave_hand(*ticket);
                if let Some(ticket) = self.tickets.get_mut(*ticket) {
                    ticket.service = *service;
                    ticket.matters.retain(|matter| matter != service);
                }
                self.queue_up(*ticket, *to_window, Some(*standing), at);
            }
            Event::Returned { ticket, standing, .. } => {
                self.leave(*ticket);
                self.queue_up(*ticket, None, Some(*standing), at);
            }
            Event::Requeued { ticket, .. } => {
                self.leave(*ticket);
                self.queue_up(*ticket, None, None, at);
            }
            Event::Expired { ticket, .. } => {
                self.leave(*ticket);
                self.move_ticket(*ticket, TicketState::Expired, at);
                self.totals.expired += 1;
            }
            Event::Cancelled { ticket, .. } => {
                self.leave(*ticket);
                self.move_ticket(*ticket, TicketState::Cancelled, at);
                self.totals.cancelled += 1;
            }
            Event::Evaluated { .. }
            | Event::Allocated { .. }
            | Event::Reviewed { .. }
            | Event::HandedIn { .. }
            | Event::WindowOpened { .. }
            | Event::WindowPaused { .. }
            | Event::WindowResumed { .. }
            | Event::WindowClosed { .. }
            | Event::WindowArmed { .. }
            | Event::WindowDisarmed { .. }
            | Event::ClerkSignedOn { .. }
            | Event::ClerkSignedOff { .. }
            | Event::PhoneErased { .. }
            | Event::Refused { .. } => {}
        }
        if let Some(window) = event.window() {
            let service = event.ticket().and_then(|id| Some(self.tickets.get(id)?.service));
            if let Some(state) = self.plan.window_index(window).and_then(|i| self.windows.get_mut(i)) {
                state.apply(event, service, at);
            }
        }
    }

    fn take_in(&mut self, event: &Event, at: HallTime) {
        match event {
            Event::Issued { ticket, number, service, class, also, claimed, half, printed_at, .. } => {
                for matter in also.iter().chain([service]) {
                    self.given.entry(*matter).or_default().count(*half);
                }
                let new = new_ticket(*ticket, *number, *service, printed_at.unwrap_or(at));
                let new = Ticket { class: *class, claimed: *claimed, matters: also.clone(), ..new };
                self.issue(new, printed_at.is_some());
            }
            Event::WalkedIn { ticket, number, service, window } => {
                let new = new_ticket(*ticket, *number, *service, at);
                let state = TicketState::AtWindow { window: *window };
                self.enter_at_window(Ticket { state, called_at: Some(at), ..new }, *window);
            }
            _ => {}
        }
    }

    pub(super) fn count_pass(&mut self, ticket: TicketId, why: &CallReason) {
        let Some(since) = self.service_place(ticket).and_then(|index| self.since_pass.get_mut(index)) else {
            return;
        };
        match why {
            CallReason::Priority { .. } => *since = 0,
            CallReason::Oldest { .. } | CallReason::Target { .. } | CallReason::Backup { .. } => {
                *since = since.saturating_add(1);
            }
            CallReason::Credit { .. } | CallReason::Picked { .. } | CallReason::Armed { .. } => {}
        }
    }
}

/// An ordinary ticket for one matter that begins to wait.
const fn new_ticket(id: TicketId, number: TicketNumber, service: ServiceId, at: HallTime) -> Ticket {
    Ticket {
        id,
        number,
        service,
        issued_for: service,
        class: Class::Ordinary,
        claimed: None,
        matters: Vec::new(),
        deferred: false,
        issued_at: at,
        standing: at,
        called_at: None,
        state: TicketState::Waiting,
        since: at,
    }
}
