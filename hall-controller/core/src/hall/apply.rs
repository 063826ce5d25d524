//! What each event does to the state.

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Class;

use super::Hall;
use super::places::count_down;
use super::takes::Counted;
use crate::event::{CallReason, Event};
use crate::ticket::{Matters, Ticket, TicketId, TicketState};
use crate::time::HallTime;

impl Hall {
    #[expect(clippy::too_many_lines, reason = "a row for each event, so that none is forgotten")]
    pub(super) fn take_over(&mut self, event: &Event, at: HallTime) {
        let known = |ticket: TicketId| self.tickets.get(ticket).is_some();
        let new = matches!(event, Event::Issued { .. } | Event::WalkedIn { .. });
        if !new && !event.ticket().is_none_or(known) {
            return;
        }
        match event {
            Event::PlanAdopted { plan, put_back } => {
                // Else what the manager has set since stands.
                if put_back.is_none() {
                    self.adopt(plan);
                }
            }
            Event::DayBegan { day, queue_kept } => self.begin_day(*day, *queue_kept),
            Event::Issued { .. } | Event::WalkedIn { .. } => self.take_in(event, at),
            Event::Booked { .. }
            | Event::Rebooked { .. }
            | Event::Unbooked { .. }
            | Event::Released { .. } => self.appoint(event),
            Event::NumbersLeased { .. } | Event::LeaseEnded { .. } => self.leases.take_over(event, at),
            Event::Called { ticket, window, why, .. } => self.call(*ticket, *window, why, at),
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
                self.missed.insert(*ticket, self.steady.last());
                self.totals.missed += 1;
            }
            Event::Deferred { .. }
            | Event::MatterFinished { .. }
            | Event::MatterAdded { .. }
            | Event::MatterWithdrawn { .. }
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
                self.missed.remove(ticket);
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
            Event::Cancelled { ticket, replaced_by, .. } => {
                if replaced_by.is_some() {
                    self.give_back_quota(*ticket);
                }
                self.leave(*ticket);
                self.move_ticket(*ticket, TicketState::Cancelled, at);
                self.totals.cancelled += 1;
            }
            Event::EmergencyDeclared { .. }
            | Event::EmergencyCleared { .. }
            | Event::Evaluated { .. }
            | Event::Allocated { .. }
            | Event::Managed(_)
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
            | Event::PhoneErased(_)
            | Event::Refused { .. } => {}
        }
        if let Event::Missed { ticket, .. }
        | Event::Returned { ticket, .. }
        | Event::Expired { ticket, .. }
        | Event::Cancelled { ticket, .. } = event
        {
            self.appointment_follows(*ticket);
        }
        if let Some(window) = event.window() {
            let service = event.ticket().and_then(|id| Some(self.tickets.get(id)?.service));
            if let Some(state) = self.plan.window_index(window).and_then(|i| self.windows.get_mut(i)) {
                state.apply(event, service, at);
            }
            if let Event::Allocated { .. }
            | Event::ClerkSignedOn { .. }
            | Event::ClerkSignedOff { .. }
            | Event::WindowClosed { .. } = event
            {
                self.cover_window(window);
            }
        }
    }

    fn call(&mut self, id: TicketId, window: WindowId, why: &CallReason, at: HallTime) {
        self.count_pass(id, why);
        let passes = !matches!(why, CallReason::Oldest { .. }) || self.passes_who_is_weighed(id, window, at);
        if let Some(state) = self.plan.window_index(window).and_then(|index| self.windows.get_mut(index)) {
            state.passed_oldest = if passes { state.passed_oldest.saturating_add(1) } else { 0 };
        }
        self.leave_queue(id);
        self.move_ticket(id, TicketState::AtWindow { window }, at);
        if let Some(ticket) = self.tickets.get_mut(id) {
            ticket.called_at.get_or_insert(at);
            // A slot that was kept before its time puts nobody into the future any more.
            if ticket.appointment.is_some() {
                ticket.standing = ticket.standing.min(at);
            }
        }
        self.totals.called += 1;
        self.announce(id, window);
        self.count_call(id, at);
    }

    /// The ticket was nobody's: its citizen has another, which counts instead.
    fn give_back_quota(&mut self, id: TicketId) {
        let Counted { services, half } = self.takes.give_back(id);
        for service in services {
            self.given.entry(service).or_default().give_back(half);
        }
    }

    fn take_in(&mut self, event: &Event, at: HallTime) {
        match event {
            Event::Issued {
                ticket,
                number,
                service,
                class,
                also,
                claimed,
                half,
                printed_at,
                check_in,
                estimate,
                ..
            } => {
                // A slot has a capacity of its own, and what was printed on a day before had that day's quota.
                let counts = check_in.is_none() && !(printed_at.is_some() && self.leases.is_late(*number));
                for matter in also.iter().chain([service]).filter(|_| counts) {
                    self.given.entry(*matter).or_default().count(*half);
                }
                let new = new_ticket(*ticket, *number, *service, printed_at.unwrap_or(at));
                let new = Ticket { class: *class, claimed: *claimed, matters: also.clone().into(), ..new };
                let new = Ticket {
                    appointment: check_in.map(|check_in| check_in.slot),
                    estimate: estimate.map(Into::into),
                    standing: check_in.map_or(new.standing, |check_in| check_in.standing),
                    ..new
                };
                self.issue(new, printed_at.is_some(), at);
                if self.tickets.get(*ticket).is_some_and(|ticket| ticket.number == *number) {
                    self.appoint(event);
                }
            }
            Event::WalkedIn { ticket, number, service, window } => {
                let new = new_ticket(*ticket, *number, *service, at);
                let state = TicketState::AtWindow { window: *window };
                self.enter_at_window(Ticket { state, called_at: Some(at), ..new }, *window);
            }
            _ => {}
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
        appointment: None,
        matters: Matters::NONE,
        deferred: false,
        estimate: None,
        issued_at: at,
        standing: at,
        called_at: None,
        state: TicketState::Waiting,
        since: at,
    }
}
