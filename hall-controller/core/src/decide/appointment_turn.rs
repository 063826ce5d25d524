//! When it is an appointment's turn. [`crate::routing`] asks this for each service of a window, and nothing else
//! about appointments.
//!
//! The rule: an appointment stands in its queue by its slot, or by when its citizen came if that was
//! later. Once that moment has come it is *due*: it counts as waiting since then, and may pass who
//! waits longer, the earliest slot first; but of [`Policy::appointment_quota`] calls of a service at most
//! one passes for an appointment. Before that moment it passes nobody, and is called only while nobody
//! else waits for its service and no other service of the window has somebody waiting. Its first call
//! keeps the slot; afterwards it is a ticket as others.
//!
//! The bounds, with `a` the quota of appointments and `p` that of priority classes, in calls of the
//! service (picks, returns, corrections and transfers apart):
//!
//! - who waits with `n` tickets before them is called within
//!   `n + 3 + n / (p - 1) + n / (a - 1)`: between two passes of a kind lie `a - 1` or `p - 1` calls by
//!   seniority, and nobody is put before a waiting ticket, since a slot that is over counts for nothing
//!   to who comes later;
//! - a due appointment with `k` of the same service due before it is called within
//!   `(k + 1) * a + 1 + (k + 1) * (a - 1) / (p - 1)`.
//!
//! O(log n): the heads of ordered sets.
//!
//! [`Policy::appointment_quota`]: crate::plan::Policy::appointment_quota

use crate::event::CallReason;
use crate::hall::Hall;
use crate::queue::Place;
use crate::ticket::Ticket;
use crate::time::HallTime;

/// The appointments of one service, as far as they may be next. At most one of `due` and `early` is
/// there.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Turn {
    /// The first that is due: it waits since its slot.
    pub(crate) due: Option<Place>,
    /// Whether it may pass who waits longer.
    pub(crate) may_pass: bool,
    /// The first of those whose slots are still to come, while none is due.
    pub(crate) early: Option<Place>,
}

impl Turn {
    /// Who may pass those who wait longer.
    pub(crate) fn passing(self) -> Option<Place> {
        self.due.filter(|_| self.may_pass)
    }
}

impl Hall {
    /// The turn of the service at `index` in the plan.
    pub(crate) fn appointments_turn(&self, index: usize, at: HallTime) -> Turn {
        let Some(first) = self.queues.get(index).and_then(crate::queue::Queue::first_appointment) else {
            return Turn::default();
        };
        let calls_between = self.plan.policy().appointment_quota.max(2) - 1;
        let since = self.since_appointment.get(index).copied().unwrap_or(0);
        let due = first.0 <= at;
        Turn { due: due.then_some(first), may_pass: since >= calls_between, early: (!due).then_some(first) }
    }
}

/// Why a ticket is called that is an appointment's, if its slot is still to be kept.
pub(crate) fn reason(ticket: &Ticket, passing: bool) -> Option<CallReason> {
    let slot = ticket.appointment.filter(|_| ticket.called_at.is_none())?;
    Some(CallReason::Appointment { slot, passing })
}
