//! Time as the core knows it: given with each command, never read from a clock.

use serde::{Deserialize, Serialize};

/// A moment: unix time in milliseconds, by the hall's clock, which never runs back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HallTime(i64);

impl HallTime {
    /// The moment `ms` milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_unix_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Unix time in milliseconds.
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// Milliseconds since `earlier`; 0 when that lies in the future.
    pub fn ms_since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }

    /// The moment `ms` milliseconds later.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// A business day of the hall: the calendar day, in the hall's time zone, on which it began, as
/// days since 1970-01-01. Ticket numbers start again with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BusinessDay(i32);

impl BusinessDay {
    /// The day `days` after 1970-01-01.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }
}

/// When a command is decided: the moment, the business day it falls on, and the time of day.
///
/// The shell computes day and minute from the moment with the hall's time zone; the core has no
/// calendar of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The moment.
    pub at: HallTime,
    /// The business day.
    pub day: BusinessDay,
    /// Minutes since local midnight, 0 to 1,439.
    pub minute: u16,
}
