//! What can be asked of the hall.

mod order;

use std::num::NonZeroU16;
use std::time::Duration;

use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::{ClerkId, ClientId, DeviceId, ServiceId, WindowId, ZoneId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Grade, Key, ServiceOutcome};
use serde::{Deserialize, Serialize};

use crate::appointment::SlotTime;
use crate::emergency::{EmergencyText, Grounds};
use crate::event::PressId;
use crate::plan::Plan;
use crate::time::BusinessDay;

pub use self::order::{Choice, Order};

/// Something asked of the hall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Work by this plan.
    AdoptPlan(Box<Plan>),
    /// The manager orders something.
    Manage {
        /// Who, by the name of the token.
        by: ClientId,
        /// What.
        order: Order,
    },
    /// Time passes: begin a new business day when it has come, release appointments nobody came for, and
    /// let the balancer look at the hall when its turn is.
    Tick,
    /// The clock on the wall is of another zone than before: these bookings keep the time of day on their
    /// citizens' papers, which is another moment.
    MoveSlots(Vec<(AppointmentId, SlotTime)>),
    /// Citizens' phone numbers were erased from the store beside the journal: write down whose.
    NoteErasures(Vec<Erased>),
    /// A citizen takes a ticket. The press names a kiosk.
    Take {
        /// Who pressed, and the how-manieth press.
        press: PressId,
        /// How old the press is, in milliseconds, by the kiosk's own clock.
        age_ms: u32,
        /// For what.
        service: ServiceId,
        /// In which class.
        class: Class,
        /// Further matters, in this order.
        also: Vec<ServiceId>,
    },
    /// A citizen with an appointment is here. The press names a kiosk.
    CheckIn {
        /// Who pressed, and the how-manieth press.
        press: PressId,
        /// How old the press is, in milliseconds, by the kiosk's own clock.
        age_ms: u32,
        /// The appointment.
        code: AppointmentId,
    },
    /// A slot is booked, or the booking of this id is changed. Asking the same again changes nothing.
    Book {
        /// Who asks.
        client: ClientId,
        /// The booking's id in the asker's system.
        appointment: AppointmentId,
        /// For what.
        service: ServiceId,
        /// When.
        slot: SlotTime,
    },
    /// A booking is cancelled.
    Unbook {
        /// Who asks.
        client: ClientId,
        /// Which.
        appointment: AppointmentId,
    },
    /// Show this on every sign and screen, and nothing else, until it is cleared. The same again changes
    /// nothing.
    DeclareEmergency {
        /// Who asks.
        client: ClientId,
        /// What it says.
        text: EmergencyText,
        /// Only in these zones; none is the whole hall.
        zones: Vec<ZoneId>,
        /// Who wants it and why.
        grounds: Grounds,
    },
    /// The emergency is over.
    ClearEmergency {
        /// Who asks.
        client: ClientId,
        /// Only that of these zones; none is all of it.
        zones: Vec<ZoneId>,
        /// Who wants it and why.
        grounds: Grounds,
    },
    /// A clerk presses a key. The press names a window's pad.
    Key {
        /// Who pressed, and the how-manieth press.
        press: PressId,
        /// How old the press is, in milliseconds, by the pad's own clock.
        age_ms: u32,
        /// The key.
        key: Key,
        /// The ticket the pad showed, if it said so.
        ticket: Option<TicketNumber>,
        /// Why.
        reason: Option<String>,
        /// What else the key needs.
        details: Details,
    },
    /// A citizen who was called and missed is back at a kiosk. The press names the kiosk.
    Return {
        /// Who pressed, and the how-manieth press.
        press: PressId,
        /// How old the press is, in milliseconds, by the kiosk's own clock.
        age_ms: u32,
        /// The number on the paper.
        number: TicketNumber,
    },
    /// A citizen gives a waiting ticket up at a kiosk. The press names the kiosk.
    Cancel {
        /// Who pressed, and the how-manieth press.
        press: PressId,
        /// How old the press is, in milliseconds, by the kiosk's own clock.
        age_ms: u32,
        /// The number on the paper.
        number: TicketNumber,
    },
    /// A kiosk leases numbers to print while the line is down. The press names the kiosk.
    Lease {
        /// Who asks, and for the how-manieth time.
        press: PressId,
        /// How old the request is, in milliseconds, by the kiosk's own clock.
        age_ms: u32,
        /// For what.
        service: ServiceId,
        /// At most so many.
        count: NonZeroU16,
    },
    /// A kiosk hands in what it printed from leases of one day. The press names the kiosk.
    HandIn {
        /// Who asks, and for the how-manieth time.
        press: PressId,
        /// How old the request is, in milliseconds, by the kiosk's own clock.
        age_ms: u32,
        /// The day of the leases.
        day: BusinessDay,
        /// The tickets.
        tickets: Vec<Printed>,
    },
    /// A kiosk gives a lease back. The press names the kiosk.
    EndLease {
        /// Who asks, and for the how-manieth time.
        press: PressId,
        /// How old the request is, in milliseconds, by the kiosk's own clock.
        age_ms: u32,
        /// The day of the lease.
        day: BusinessDay,
        /// Its first number.
        first: TicketNumber,
        /// So many of its numbers were never printed.
        unused: u16,
    },
    /// A kiosk is lost for good: nothing more will be heard of what it leased.
    WriteOff {
        /// The program by which it is said.
        client: ClientId,
        /// Which kiosk.
        kiosk: DeviceId,
        /// Who says so.
        by: String,
        /// Why.
        reason: String,
    },
}

/// A ticket a kiosk printed from its lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// The number on the paper.
    pub number: TicketNumber,
    /// Milliseconds from its print until the hand-in was first sent, by the kiosk's own clock.
    pub age_ms: u32,
    /// In which class.
    pub class: Class,
    /// Further matters of the same citizen, done one after another on the same number.
    pub also: Vec<ServiceId>,
    /// The take that was not answered, because of which it was printed.
    pub unanswered: Option<UnansweredTake>,
}

/// A take whose answer never came, as its kiosk had sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnansweredTake {
    /// The session of the kiosk.
    pub session: u32,
    /// The sequence in it.
    pub seq: u32,
}

impl Command {
    /// The same asked so much earlier: a press is older by the time it has waited to be decided, and what
    /// a kiosk hands in was printed so much earlier too.
    #[must_use]
    pub fn older_by(mut self, waited: Duration) -> Self {
        if let Self::Take { age_ms, .. }
        | Self::CheckIn { age_ms, .. }
        | Self::Key { age_ms, .. }
        | Self::Return { age_ms, .. }
        | Self::Cancel { age_ms, .. }
        | Self::Lease { age_ms, .. }
        | Self::HandIn { age_ms, .. }
        | Self::EndLease { age_ms, .. } = &mut self
        {
            *age_ms = age_ms.saturating_add(u32::try_from(waited.as_millis()).unwrap_or(u32::MAX));
        }
        self
    }
}

/// A phone number that was erased; not the number itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// The business day of the ticket.
    pub day: BusinessDay,
    /// The number of the ticket.
    pub number: TicketNumber,
    /// Who erased it; `None` for the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why.
    pub reason: String,
}

/// What some keys need beside the key: which other ticket, and where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Details {
    /// Another ticket than the one in hand.
    pub number: Option<TicketNumber>,
    /// To the queue of this service.
    pub to_service: Option<ServiceId>,
    /// To the queue of this window.
    pub to_window: Option<WindowId>,
    /// Who signs on.
    pub clerk: Option<ClerkId>,
    /// What came of the service that ends.
    pub outcome: ServiceOutcome,
    /// How the citizen judges it.
    pub grade: Option<Grade>,
    /// Of which class the ticket is.
    pub class: Option<Class>,
}
