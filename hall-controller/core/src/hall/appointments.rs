//! What the events of appointments do to the state.

use std::sync::Arc;

use super::Hall;
use crate::appointment::{AppointmentState, Appointments};
use crate::event::{CallReason, Event};
use crate::ticket::{Ticket, TicketId, TicketState};

impl Hall {
    /// The appointments of today and the days to come.
    pub fn appointments(&self) -> &Arc<Appointments> {
        &self.appointments
    }

    /// Take over an event of an appointment. The list is copied if a picture of the hall shares it.
    pub(super) fn appoint(&mut self, event: &Event) {
        if let Event::Issued { check_in: None, .. } = event {
            return;
        }
        match event {
            Event::Booked { appointment, .. } => self.cancelled.forget(*appointment),
            Event::Unbooked { appointment, .. } => {
                if let Some(one) = self.appointments.get(*appointment) {
                    self.cancelled.put(*one);
                }
            }
            _ => {}
        }
        Arc::make_mut(&mut self.appointments).apply(event);
    }

    /// An appointment is told by what became of its ticket: that ended unserved, or is back.
    pub(super) fn appointment_follows(&mut self, ticket: TicketId) {
        let ticket = self.tickets.get(ticket).filter(|ticket| ticket.appointment.is_some());
        let Some(Ticket { id, number, state, .. }) = ticket else { return };
        let (ticket, number) = (*id, *number);
        let state = match state {
            TicketState::Missed => AppointmentState::NoShow { ticket, number },
            TicketState::Cancelled | TicketState::Expired => AppointmentState::Cancelled { ticket, number },
            _ => AppointmentState::CheckedIn { ticket, number },
        };
        if let Some(appointment) = self.appointments.of_ticket(ticket).map(|one| one.id) {
            Arc::make_mut(&mut self.appointments).set_state(appointment, state);
        }
    }

    /// Count a call for the quotas of its service: since when nobody passed by their class, and by
    /// their slot.
    pub(super) fn count_pass(&mut self, ticket: TicketId, why: &CallReason) {
        let Some(index) = self.service_place(ticket) else { return };
        let (by_class, by_slot) = (self.since_pass.get_mut(index), self.since_appointment.get_mut(index));
        let Some((by_class, by_slot)) = by_class.zip(by_slot) else { return };
        match why {
            CallReason::Priority { .. } => *by_class = 0,
            CallReason::Appointment { passing: true, .. } => *by_slot = 0,
            CallReason::Oldest { .. }
            | CallReason::Credit { .. }
            | CallReason::Target { .. }
            | CallReason::Backup { .. }
            | CallReason::Appointment { passing: false, .. } => {
                *by_class = by_class.saturating_add(1);
                *by_slot = by_slot.saturating_add(1);
            }
            CallReason::Picked { .. } | CallReason::Armed { .. } => {}
        }
    }
}
