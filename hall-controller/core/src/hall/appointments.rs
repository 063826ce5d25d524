//! What the events of appointments do to the state.

use std::sync::Arc;

use super::Hall;
use crate::appointment::Appointments;
use crate::event::{CallReason, Event};
use crate::ticket::TicketId;

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
                self.appointments
                    .get(*appointment)
                    .copied()
                    .into_iter()
                    .for_each(|one| self.cancelled.put(one));
            }
            _ => {}
        }
        Arc::make_mut(&mut self.appointments).apply(event);
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
