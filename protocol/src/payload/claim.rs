//! Who runs a hall: a controller claims it, and one that runs it already answers.
//!
//! A claim is retained, because two controllers with one MQTT client id are never connected at the same
//! time: each throws the other out. What is retained proves nothing, for its sender may be dead. An answer
//! does: it names the claim it answers, whose id its process has drawn at its start.
//!
//! Who runs the hall also leaves its claim on a topic of its own, where no asker writes, and clears it when it
//! ends in good order: of one that fell silent it says that it may come back with the same numbers.

use serde::{Deserialize, Serialize};

use crate::id::HallId;
use crate::json::{Payload, Version};
use crate::text::Text;

/// Down, retained, on `controller/claim`: "I run this hall, or want to"; and on `controller/holder`: "I run it".
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
    /// Drawn at random when that directory was first used; a controller of an older version says none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<Text<16>>,
    /// How often technicians had said that the hall is taken over from a computer that is gone for good: who has
    /// the higher term comes before who was replaced.
    #[serde(default, skip_serializing_if = "is_first")]
    pub term: u32,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_first(term: &u32) -> bool {
    *term == 0
}

impl Payload for ControllerClaim {
    const NAME: &'static str = "controller claim";
}
