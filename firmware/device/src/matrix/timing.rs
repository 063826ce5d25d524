//! How long the slots of a scan row are, so that the panel is refreshed often enough.
//!
//! A refresh is `scan_rows` times shifting a row (dark) and lighting it for 255 units. From 100 Hz on
//! nobody sees it flicker, also from the corner of the eye; cameras want more.

use core::fmt;

use super::layout::Layout;

/// The slots of one row are 1, 2, 4 … 128 units.
const UNITS: u32 = u8::MAX as u32;

/// A shorter slot is lost in the panel's drivers, whose outputs take some 100 ns to rise.
const UNIT_NS_MIN: u32 = 200;

const NS_PER_S: u64 = 1_000_000_000;

/// The computed times of one panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    unit_ns: u32,
    refresh_hz: u32,
}

/// The panel cannot be refreshed that often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSlow {
    /// Asked for.
    pub refresh_hz: u32,
    /// What these lines and this clock allow.
    pub refresh_hz_max: u32,
}

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { refresh_hz, refresh_hz_max } = self;
        write!(f, "{refresh_hz} refreshes a second are not possible, at most {refresh_hz_max}")
    }
}

impl core::error::Error for TooSlow {}

impl Timing {
    /// Slots for at least `refresh_hz` refreshes a second, when a board takes `clock_ns` for one
    /// pixel on all data lines: the pins, the clock and the program between.
    pub const fn new(layout: Layout, clock_ns: u32, refresh_hz: u32) -> Result<Self, TooSlow> {
        let rows = layout.scan_rows() as u64;
        let shift_ns = layout.clocks() as u64 * clock_ns as u64;
        let refresh_hz_max = per_second(rows * (shift_ns + (UNITS * UNIT_NS_MIN) as u64));
        if refresh_hz == 0 || refresh_hz > refresh_hz_max {
            return Err(TooSlow { refresh_hz, refresh_hz_max });
        }
        let row_ns = NS_PER_S / (refresh_hz as u64 * rows);
        #[expect(clippy::cast_possible_truncation, reason = "a second has 4e9 / 255 ns for a unit at most")]
        let unit_ns = ((row_ns - shift_ns) / UNITS as u64) as u32;
        Ok(Self { unit_ns, refresh_hz: per_second(rows * (shift_ns + UNITS as u64 * unit_ns as u64)) })
    }

    /// The shortest slot, in nanoseconds.
    pub const fn unit_ns(self) -> u32 {
        self.unit_ns
    }

    /// How often the whole panel is shown in a second.
    pub const fn refresh_hz(self) -> u32 {
        self.refresh_hz
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a refresh takes at least a scan row of slots, 51 us")]
const fn per_second(refresh_ns: u64) -> u32 {
    (NS_PER_S / refresh_ns) as u32
}
