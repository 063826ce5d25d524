//! Pins: as plain inputs and outputs, or given to a peripheral (data sheet chapter 8).

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
/// Port B: I2C on pins 2 and 3.
// SAFETY: as above, of port B.
pub const B: Port = Port { base: unsafe { Register::at(0x4000_5000) }, clock: 1 << 1 };
/// Port C: the display's data/command line on pin 7.
// SAFETY: as above, of port C.
pub const C: Port = Port { base: unsafe { Register::at(0x4000_6000) }, clock: 1 << 2 };
/// Port D: the memory card's select on pin 0.
// SAFETY: as above, of port D.
pub const D: Port = Port { base: unsafe { Register::at(0x4000_7000) }, clock: 1 << 3 };

/// Port E: the keys up, down, left and right on pins 0 to 3.
// SAFETY: as above, of port E.
pub const E: Port = Port { base: unsafe { Register::at(0x4002_4000) }, clock: 1 << 4 };
/// Port F: the select key on pin 1.
// SAFETY: as above, of port F.
pub const F: Port = Port { base: unsafe { Register::at(0x4002_5000) }, clock: 1 << 5 };

mod offset {
    pub(super) const DIR: usize = 0x400;
    pub(super) const AFSEL: usize = 0x420;
    pub(super) const ODR: usize = 0x50C;
    pub(super) const PUR: usize = 0x510;
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

    /// The same for lines that others pull down too.
    pub fn lend_open_drain(self, pins: u8) {
        self.lend(pins);
        self.register(offset::ODR).set(pins.into());
    }

    /// Make pins inputs that are high unless something pulls them down.
    pub fn inputs(self, pins: u8) -> Inputs {
        self.enable(pins);
        self.register(offset::DIR).clear(pins.into());
        self.register(offset::PUR).set(pins.into());
        Inputs { data: self.register(usize::from(pins) << 2) }
    }

    /// Make a pin an output.
    pub fn output(self, pin: u8) -> Output {
        self.enable(1 << pin);
        self.register(offset::DIR).set(1 << pin);
        // The address of a port's data says which pins are meant: no read is needed, nothing else moves.
        Output { data: self.register(4 << pin), mask: 1 << pin }
    }
}

/// Pins that are read.
#[derive(Debug)]
pub struct Inputs {
    data: Register,
}

impl Inputs {
    /// Their levels, each at its pin's bit; all others are 0.
    pub fn read(&self) -> u8 {
        self.data.read().to_le_bytes()[0]
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
