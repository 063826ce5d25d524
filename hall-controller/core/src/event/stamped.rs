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

/// What a row of the journal says beside its time, kind and cause, which have columns of their own; kept as
/// JSON. It is borrowed to be written, and owned when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body<E, A> {
    event: E,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clerk: Option<ClerkId>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    answer: Option<A>,
}

/// Without it serde would ask that an answer has a default.
fn none<A>() -> Option<A> {
    None
}

impl<'a> Body<&'a Event, &'a Answer> {
    /// The body of an event's row.
    pub fn of(stamped: &'a Stamped) -> Self {
        Self { event: &stamped.event, clerk: stamped.clerk, answer: stamped.answer.as_ref() }
    }
}

impl Body<Event, Answer> {
    /// The event, with what its row says besides.
    pub fn stamped(self, at: HallTime, cause: Cause) -> Stamped {
        let Self { event, clerk, answer } = self;
        Stamped { at, cause, event, clerk, answer }
    }
}
