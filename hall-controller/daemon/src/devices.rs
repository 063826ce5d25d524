//! What the pages and the demo's people need of the virtual devices: take a ticket, press a key.
//!
//! A trait, so that pages are tested without a broker; the devices themselves speak MQTT and are
//! in `mqtt/device`.

use std::future::Future;
use std::pin::Pin;

use hall_core::command::Details;
use hall_core::plan::Name;
use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::{DeviceId, ServiceId, WindowId, ZoneId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key, KioskOutcome, KioskReply, WindowReply};
use hall_protocol::text::Text;

/// A reply to come.
pub type Reply<T> = Pin<Box<dyn Future<Output = Result<T, NoReply>> + Send>>;

/// The controller did not answer a virtual device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoReply {
    /// There is no such device in the configuration.
    #[error("the hall has no device {0}")]
    UnknownDevice(String),
    /// No reply within the time a citizen waits, repeated requests included.
    #[error("no reply from the hall controller within {waited_ms} ms: is the MQTT broker up?")]
    TimedOut {
        /// How long, in milliseconds.
        waited_ms: u64,
    },
    /// The MQTT broker of this hall has no user for pages.
    #[error(
        "pages cannot press keys in this hall: the MQTT broker has no user for them; name one with \
         virtual_devices_username in the [mqtt] part of hall.toml"
    )]
    NotAllowed,
    /// What came back is not a reply of this protocol.
    #[error("the reply could not be read: {0}")]
    Unreadable(String),
}

/// A key that went down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressed {
    /// Which.
    pub key: Key,
    /// The ticket the pad showed then; the press is refused when it is no longer in hand.
    pub ticket: Option<TicketNumber>,
    /// Why: with PAUSE for the window's sign, otherwise for the journal.
    pub reason: Option<Text<48>>,
    /// Which other ticket, and where to.
    pub details: Details,
}

/// What a citizen wants a ticket for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The matter that is first.
    pub service: ServiceId,
    /// In this class.
    pub class: Class,
    /// Further matters, one after another on the same number; of more than
    /// [`hall_protocol::payload::MATTERS_MAX`] the first.
    pub also: Vec<ServiceId>,
}

/// What came of a citizen's wish for a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The hall answered.
    Answered(Box<KioskOutcome>),
    /// It did not, and the kiosk printed a number it had leased.
    Printed(OwnTicket),
}

/// A ticket the kiosk printed by itself: nobody knows yet how many wait before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTicket {
    /// The number on the paper.
    pub number: TicketNumber,
    /// For what.
    pub service: ServiceId,
    /// The service's name.
    pub name: Name,
    /// Where to wait.
    pub zone: ZoneId,
    /// When, by the hall's clock.
    pub issued_at_ms: i64,
}

/// Kiosks and call pads that are pages or simulated people.
pub trait Devices: Send + Sync {
    /// Ask for a ticket at a kiosk.
    fn take(&self, kiosk: DeviceId, wish: Wish) -> Reply<Taken>;

    /// Somebody looks at a kiosk's page: from now on it keeps numbers for when the line is down.
    fn attend(&self, kiosk: DeviceId);

    /// Check in for an appointment.
    fn check_in(&self, kiosk: DeviceId, code: AppointmentId) -> Reply<KioskReply>;

    /// Put a ticket that was called and missed back to those who wait.
    fn give_back(&self, kiosk: DeviceId, number: TicketNumber) -> Reply<KioskReply>;

    /// Give a ticket that waits up.
    fn cancel(&self, kiosk: DeviceId, number: TicketNumber) -> Reply<KioskReply>;

    /// Press a key of a window's pad.
    fn press(&self, window: WindowId, pressed: Pressed) -> Reply<WindowReply>;
}

/// No virtual devices at all: the broker knows no user for them.
#[derive(Debug, Clone, Copy)]
pub struct NoDevices;

impl Devices for NoDevices {
    fn take(&self, _kiosk: DeviceId, _wish: Wish) -> Reply<Taken> {
        Box::pin(std::future::ready(Err(NoReply::NotAllowed)))
    }

    fn check_in(&self, _kiosk: DeviceId, _code: AppointmentId) -> Reply<KioskReply> {
        Box::pin(std::future::ready(Err(NoReply::NotAllowed)))
    }
    fn attend(&self, _kiosk: DeviceId) {}

    fn cancel(&self, _kiosk: DeviceId, _number: TicketNumber) -> Reply<KioskReply> {
        Box::pin(std::future::ready(Err(NoReply::NotAllowed)))
    }

    fn give_back(&self, _kiosk: DeviceId, _number: TicketNumber) -> Reply<KioskReply> {
        Box::pin(std::future::ready(Err(NoReply::NotAllowed)))
    }

    fn press(&self, _window: WindowId, _pressed: Pressed) -> Reply<WindowReply> {
        Box::pin(std::future::ready(Err(NoReply::NotAllowed)))
    }
}
