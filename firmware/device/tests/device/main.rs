//! The devices against the hall's own encoder, bus and fonts.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod conversation;
mod gb18030;
mod glyphs;
mod kiosk;
mod kiosk_leases;
mod line;
mod mqtt;
mod pad;
mod panel;
mod sign;
mod versions;
