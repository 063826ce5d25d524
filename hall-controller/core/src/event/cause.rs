//! Who or what made an event happen: a press on a device, or a rule of the system.

use hall_protocol::id::{ClientId, DeviceId, WindowId};
use serde::{Deserialize, Serialize, Serializer};

/// A device that sends sequenced messages.
///
/// Written as in the topics: `kiosk/K1`, `window/7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Device {
    /// A kiosk.
    Kiosk(DeviceId),
    /// The call pad of a window.
    Pad(WindowId),
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kiosk(id) => write!(f, "kiosk/{id}"),
            Self::Pad(id) => write!(f, "window/{id}"),
        }
    }
}

/// Straight into the text: nearly every row of the journal names a device.
impl Serialize for Device {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl TryFrom<String> for Device {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let device = match text.split_once('/') {
            Some(("kiosk", id)) => id.parse().ok().map(Self::Kiosk),
            Some(("window", id)) => id.parse().ok().map(Self::Pad),
            _ => None,
        };
        device.ok_or_else(|| format!("{text:?} names no device; \"kiosk/K1\" or \"window/7\" would"))
    }
}

/// One press on one device: the id by which it can be followed from the MQTT message to the
/// sign's acknowledgement. Prints as `window/7/4f2a91c0/12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PressId {
    /// Whose.
    pub device: Device,
    /// The device's session: random, new at each of its starts.
    pub session: u32,
    /// Counts up within the session.
    pub seq: u32,
}

impl std::fmt::Display for PressId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{:08x}/{}", self.device, self.session, self.seq)
    }
}

/// What was asked at a kiosk, as a key says what was asked at a pad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// A ticket.
    Take,
    /// The ticket of an appointment.
    CheckIn,
    /// To wait again after a no-show.
    Return,
    /// To give a ticket up.
    Cancel,
    /// Numbers to print while the line is down.
    Lease,
    /// To take over what was printed meanwhile.
    HandIn,
    /// To take a lease back.
    EndLease,
}

/// Who or what made an event happen (责任可溯).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A press on a device.
    Press(PressId),
    /// A program outside the hall, by the name its token has in the configuration.
    Client(ClientId),
    /// A rule of the system.
    Rule(Rule),
}

impl Cause {
    /// The press, if a device caused it.
    pub const fn press(&self) -> Option<PressId> {
        match self {
            Self::Press(press) => Some(*press),
            Self::Client(_) | Self::Rule(_) => None,
        }
    }
}

/// Rules that act without anybody's press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The controller started with this configuration.
    Configuration,
    /// A new business day began.
    DayBegan,
    /// The manager moved a window.
    Manager,
    /// The balancer looked at the hall, or moved a window.
    Balancer,
    /// Nobody came for an appointment in time.
    AppointmentLapsed,
    /// A ticket came, and an armed window called it.
    ArmedNext,
    /// A kiosk never heard of a ticket the hall gave, and printed another.
    UnansweredTake,
    /// The hours of a window ended.
    WindowHours,
    /// Personal data was erased, because its time was over or somebody did it by hand.
    Erasure,
}
