//! Numbers for times when the line is down: a kiosk leases some, prints from them, and hands in
//! later what it printed.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::id::ServiceId;
use crate::number::TicketNumber;
use crate::payload::{Class, MATTERS_MAX};
use crate::text::Text;

/// The tickets one hand-in may have: as many as fit in two kilobytes, and their answers in one.
pub const HAND_IN_MAX: usize = 10;

/// The reasons for which tickets of one hand-in may be refused at once: that of another day is one for all of them.
pub const HAND_IN_REASONS_MAX: usize = 3;

/// Numbers that a kiosk alone may print, for one service and one business day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeasedNumbers {
    /// What tickets with these numbers are for.
    pub service: ServiceId,
    /// The first number; the others follow it. They are printed in this order.
    pub first: TicketNumber,
    /// How many: as many as were asked for, or fewer when the hall's plan gives its kiosks no more at once, or has few
    /// left. Those of earlier leases are the kiosk's as well.
    pub count: u16,
    /// The business day: the calendar day of the hall on which it began, as days since 1970-01-01.
    /// When it is over the numbers must not be printed any more.
    pub day: i32,
}

/// A ticket that a kiosk printed from its lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintedTicket {
    /// The number on the paper.
    pub number: TicketNumber,
    /// Milliseconds from its print until this hand-in was first sent, by the kiosk's own clock. The
    /// age of the request itself comes on top.
    pub age_ms: u32,
    /// In which class.
    #[serde(default, skip_serializing_if = "is_ordinary")]
    pub class: Class,
    /// Further matters of the same citizen, done one after another on the same number (一号多事).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<ServiceId, MATTERS_MAX>,
}

/// The takes one hand-in may name as unanswered. A kiosk with more hands in fewer tickets at once.
pub const UNANSWERED_MAX: usize = 4;

/// A take that no reply came to in the kiosk's patience, so that it printed a number of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnansweredTake {
    /// The number it printed for the same citizen.
    pub number: TicketNumber,
    /// The session of the take.
    pub session: u32,
    /// Its sequence in the session.
    pub seq: u32,
}

/// What became of a ticket that was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedIn {
    /// The number on the paper.
    pub number: TicketNumber,
    /// `null` when the ticket is in the queue, now or since an earlier hand-in; else the code of why
    /// it is not, whose sentences are in the reply's `why`. Handing it in again changes neither.
    pub refused: Option<Text<24>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_ordinary(class: &Class) -> bool {
    !class.is_priority()
}
