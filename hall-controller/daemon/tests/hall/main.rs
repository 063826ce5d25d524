//! The real binary as a process of its own, and people and devices around it.
//!
//! One module a promise to those people. What can be decided without a process is tested in
//! `hall-core` and `hall-signs`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

mod appointment_times;
mod appointment_zone;
mod appointments;
mod bad_input;
mod broker_trouble;
mod browser;
mod command_line;
mod configuration;
mod crash;
mod day;
mod demo;
mod device_server;
mod exactly_once;
mod frozen_broker;
mod full_disk;
mod journal;
mod line_capture;
mod line_settings;
mod line_speed;
mod looking_at_data;
mod lost_kiosk;
mod lost_records;
mod manage;
mod mosquitto;
mod offline;
mod outcomes;
mod removed_things;
mod second_controller;
mod serial_pads;
mod shutdown;
mod sign_commands;
mod signs;
mod standstill;
mod storage_trouble;
mod support;
mod third_party;
mod vendor_signs;
mod wrong_places;
