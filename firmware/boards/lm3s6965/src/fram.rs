//! A ferroelectric memory of 32 KiB on the I2C bus, such as Fujitsu's MB85RC256V: what outlives a restart
//! and a power cut. It takes a write at once and 10^12 times, so nothing here counts writes.

use hall_device::conversation::{Kept, Memory};

use crate::i2c::{I2c, NoAnswer};

/// Its address while its three address pins are low.
const ADDRESS: u8 = 0x50;

/// Where each thing is kept.
const KEPT_AT: u16 = 0;

/// The memory.
#[derive(Debug)]
pub struct Fram(I2c);

impl Fram {
    /// The memory on this bus.
    pub fn new(bus: I2c) -> Self {
        Self(bus)
    }

    /// Read from a place on.
    pub fn read(&mut self, at: u16, bytes: &mut [u8]) -> Result<(), NoAnswer> {
        // The place first, and then from there on, as all memories of the 24 series do.
        self.0.write(ADDRESS, at.to_be_bytes())?;
        self.0.read(ADDRESS, bytes)
    }

    /// Write from a place on.
    pub fn write(&mut self, at: u16, bytes: &[u8]) -> Result<(), NoAnswer> {
        self.0.write(ADDRESS, at.to_be_bytes().into_iter().chain(bytes.iter().copied()))
    }
}

impl Memory for Fram {
    fn load(&mut self) -> Option<Kept> {
        let mut bytes = [0; 12];
        self.read(KEPT_AT, &mut bytes).ok()?;
        Kept::from_bytes(bytes)
    }

    fn store(&mut self, kept: Kept) -> bool {
        self.write(KEPT_AT, &kept.to_bytes()).is_ok()
    }
}
