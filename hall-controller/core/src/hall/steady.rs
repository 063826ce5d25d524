//! How much time has passed, whatever was done to the clock.
//!
//! The hall's time orders events and waits for a clock that was set back; whatever is to end after some minutes
//! would last for those hours more. This goes on with the clock instead, as far as events tell of it.

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::time::HallTime;

/// The time that has passed by the clock on the wall. A clock that is set back takes nothing from it; what passed
/// between the last look before that and the first one after is not known, and not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Steady {
    passed_ms: u64,
    /// What the clock showed at the last look.
    wall: HallTime,
}

impl Steady {
    /// Look at what an event tells of the clock; `before` is the hall's time until then.
    pub(super) fn look(&mut self, event: &Event, at: HallTime, before: HallTime) {
        let wall = match event {
            Event::Called { wall, .. } | Event::Missed { wall, .. } => wall.unwrap_or(at),
            _ if at > before => at,
            // Either nothing has passed, or the clock is behind.
            _ => return,
        };
        *self = Self { passed_ms: self.at(wall), wall };
    }

    /// Milliseconds that have passed when the clock shows `wall`; only their differences mean something.
    pub(crate) fn at(self, wall: HallTime) -> u64 {
        self.passed_ms.saturating_add(wall.ms_since(self.wall))
    }

    /// The same at the last look.
    pub(super) const fn last(self) -> u64 {
        self.passed_ms
    }
}
