//! What events of appointments say beside the appointment.

use hall_protocol::appointment::{AppointmentId, DayMinute};
use serde::{Deserialize, Serialize};

use crate::time::HallTime;

/// That a ticket was given for an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// Which.
    pub appointment: AppointmentId,
    /// When its slot begins.
    pub slot: DayMinute,
    /// Since when the ticket counts as waiting: from its slot on, or from when its citizen came later
    /// than that.
    pub standing: HallTime,
}

/// Why a booking was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnbookReason {
    /// The system that made it asked for it.
    Asked,
    /// Its service is not in the plan any more.
    ServiceWithdrawn,
}
