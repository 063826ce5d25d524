//! Between kiosk and controller: requests, replies and the menu.

use core::num::NonZeroU16;

use heapless::Vec;
use serde::{Deserialize, Serialize};

use super::{
    HAND_IN_MAX, HAND_IN_REASONS_MAX, HandedIn, LeasedNumbers, PrintedTicket, Refused, UNANSWERED_MAX,
    UnansweredTake,
};
use crate::appointment::{AppointmentId, DayMinute};
use crate::id::{DeviceId, ServiceId, ZoneId};
use crate::json::{Payload, Version};
use crate::local::LocalTime;
use crate::number::TicketNumber;
use crate::text::Text;

/// The most services one kiosk offers: two columns of ten stand on one touch screen.
pub const MENU_SERVICES_MAX: usize = 20;

/// The further matters one ticket may be for, beside the first.
pub const MATTERS_MAX: usize = 4;

/// Priority class of a ticket (优先类别).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 普通.
    #[default]
    Ordinary,
    /// 预约: checked in for a booked slot; nobody takes or is given this class otherwise.
    Appointment,
    /// 老年人.
    Elderly,
    /// 残疾人.
    Disabled,
    /// 孕妇或带婴儿.
    Pregnant,
    /// 军人依法优先.
    Serviceman,
    /// 补件: back with what was missing.
    Returning,
}

impl Class {
    /// Every class there is.
    pub const ALL: [Self; 7] = [
        Self::Ordinary,
        Self::Appointment,
        Self::Elderly,
        Self::Disabled,
        Self::Pregnant,
        Self::Serviceman,
        Self::Returning,
    ];

    /// Whether it may be called before its turn for what its citizen is. An appointment may for its
    /// slot, which is another rule.
    pub const fn is_priority(self) -> bool {
        !matches!(self, Self::Ordinary | Self::Appointment)
    }
}

/// Up, on `kiosk/{id}/request`: what a citizen asked for.
///
/// A kiosk has one request under way at a time: it sends the next `seq` once it has the reply, and
/// repeats the same bytes until then. The controller answers a repeated `(session, seq)` with the
/// same reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KioskRequest {
    /// Payload version.
    pub v: Version,
    /// Chosen anew, at random, at each start of the device.
    pub session: u32,
    /// Counts up from 1 within the session.
    pub seq: u32,
    /// Milliseconds since the citizen pressed, by the kiosk's own clock.
    pub age_ms: u32,
    /// What was asked.
    pub request: KioskAction,
}

/// What a kiosk can ask.
#[expect(clippy::large_enum_variant, reason = "there is no allocator to put the tickets in a box")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KioskAction {
    /// Take a ticket.
    Take {
        /// For this service.
        service: ServiceId,
        /// In this class.
        #[serde(default)]
        class: Class,
        /// Further matters of the same citizen, done one after another on the same number (一号多事).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<ServiceId, MATTERS_MAX>,
    },
    /// Check in for an appointment (预约签到). Answered with the ticket.
    CheckIn {
        /// The booking's code: its id in the system that made it.
        code: AppointmentId,
    },
    /// Put a ticket that was called and missed back to those who wait (回场). Answered with the
    /// ticket.
    Return {
        /// The number on the paper.
        number: TicketNumber,
    },
    /// Give up a ticket that waits or is put aside (取消排队): its citizen leaves.
    Cancel {
        /// The number on the paper.
        number: TicketNumber,
    },
    /// Lease numbers to print from while the line is down.
    Lease {
        /// For this service.
        service: ServiceId,
        /// No more than so many, at least one; the hall's plan may give fewer, which the answer says.
        count: NonZeroU16,
    },
    /// Hand in tickets printed from leases of one business day. The same ones may be handed in as
    /// often as it takes to hear the reply.
    HandIn {
        /// The day of the leases.
        day: i32,
        /// The tickets, in the order in which they were printed.
        tickets: Vec<PrintedTicket, HAND_IN_MAX>,
        /// Which of them were printed because a take was not answered. Whatever the hall had given for
        /// that take is nobody's.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unanswered: Vec<UnansweredTake, UNANSWERED_MAX>,
    },
    /// Give a lease back: from now on nothing is printed from it, and what was printed has been handed
    /// in.
    EndLease {
        /// The day of the lease.
        day: i32,
        /// Its first number.
        first: TicketNumber,
        /// How many of its numbers were never printed.
        unused: u16,
    },
}

/// Down, on the request's response topic (by default `kiosk/{id}/reply`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KioskReply {
    /// Payload version.
    pub v: Version,
    /// The request's session; `null` when it could not be read.
    pub session: Option<u32>,
    /// The request's sequence; `null` when it could not be read.
    pub seq: Option<u32>,
    /// What came of it.
    pub outcome: KioskOutcome,
    /// Of tickets handed in: for each code by which some were refused, the sentences for the first of them; and
    /// those of what tickets that came in were not given, a class or further matters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Refused, HAND_IN_REASONS_MAX>,
}

/// What came of a kiosk's request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KioskOutcome {
    /// A ticket, durable before this was sent.
    Ticket(IssuedTicket),
    /// The ticket waits no more, durable before this was sent.
    Cancelled {
        /// Its number.
        number: TicketNumber,
    },
    /// Numbers to print from, durable before this was sent.
    Lease(LeasedNumbers),
    /// What became of the tickets handed in, in the order of the request.
    HandedIn(Vec<HandedIn, HAND_IN_MAX>),
    /// The lease is over.
    LeaseEnded {
        /// Its first number.
        first: TicketNumber,
    },
    /// No ticket, and why.
    Refused(Refused),
}

/// A ticket as it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedTicket {
    /// The number on the paper.
    pub number: TicketNumber,
    /// The service it is for.
    pub service: ServiceId,
    /// The service's name in Chinese.
    pub zh: Text<48>,
    /// The service's name in English.
    pub en: Text<48>,
    /// The zone to wait in.
    pub zone: ZoneId,
    /// When it was issued.
    pub issued_at_ms: i64,
    /// Citizens waiting for the same service before this one.
    pub ahead: u32,
    /// For an appointment: when its slot begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<DayMinute>,
    /// How long it will wait; absent when it is called at once, or when nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<WaitMinutes>,
}

/// How long a citizen will wait, rounded for people: half wait less than the first, nine of ten less
/// than the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitMinutes {
    /// In minutes, at least 1.
    pub from_minutes: u16,
    /// In minutes, at least the first.
    pub to_minutes: u16,
}

/// Down, retained, on `kiosk/{id}/menu`: the services on offer.
///
/// Larger than the other payloads (up to 9 KiB): it carries the names of up to
/// [`MENU_SERVICES_MAX`] services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menu {
    /// Payload version.
    pub v: Version,
    /// When this was so.
    pub at_ms: i64,
    /// The kiosk it is for.
    pub kiosk: DeviceId,
    /// The services, in the order of the screen.
    pub services: Vec<MenuService, MENU_SERVICES_MAX>,
}

/// One line of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuService {
    /// What to send in a request.
    pub service: ServiceId,
    /// Name in Chinese.
    pub zh: Text<48>,
    /// Name in English.
    pub en: Text<48>,
    /// Citizens waiting.
    pub waiting: u32,
    /// Whether a ticket can be taken now.
    pub open: bool,
    /// When it cannot: the code of the refusal a request would get.
    pub why: Option<Text<24>>,
    /// While it can: the first minute in which it cannot, by the hall's opening hours; `null` when
    /// that is not before the day after tomorrow.
    #[serde(default)]
    pub until: Option<LocalTime>,
    /// While it cannot: when it can again; `null` when nobody can tell.
    #[serde(default)]
    pub opens: Option<LocalTime>,
    /// How long somebody who took a number now would wait; absent when nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<WaitMinutes>,
}

impl Payload for KioskRequest {
    const NAME: &'static str = "kiosk request";
    /// Ten tickets with all their further matters, and what they stand for.
    const BYTES_MAX: usize = 2 * 1_024;
}

impl Payload for KioskReply {
    const NAME: &'static str = "kiosk reply";
    /// Ten tickets handed in, and why some were refused, were every text as long as its field and full of what JSON
    /// escapes. The sentences there are need no more than 1 KiB.
    const BYTES_MAX: usize = 3 * 1_024;
}

impl Payload for Menu {
    const NAME: &'static str = "kiosk menu";
    const BYTES_MAX: usize = 9 * 1_024;
}
