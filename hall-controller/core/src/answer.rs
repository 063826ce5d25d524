//! What a device is told of its press.

use hall_protocol::appointment::DayMinute;
use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, WindowMode, WindowTicket};
use serde::{Deserialize, Serialize};

use crate::appointment::Appointment;
use crate::estimate::Estimate;
use crate::refusal::Refusal;
use crate::time::{BusinessDay, HallTime};

/// The answer to one press. Repeating the press repeats the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A ticket was taken.
    Ticket {
        /// Number.
        number: TicketNumber,
        /// For what.
        service: ServiceId,
        /// When.
        issued_at: HallTime,
        /// So many calls of the same service are expected before its own, by its class and the policy; without
        /// an estimate, so many wait before it.
        ahead: u32,
        /// Of an appointment: the slot it was booked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        appointment: Option<DayMinute>,
        /// How long it will wait; nothing if it was called at once, or no window will be there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate: Option<Estimate>,
    },
    /// The ticket waits no more.
    Cancelled {
        /// Its number.
        number: TicketNumber,
    },
    /// What was asked about an appointment is done.
    Appointment {
        /// As it is since; when it was cancelled, as it was.
        appointment: Appointment,
        /// What was done.
        change: Change,
    },
    /// What was asked about an emergency is so.
    Emergency {
        /// Whether it was not so before.
        changed: bool,
    },
    /// Numbers are the kiosk's.
    Leased {
        /// For what.
        service: ServiceId,
        /// The first number.
        first: TicketNumber,
        /// How many.
        count: u16,
        /// For which business day.
        day: BusinessDay,
    },
    /// What became of each ticket handed in.
    HandedIn {
        /// In the order of the request.
        tickets: Vec<HandedIn>,
    },
    /// The lease is over.
    LeaseEnded {
        /// Its first number.
        first: TicketNumber,
    },
    /// Nothing more is expected of a kiosk.
    WrittenOff {
        /// Which.
        kiosk: DeviceId,
        /// Of so many of its numbers nothing is known.
        numbers: u32,
    },
    /// The window is now so.
    Window {
        /// Open, paused or closed.
        mode: WindowMode,
        /// The ticket in hand.
        ticket: Option<WindowTicket>,
        /// Whether it is armed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        armed: bool,
    },
    /// The press was refused.
    Refused(Refusal),
}

/// What became of a ticket that was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedIn {
    /// The number on the paper.
    pub number: TicketNumber,
    /// Why it did not come into the queue; `None` when it did, now or before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// Of a refused one: the ticket that waits for its citizen all the same, given for a take whose answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_as: Option<TicketNumber>,
    /// Of one that came into the queue by this hand-in: what its ticket is not given of what was asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
}

/// What somebody asked for at a kiosk without the hall, and the kiosk may not give. The ticket is for the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LeftOut {
    /// The class: it is an ordinary ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// Further matters, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<ServiceId>,
}

impl LeftOut {
    /// Why, as if it had been asked of the hall.
    pub fn reasons(&self) -> impl Iterator<Item = Refusal> {
        let of_class = self.class.map(|class| Refusal::ClassNotGranted { class });
        of_class
            .into_iter()
            .chain(self.also.iter().map(|service| Refusal::UnknownService { service: *service }))
    }
}

/// What a request about an appointment changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// There was none with this id.
    Booked,
    /// It was for something else, or another time.
    Changed,
    /// Nothing: it was so before.
    Unchanged,
    /// It is no more.
    Cancelled,
}
