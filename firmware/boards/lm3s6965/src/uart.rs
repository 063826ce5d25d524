//! A UART with 16 bytes of queue either way, 8 data bits, no parity, 1 stop bit (data sheet chapter 12).

use crate::clock;
use crate::gpio::{self, Output};
use crate::register::Register;

// SAFETY: registers of the system control, data sheet section 6.5.
const RCGC1: Register = unsafe { Register::at(0x400F_E104) };

mod offset {
    pub(super) const DR: usize = 0x000;
    pub(super) const FR: usize = 0x018;
    pub(super) const IBRD: usize = 0x024;
    pub(super) const FBRD: usize = 0x028;
    pub(super) const LCRH: usize = 0x02C;
    pub(super) const CTL: usize = 0x030;
}

/// Flags: sending, nothing received, no room to send.
mod flag {
    pub(super) const BUSY: u32 = 1 << 3;
    pub(super) const RXFE: u32 = 1 << 4;
    pub(super) const TXFF: u32 = 1 << 5;
}

/// Eight bits, with queues.
const EIGHT_BITS_QUEUED: u32 = 0b11 << 5 | 1 << 4;

/// The receiver, the transmitter, and the whole.
const ON: u32 = 1 << 9 | 1 << 8 | 1;

/// One UART.
#[derive(Debug)]
pub struct Uart {
    base: Register,
    byte_us: u32,
}

impl Uart {
    /// UART0, on pins PA0 and PA1.
    pub fn uart0(baud: u32) -> Self {
        gpio::A.lend(0b11);
        // SAFETY: the base address of UART0, data sheet table 2-1.
        Self::new(unsafe { Register::at(0x4000_C000) }, 1, baud)
    }

    /// UART1, on pins PD2 and PD3.
    pub fn uart1(baud: u32) -> Self {
        gpio::D.lend(0b1100);
        // SAFETY: the base address of UART1, data sheet table 2-1.
        Self::new(unsafe { Register::at(0x4000_D000) }, 1 << 1, baud)
    }

    fn new(base: Register, clock_bit: u32, baud: u32) -> Self {
        RCGC1.set(clock_bit);
        let uart = Self { base, byte_us: 10_000_000_u32.div_ceil(baud) };
        uart.register(offset::CTL).write(0);
        // The divisor in 64ths, rounded: HZ / (16 * baud).
        let divisor = (clock::HZ * 8 / baud).div_ceil(2);
        uart.register(offset::IBRD).write(divisor / 64);
        uart.register(offset::FBRD).write(divisor % 64);
        uart.register(offset::LCRH).write(EIGHT_BITS_QUEUED);
        uart.register(offset::CTL).write(ON);
        uart
    }

    fn register(&self, offset: usize) -> Register {
        // SAFETY: every offset used here is a register of each UART.
        unsafe { self.base.offset(offset) }
    }

    fn is(&self, flag: u32) -> bool {
        self.register(offset::FR).read() & flag != 0
    }

    /// The next byte that has come in.
    pub fn read(&mut self) -> Option<u8> {
        // Above the byte are its errors; a byte that was not framed well spoils its frame's checksum.
        (!self.is(flag::RXFE)).then(|| self.register(offset::DR).read().to_le_bytes()[0])
    }

    /// Send as many bytes as there is room for, without waiting; gives how many.
    pub fn write_some(&mut self, bytes: &[u8]) -> usize {
        let sent = bytes.iter().take_while(|byte| {
            let room = !self.is(flag::TXFF);
            if room {
                self.register(offset::DR).write(u32::from(**byte));
            }
            room
        });
        sent.count()
    }

    /// Send bytes; waits until the last is in the queue.
    pub fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            while self.is(flag::TXFF) {}
            self.register(offset::DR).write(u32::from(*byte));
        }
    }

    /// Wait until everything is on the wire.
    pub fn flush(&mut self) {
        while self.is(flag::BUSY) {}
    }
}

/// A half-duplex line: the transceiver's driver is on only while bytes are sent.
#[derive(Debug)]
pub struct Rs485 {
    uart: Uart,
    driver: Output,
}

impl Rs485 {
    /// A line on this UART, its driver enabled by a high pin.
    pub fn new(uart: Uart, mut driver: Output) -> Self {
        driver.set(false);
        Self { uart, driver }
    }

    /// The next byte that has come in.
    pub fn read(&mut self) -> Option<u8> {
        self.uart.read()
    }

    /// Answer: one byte's time after the question, as the protocol wants, and then let go of the line.
    pub fn reply(&mut self, frame: &[u8]) {
        clock::wait_us(self.uart.byte_us.min(900));
        self.driver.set(true);
        self.uart.write(frame);
        self.uart.flush();
        self.driver.set(false);
    }
}
