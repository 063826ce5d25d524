//! One ticket as its citizen follows it.

use hall_protocol::appointment::DayMinute;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{HandState, WaitMinutes};

use crate::estimate::Estimate;
use crate::hall::Hall;
use crate::ticket::TicketState;
use crate::time::{HallTime, Now};

/// A ticket of the business day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketView {
    /// Its number.
    pub number: TicketNumber,
    /// What it is for now.
    pub service: ServiceId,
    /// Further matters, in the order in which they are done.
    pub matters: Vec<ServiceId>,
    /// Of an appointment: the slot it was booked for.
    pub appointment: Option<DayMinute>,
    /// When it was taken.
    pub issued_at: HallTime,
    /// Where it is in its life.
    pub stage: Stage,
}

/// Where a ticket is in its life, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It will be called.
    Waiting {
        /// So many calls are expected before its own; `None` once its service has left the plan.
        ahead: Option<u32>,
        /// How long it will wait from now on; `None` when no window will serve it today.
        estimate: Option<WaitMinutes>,
    },
    /// Called to a window.
    Called {
        /// Which.
        window: WindowId,
    },
    /// Served at a window.
    Serving {
        /// Which.
        window: WindowId,
    },
    /// Put aside at a window.
    Parked {
        /// Which.
        window: WindowId,
    },
    /// Called in vain.
    Missed,
    /// Served.
    Finished,
    /// Cancelled, or not served before the day ended.
    Ended,
}

impl TicketView {
    /// The ticket with this number, as it is at `now`; `None` if there is none today. O(those before it).
    pub fn of(hall: &Hall, number: TicketNumber, now: Now) -> Option<Self> {
        let ticket = hall.tickets.numbered(number)?;
        let stage = match ticket.state {
            TicketState::Waiting | TicketState::WaitingFor { .. } | TicketState::Deferred { .. } => {
                let estimate = hall.estimate_of(ticket.id, now);
                Stage::Waiting {
                    ahead: estimate
                        .map(|estimate| estimate.ahead)
                        .or_else(|| hall.calls_ahead(ticket.id, now)),
                    estimate: estimate.map(Estimate::minutes),
                }
            }
            TicketState::AtWindow { window } => {
                let hand = hall.window_state(window).and_then(|state| state.hand.as_ref());
                match hand.map(|hand| hand.state) {
                    Some(HandState::Called) => Stage::Called { window },
                    Some(HandState::Serving) | None => Stage::Serving { window },
                }
            }
            TicketState::Parked { window } => Stage::Parked { window },
            TicketState::Missed => Stage::Missed,
            TicketState::Finished => Stage::Finished,
            TicketState::Expired | TicketState::Cancelled => Stage::Ended,
        };
        let (service, appointment, issued_at) = (ticket.service, ticket.appointment, ticket.issued_at);
        let matters = ticket.matters.to_vec();
        Some(Self { number: ticket.number, service, matters, appointment, issued_at, stage })
    }
}
