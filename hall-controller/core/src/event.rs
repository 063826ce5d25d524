//! What happened. Events are the only way the hall changes, and the whole of what is journaled.

use hall_protocol::id::{DeviceId, ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key};
use hall_protocol::topic::EventTopic;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::ticket::TicketId;
use crate::time::{BusinessDay, HallTime};

/// A device that sends sequenced messages.
///
/// Written as in the topics: `kiosk/K1`, `window/7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.to_string()
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

/// Who or what made an event happen (责任可溯).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A press on a device.
    Press(PressId),
    /// A rule of the system.
    Rule(Rule),
}

impl Cause {
    /// The press, if a device caused it.
    pub const fn press(&self) -> Option<PressId> {
        match self {
            Self::Press(press) => Some(*press),
            Self::Rule(_) => None,
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
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Event {
    /// The hall works by this plan from now on.
    PlanAdopted {
        /// The plan.
        plan: Box<Plan>,
    },
    /// A business day began; numbers start again.
    DayBegan {
        /// Which.
        day: BusinessDay,
    },
    /// A ticket was taken.
    Issued {
        /// Identity.
        ticket: TicketId,
        /// Number.
        number: TicketNumber,
        /// For what.
        service: ServiceId,
        /// In which class.
        class: Class,
        /// At which kiosk.
        kiosk: DeviceId,
        /// Citizens waiting for the same service before this one.
        ahead: u32,
    },
    /// A ticket was summoned.
    Called {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// To where.
        window: WindowId,
        /// Why this one.
        why: CallReason,
        /// What the wall clock said, when it had been set back behind the hall's time: the
        /// double-press guard measures by it, because the hall's time stands still meanwhile.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wall: Option<HallTime>,
    },
    /// A called ticket was summoned again.
    Recalled {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// To where.
        window: WindowId,
    },
    /// Service began.
    Started {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
    },
    /// Service ended.
    Finished {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
    },
    /// The citizen did not come.
    Missed {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
    },
    /// A ticket in hand went back to its queue, with its seniority.
    Requeued {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// From where.
        window: WindowId,
        /// Why.
        why: RequeueReason,
    },
    /// A ticket ended unserved.
    Expired {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// The window that had it in hand, if one had.
        window: Option<WindowId>,
        /// Why.
        why: ExpiryReason,
    },
    /// A window opened.
    WindowOpened {
        /// Which.
        window: WindowId,
    },
    /// A window paused.
    WindowPaused {
        /// Which.
        window: WindowId,
        /// Why, as its sign says.
        reason: Option<String>,
    },
    /// A paused window takes citizens again.
    WindowResumed {
        /// Which.
        window: WindowId,
    },
    /// A window closed.
    WindowClosed {
        /// Which.
        window: WindowId,
    },
    /// A press was understood and refused.
    Refused {
        /// The key pressed; `None` at a kiosk.
        key: Option<Key>,
        /// Why.
        refusal: Refusal,
    },
}

/// Why this ticket was called and not another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallReason {
    /// It waited longest in the services of the window, of which this many had somebody waiting.
    Oldest {
        /// Services with a queue.
        services: u16,
    },
}

/// Why a ticket went back to its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequeueReason {
    /// Its window is not in the plan any more.
    WindowWithdrawn,
}

/// Why a ticket ended unserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryReason {
    /// The business day ended.
    DayEnded,
    /// Its service is not in the plan any more.
    ServiceWithdrawn,
}

impl Event {
    /// The ticket it concerns, if one.
    pub const fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::Issued { ticket, .. }
            | Self::Called { ticket, .. }
            | Self::Recalled { ticket, .. }
            | Self::Started { ticket, .. }
            | Self::Finished { ticket, .. }
            | Self::Missed { ticket, .. }
            | Self::Requeued { ticket, .. }
            | Self::Expired { ticket, .. } => Some(*ticket),
            _ => None,
        }
    }

    /// The number of the ticket it concerns, if one.
    pub const fn number(&self) -> Option<TicketNumber> {
        match self {
            Self::Issued { number, .. }
            | Self::Called { number, .. }
            | Self::Recalled { number, .. }
            | Self::Started { number, .. }
            | Self::Finished { number, .. }
            | Self::Missed { number, .. }
            | Self::Requeued { number, .. }
            | Self::Expired { number, .. } => Some(*number),
            _ => None,
        }
    }

    /// The window it concerns, if one.
    pub const fn window(&self) -> Option<WindowId> {
        match self {
            Self::Called { window, .. }
            | Self::Recalled { window, .. }
            | Self::Started { window, .. }
            | Self::Finished { window, .. }
            | Self::Missed { window, .. }
            | Self::Requeued { window, .. }
            | Self::WindowOpened { window }
            | Self::WindowPaused { window, .. }
            | Self::WindowResumed { window }
            | Self::WindowClosed { window } => Some(*window),
            Self::Expired { window, .. } => *window,
            _ => None,
        }
    }

    /// Its name in the journal and in logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PlanAdopted { .. } => "plan_adopted",
            Self::DayBegan { .. } => "day_began",
            Self::Issued { .. } => "issued",
            Self::Called { .. } => "called",
            Self::Recalled { .. } => "recalled",
            Self::Started { .. } => "started",
            Self::Finished { .. } => "finished",
            Self::Missed { .. } => "missed",
            Self::Requeued { .. } => "requeued",
            Self::Expired { .. } => "expired",
            Self::WindowOpened { .. } => "window_opened",
            Self::WindowPaused { .. } => "window_paused",
            Self::WindowResumed { .. } => "window_resumed",
            Self::WindowClosed { .. } => "window_closed",
            Self::Refused { .. } => "refused",
        }
    }

    /// The topic integrators hear of it.
    pub const fn topic(&self) -> EventTopic {
        match self {
            Self::PlanAdopted { .. } | Self::DayBegan { .. } => EventTopic::Hall,
            Self::Issued { .. } => EventTopic::Issued,
            Self::Called { .. } => EventTopic::Called,
            Self::Recalled { .. } => EventTopic::Recalled,
            Self::Started { .. } => EventTopic::Started,
            Self::Finished { .. } => EventTopic::Finished,
            Self::Missed { .. } => EventTopic::Missed,
            Self::Requeued { .. } => EventTopic::Requeued,
            Self::Expired { .. } => EventTopic::Expired,
            Self::WindowOpened { .. }
            | Self::WindowPaused { .. }
            | Self::WindowResumed { .. }
            | Self::WindowClosed { .. } => EventTopic::Window,
            Self::Refused { .. } => EventTopic::Refused,
        }
    }
}

/// An event with its moment and its cause: one row of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped {
    /// When.
    pub at: HallTime,
    /// By whom or what.
    pub cause: Cause,
    /// What.
    pub event: Event,
    /// On the last event of a press: what the device is told, kept so that a repeated press gets
    /// the same words, also after a crash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}
