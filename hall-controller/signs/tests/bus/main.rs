//! The bus against virtual signs, in virtual time, over lines as they are in real halls.
//!
//! `world` is the line; the other files are what must hold on it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_lines;
mod bound;
mod clocks;
mod health;
mod looks;
mod order;
mod pads;
mod vendors;
mod versions;
mod world;
