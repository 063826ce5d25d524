//! From what a sign should say to the bytes on its serial line, without any I/O.
//!
//! A [`page`] becomes a [`frame::Frame`] of pixels ([`draw`], [`font`]); [`delta`] finds what
//! changed and a [`codec`] writes it as requests; a [`bus`] schedules them on one half-duplex
//! line. The daemon only moves the bytes. A sign with a font of its own gets a page's [`words`], as
//! far as it can show them ([`substitute`]).
//!
//! [`decode`] tells what bytes on a line mean, and [`emulator`] is the other end of the line, for the
//! demo and the tests; both share no code with the codecs.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod bus;
pub mod call_pad;
pub mod codec;
pub mod decode;
pub mod delta;
pub mod draw;
pub mod echo;
pub mod emulator;
pub mod font;
pub mod frame;
pub mod newest;
pub mod pace;
pub mod page;
pub mod script;
pub mod shared_line;
pub mod substitute;
pub mod words;

pub use frame::{Frame, Light, Panel, PanelError};
