//! The hall controller's daemon: the imperative shell around `hall-core`.
//!
//! Everything that has a clock, a socket, a file or a task lives here; what to do with a press is
//! decided in the core. The binary is only the command line around this library.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod archive;
pub mod audit;
pub mod bookings;
pub mod caller;
pub mod capture;
pub mod claim;
pub mod cli;
pub mod clock;
mod colours;
pub mod config;
pub mod connection;
pub mod contacts;
pub mod demo;
pub mod devices;
pub mod emergency_told;
pub mod engine;
pub mod erasures;
pub mod export;
pub mod gateway;
pub mod hall_zone;
pub mod heads;
pub mod learn;
pub mod logging;
pub mod metrics;
pub mod mqtt;
pub mod output;
pub mod progress;
pub mod records;
pub mod render;
pub mod report;
pub mod running;
pub mod sign_capture;
pub mod sign_decode;
pub mod sign_emulator;
pub mod sign_status;
pub mod signals;
pub mod signs;
pub mod simulate;
pub mod snapshots;
pub mod storage;
pub mod tickets;
pub mod told;
pub mod trace;
pub mod wall;
pub mod web;
pub mod what_if;
