//! A day over real MQTT loses nothing; `cargo xtask bench day` drives the day of 10,000 citizens.

#[path = "../../benches/day/driver.rs"]
mod driver;

use std::path::Path;

use driver::{Broker, Figures, Size, drive};

use crate::support::controller::BINARY;

#[test]
fn a_day_of_four_hundred_citizens_over_mqtt_loses_nothing() {
    let size = Size { citizens: 400, kiosks: 5, windows: 20 };
    let figures = drive(Path::new(BINARY), Broker::Embedded, size);
    let Figures { took, presses, peak_kib, events } = figures;
    println!("{presses} presses in {} ms, {events} events, {peak_kib} KiB", took.as_millis());
    // Each was taken, called, started and finished, and some more happened.
    assert!(presses > 4 * 400 && events > 4 * 400);
}
