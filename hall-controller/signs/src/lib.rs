//! From what a sign should say to the bytes on its serial line, without any I/O.
//!
//! A page becomes a [`frame::Frame`] of pixels; a codec turns frames into requests; a bus
//! schedules them on one half-duplex line. The daemon only moves the bytes.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod frame;

pub use frame::{Frame, Light, Panel, PanelError};
