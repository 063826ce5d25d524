//! What a kiosk handed in of what it had printed without the hall.

use hall_protocol::id::DeviceId;
use serde::{Deserialize, Serialize};

use crate::answer::HandedIn;
use crate::time::BusinessDay;

/// A hand-in; its tickets came into the queue before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandIn {
    /// Which kiosk.
    pub kiosk: DeviceId,
    /// The day of the leases.
    pub day: BusinessDay,
    /// So many tickets came into the queue by it; others had been handed in before.
    pub taken: u16,
    /// Those that did not come into the queue, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<HandedIn>,
    /// Those that came into the queue and were not given all that was asked for them, and what not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<HandedIn>,
}
