//! The JSON bodies of the MQTT contract, one Rust type each.
//!
//! Times are unix milliseconds (`*_at_ms`) by the controller's clock, or ages in milliseconds by
//! the device's own (`age_ms`), because a pad has no wall clock. Texts come in Chinese (`zh`) and
//! English (`en`).

mod board;
mod claim;
mod event;
mod kiosk;
mod lease;
mod menu_lines;
mod status;
mod window;

pub use board::{BOARD_CALLS_MAX, Board, BoardCall};
pub use claim::{ClaimRef, ControllerClaim};
pub use event::EventNotice;
pub use kiosk::{
    Class, IssuedTicket, KioskAction, KioskOutcome, KioskReply, KioskRequest, MATTERS_MAX, MENU_SERVICES_MAX,
    Menu, MenuService, WaitMinutes,
};
pub use lease::{
    HAND_IN_MAX, HAND_IN_REASONS_MAX, HandedIn, LeasedNumbers, PrintedTicket, UNANSWERED_MAX, UnansweredTake,
};
pub use menu_lines::menu_lines;
use serde::{Deserialize, Serialize};
pub use status::{ControllerStatus, DayHead, DeviceStatus};
pub use window::{
    Grade, HandState, Key, Lamp, PARKED_SHOWN_MAX, Press, PressOutcome, ServiceOutcome, Why, WindowMode,
    WindowReply, WindowState, WindowTicket,
};

use crate::text::Text;

/// Why a request was refused: a code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Stable name of the reason, such as `window_paused`.
    pub code: Text<24>,
    /// The sentence in Chinese.
    pub zh: Text<144>,
    /// The sentence in English.
    pub en: Text<144>,
}
