//! From what a sign should say to the bytes on its serial line, without any I/O.
//!
//! A [`page`] becomes a [`frame::Frame`] of pixels ([`draw`], [`font`]); [`delta`] finds what
//! changed and the [`codec`] writes it as requests; a [`bus`] schedules them on one half-duplex
//! line. The daemon only moves the bytes. [`emulator`] is the other end of the line, for the demo
//! and the tests, and shares no code with the encoder.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod bus;
pub mod codec;
pub mod delta;
pub mod draw;
pub mod emulator;
pub mod font;
pub mod frame;
pub mod newest;
pub mod page;
pub mod script;

pub use frame::{Frame, Light, Panel, PanelError};
