//! Pins: as plain outputs, or given to a peripheral (data sheet chapter 8).

use crate::register::Register;

// SAFETY: registers of the system control, data sheet section 6.5.
const RCGC2: Register = unsafe { Register::at(0x400F_E108) };

/// A port of eight pins.
#[derive(Debug, Clone, Copy)]
pub struct Port {
    base: Register,
    clock: u32,
}

/// Port A: UART0 on pins 0 and 1, SSI0 on pins 2 to 5, the RS-485 driver on pin 6.
// SAFETY: the base address of port A, data sheet table 2-1.
pub const A: Port = Port { base: unsafe { Register::at(0x4000_4000) }, clock: 1 };
/// Port C: the display's data/command line on pin 7.
// SAFETY: as above, of port C.
pub const C: Port = Port { base: unsafe { Register::at(0x4000_6000) }, clock: 1 << 2 };
/// Port D: the memory card's select on pin 0.
// SAFETY: as above, of port D.
pub const D: Port = Port { base: unsafe { Register::at(0x4000_7000) }, clock: 1 << 3 };

mod offset {
    pub(super) const DIR: usize = 0x400;
    pub(super) const AFSEL: usize = 0x420;
    pub(super) const DEN: usize = 0x51C;
}

impl Port {
    fn register(self, offset: usize) -> Register {
        // SAFETY: every offset used here is a register of each port.
        unsafe { self.base.offset(offset) }
    }

    fn enable(self, pins: u8) {
        RCGC2.set(self.clock);
        self.register(offset::DEN).set(pins.into());
    }

    /// Give pins (a bit each) to the peripheral they are wired to.
    pub fn lend(self, pins: u8) {
        self.enable(pins);
        self.register(offset::AFSEL).set(pins.into());
    }

    /// Make a pin an output.
    pub fn output(self, pin: u8) -> Output {
        self.enable(1 << pin);
        self.register(offset::DIR).set(1 << pin);
        // The address of a port's data says which pins are meant: no read is needed, nothing else moves.
        Output { data: self.register(4 << pin), mask: 1 << pin }
    }
}

/// One pin that is driven.
#[derive(Debug)]
pub struct Output {
    data: Register,
    mask: u32,
}

impl Output {
    /// Drive it high or low.
    pub fn set(&mut self, high: bool) {
        self.data.write(if high { self.mask } else { 0 });
    }
}
