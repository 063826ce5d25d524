//! The devices against the hall's own encoder, bus and fonts.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod glyphs;
mod line;
mod panel;
mod sign;
