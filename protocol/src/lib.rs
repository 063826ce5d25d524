#![no_std]
//! Everything that crosses a wire between the hall controller and its devices.
//!
//! MQTT: [`topic`] is the topic grammar, [`payload`] the JSON bodies, [`json`] the
//! allocation-free encoder and decoder that controller and microcontroller share.
//! Serial: [`sign`] is the native LED sign protocol.
//!
//! Deliberately absent: any allocation, clock, socket or hall logic. `vectors/` holds
//! hand-checked examples of every payload and frame for makers of devices in other languages.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

#[cfg(test)]
extern crate std;

pub mod appointment;
pub mod id;
pub mod json;
pub mod local;
pub mod number;
pub mod payload;
pub mod sign;
pub mod text;
pub mod topic;
