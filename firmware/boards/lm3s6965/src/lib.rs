#![no_std]
//! The parts of the LM3S6965 evaluation board that hall devices use.
//!
//! Registers are written by hand from the LM3S6965 data sheet (Luminary Micro, 2007): clock, UARTs, the
//! SSD0323 OLED on SSI0, keys, Ethernet, I2C and the watchdog. QEMU emulates all of them as `-M lm3s6965evb`, which is how the
//! firmware is tested from end to end.
//!
//! What a device does is in `hall-device`; each of `src/bin` joins the two. All `unsafe` is here.

pub mod board;
pub mod clock;
pub mod ethernet;
pub mod fram;
pub mod gpio;
pub mod i2c;
pub mod keys;
pub mod network;
pub mod oled;
pub mod register;
pub mod settings;
pub mod uart;
pub mod watchdog;

use core::panic::PanicInfo;

use cortex_m_rt::exception;

use crate::register::Register;

// SAFETY: the application interrupt and reset control register of every Cortex-M3.
const AIRCR: Register = unsafe { Register::at(0xE000_ED0C) };

/// The key that lets a write to AIRCR count, and its request for a reset.
const RESET: u32 = 0x05FA_0004;

/// Begin anew: nobody reads a message on a board in a hall, and the hall's controller paints a sign that
/// has started anew.
pub fn reset() -> ! {
    AIRCR.write(RESET);
    loop {
        core::hint::spin_loop();
    }
}

/// A fault of the processor, such as a stack that has no room left.
#[exception(trampoline = false)]
unsafe fn HardFault() -> ! {
    reset()
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    reset()
}
