//! A zone's board: the latest calls, for signs and screens of any maker.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::id::{WindowId, ZoneId};
use crate::json::{Payload, Version};
use crate::number::TicketNumber;
use crate::text::Text;

/// The calls one board holds: what fits in 1 KiB of JSON, and on a sign of four rows with two
/// to spare.
pub const BOARD_CALLS_MAX: usize = 6;

/// Down, retained, on `zone/{id}/board`: the current calls, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// Payload version.
    pub v: Version,
    /// When this was so.
    pub at_ms: i64,
    /// The zone.
    pub zone: ZoneId,
    /// Newest first.
    pub calls: Vec<BoardCall, BOARD_CALLS_MAX>,
}

/// One line of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardCall {
    /// Who is called.
    pub number: TicketNumber,
    /// To which window.
    pub window: WindowId,
    /// What citizens read above that window.
    pub label: Text<8>,
    /// When it was called, or last called again.
    pub called_at_ms: i64,
    /// How often it was called again.
    pub recalls: u16,
}

impl Payload for Board {
    const NAME: &'static str = "zone board";
}
