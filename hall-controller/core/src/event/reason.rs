//! Why: what a call, a lease's end, an expiry and the like give as their reasons.

mod words;

use hall_protocol::appointment::DayMinute;
use hall_protocol::payload::Class;
use serde::{Deserialize, Serialize};

use super::PressId;

/// Why this ticket was called and not another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallReason {
    /// It waited longest in the services of the window, of which this many had somebody waiting,
    /// and among those who wait for this window alone.
    Oldest {
        /// Services with a queue; none means that it waited for this window alone.
        services: u16,
    },
    /// It is of a priority class and passed ordinary tickets that wait longer, within the quota.
    Priority {
        /// Of which class.
        class: Class,
    },
    /// It had the most credit: the wait, weighted by class.
    Credit {
        /// Of which class.
        class: Class,
        /// Services with a queue.
        services: u16,
    },
    /// The call does most against the services' targets.
    Target {
        /// How many minutes the ticket is over its service's target; negative while it is not.
        over_minutes: i32,
        /// Services with a queue.
        services: u16,
    },
    /// It waited longest in the window's backup services: nobody waited for its primary ones, or the
    /// ticket is over its target.
    Backup {
        /// How many minutes the ticket is over its service's target; negative while it is not.
        over_minutes: i32,
    },
    /// It is of an appointment, and its turn had come by its slot.
    Appointment {
        /// When that began, or begins: with nobody else waiting it is called before.
        slot: DayMinute,
        /// Whether it passed tickets that wait longer, within the quota.
        passing: bool,
    },
    /// It came when nobody waited, and the window was armed: by this press.
    Armed {
        /// Which.
        press: Option<PressId>,
    },
    /// The clerk called it out of its turn.
    Picked {
        /// Why.
        reason: String,
    },
}

/// Why a ticket went back to its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequeueReason {
    /// Its window is not in the plan any more.
    WindowWithdrawn,
    /// The window it waits for, or was put aside at, closed.
    WindowClosed,
    /// The business day ended while it was at its window, put aside there or waiting for it, and the queue
    /// is kept overnight.
    DayEnded,
}

/// Why a lease is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseEnd {
    /// The kiosk gave it back.
    Returned,
    /// The business day ended.
    DayEnded,
    /// The kiosk or the service is not in the plan any more.
    Withdrawn,
    /// The kiosk is lost for good: the staff says so.
    WrittenOff {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
}

/// Why a clerk is signed on at a window no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignOffReason {
    /// The clerk signed off.
    #[default]
    Asked,
    /// The business day ended, and the window was closed already.
    DayEnded,
}

impl SignOffReason {
    /// What journals say by not saying anything.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub(crate) fn is_asked(&self) -> bool {
        *self == Self::Asked
    }
}

/// From what a journal was put back that ends earlier than the hall had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PutBack {
    /// A backup.
    Backup,
    /// What was whole of a journal that had lost records.
    Remainder,
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
