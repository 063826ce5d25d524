//! The state of every sign, as technicians and the sign wall see it.
//!
//! Only the picture is here; the line's driver makes it and the web pages draw it.

use std::sync::Arc;
use std::time::Instant;

use hall_protocol::id::{DeviceId, WindowId, ZoneId};
use hall_protocol::sign::SignAddress;
use hall_signs::Frame;

/// What a sign says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shows {
    /// The number at one window.
    Window(WindowId),
    /// The latest calls of one zone.
    Zone(ZoneId),
}

/// How a sign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It acknowledged what it should show, or is about to.
    Ok,
    /// It has not answered its last requests; they are being repeated.
    Late,
    /// It answers nothing, since then.
    Dark(Instant),
}

/// One sign.
#[derive(Debug, Clone)]
pub struct WallSign {
    /// Its id in the configuration.
    pub id: DeviceId,
    /// The serial line's port as configured, or the emulator's.
    pub port: Arc<str>,
    /// Its address on the line.
    pub address: SignAddress,
    /// What it says.
    pub shows: Shows,
    /// How it is.
    pub health: Health,
    /// What it should show.
    pub wanted: Arc<Frame>,
    /// What it last acknowledged showing.
    pub acknowledged: Option<Arc<Frame>>,
    /// What the independent emulator on the other end of the line decoded; `None` for real signs.
    pub decoded: Option<Arc<Frame>>,
    /// Requests without an answer in time, since the start.
    pub timeouts: u64,
    /// Requests it refused, since the start.
    pub refusals: u64,
}

/// Every sign, in the configuration's order.
#[derive(Debug, Clone, Default)]
pub struct SignWall {
    /// The signs.
    pub signs: Vec<Arc<WallSign>>,
    /// Lines whose port is not open at present, and why.
    pub closed_lines: Vec<(Arc<str>, String)>,
}
