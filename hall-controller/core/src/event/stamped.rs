//! Events as they stand in the journal.

use hall_protocol::id::ClerkId;
use serde::{Deserialize, Serialize};

use super::{Cause, Event};
use crate::answer::Answer;
use crate::time::HallTime;

/// An event with its moment and its cause: one row of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped {
    /// When.
    pub at: HallTime,
    /// By whom or what.
    pub cause: Cause,
    /// What.
    pub event: Event,
    /// Who was signed on at the window whose pad was pressed, or else at the window concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clerk: Option<ClerkId>,
    /// On the last event of a press: what the device is told, kept so that a repeated press gets
    /// the same words, also after a crash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}
