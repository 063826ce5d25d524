//! The I2C master on PB2 and PB3, 100 kbit/s (data sheet chapter 14).

use crate::clock;
use crate::gpio;
use crate::register::Register;

// SAFETY: registers of the system control, data sheet section 6.5.
const RCGC1: Register = unsafe { Register::at(0x400F_E104) };
// SAFETY: registers of the I2C master, data sheet section 14.5.
const MSA: Register = unsafe { Register::at(0x4002_0000) };
// SAFETY: as above.
const MCS: Register = unsafe { Register::at(0x4002_0004) };
// SAFETY: as above.
const MDR: Register = unsafe { Register::at(0x4002_0008) };
// SAFETY: as above.
const MTPR: Register = unsafe { Register::at(0x4002_000C) };
// SAFETY: as above.
const MCR: Register = unsafe { Register::at(0x4002_0020) };

const I2C0: u32 = 1 << 12;

const MASTER: u32 = 1 << 4;

/// `HZ / (20 * 100,000) - 1`: ten clocks a bit, twice.
const TIMER_100_KBIT_S: u32 = clock::HZ / 2_000_000 - 1;

/// What the master is to do.
mod command {
    pub(super) const RUN: u32 = 1;
    pub(super) const START: u32 = 1 << 1;
    pub(super) const STOP: u32 = 1 << 2;
    pub(super) const ACK: u32 = 1 << 3;
}

/// What it says of that.
mod status {
    pub(super) const BUSY: u32 = 1;
    /// Not acknowledged, or another master has the lines.
    pub(super) const ERROR: u32 = 1 << 1 | 1 << 4;
}

/// Nobody has acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAnswer;

/// The I2C master.
#[derive(Debug)]
pub struct I2c(());

impl I2c {
    /// Begin to use it.
    pub fn start() -> Self {
        RCGC1.set(I2C0);
        gpio::B.lend_open_drain(0b1100);
        MCR.write(MASTER);
        MTPR.write(TIMER_100_KBIT_S);
        Self(())
    }

    /// Write bytes to the device of a 7-bit address.
    pub fn write(&mut self, address: u8, bytes: impl IntoIterator<Item = u8>) -> Result<(), NoAnswer> {
        MSA.write(u32::from(address) << 1);
        let mut start = command::START;
        for byte in bytes {
            MDR.write(byte.into());
            run(command::RUN | core::mem::take(&mut start))?;
        }
        // Nothing but the end.
        run(command::STOP)
    }

    /// Read bytes from it.
    pub fn read(&mut self, address: u8, bytes: &mut [u8]) -> Result<(), NoAnswer> {
        MSA.write(u32::from(address) << 1 | 1);
        let mut start = command::START;
        let Some(last) = bytes.len().checked_sub(1) else { return Ok(()) };
        for (at, byte) in bytes.iter_mut().enumerate() {
            // The last byte is not acknowledged, so that the device lets go of the lines.
            let end = if at == last { command::STOP } else { command::ACK };
            run(command::RUN | core::mem::take(&mut start) | end)?;
            *byte = MDR.read().to_le_bytes()[0];
        }
        Ok(())
    }
}

fn run(command: u32) -> Result<(), NoAnswer> {
    MCS.write(command);
    while MCS.read() & status::BUSY != 0 {}
    if MCS.read() & status::ERROR == 0 {
        return Ok(());
    }
    MCS.write(command::STOP);
    while MCS.read() & status::BUSY != 0 {}
    Err(NoAnswer)
}
