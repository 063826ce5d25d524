//! Who is there: retained statuses, which are also the wills.

use serde::{Deserialize, Serialize};

use crate::id::HallId;
use crate::json::{Payload, Version};
use crate::text::Text;

/// Up, retained, on `{kind}/{id}/status`; with `online: false` it is the device's will.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStatus {
    /// Payload version.
    pub v: Version,
    /// Whether the device is there.
    pub online: bool,
    /// The session its messages carry.
    pub session: u32,
    /// Name and version of what runs on it.
    pub firmware: Text<32>,
}

/// Down, retained, on `controller/status`; with `online: false` it is the controller's will.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControllerStatus {
    /// Payload version.
    pub v: Version,
    /// The hall it runs.
    pub hall: HallId,
    /// Whether the controller is there.
    pub online: bool,
    /// When it came or went.
    pub at_ms: i64,
    /// Its version.
    pub version: Text<32>,
    /// Where it runs: host and process. Two that differ and are both there are one controller too many.
    #[serde(default, skip_serializing_if = "is_unsaid")]
    pub owner: Text<48>,
}

fn is_unsaid(text: &Text<48>) -> bool {
    text.is_empty()
}

/// Down, retained, on `controller/head`: the journal at the end of the last business day that has
/// ended. Whoever keeps it can tell later whether anything up to then was changed (责任可溯).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayHead {
    /// Payload version.
    pub v: Version,
    /// The hall.
    pub hall: HallId,
    /// The business day, such as `2026-03-02`.
    pub day: Text<10>,
    /// The sequence of the day's last record.
    pub last_seq: u64,
    /// The chain's hash after it, in 64 hexadecimal digits.
    pub hash: Text<64>,
    /// When the day had ended.
    pub at_ms: i64,
}

impl Payload for DeviceStatus {
    const NAME: &'static str = "device status";
}

impl Payload for ControllerStatus {
    const NAME: &'static str = "controller status";
}

impl Payload for DayHead {
    const NAME: &'static str = "day head";
}
