//! The hall as a pure state machine: commands in, events out.
//!
//! [`Hall::decide`] looks at a command and says which events it makes, or why it is refused;
//! [`Hall::apply`] is the only way the state changes, and cannot fail. Replaying the journal
//! through `apply` gives the identical state. [`view`] derives what everybody should see; [`wire`] is how
//! devices say and read it.
//!
//! Deliberately absent: clocks, time zones, randomness, I/O, async. Time and identity come in
//! with the command; whoever calls makes events durable before anybody sees them.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod answer;
pub mod appointment;
mod balance;
pub mod claim;
pub mod class_words;
pub mod command;
mod decide;
pub mod emergency;
pub mod estimate;
pub mod event;
mod hall;
pub mod offer;
pub mod plan;
mod queue;
pub mod refusal;
mod routing;
pub mod standstill;
pub mod ticket;
pub mod time;
pub mod trouble;
pub mod view;
mod window;
pub mod wire;

pub use decide::Decision;
pub use hall::{Expectation, Hall};
