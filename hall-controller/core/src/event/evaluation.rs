//! What a citizen says of a service.

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Grade;
use serde::{Deserialize, Serialize};

use crate::ticket::TicketId;

/// How a citizen judged the service at a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Whose.
    pub ticket: TicketId,
    /// Its number.
    pub number: TicketNumber,
    /// Where it was served.
    pub window: WindowId,
    /// What for: a ticket of several matters goes on with another. `None` in older journals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    /// How.
    pub grade: Grade,
    /// Why, in the citizen's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
