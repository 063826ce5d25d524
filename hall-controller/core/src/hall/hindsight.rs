//! What the estimates given were worth: told to the calibration as soon as it is known.
//!
//! That a bound held is known when its ticket is called, that it did not, when it passes while the ticket
//! waits. Who is called early tells first, so learning from calls alone would take a growing line for one
//! whose bounds all hold.

use super::Hall;
use crate::estimate::Estimate;
use crate::estimate::calibration::Told;
use crate::plan::Routing;
use crate::ticket::{Ticket, TicketId};
use crate::time::HallTime;

impl Hall {
    /// Learn from the bounds that passed before `at` while their tickets waited.
    pub(super) fn learn_passed_bounds(&mut self, at: HallTime) {
        while let Some(id) = self.bounds.passed(at) {
            let waits = |ticket: &&Ticket| ticket.state.waits() && is_as_told(ticket);
            let told = self.tickets.get(id).filter(waits).and_then(|ticket| ticket.estimate);
            if let Some(told) = told {
                self.calibration.bound_passed(told.into(), self.totals.waiting);
            }
        }
    }

    /// A ticket is called: if for the first time, its estimate is held to how long it waited.
    pub(super) fn learn_estimate(&mut self, id: TicketId, at: HallTime) {
        let Some(ticket) = self.tickets.get(id).filter(|ticket| is_as_told(ticket)) else { return };
        let Some(estimate) = ticket.estimate.map(Estimate::from) else { return };
        let Some(index) = self.plan.service_index(ticket.service) else { return };
        let by_index = self.routing_of(index) == Routing::ServiceLevel;
        let told = Told { estimate, class: ticket.class, waiting: self.totals.waiting, by_index };
        let waited_ms = at.ms_since(ticket.issued_at);
        let Some(learnt) = self.learnt.get_mut(index) else { return };
        self.calibration.called(&told, &mut learnt.lean, waited_ms);
    }
}

/// Whether it has not been called and waits for what its citizen was told of. A slot is no wait.
fn is_as_told(ticket: &Ticket) -> bool {
    ticket.called_at.is_none() && ticket.appointment.is_none() && ticket.service == ticket.issued_for
}
