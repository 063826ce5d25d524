//! What happened, for integrators.

use serde::{Deserialize, Serialize};

use crate::id::{ServiceId, WindowId};
use crate::json::{Payload, Version};
use crate::number::TicketNumber;
use crate::payload::Why;
use crate::text::Text;

/// Down, on `event/{kind}`: one durable event. The kind stands in the topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventNotice {
    /// Payload version.
    pub v: Version,
    /// Its sequence in the journal: counts up by one, so a gap shows a missed notice.
    pub seq: u64,
    /// When it happened.
    pub at_ms: i64,
    /// Its name in the journal, such as `window_paused`.
    pub name: Text<24>,
    /// The press that caused it, such as `window/7/4f2a91c0/12`; `null` for a rule of the system.
    pub press: Option<Text<48>>,
    /// The ticket concerned.
    pub number: Option<TicketNumber>,
    /// The window concerned.
    pub window: Option<WindowId>,
    /// The service a ticket is for, where the event says so.
    pub service: Option<ServiceId>,
    /// Why this ticket was called and no other, if it was.
    #[serde(default)]
    pub why: Option<Why>,
}

impl Payload for EventNotice {
    const NAME: &'static str = "event notice";
}
