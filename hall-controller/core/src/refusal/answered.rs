//! What became of a proposal.

use serde::{Deserialize, Serialize};

/// How a proposal was answered before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// It was accepted, or done without asking.
    Accepted,
    /// It was accepted, and has stopped the numbers of a service.
    Stopped,
    /// It was accepted, and was only to be taken note of.
    Noted,
    /// It was rejected.
    Rejected,
    /// It was done, and taken back.
    Undone,
}
