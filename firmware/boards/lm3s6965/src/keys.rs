//! The board's five keys, each of which connects its pin to ground.

use crate::gpio::{self, Inputs};

/// Pins 0 to 3 of port E, and pin 1 of port F.
const FOUR: u8 = 0b1111;
const SELECT: u8 = 0b10;

/// The keys.
#[derive(Debug)]
pub struct BoardKeys {
    four: Inputs,
    select: Inputs,
}

impl BoardKeys {
    /// Begin to use them.
    pub fn start() -> Self {
        Self { four: gpio::E.inputs(FOUR), select: gpio::F.inputs(SELECT) }
    }

    /// Those that are down: up, down, left, right and select, the first at bit 0.
    pub fn pressed(&self) -> u16 {
        let select = u16::from(!self.select.read() & SELECT) << 3;
        u16::from(!self.four.read() & FOUR) | select
    }
}
