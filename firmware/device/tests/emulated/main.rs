//! The firmware on emulated boards, from end to end: `cargo xtask firmware test` builds the images and
//! runs this.
//!
//! `HALL_FIRMWARE` is the folder with the images, `HALL_CONTROLLER` the daemon. QEMU runs each; what the board's UART says comes out
//! of a pseudo-terminal, what its display shows out of the monitor's `screendump`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod board;
mod hall;
mod pad;
mod sign;
