//! What a row of the journal says of an event beside its time, kind and cause, which have columns of their own.

use hall_protocol::id::ClerkId;
use serde::{Deserialize, Serialize};

use super::{Cause, Event, Stamped};
use crate::answer::Answer;
use crate::time::HallTime;

/// The body of a row, which is kept as JSON. It is borrowed to be written, and owned when it was read.
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
