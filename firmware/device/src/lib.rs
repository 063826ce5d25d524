#![no_std]
//! What runs in the devices of a hall, as state machines without hardware, clock or allocator.
//!
//! [`sign`] is an LED sign behind a serial line, [`matrix`] drives its panel; [`pad`] is a window's call
//! pad, [`kiosk`] a row of buttons with a ticket printer, both on MQTT by [`mqtt`] and told which they are by
//! [`settings`]; [`watchdog`] says when a board is well. A board gives them bytes and levels and the time in milliseconds since its start;
//! what they give back it sends, shows and prints. The same code runs on a microcontroller and in
//! the tests of this crate.
//!
//! Deliberately absent: registers, interrupts, `unsafe`. Those are in `firmware/boards`.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

#[cfg(test)]
extern crate std;

pub mod conversation;
pub mod glyph;
pub mod keys;
pub mod kiosk;
pub mod matrix;
pub mod message;
pub mod mqtt;
pub mod pad;
pub mod panel;
pub mod settings;
pub mod sign;
pub mod watchdog;
pub mod words;
