//! Who runs a hall: a controller claims it, and one that runs it already answers.
//!
//! A claim is retained, because two controllers with one MQTT client id are never connected at the same
//! time: each throws the other out. What is retained proves nothing, for its sender may be dead. An answer
//! does: it names the claim it answers, whose id its process has drawn at its start.

use serde::{Deserialize, Serialize};

use crate::id::HallId;
use crate::json::{Payload, Version};
use crate::text::Text;

/// Down, retained, on `controller/claim`: "I run this hall, or want to".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControllerClaim {
    /// Payload version.
    pub v: Version,
    /// The hall.
    pub hall: HallId,
    /// Which process says so, and when.
    pub claim: ClaimRef,
    /// Whether it runs the hall; one that starts only asks whether it may.
    pub serving: bool,
    /// When its process began, by its machine's clock.
    pub since_at_ms: i64,
    /// The name of its machine.
    pub host: Text<64>,
    /// Its process id there.
    pub pid: u32,
    /// Its data directory there.
    pub data: Text<160>,
    /// The claim of another controller to which this one is the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<ClaimRef>,
}

/// One claim of one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRef {
    /// Drawn at random when its process began.
    pub process: u32,
    /// For how long the process had run when it claimed, in milliseconds.
    pub up_ms: u64,
}

impl Payload for ControllerClaim {
    const NAME: &'static str = "controller claim";
}
