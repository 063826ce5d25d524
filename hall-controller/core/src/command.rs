//! What can be asked of the hall.

use hall_protocol::id::ServiceId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key};

use crate::event::PressId;
use crate::plan::Plan;

/// Something asked of the hall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Work by this plan.
    AdoptPlan(Box<Plan>),
    /// Time passes: begin a new business day when it has come.
    Tick,
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
        /// Why, for a pause.
        reason: Option<String>,
    },
}
