//! The watchdog: resets the board when it is not fed (data sheet chapter 11).

use crate::clock;
use crate::register::Register;

// SAFETY: registers of the system control, data sheet section 6.5.
const RCGC0: Register = unsafe { Register::at(0x400F_E100) };
// SAFETY: registers of the watchdog, data sheet section 11.4.
const LOAD: Register = unsafe { Register::at(0x4000_0000) };
// SAFETY: as above.
const CTL: Register = unsafe { Register::at(0x4000_0008) };
// SAFETY: as above.
const LOCK: Register = unsafe { Register::at(0x4000_0C00) };

const WATCHDOG: u32 = 1 << 3;

/// Count, and reset at the second time the count ends.
const COUNT_AND_RESET: u32 = 0b11;

/// What opens the lock of its registers.
const KEY: u32 = 0x1ACC_E551;

/// The hardware's watchdog.
#[derive(Debug)]
pub struct Hardware {
    period: u32,
}

impl Hardware {
    /// Reset the board unless it is fed every `patience_ms`, at most 40 seconds.
    pub fn start(patience_ms: u32) -> Self {
        RCGC0.set(WATCHDOG);
        LOCK.write(KEY);
        let hardware = Self { period: patience_ms.saturating_mul(clock::HZ / 1_000 / 2) };
        LOAD.write(hardware.period);
        CTL.write(COUNT_AND_RESET);
        hardware
    }

    /// Begin to count anew.
    pub fn feed(&mut self) {
        LOAD.write(self.period);
    }
}
