//! A ferroelectric memory of 32 KiB on the I2C bus, such as Fujitsu's MB85RC256V: what outlives a restart
//! and a power cut. It takes a write at once and 10^12 times, so nothing here counts writes.

use hall_device::conversation::{Kept, Memory};
use hall_device::kiosk::{STORE_BYTES, Store};

use crate::i2c::{I2c, NoAnswer};

/// Its address while its three address pins are low.
const ADDRESS: u8 = 0x50;

/// Where each thing is kept: the device's session, a kiosk's leases.
const KEPT_AT: u16 = 0;
const STORE_AT: u16 = 1_024;

const BYTES: u16 = 32 * 1_024;
const _: () = assert!(STORE_BYTES <= BYTES - STORE_AT);

/// The memory; its copies are one and the same, as those of its bus.
#[derive(Debug, Clone)]
pub struct Fram(I2c);

impl Fram {
    /// The memory on this bus.
    pub fn new(bus: I2c) -> Self {
        Self(bus)
    }

    fn read_at(&mut self, at: u16, bytes: &mut [u8]) -> Result<(), NoAnswer> {
        // The place first, and then from there on, as all memories of the 24 series do.
        self.0.write(ADDRESS, at.to_be_bytes())?;
        self.0.read(ADDRESS, bytes)
    }

    fn write_at(&mut self, at: u16, bytes: &[u8]) -> Result<(), NoAnswer> {
        self.0.write(ADDRESS, at.to_be_bytes().into_iter().chain(bytes.iter().copied()))
    }
}

impl Store for Fram {
    fn read(&mut self, at: u16, bytes: &mut [u8]) -> bool {
        self.read_at(STORE_AT + at, bytes).is_ok()
    }

    fn write(&mut self, at: u16, bytes: &[u8]) -> bool {
        self.write_at(STORE_AT + at, bytes).is_ok()
    }
}

impl Memory for Fram {
    fn load(&mut self) -> Option<Kept> {
        let mut bytes = [0; 12];
        self.read_at(KEPT_AT, &mut bytes).ok()?;
        Kept::from_bytes(bytes)
    }

    fn store(&mut self, kept: Kept) -> bool {
        self.write_at(KEPT_AT, &kept.to_bytes()).is_ok()
    }
}
